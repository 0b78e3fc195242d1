"""The satgas's inbox and the conversation on a real store."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bson import encode

from services.intake.acceptance import Acceptance
from services.intake.api.inbox_schemas import Cursor
from services.intake.api.parameters import inbox_filter, may_see
from services.intake.api.read import Wanted, list_inbox
from services.intake.domain.consultation import Private, submit
from services.intake.domain.conversation import Request, Who, carry_out, possible
from services.intake.domain.move_bodies import NewMessage, Transfer
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from services.intake.erasure import Erasure
from services.intake.handlers import Handlers
from services.intake.moves import Moves
from services.intake.ports import Position
from services.intake.store.consultations import Consultations
from shared.events import CaseSilenceElapsed
from shared.limits.buckets import UNLIMITED
from shared.storage.mongo import Database
from shared.times import WITA, new_id, utc_now
from shared.web.auth import Caller, Role, Scope
from tests.support.builders import NOON, TENGGARONG, a_post, assigned
from tests.support.fakes import Clock
from tests.support.repositories import erasures_store, intake_store

pytestmark = pytest.mark.integration


@pytest.fixture
async def store(database: Database) -> Consultations:
    store = intake_store(database)
    await store.prepare()
    return store


async def kept(
    store: Consultations, number: int, desa: str = "64.02.06.2012", kind: str = "konsultasi"
) -> list[UUID]:
    acceptance = Acceptance(store, Clock(NOON))
    posts = [Submission.model_validate(a_post(desa_code=desa, kind=kind)) for _ in range(number)]
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


async def test_what_awaits_its_first_answer_is_paged_by_when_that_is_due(
    store: Consultations,
) -> None:
    ids = await kept(store, 12)
    handlers, moves = Handlers(store, utc_now), Moves(store, utc_now)
    due = {id_: NOON + timedelta(hours=(5 - n) // 2) for n, id_ in enumerate(ids[:10])}
    for id_, at in due.items():
        await handlers.on_case_assigned(assigned(id_, answer_due=at))
    await handlers.on_case_assigned(assigned(ids[10]))  # without a deadline; the last is nobody's
    answered, reopened, asked = ids[:3]
    for id_, kind in ((answered, "answer"), (reopened, "answer"), (asked, "question")):
        said = NewMessage.model_validate({"kind": kind, "body": "x"})
        await moves.move(id_, Request(said.kind, Who("officer", "petugas-1"), said))
    await moves.move(reopened, Request("reopen", Who("officer", "petugas-1")))
    await moves.move(ids[3], Request("acknowledge", Who("officer", "petugas-1")))
    expected = sorted(ids[3:10], key=lambda id_: (due[id_], id_))
    for query in (inbox_filter(AT_HOME, HOME), inbox_filter(DESK, None)):
        seen: list[UUID] = []
        after: Position | None = None
        while page := await store.awaiting_answer(query, after=after, limit=3):
            assert all(one.title for one in page)
            seen += [found.id for found in page]
            after = (due[page[-1].id], page[-1].id)
        assert seen == expected
    new = await store.awaiting_answer(
        inbox_filter(AT_HOME, HOME) | {"status": "assigned"}, after=None, limit=10
    )
    assert [one.id for one in new] == [id_ for id_ in expected if id_ != ids[3]]
    elsewhere = {"kecamatan": "64.02.07"}
    assert await store.awaiting_answer(elsewhere, after=None, limit=3) == []


async def test_an_inbox_is_of_one_kecamatan_and_counted_by_status(store: Consultations) -> None:
    mine = await kept(store, 4)
    await kept(store, 2, desa="64.02.07.2001")
    handlers = Handlers(store, utc_now)
    for id_ in mine[:3]:
        await handlers.on_case_assigned(assigned(id_))
    assert await store.count_by_status({"kecamatan": "64.02.06"}) == {"submitted": 1, "assigned": 3}
    page = await store.inbox({"kecamatan": "64.02.06", "status": "assigned"}, before=None, limit=10)
    assert [found.id for found in page] == sorted(mine[:3], reverse=True)


async def test_a_conversation_is_read_as_it_was_written(
    database: Database, store: Consultations
) -> None:
    (id_,) = await kept(store, 1)
    await Handlers(store, utc_now).on_case_assigned(assigned(id_))
    moves = Moves(store, Clock(NOON))
    said = NewMessage(kind="answer", body="Cukup Perkades. ✓")
    before = await store.get(id_)
    assert before is not None
    request = Request("answer", Who("officer", "petugas-1"), said, "key")
    after, _ = carry_out(before, request, id_=uuid4(), now=NOON)
    await moves.move(id_, request)
    found = await store.get(id_)
    assert found is not None
    (given_id,) = [one.id for one in found.messages]
    expected = replace(after.messages[0], id=given_id)
    done = found.moves_done
    assert done.keys() == after.moves_done.keys()
    assert found == replace(after, messages=(expected,), moves_done=done)
    document = await database.collection("consultations").get(str(id_))
    assert document is not None
    assert [letter["type"] for letter in document["outbox"]] == [
        "klikdesa.consultation.submitted.v1",
        "klikdesa.consultation.answered.v1",
    ]


# --- what a key for one kecamatan lists

HOME, ELSEWHERE = "64.02.06", "64.02.07"
AT_HOME = Caller("o", Role.OFFICER, HOME)
AT_ELSEWHERE = Caller("p", Role.OFFICER, ELSEWHERE)
DESK = Caller("d", Role.DPMD, scope=Scope.ALL)


async def everything(store: Consultations, caller: Caller, limit: int = 3) -> list[UUID]:
    """Page by page, while newer ones come in everywhere."""
    query, seen, before = inbox_filter(caller, None), list[UUID](), None
    while page := await store.inbox(query, before=before, limit=limit):
        seen += [found.id for found in page]
        before = page[-1].id
        for desa in ("64.02.06.2012", "64.02.07.2001"):
            await kept(store, 1, desa=desa)
    return seen


@pytest.fixture
async def mixed(store: Consultations) -> dict[str, list[UUID]]:
    """Interleaved: at home, transferred from home, complaints, elsewhere, transferred to home."""
    made: dict[str, list[UUID]] = {}
    handlers, moves = Handlers(store, utc_now), Moves(store, utc_now)
    for _ in range(5):
        for name, desa, kind, satgas in (
            ("home", "64.02.06.2012", "konsultasi", HOME),
            ("new", "64.02.06.2012", "konsultasi", None),
            ("away", "64.02.06.2012", "konsultasi", ELSEWHERE),
            ("complaint", "64.02.06.2012", "pengaduan", "dpmd"),
            ("new complaint", "64.02.06.2012", "pengaduan", None),
            ("complaint away", "64.02.06.2012", "pengaduan", ELSEWHERE),
            ("elsewhere", "64.02.07.2001", "konsultasi", ELSEWHERE),
            ("guest", "64.02.07.2001", "konsultasi", HOME),
            ("complaint guest", "64.02.07.2001", "pengaduan", HOME),
        ):
            (id_,) = await kept(store, 1, desa=desa, kind=kind)
            made.setdefault(name, []).append(id_)
            if satgas not in (None, "dpmd", desa[:8]):
                await handlers.on_case_assigned(assigned(id_, satgas="dpmd"))
                transfer = Transfer(to=str(satgas), reason="expertise")
                await moves.move(id_, Request("transfer", Who("officer", "desk"), transfer))
            if satgas:
                await handlers.on_case_assigned(assigned(id_, sequence=2, satgas=satgas))
    return made


async def test_an_inbox_holds_what_came_from_there_or_went_there_and_no_others_complaints(
    store: Consultations, mixed: dict[str, list[UUID]]
) -> None:
    def of(*names: str) -> list[UUID]:
        return sorted((id_ for name in names for id_ in mixed[name]), reverse=True)

    at_home = of("home", "new", "away", "guest", "complaint guest")
    assert await store.count_by_status(inbox_filter(AT_HOME, HOME)) == {
        "assigned": 20,
        "submitted": 5,
    }
    assert await store.count_by_status(inbox_filter(DESK, HOME)) == {
        "assigned": 20,
        "submitted": 10,
    }
    given = inbox_filter(AT_HOME, None) | {"status": "assigned", "topic": "KEU-APBDES"}
    page = await store.inbox(given, before=None, limit=100)
    assert [one.id for one in page] == of("home", "away", "guest", "complaint guest")

    assert await everything(store, AT_HOME) == at_home
    assert {*await everything(store, AT_ELSEWHERE, 50)} >= {
        *of("away", "elsewhere", "guest", "complaint away")
    }


async def test_what_is_listed_is_what_may_be_read(
    store: Consultations, mixed: dict[str, list[UUID]]
) -> None:
    """Two writings of one rule: the query, and the check of one consultation."""
    ids = [id_ for some in mixed.values() for id_ in some]
    for caller in (AT_HOME, AT_ELSEWHERE, DESK):
        listed = await store.inbox(inbox_filter(caller, None), before=None, limit=1000)
        every = [await store.get(id_) for id_ in ids]
        assert {one.id for one in listed} == {
            one.id for one in every if one and may_see(caller, one)
        }


async def test_words_are_found_where_they_are_sealed_and_no_more_once_erased(
    database: Database, store: Consultations
) -> None:
    ids = await kept(store, 23)
    handlers, moves = Handlers(store, utc_now), Moves(store, utc_now)
    said = NewMessage(kind="answer", body="Pakai BLT-DD tahap dua")
    for id_ in (ids[3], ids[12], ids[20]):
        await handlers.on_case_assigned(assigned(id_))
        await moves.move(id_, Request("answer", Who("officer", "petugas-1"), said))

    async def found(text: str, cursor: Cursor | None = None) -> list[UUID]:
        view = await list_inbox(store, AT_HOME, "id", Wanted(text=text), cursor, 50, UNLIMITED)
        return [UUID(one.id) for one in view.items]

    assert await found("blt-dd DUA") == [ids[20], ids[12], ids[3]]
    assert await found("perdes") == sorted(ids, reverse=True)
    assert await found("blt-dd", cursor=Cursor(ids[12])) == [ids[3]]
    erasures = erasures_store(database)
    await erasures.prepare()
    await Erasure(erasures, utc_now).erase(ids[12], Who("officer", "desk"))
    assert await found("blt-dd") == [ids[20], ids[3]]


# --- what long conversations cost

#: Four bytes each.
LONGEST = "\U0001f4dd" * 8000


async def a_long_one(store: Consultations) -> UUID:
    """With as much as both sides may say."""
    post = Submission.model_validate(a_post(body=LONGEST))
    new, event = submit(
        post, id_=new_id(), event_id=uuid4(), ticket=new_ticket(), by="test", now=NOON
    )
    now = replace(new, status="acknowledged", satgas=HOME)
    for kind, actor in (("reply", "requester"), ("note", "officer")):
        said = NewMessage.model_validate({"kind": kind, "body": LONGEST})
        while kind in possible(now, actor):  # type: ignore[arg-type]
            request = Request(said.kind, Who(actor), said)  # type: ignore[arg-type]
            now, _ = carry_out(now, request, id_=uuid4(), now=NOON)
    private = Private("123456")
    await store.add(now, private, event, idempotency=new.ticket, fingerprint="f")
    return now.id


@asynccontextmanager
async def at_most(megabytes: float) -> AsyncGenerator[None]:
    """What the block holds at once."""
    gc.collect()
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < megabytes * 2**20, f"{peak / 2**20:.1f} MiB"


async def test_memory_of_a_page_does_not_grow_when_its_consultations_are_long(
    database: Database, store: Consultations
) -> None:
    ids = [await a_long_one(store) for _ in range(12)]
    kept = await database.collection("consultations").get(str(ids[0]))
    assert kept is not None
    assert 2_000_000 < len(encode(kept)) < 2_500_000
    del kept
    words = Wanted(text="\U0001f4dd")
    async with at_most(megabytes=0.5):
        page = await list_inbox(store, AT_HOME, "id", Wanted(), None, 50, UNLIMITED)
    assert [one.id for one in page.items] == sorted(map(str, ids), reverse=True)
    # who looks for words holds a few of them at once, whatever others do
    async with at_most(megabytes=64):
        some = [list_inbox(store, AT_HOME, "id", words, None, 50, UNLIMITED) for _ in range(4)]
        assert [len(view.items) for view in await asyncio.gather(*some)] == [12] * 4
    # and who reads the longest there is, whole, holds a few times as much
    async with at_most(megabytes=16):
        found = await store.get_with_private(ids[0])
    assert found is not None
    assert len(found[0].messages) > 60


async def test_case_news_survives_the_store(store: Consultations) -> None:
    """Times with an offset and microseconds are kept such that a repetition is known."""
    (id_,) = await kept(store, 1)
    odd = NOON.astimezone(WITA).replace(microsecond=123456)
    event = assigned(id_, time=odd, sequence=2)
    handlers = Handlers(store, utc_now)
    for told in (event, assigned(id_, time=odd, officer="petugas-old"), event):
        await handlers.on_case_assigned(told)
    found = await store.get(id_)
    assert found is not None
    assert (found.version, found.officer) == (3, event.officer)
    assert [entry.what for entry in found.timeline].count("case.assigned") == 2


async def test_silence_closes_once_with_one_event(database: Database, store: Consultations) -> None:
    (id_,) = await kept(store, 1)
    clock = Clock(NOON)
    handlers, moves = Handlers(store, clock), Moves(store, clock)
    await handlers.on_case_assigned(assigned(id_))
    said = NewMessage(kind="answer", body="Cukup Perkades.")
    await moves.move(id_, Request("answer", Who("officer", "petugas-1"), said))
    clock.now = NOON + timedelta(days=14)
    silence = CaseSilenceElapsed(
        id=uuid4(), consultation=id_, sequence=2, region=TENGGARONG, time=clock.now,
        due=clock.now, late_seconds=0, since=NOON,
    )  # fmt: skip
    await asyncio.gather(
        *(handlers.on_case_silence_elapsed(silence) for _ in range(5)), return_exceptions=True
    )
    await handlers.on_case_silence_elapsed(silence)
    document = await database.collection("consultations").get(str(id_))
    assert document is not None
    assert document["status"] == "closed"
    assert [letter["type"] for letter in document["outbox"]].count(
        "klikdesa.consultation.closed.v1"
    ) == 1
