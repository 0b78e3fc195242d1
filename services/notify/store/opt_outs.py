"""Who wants no more messages, in MongoDB: by a keyed hash, since no requester's address is kept."""

import asyncio
import hmac
from collections.abc import Callable
from datetime import datetime
from operator import itemgetter

from services.notify.domain.recipients import Address, kind_of, spellings
from shared.errors import Duplicate
from shared.storage.batching import BACKGROUND_SECONDS, Loader
from shared.storage.mongo import Collection, Document
from shared.times import whole_milliseconds


class OptOuts:
    """The last wish counts, by when it was made: however often and in which order they come."""

    def __init__(self, collection: Collection, key: str, clock: Callable[[], datetime]) -> None:
        """`key`: without it a hash of all numbers there are would tell whose each is."""
        self._collection = collection
        self._key = key.encode()
        self._clock = clock
        self._wishes: Loader[str, Document] = Loader(self._of, window=BACKGROUND_SECONDS)

    async def has(self, *addresses: Address) -> bool:
        """By any spelling of any of somebody's addresses: the last wish of all of them counts."""
        last = await self._last(*addresses)
        return last is not None and bool(last["out"])

    async def carry(self, address: Address, moved: Address) -> None:
        """What was wished for `address` holds for where it has moved to."""
        if last := await self._last(address):
            await self.put(moved, out=last["out"], at=last["at"])

    async def put(self, address: Address, *, out: bool, at: datetime | None = None) -> None:
        """`at`: when it was wished; a time to come counts as now."""
        now = self._clock()
        at = whole_milliseconds(min(at or now, now))
        older = {"_id": self._ids(address)[0], "at": {"$lte": at}}
        try:
            await self._collection.update(older, {"$set": {"out": out, "at": at}}, upsert=True)
        except Duplicate:
            return  # there is a later wish

    async def _last(self, *addresses: Address) -> Document | None:
        ids = {id_ for address in addresses for id_ in self._ids(address)}
        found = await asyncio.gather(*map(self._wishes.load, sorted(ids)))
        return max(filter(None, found), key=itemgetter("at"), default=None)

    async def _of(self, ids: list[str]) -> dict[str, Document]:
        return {one["_id"]: one for one in await self._collection.find({"_id": {"$in": ids}})}

    def _ids(self, address: Address) -> list[str]:
        """That of its one form first."""
        kind = kind_of(address.channel)
        return [self._hash(f"{kind}:{one.casefold()}") for one in spellings(address)]

    def _hash(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()
