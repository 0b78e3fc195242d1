"""Who wants no more messages, in MongoDB: by a keyed hash, since no requester's address is kept."""

import asyncio
import hmac
from collections.abc import Callable
from datetime import datetime
from operator import itemgetter

from services.notify.domain.recipients import Address, kind_of, spellings
from shared.errors import Duplicate, TryLater
from shared.keys import link_tokens
from shared.storage.batching import BACKGROUND_SECONDS, Loader
from shared.storage.mongo import Collection, Document
from shared.times import whole_milliseconds

#: What the key of the links is derived for.
PURPOSE = b"unsubscribe links"
ID_BYTES = 32


class OptOuts:
    """The last wish counts, by when it was made: however often and in which order they come."""

    def __init__(self, collection: Collection, key: str, clock: Callable[[], datetime]) -> None:
        """`key`: without it a hash of all numbers there are would tell whose each is."""
        self._collection = collection
        self._key = key.encode()
        self._link_key = hmac.digest(self._key, PURPOSE, "sha256")
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
        await self._put(self._ids(address)[0], out, at)

    def token(self, address: Address) -> str:
        """By which the link in an e-mail stops what goes to `address`. It never expires, since old
        e-mails are what somebody wants to stop; nobody reads from it whose it is."""
        return link_tokens.write(self._link_key, bytes.fromhex(self._ids(address)[0]))

    async def is_out(self, token: str) -> bool:
        """What was wished last for the address. Raises `LinkRefused`."""
        last = await self._collection.get(self._id_of(token))
        return last is not None and bool(last["out"])

    async def put_by_token(self, token: str, *, out: bool) -> None:
        """As `put`, now. Raises `LinkRefused`; `TryLater` where the clock of who took the last wish
        is ahead."""
        if not await self._put(self._id_of(token), out):
            raise TryLater("there is a wish of a time to come")

    async def _put(self, id_: str, out: bool, at: datetime | None = None) -> bool:
        """False where there is a later wish."""
        now = self._clock()
        at = whole_milliseconds(min(at or now, now))
        older = {"_id": id_, "at": {"$lte": at}}
        try:
            await self._collection.update(older, {"$set": {"out": out, "at": at}}, upsert=True)
        except Duplicate:
            return False
        return True

    async def _last(self, *addresses: Address) -> Document | None:
        ids = {id_ for address in addresses for id_ in self._ids(address)}
        found = await asyncio.gather(*map(self._wishes.load, sorted(ids)))
        return max(filter(None, found), key=itemgetter("at"), default=None)

    async def _of(self, ids: list[str]) -> dict[str, Document]:
        return {one["_id"]: one for one in await self._collection.find({"_id": {"$in": ids}})}

    def _id_of(self, token: str) -> str:
        return link_tokens.read((self._link_key,), token, ID_BYTES).hex()

    def _ids(self, address: Address) -> list[str]:
        """That of its one form first."""
        kind = kind_of(address.channel)
        return [self._hash(f"{kind}:{one.casefold()}") for one in spellings(address)]

    def _hash(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()
