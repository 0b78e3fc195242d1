"""Which master keys wrap the data keys, in MongoDB: `{_id: key id, check, since}`.

A service that lacks one of them, or has another under its name, is not to start: it would answer
for some consultations, and not for others.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from services.intake.store.encryption import EnvelopeEncryption
from shared import metrics
from shared.errors import Duplicate, KlikError
from shared.storage.mongo import Collection
from shared.times import utc_now


class MasterKeyMissing(KlikError):
    """The settings do not have a master key that is needed; the message names its id."""


class MasterKeys:
    def __init__(
        self,
        collection: Collection,
        encryption: EnvelopeEncryption,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._collection = collection
        self._encryption = encryption
        self._clock = clock

    async def prepare(self) -> None:
        """Note the current one. Raises `MasterKeyMissing`."""
        kept = {one["_id"]: one["check"] for one in await self._collection.find({})}
        for id_, check in kept.items():
            if id_ not in self._encryption.known:
                raise MasterKeyMissing(
                    f"KLIK_MASTER_KEYS lacks the key {id_!r}, which is needed to open what is kept:"
                    " put it back, and run 'klik privacy rotate' before it is taken out"
                )
            if check != self._encryption.check(id_):
                raise MasterKeyMissing(
                    f"the key {id_!r} in KLIK_MASTER_KEYS is another one than before"
                )
        await self.note()

    async def note(self) -> None:
        """Note the current one, again where it was forgotten while a service went on with it: what
        that wraps is to be missed at the next start, not when it is read."""
        current, now = self._encryption.current, self._clock()
        found = await self._collection.find({"_id": current}, limit=1)
        if not found:
            new = {"_id": current, "check": self._encryption.check(current), "since": now}
            with suppress(Duplicate):  # by another replica
                await self._collection.insert(new)
        elif "since" not in found[0]:
            # from before it was written down
            await self._collection.update({"_id": current}, {"$set": {"since": now}})
        since = found[0].get("since", now) if found else now
        metrics.MASTER_KEY_AGE.set((now - since).total_seconds())

    async def others(self) -> list[str]:
        """Those besides the current one."""
        kept = {one["_id"] for one in await self._collection.find({}, only=["_id"])}
        return sorted(kept - {self._encryption.current})

    async def forget(self, ids: list[str]) -> None:
        """Nothing is wrapped by these any more."""
        await self._collection.delete_all({"_id": {"$in": ids}})
