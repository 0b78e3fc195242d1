"""The satgas's inbox and the conversation on a real store, through both drivers."""

from uuid import UUID

import pytest

from services.intake.acceptance import Acceptance
from services.intake.conversation import Request, Who
from services.intake.handlers import Handlers
from services.intake.moves import Moves
from services.intake.said import NewMessage
from services.intake.store import Consultations
from services.intake.submission import Submission
from services.intake.vault import Vault
from shared.mongo import Database
from shared.outbox import Outbox
from shared.publisher import Publisher
from tests.builders import NOON, a_post, assigned
from tests.fakes import Clock

pytestmark = pytest.mark.integration


@pytest.fixture
async def store(database: Database) -> Consultations:
    collection = database.collection("consultations")
    outbox = Outbox(database, collection, "consultations", Publisher("amqp://nowhere", "test"))
    store = Consultations(collection, outbox, Vault.parse("k1:" + "A" * 43 + "="))
    await store.prepare()
    return store


async def kept(store: Consultations, number: int, desa: str = "64.02.06.2012") -> list[UUID]:
    acceptance = Acceptance(store, Clock(NOON))
    posts = [Submission.model_validate(a_post(desa_code=desa)) for _ in range(number)]
    return [(await acceptance.accept(post, caller="c", key=None)).consultation.id for post in posts]


async def test_pages_hold_together_while_new_ones_come_in(store: Consultations) -> None:
    ids = await kept(store, 25)
    here = {"kecamatan": "64.02.06"}
    seen: list[UUID] = []
    before: UUID | None = None
    while page := await store.inbox(here, before=before, limit=10):
        seen += [found.id for found in page]
        before = page[-1].id
        await kept(store, 3)  # newer ones, which belong before the first page
    assert seen == sorted(ids, reverse=True)


async def test_an_inbox_is_of_one_kecamatan_and_counted_by_status(store: Consultations) -> None:
    mine = await kept(store, 4)
    await kept(store, 2, desa="64.02.07.2001")
    handlers = Handlers(store)
    for id_ in mine[:3]:
        await handlers.on_case_assigned(assigned(id_))
    assert await store.count_by_status({"kecamatan": "64.02.06"}) == {"submitted": 1, "assigned": 3}
    page = await store.inbox({"kecamatan": "64.02.06", "status": "assigned"}, before=None, limit=10)
    assert [found.id for found in page] == sorted(mine[:3], reverse=True)


async def test_a_conversation_is_read_as_it_was_written(
    database: Database, store: Consultations
) -> None:
    (id_,) = await kept(store, 1)
    await Handlers(store).on_case_assigned(assigned(id_))
    moves = Moves(store, Clock(NOON))
    said = NewMessage(kind="answer", body="Cukup Perkades. ✓")
    after = await moves.move(id_, Request("answer", Who("officer", "petugas-1"), said, "key"))
    assert await store.get(id_) == after
    document = await database.collection("consultations").get(str(id_))
    assert document is not None
    assert [letter["type"] for letter in document["outbox"]] == [
        "klikdesa.consultation.submitted.v1",
        "klikdesa.consultation.answered.v1",
    ]
