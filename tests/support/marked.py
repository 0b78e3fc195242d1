"""A consultation with a mark in every field that people fill in, in a store."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pymongo
from bson import encode
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.intake.acceptance import Acceptance, Accepted
from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Request, Who
from services.intake.domain.lifecycle import MoveName
from services.intake.domain.move_bodies import MoveBody, NewMessage, Rating
from services.intake.domain.submission import Submission
from services.intake.erasure import Erasure
from services.intake.handlers import Handlers
from services.intake.moves import Moves
from services.intake.store.consultations import Consultations
from shared.encryption import encrypt
from shared.keys.named import parse_keys
from shared.storage.mongo import Database
from tests.support.builders import NOON, a_post, assigned
from tests.support.fakes import Clock
from tests.support.repositories import MASTER_KEYS, erasures_store, intake_store

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
class Marked:
    database: Database
    store: Consultations
    accepted: Accepted
    mongo_url: str

    @property
    def id(self) -> UUID:
        return self.accepted.consultation.id

    @property
    def moves(self) -> Moves:
        return Moves(self.store, Clock(NOON))

    @property
    def erasure(self) -> Erasure:
        return Erasure(erasures_store(self.database), Clock(NOON))

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
        with pymongo.MongoClient[dict[str, Any]](self.mongo_url) as client:
            own = client[self.database.name]
            names = own.list_collection_names()
            assert {"consultations", "data_keys"} <= {*names}
            return b"".join(encode(one) for name in names for one in own[name].find())

    def readable(self) -> list[str]:
        """The marks that the dump shows."""
        dumped = self.dump()
        return [mark for mark in MARKS if f"tanda-{mark}".encode() in dumped]


async def a_marked_one(database: Database, mongo_url: str) -> Marked:
    """Taken in, assigned, talked about and rated."""
    store = intake_store(database)
    await store.prepare()
    await erasures_store(database).prepare()
    accepted = await Acceptance(store, Clock(NOON)).accept(
        Submission.model_validate(MARKED), caller="c", key="k"
    )
    id_ = accepted.consultation.id
    await Handlers(store, Clock(NOON)).on_case_assigned(assigned(id_))
    marked = Marked(database, store, accepted, mongo_url)
    for number, (move, who, body) in enumerate(SAID):
        await marked.moves.move(id_, Request(move, who, body, key=f"{number:064d}"))
    return marked


async def made_old(scene: Marked) -> None:
    """Its document as it was until 2026-11: words in plain, the key beside what it opens."""
    document, keys = await scene.document(), scene.database.collection("data_keys")
    key, whole = bytes(range(32)), AESGCM(bytes(range(32)))
    private = json.dumps({"pin": "123456", "name": "Siti", "contact": None}).encode()
    master = AESGCM(parse_keys(MASTER_KEYS)["k1"])
    old = {
        "title": "Judul lama",
        "body": "Isi lama",
        "comment": None,
        "messages": [{**document["messages"][0], "body": "Catatan lama"}],
        "private": {
            "key": "k1",
            "wrapped": encrypt(master, key, str(scene.id)),
            "sealed": encrypt(whole, private, str(scene.id)),
        },
    }
    await keys.delete_all({"_id": str(scene.id)})
    await scene.database.collection("consultations").update(
        {"_id": str(scene.id)}, {"$set": old, "$unset": {"sealed": ""}}
    )
