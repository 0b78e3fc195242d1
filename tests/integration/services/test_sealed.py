"""What of a consultation can be read in intake's store without the master key: codes and times."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pymongo
import pytest
from bson import encode
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.intake.acceptance import Acceptance, Accepted
from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Request, Who
from services.intake.domain.lifecycle import MoveName
from services.intake.domain.move_bodies import MoveBody, NewMessage, Rating
from services.intake.domain.submission import Submission
from services.intake.handlers import Handlers
from services.intake.moves import Moves
from services.intake.store.consultations import Consultations
from services.intake.store.data_keys import DataKeys
from shared.encryption import encrypt, parse_keys
from shared.storage.mongo import Collection, Database
from tests.support.backends import Backends
from tests.support.builders import NOON, a_post, assigned
from tests.support.fakes import Clock
from tests.support.repositories import MASTER_KEYS, intake_store

pytestmark = pytest.mark.integration

OFFICER, REQUESTER = Who("officer", "petugas-1"), Who("requester")
MARKED = a_post(
    title="tanda-judul",
    body="tanda-isi",
    requester={
        "role": "kepala_desa",
        "name": "tanda-nama",
        "contact": {"channel": "email", "address": "tanda-kontak@contoh.example"},
    },
)
SAID: tuple[tuple[MoveName, Who, MoveBody], ...] = (
    ("note", OFFICER, NewMessage(kind="note", body="tanda-catatan")),
    ("question", OFFICER, NewMessage(kind="question", body="tanda-tanya")),
    ("reply", REQUESTER, NewMessage(kind="reply", body="tanda-balas")),
    ("answer", OFFICER, NewMessage(kind="answer", body="tanda-jawab")),
    ("rate", REQUESTER, Rating(rating=4, comment="tanda-komentar")),
)
MARKS = ("judul", "isi", "nama", "kontak", "catatan", "tanya", "balas", "jawab", "komentar")


@dataclass
class Scene:
    database: Database
    store: Consultations
    accepted: Accepted
    backends: Backends

    @property
    def id(self) -> UUID:
        return self.accepted.consultation.id

    @property
    def moves(self) -> Moves:
        return Moves(self.store, Clock(NOON))

    async def found(self) -> Consultation:
        found = await self.store.get(self.id)
        assert found is not None
        return found

    async def document(self) -> dict[str, Any]:
        document = await self.database.collection("consultations").get(str(self.id))
        assert document is not None
        return document

    def dump(self) -> bytes:
        """Everything in intake's database."""
        with pymongo.MongoClient[dict[str, Any]](self.backends.mongo_url) as client:
            own = client[self.database._database.name]
            names = own.list_collection_names()
            assert {"consultations", "data_keys"} <= {*names}
            return b"".join(encode(one) for name in names for one in own[name].find())


@pytest.fixture
async def scene(database: Database, backends: Backends) -> Scene:
    store = intake_store(database)
    await store.prepare()
    accepted = await Acceptance(store, Clock(NOON)).accept(
        Submission.model_validate(MARKED), caller="c", key="k"
    )
    id_ = accepted.consultation.id
    await Handlers(store, Clock(NOON)).on_case_assigned(assigned(id_))
    scene = Scene(database, store, accepted, backends)
    for number, (move, who, body) in enumerate(SAID):
        await scene.moves.move(id_, Request(move, who, body, key=f"{number:064d}"))
    return scene


async def test_no_word_is_readable_when_the_database_is_dumped(scene: Scene) -> None:
    dumped = scene.dump()
    assert [mark for mark in MARKS if f"tanda-{mark}".encode() in dumped] == []
    assert b"KD-" in dumped, "the dump holds what is not sealed"


async def test_every_word_is_read_again_when_it_was_sealed(scene: Scene) -> None:
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


async def test_message_is_refused_when_it_was_put_in_anothers_place(scene: Scene) -> None:
    """Who can write to the database, and has no key, cannot put words into a mouth."""
    document = await scene.document()
    messages = document["messages"]
    messages[3]["body"], messages[0]["body"] = messages[0]["body"], messages[3]["body"]
    await scene.database.collection("consultations").update(
        {"_id": str(scene.id)}, {"$set": {"messages": messages}}
    )
    with pytest.raises(Exception, match="not sealed as"):
        await scene.store.get(scene.id)


async def test_key_is_kept_first_when_a_post_is_accepted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
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
    acceptance = Acceptance(scene.store, Clock(NOON))
    post = Submission.model_validate(MARKED)
    with pytest.raises(ConnectionError):
        await acceptance.accept(post, caller="c", key="another")
    assert await keys.count({}) == before + 1
    monkeypatch.undo()
    accepted = await acceptance.accept(post, caller="c", key="another")
    assert await scene.store.pin_of(accepted.consultation.ticket)


async def test_post_is_refused_when_its_key_cannot_be_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: DataKeys, documents: list[Any]) -> list[Exception]:
        return [RuntimeError("refused")] * len(documents)

    consultations = scene.database.collection("consultations")
    monkeypatch.setattr(DataKeys, "keep", refuse)
    with pytest.raises(RuntimeError, match="refused"):
        await Acceptance(scene.store, Clock(NOON)).accept(
            Submission.model_validate(MARKED), caller="c", key="another"
        )
    assert await consultations.count({}) == 1


async def test_words_of_before_they_were_sealed_are_read_and_added_to(scene: Scene) -> None:
    """As documents were until 2026-11: words in plain, the key beside what it opens."""
    document, keys = await scene.document(), scene.database.collection("data_keys")
    kept = await keys.get(str(scene.id))
    assert kept is not None
    plain_key = bytes(range(32))
    master = AESGCM(parse_keys(MASTER_KEYS)["k1"])
    private = json.dumps({"pin": "123456", "name": "Siti", "contact": None}).encode()
    old = {
        "title": "Judul lama",
        "body": "Isi lama",
        "comment": None,
        "messages": [{**document["messages"][0], "body": "Catatan lama"}],
        "private": {
            "key": "k1",
            "wrapped": encrypt(master, plain_key, str(scene.id)),
            "sealed": encrypt(AESGCM(plain_key), private, str(scene.id)),
        },
    }
    await keys.delete_all({"_id": str(scene.id)})
    await scene.database.collection("consultations").update(
        {"_id": str(scene.id)}, {"$set": old, "$unset": {"sealed": ""}}
    )
    assert await scene.store.pin_of(document["ticket"]) == (scene.id, "123456")
    note = NewMessage(kind="note", body="tanda-baru")
    await scene.moves.move(scene.id, Request("note", OFFICER, note))
    latest = await scene.store.latest(scene.id)
    assert latest is not None
    assert [one.body for one in latest.consultation.messages] == ["Catatan lama", "tanda-baru"]
    assert (latest.consultation.title, latest.private.name) == ("Judul lama", "Siti")
    assert b"tanda-baru" not in scene.dump()
    (line,) = await scene.store.inbox({}, before=None, limit=10)
    assert (line.title, line.erased) == ("Judul lama", False)
