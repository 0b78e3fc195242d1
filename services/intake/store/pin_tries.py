"""Tries of PINs in MongoDB, over all replicas: a document for each pair, ticket and source.

An upsert with a guard counts and judges in one write: a document that is there and does not fit is
a duplicate. Names are hashed under a key: nobody's address is kept.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.intake.domain.pin_limits import REMEMBERED, Limit
from shared.errors import Duplicate
from shared.storage.mongo import Collection, Operation, change, guarded


class PinTriesStore:
    def __init__(self, collection: Collection, key: bytes) -> None:
        self._collection = collection
        self._key = key

    async def prepare(self) -> None:
        await self._collection.index(("until", 1))

    async def standing(
        self, source: str, limit: Limit, pair: str, now: datetime
    ) -> tuple[bool, bool]:
        """Whether `source` has reached `limit`, and whether `pair` was opened lately."""
        ids = [self._id(source), self._id(pair)]
        rows = {row["_id"]: row for row in await self._collection.find({"_id": {"$in": ids}})}
        own, both = (rows.get(id_, {}) for id_ in ids)
        recent = [one for one in own.get("tries", ()) if one["at"] > now - limit.within]
        opened = both.get("opened")
        return len(recent) >= limit.tries, opened is not None and opened > now - REMEMBERED

    async def take(self, limits: Mapping[str, Limit], try_: str, now: datetime) -> bool:
        """Count a try under each name; False where one of them is at its limit already."""
        asked = [self._counted(name, limit, try_, now) for name, limit in limits.items()]
        outcomes = await self._collection.write_each(asked)
        # it may have been made in between, by a try at the same time
        again = [one for one, was in zip(asked, outcomes, strict=True) if was is not None]
        for outcome in await self._collection.write_each(again):
            if isinstance(outcome, Duplicate):
                return False
            if outcome is not None:
                raise outcome
        return True

    async def opened(self, pair: str, others: Sequence[str], try_: str, now: datetime) -> None:
        """The try was right: it counts for nobody, and `pair` is remembered."""
        back = {"$pull": {"tries": {"id": try_}}}
        known = {"$set": {"opened": now}, "$max": {"until": now + REMEMBERED}}
        await self._collection.write_each(
            [change(self._id(pair), back | known), *(change(self._id(one), back) for one in others)]
        )

    async def forget(self, now: datetime) -> int:
        """Remove what no limit asks for any more; how many were removed."""
        return await self._collection.delete_all({"until": {"$lte": now}})

    def _counted(self, name: str, limit: Limit, try_: str, now: datetime) -> Operation:
        """Newest first: the last of as many as are allowed must not be recent."""
        last = f"tries.{limit.tries - 1}.at"
        newest = {"$each": [{"at": now, "id": try_}], "$position": 0, "$slice": limit.tries}
        return guarded(
            {"_id": self._id(name), last: {"$not": {"$gt": now - limit.within}}},
            {"$push": {"tries": newest}, "$max": {"until": now + limit.within}},
            upsert=True,
        )

    def _id(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()
