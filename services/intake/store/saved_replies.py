"""Saved replies in MongoDB: a document for each, sealed with a data key of its owner.

That key is kept among those of consultations, so that a change of the master key wraps it anew.
"""

import hmac
from datetime import datetime

from services.intake.domain.saved_reply import SavedReply
from services.intake.store.data_keys import DataKeys
from services.intake.store.encryption import DataKey
from shared.errors import Duplicate
from shared.storage.mongo import Collection

#: What the key of their names is derived for.
PURPOSE = "saved replies"
_PART = "reply"


class SavedRepliesStore:
    def __init__(self, collection: Collection, keys: DataKeys, secret: bytes) -> None:
        """`secret`: by which a text has its id, so that one that is saved twice is kept once."""
        self._collection = collection
        self._keys = keys
        self._secret = secret

    async def prepare(self) -> None:
        await self._collection.index(("owner", 1), ("saved_at", 1))

    async def of(self, owner: str) -> list[SavedReply]:
        found = await self._collection.find({"owner": owner}, sort=[("saved_at", 1), ("_id", 1)])
        if not found:
            return []
        key = await self._key(owner)
        return [
            SavedReply(one["_id"], key.open(_PART, one["sealed"]), one["saved_at"]) for one in found
        ]

    async def add(self, owner: str, body: str, now: datetime) -> SavedReply:
        """As it is kept, from before where it was there."""
        id_ = hmac.digest(self._secret, f"{owner}\n{body}".encode(), "sha256").hex()[:32]
        sealed = (await self._key(owner)).seal(_PART, body)
        document = {"_id": id_, "owner": owner, "saved_at": now, "sealed": sealed}
        try:
            await self._collection.insert(document)
        except Duplicate:
            if found := await self._collection.get(id_):
                return SavedReply(id_, body, found["saved_at"])
        return SavedReply(id_, body, now)

    async def remove(self, owner: str, id_: str) -> None:
        await self._collection.delete_all({"_id": id_, "owner": owner})

    async def _key(self, owner: str) -> DataKey:
        """Made where there is none; of two that make it at once, one is kept."""
        name = f"{PURPOSE} of {owner}"
        if found := await self._keys.get(name):
            return found
        await self._keys.adopt([self._keys.new(name)[1]])
        kept = await self._keys.wrapped([name])
        return self._keys.unwrap(kept[name])
