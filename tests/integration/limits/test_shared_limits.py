"""Two replicas that count together, in the real store."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from shared.errors import StoreUnavailable
from shared.limits.buckets import Buckets, Rate, TooMany
from shared.limits.sharing import SharedBuckets
from shared.storage.mongo import Database
from tests.support.backends import Backends
from tests.support.repositories import empty_database

pytestmark = pytest.mark.integration

#: As good as none comes back within a test.
RATE = Rate(0.001, 100)


class Replica:
    def __init__(self, database: Database, rate: Rate = RATE) -> None:
        self.buckets = Buckets("posts-by-key", rate)
        self.shared = SharedBuckets(database, self.buckets)

    def take(self, asked: int, key: str = "front-end") -> int:
        """How many of so many it gives."""
        given = 0
        for _ in range(asked):
            try:
                self.buckets.take(key)
            except TooMany:
                continue
            given += 1
        return given


@pytest.fixture(params=["motor", "pymongo"])
async def place(
    request: pytest.FixtureRequest, backends: Backends
) -> AsyncGenerator[Database, None]:
    async with empty_database(backends, request.param) as database:
        await SharedBuckets(database).prepare()
        yield database


async def test_replica_knows_what_another_took_when_both_have_told(place: Database) -> None:
    one, two = Replica(place), Replica(place)
    assert one.take(60) == 60
    await one.shared.share()
    assert two.take(30) == 30
    await two.shared.share()
    assert two.take(100) == 10
    assert one.take(100) == 40, "it is told at its next turn only"
    await asyncio.gather(one.shared.share(), two.shared.share())
    assert (one.take(100), two.take(100)) == (0, 0)
    assert two.take(5, key="another") == 5


async def test_replicas_give_no_more_than_twice_when_neither_has_told(place: Database) -> None:
    one, two = Replica(place), Replica(place)
    assert one.take(1000) + two.take(1000) == 200
    await one.shared.share()
    await two.shared.share()
    # two bursts are owed now, and waited for
    with pytest.raises(TooMany) as refused:
        two.buckets.take("front-end")
    assert refused.value.wait > 100 / RATE.per_second - 10


async def test_nothing_is_written_when_little_is_taken(place: Database) -> None:
    one = Replica(place)
    one.take(9)
    await one.shared.share()
    assert await place.collection("rate_limits").count({}) == 0


async def test_full_bucket_is_removed_from_the_store_when_it_is_looked_for(place: Database) -> None:
    one = Replica(place, Rate(1000, 10))
    one.take(5)
    await one.shared.share()
    rows = place.collection("rate_limits")
    assert await rows.count({}) == 1
    await asyncio.sleep(0.05)
    await one.shared.forget()
    assert await rows.count({}) == 0


async def test_replica_counts_alone_when_the_store_is_away() -> None:
    away = Database("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50&directConnection=true", "x")
    one = Replica(away)
    try:
        assert one.take(30) == 30
        with pytest.raises(StoreUnavailable):
            await one.shared.share()
        assert one.take(1000) == 70
        assert one.buckets.untold() == {"front-end": 100}, "told when it is back"
    finally:
        await away.close()
