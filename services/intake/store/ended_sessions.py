"""Sessions that were signed out of, in MongoDB, until they would have ended by themselves: no copy
of their cookie opens anything. Named by a hash of their ids."""

import hashlib
from contextlib import suppress
from datetime import datetime

from shared.errors import Duplicate
from shared.storage.mongo import Collection, until


class EndedSessionsStore:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await self._collection.index(("until", 1))

    async def add(self, session: str, until: datetime) -> None:
        with suppress(Duplicate):
            await self._collection.insert({"_id": _id(session), "until": until})

    async def has(self, session: str) -> bool:
        return await self._collection.get(_id(session)) is not None

    async def forget(self, now: datetime) -> int:
        """Remove what is over; how many were removed."""
        return await self._collection.delete_all({"until": until(now)})


def _id(session: str) -> str:
    return hashlib.sha256(f"ended session {session}".encode()).hexdigest()
