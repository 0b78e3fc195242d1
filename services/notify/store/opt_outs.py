"""Who wants no more messages, in MongoDB: by a keyed hash, since no requester's address is kept."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from services.notify.domain.recipients import Way, kind_of, spellings
from shared.errors import Duplicate
from shared.storage.mongo import Collection, Document
from shared.times import whole_milliseconds


class OptOuts:
    """The last wish counts, by when it was made: however often and in which order they come."""

    def __init__(self, collection: Collection, key: str, clock: Callable[[], datetime]) -> None:
        """`key`: without it a hash of all numbers there are would tell whose each is."""
        self._collection = collection
        self._key = key.encode()
        self._clock = clock

    async def has(self, *ways: Way) -> bool:
        """By any spelling of any of somebody's addresses: the last wish of all of them counts."""
        last = await self._last(*ways)
        return last is not None and bool(last["out"])

    async def carry(self, way: Way, moved: Way) -> None:
        """What was wished for `way` holds for where it has moved to."""
        if last := await self._last(way):
            await self.put(moved, out=last["out"], at=last["at"])

    async def put(self, way: Way, *, out: bool, at: datetime | None = None) -> None:
        """`at`: when it was wished; a time to come counts as now."""
        now = self._clock()
        at = whole_milliseconds(min(at or now, now))
        older = {"_id": self._ids(way)[0], "at": {"$lte": at}}
        try:
            await self._collection.update(older, {"$set": {"out": out, "at": at}}, upsert=True)
        except Duplicate:
            return  # there is a later wish

    async def _last(self, *ways: Way) -> Document | None:
        ids = [id_ for way in ways for id_ in self._ids(way)]
        found = await self._collection.find({"_id": {"$in": ids}}, sort=[("at", -1)], limit=1)
        return found[0] if found else None

    def _ids(self, way: Way) -> list[str]:
        """That of its one form first."""
        kind = kind_of(way.channel)
        return [self._hash(f"{kind}:{one.casefold()}") for one in spellings(way)]

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
