"""Leader election: of several replicas, one does what need not be done by each.

The lease is an economy, not a guarantee: two replicas may both believe for a moment that they lead.
The guards on what they write then keep every effect single. The lease saves the race: replicas that
ring the same timers, or assign from the same roster, spend most of their time on writes that lose.

The lease asks no wall clock, so a wrong one neither takes nor keeps it. The leader raises a number;
a replica that sees it unchanged for `LEASE_SECONDS` of its own monotonic clock takes over.
"""

import time
from collections.abc import Callable

from shared.errors import Duplicate
from shared.storage.mongo import Collection
from shared.times import new_id

#: Seconds without a sign of life after which the lease is taken over.
LEASE_SECONDS = 5.0
#: Seconds for which a sign of life needs no other.
RENEW_SECONDS = 1.0


class LeaderLease:
    """One document: `{_id: name, holder, rev}`; `holder` is null where nobody has it."""

    def __init__(
        self, collection: Collection, name: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._collection = collection
        self._name = name
        self._monotonic = monotonic
        self._me = str(new_id())
        self._seen: tuple[str, int] | None = None
        self._seen_at = 0.0
        self._renewed_at = 0.0
        self.held = False

    async def acquire(self) -> bool:
        """Whether this replica leads. A call renews: call again well within `LEASE_SECONDS`."""
        now = self._monotonic()
        if self.held and now - self._renewed_at < RENEW_SECONDS:
            return True
        guard = {"_id": self._name, "holder": self._me}
        self.held = (
            self.held and await self._collection.update(guard, {"$inc": {"rev": 1}})
        ) or await self._take_over()
        self._renewed_at = now
        return self.held

    async def release(self) -> None:
        """Let another replica lead at once."""
        if self.held:
            self.held = False
            guard = {"_id": self._name, "holder": self._me}
            await self._collection.update(guard, {"$set": {"holder": None}})

    async def _take_over(self) -> bool:
        found = await self._collection.get(self._name)
        if found is None:
            try:
                await self._collection.insert({"_id": self._name, "holder": self._me, "rev": 1})
            except Duplicate:
                return False
            return True
        if found["holder"] is not None and self._is_alive(found["holder"], found["rev"]):
            return False
        guard = {"_id": self._name, "holder": found["holder"], "rev": found["rev"]}
        return await self._collection.update(
            guard, {"$set": {"holder": self._me, "rev": found["rev"] + 1}}
        )

    def _is_alive(self, holder: str, rev: int) -> bool:
        if self._seen != (holder, rev):
            self._seen, self._seen_at = (holder, rev), self._monotonic()
        return self._monotonic() - self._seen_at < LEASE_SECONDS
