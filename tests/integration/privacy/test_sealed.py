"""What of a consultation can be read in intake's store without the master key: codes and times."""

from typing import Any

import pytest

from services.intake.acceptance import Acceptance
from services.intake.domain.conversation import Request
from services.intake.domain.move_bodies import NewMessage, Rating
from services.intake.domain.submission import Submission
from services.intake.store.data_keys import DataKeys
from services.intake.store.encryption import DecryptionFailed
from shared.storage.mongo import Collection, Database
from tests.support.backends import Backends
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.marked import (
    MARKED,
    OFFICER,
    REQUESTER,
    SAID,
    Marked,
    a_marked_one,
    made_old,
)
from tests.support.repositories import intake_store

pytestmark = pytest.mark.integration


@pytest.fixture
async def scene(database: Database, backends: Backends) -> Marked:
    return await a_marked_one(database, backends.mongo_url)


async def test_no_word_is_readable_when_the_database_is_dumped(scene: Marked) -> None:
    assert scene.readable() == []
    assert b"KD-" in scene.dump(), "it holds what is not sealed"


async def test_every_word_is_read_again_when_it_was_sealed(scene: Marked) -> None:
    both = await scene.store.get_with_private(scene.id)
    assert both is not None
    found, private = both
    assert (found.title, found.body, found.comment) == (
        "tanda-judul",
        "tanda-isi",
        "tanda-komentar",
    )
    assert [(one.kind, one.body) for one in found.messages] == [
        (body.kind, body.body) for _, _, body in SAID if isinstance(body, NewMessage)
    ]
    assert (private.name, private.contact) == (
        "tanda-nama",
        {"channel": "email", "address": "tanda-kontak@contoh.example"},
    )
    (line,) = await scene.store.inbox({}, before=None, limit=10)
    assert (line.title, line.body, line.messages) == ("tanda-judul", "", ())


async def test_message_is_refused_when_it_was_put_in_anothers_place(scene: Marked) -> None:
    """Who can write to the database, and has no key, cannot put words into a mouth."""
    document = await scene.document()
    messages = document["messages"]
    messages[3]["body"], messages[0]["body"] = messages[0]["body"], messages[3]["body"]
    await scene.database.collection("consultations").update(
        {"_id": str(scene.id)}, {"$set": {"messages": messages}}
    )
    with pytest.raises(DecryptionFailed, match="not sealed as"):
        await scene.store.get(scene.id)


async def test_key_is_kept_first_when_a_post_is_accepted(
    scene: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in between leaves a key that opens nothing; the other way round, a lost post."""
    keys = scene.database.collection("data_keys")
    before = await keys.count({})
    insert = Collection.insert_each

    async def crash(self: Collection, documents: Any) -> Any:
        if "title" in documents[0].get("sealed", {}):
            raise ConnectionError("crashed")
        return await insert(self, documents)

    monkeypatch.setattr(Collection, "insert_each", crash)
    post = Submission.model_validate(MARKED)
    with pytest.raises(ConnectionError):
        await Acceptance(intake_store(scene.database), Clock(NOON)).accept(
            post, caller="c", key="another"
        )
    assert await keys.count({}) == before + 1
    monkeypatch.undo()
    accepted = await Acceptance(scene.store, Clock(NOON)).accept(post, caller="c", key="another")
    assert await scene.store.pin_of(accepted.consultation.ticket)


async def test_no_key_is_left_when_a_post_is_repeated(scene: Marked) -> None:
    """A front-end may repeat a post for ever; each repeat had made a key, that opened nothing."""
    keys, post = scene.database.collection("data_keys"), Submission.model_validate(MARKED)
    again = await Acceptance(scene.store, Clock(NOON)).accept(post, caller="c", key="k")
    assert again.consultation.id == scene.id
    assert [one["_id"] for one in await keys.find({})] == [str(scene.id)]
    assert await scene.store.pin_of(again.consultation.ticket) == (scene.id, again.pin)


async def test_post_is_refused_when_its_key_cannot_be_kept(
    scene: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: DataKeys, documents: list[Any]) -> list[Exception]:
        return [RuntimeError("refused")] * len(documents)

    consultations = scene.database.collection("consultations")
    monkeypatch.setattr(DataKeys, "keep", refuse)
    with pytest.raises(RuntimeError, match="refused"):
        await Acceptance(intake_store(scene.database), Clock(NOON)).accept(
            Submission.model_validate(MARKED), caller="c", key="another"
        )
    assert await consultations.count({}) == 1


async def test_words_of_before_they_were_sealed_are_read_and_added_to(scene: Marked) -> None:
    """As documents were until 2026-11: words in plain, the key beside what it opens."""
    await made_old(scene)
    ticket = scene.accepted.consultation.ticket
    assert await scene.store.pin_of(ticket) == (scene.id, "123456")
    note = NewMessage(kind="note", body="tanda-baru")
    await scene.moves.move(scene.id, Request("note", OFFICER, note))
    latest = await scene.store.latest(scene.id)
    assert latest is not None
    assert [one.body for one in latest.consultation.messages] == ["Catatan lama", "tanda-baru"]
    assert (latest.consultation.title, latest.private.name) == ("Judul lama", "Siti")
    assert b"tanda-baru" not in scene.dump()
    (line,) = await scene.store.inbox({}, before=None, limit=10)
    assert (line.title, line.erased) == ("Judul lama", False)


async def test_pin_and_name_are_kept_when_an_old_one_is_rated_with_a_comment(
    scene: Marked,
) -> None:
    """The comment is sealed by itself, beside what was sealed as a whole."""
    await made_old(scene)
    await scene.database.collection("consultations").update(
        {"_id": str(scene.id)}, {"$set": {"rating": None}}
    )
    rating = Rating(rating=5, comment="tanda-baru")
    await scene.moves.move(scene.id, Request("rate", REQUESTER, rating))
    assert await scene.store.pin_of(scene.accepted.consultation.ticket) == (scene.id, "123456")
    both = await scene.store.get_with_private(scene.id)
    assert both is not None
    assert (both[0].title, both[0].comment) == ("Judul lama", "tanda-baru")
    assert (both[1].pin, both[1].name) == ("123456", "Siti")
