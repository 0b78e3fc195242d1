"""Saved replies in MongoDB: a document for each, sealed with a data key of its owner.

That key is kept among those of consultations, so that a change of the master key wraps it anew.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from services.intake.domain.saved_reply import SavedReply
from services.intake.store.data_keys import DataKeys
from services.intake.store.encryption import DataKey
from shared.errors import Duplicate
from shared.storage.mongo import Collection, Document
from shared.times import utc_now

#: What the key of their names is derived for.
PURPOSE = "saved replies"
_PART = "reply"
#: That somebody still uses them is written down no more often.
_NOTED_EVERY = timedelta(days=1)


class SavedRepliesStore:
    def __init__(
        self,
        collection: Collection,
        keys: DataKeys,
        secret: bytes,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`secret`: by which a text has its id, so that one that is saved twice is kept once."""
        self._collection = collection
        self._keys = keys
        self._secret = secret
        self._clock = clock

    async def prepare(self) -> None:
        await self._collection.index(("owner", 1), ("saved_at", 1))

    async def of(self, owner: str) -> list[SavedReply]:
        found = await self._collection.find({"owner": owner}, sort=[("saved_at", 1), ("_id", 1)])
        if not found:
            return []
        now = self._clock()
        if any(_used_at(one) <= now - _NOTED_EVERY for one in found):
            await self._collection.update_all({"owner": owner}, {"$set": {"used_at": now}})
        key = await self._key(owner)
        return [
            SavedReply(one["_id"], key.open(_PART, one["sealed"]), one["saved_at"]) for one in found
        ]

    async def add(self, owner: str, body: str, now: datetime) -> SavedReply:
        """As it is kept, from before where it was there."""
        id_ = hmac.digest(self._secret, f"{owner}\n{body}".encode(), "sha256").hex()[:32]
        sealed = (await self._key(owner)).seal(_PART, body)
        times = {"saved_at": now, "used_at": now}
        document = {"_id": id_, "owner": owner, **times, "sealed": sealed}
        try:
            await self._collection.insert(document)
        except Duplicate:
            if found := await self._collection.get(id_):
                return SavedReply(id_, body, found["saved_at"])
        return SavedReply(id_, body, now)

    async def remove(self, owner: str, id_: str) -> None:
        await self._collection.delete_all({"_id": id_, "owner": owner})

    async def owners(self) -> Mapping[str, datetime]:
        """All who keep any, and when they last read or saved one, to the day."""
        last = dict[str, datetime]()
        for one in await self._collection.find({}, only=["owner", "saved_at", "used_at"]):
            last[one["owner"]] = max(_used_at(one), last.get(one["owner"], _used_at(one)))
        return last

    async def forget(self, owner: str) -> None:
        """All of an owner's, and the key: what a backup has of them opens no more."""
        await self._collection.delete_all({"owner": owner})
        await self._keys.destroy(_key_of(owner))
        # what was saved in between can be opened by nobody
        await self._collection.delete_all({"owner": owner})

    async def _key(self, owner: str) -> DataKey:
        """Made where there is none; of two that make it at once, one is kept."""
        name = _key_of(owner)
        if found := await self._keys.get(name):
            return found
        await self._keys.adopt([self._keys.new(name)[1]])
        kept = await self._keys.wrapped([name])
        return self._keys.unwrap(kept[name])


def _key_of(owner: str) -> str:
    return f"{PURPOSE} of {owner}"


def _used_at(document: Document) -> datetime:
    """One from before that was written down was used when it was saved."""
    found: datetime = document["used_at"] if "used_at" in document else document["saved_at"]
    return found
