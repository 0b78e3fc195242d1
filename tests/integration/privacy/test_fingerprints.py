"""What repeats are recognised by, in the store: of no use without the master key."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from services.intake.acceptance import Acceptance, KeyReused
from services.intake.domain.conversation import MoveKeyReused, Request, Who
from services.intake.domain.move_bodies import NewMessage
from services.intake.domain.submission import Submission
from services.intake.handlers import Handlers
from services.intake.moves import Moves
from shared.storage.mongo import Database
from tests.support.builders import NOON, a_post, assigned
from tests.support.fakes import Clock
from tests.support.repositories import MASTER_KEYS, intake_store

pytestmark = pytest.mark.integration

OLD = MASTER_KEYS
NEW = "k2:" + "E" * 42 + "A="
REPLY = NewMessage(kind="reply", body="Nomor saya 081234567890.")


@dataclass
class Scene:
    database: Database
    id: UUID

    def under(self, keys: str) -> tuple[Acceptance, Moves]:
        """The two that recognise repeats, by these master keys."""
        store = intake_store(self.database, keys)
        return Acceptance(store, Clock(NOON)), Moves(store, Clock(NOON))

    async def document(self) -> dict[str, Any]:
        found = await self.database.collection("consultations").get(str(self.id))
        assert found is not None
        return found


def request(message: NewMessage = REPLY) -> Request:
    return Request("reply", Who("requester"), message, key="a" * 64)


@pytest.fixture
async def scene(database: Database) -> Scene:
    store = intake_store(database, OLD)
    await store.prepare()
    accepted = await Acceptance(store, Clock(NOON)).accept(
        Submission.model_validate(a_post()), caller="c", key="k"
    )
    scene = Scene(database, accepted.consultation.id)
    await Handlers(store, Clock(NOON)).on_case_assigned(assigned(scene.id))
    _, moves = scene.under(OLD)
    await moves.move(scene.id, request())
    return scene


async def test_fingerprint_is_no_hash_of_what_was_sent_when_it_is_kept(scene: Scene) -> None:
    document = await scene.document()
    kept = {document["fingerprint"], *document["moves_done"].values()}
    post = Submission.model_validate(a_post())
    digests = [post.fingerprint(), request().fingerprint()]
    hashed = {hashlib.sha256(digest.encode()).hexdigest() for digest in digests}
    assert len(kept) == 2
    assert not kept & {*digests, *hashed}


@pytest.mark.parametrize("keys", [OLD, f"{NEW},{OLD}"])
async def test_repeat_is_recognised_when_the_master_key_was_rotated(
    scene: Scene, keys: str
) -> None:
    acceptance, moves = scene.under(keys)
    again = await acceptance.accept(Submission.model_validate(a_post()), caller="c", key="k")
    assert again.consultation.id == scene.id
    before = await scene.document()
    await moves.move(scene.id, request())
    assert (await scene.document())["version"] == before["version"]


@pytest.mark.parametrize("keys", [OLD, f"{NEW},{OLD}"])
async def test_other_request_is_refused_when_its_key_was_used(scene: Scene, keys: str) -> None:
    acceptance, moves = scene.under(keys)
    with pytest.raises(KeyReused):
        await acceptance.accept(
            Submission.model_validate(a_post(title="Lain")), caller="c", key="k"
        )
    with pytest.raises(MoveKeyReused):
        await moves.move(scene.id, request(NewMessage(kind="reply", body="Lain.")))


async def test_repeat_is_recognised_when_its_fingerprint_was_kept_as_a_plain_hash(
    scene: Scene,
) -> None:
    """As until 2026-11."""
    digest = hashlib.sha256(
        json.dumps(["reply", REPLY.model_dump(mode="json")], sort_keys=True).encode()
    ).hexdigest()
    plain = {
        "fingerprint": Submission.model_validate(a_post()).fingerprint(),
        f"moves_done.{'a' * 64}": digest,
    }
    await scene.database.collection("consultations").update({"_id": str(scene.id)}, {"$set": plain})
    acceptance, moves = scene.under(OLD)
    await acceptance.accept(Submission.model_validate(a_post()), caller="c", key="k")
    before = await scene.document()
    await moves.move(scene.id, request())
    assert (await scene.document())["version"] == before["version"]
