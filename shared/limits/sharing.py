"""What replicas tell each other of their buckets, through MongoDB, once a second.

No request waits for it, and none is a write: a replica counts by itself, adds what it took to a
document for each bucket, and reads back what all took. That document knows of debt: what was taken
in excess before the replicas knew of each other is waited for later. With R replicas, a bucket of
`burst` that gets `rate` a second, and T seconds from one telling to the next,

    taken in t seconds <= rate * t + R * (1.1 * burst + rate * T)

where one replica has rate * t + burst. While the store is away each counts for itself alone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.limits.buckets import Buckets
from shared.periodic import PeriodicTask
from shared.storage.mongo import Collection, Database, Operation, guarded

#: Seconds between two tellings.
SHARE_SECONDS = 1.0
#: Seconds between looks for buckets that are full.
FORGET_SECONDS = 300.0


class SharedBuckets:
    """Those of one service. A key in them is a key's id, or a code: nobody's address."""

    def __init__(self, database: Database, *limits: Buckets) -> None:
        self._database = database
        self._collection = database.collection("rate_limits")
        self._limits = limits
        self.works = (
            PeriodicTask("shared limits", self.share, SHARE_SECONDS),
            PeriodicTask("limits forgotten", self.forget, FORGET_SECONDS),
        )

    async def prepare(self) -> None:
        await self._collection.index(("full_at", 1))

    async def share(self) -> None:
        """Raises `StoreUnavailable`: then all of it is told the next time."""
        taken = [
            (limit, key, amount) for limit in self._limits for key, amount in limit.untold().items()
        ]
        if taken:
            now = await self._now()
            await _add(self._collection, taken, now)
            ids = [_id(limit, key) for limit, key, _ in taken]
            rows = await self._collection.find({"_id": {"$in": ids}}, only=["full_at"])
            full_at = {row["_id"]: row["full_at"] for row in rows}
            for limit, key, amount in taken:
                limit.told(key, amount, full_at.get(_id(limit, key), now) - now)

    async def forget(self) -> None:
        """Here, and in the store, what is full: it is as if it had never been asked."""
        for limit in self._limits:
            limit.forget()
        await self._collection.delete_all({"full_at": {"$lt": await self._now()}})

    async def _now(self) -> float:
        """On the store's clock, which all share."""
        offset = await self._database.clock_offset()
        return (datetime.now(UTC) + offset).timestamp()


async def _add(
    collection: Collection, taken: Sequence[tuple[Buckets, str, float]], now: float
) -> None:
    operations = [
        _later(_id(limit, key), now, amount / limit.rate.per_second)
        for limit, key, amount in taken
        if limit.rate is not None
    ]
    outcomes = await collection.write_each(operations)
    if errors := [error for error in outcomes if error is not None]:
        raise errors[0]


def _later(id_: str, now: float, seconds: float) -> Operation:
    since = {"$max": ["$full_at", now]}
    return guarded({"_id": id_}, [{"$set": {"full_at": {"$add": [since, seconds]}}}], upsert=True)


def _id(limit: Buckets, key: str) -> str:
    return f"{limit.name} {key}"
