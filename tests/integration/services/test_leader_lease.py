"""The leader lease on a real server: one replica leads, another takes over, by no wall clock."""

import asyncio

import pytest

from services.routing.store.leader_lease import LEASE_SECONDS, LeaderLease
from shared.storage.mongo import Database

pytestmark = pytest.mark.integration


class Watch:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def lease(database: Database, watch: Watch | None = None) -> LeaderLease:
    return LeaderLease(database.collection("turns"), "rounds", watch or Watch())


async def test_lease_is_held_by_one_when_many_ask_at_once(database: Database) -> None:
    replicas = [lease(database) for _ in range(8)]
    for _ in range(3):
        answers = await asyncio.gather(*(one.acquire() for one in replicas))
        assert answers.count(True) == 1
    assert [one.held for one in replicas].count(True) == 1
    assert answers == [one.held for one in replicas]


async def test_lease_is_lost_when_its_holder_is_silent_for_long(database: Database) -> None:
    watch = Watch()
    silent, other = lease(database, watch), lease(database, watch)
    assert await silent.acquire()
    assert not await other.acquire()
    watch.seconds += LEASE_SECONDS - 0.1
    assert not await other.acquire()
    watch.seconds += 0.2
    assert await other.acquire()
    assert not await silent.acquire()
    assert not silent.held


async def test_lease_is_kept_when_its_holder_gives_a_sign_of_life(database: Database) -> None:
    watch = Watch()
    alive, other = lease(database, watch), lease(database, watch)
    for _ in range(5):
        assert await alive.acquire()
        assert not await other.acquire()
        watch.seconds += LEASE_SECONDS * 0.9


async def test_lease_is_held_by_one_when_several_take_over_at_once(database: Database) -> None:
    watch = Watch()
    gone, *others = lease(database), *(lease(database, watch) for _ in range(6))
    assert await gone.acquire()
    assert await asyncio.gather(*(one.acquire() for one in others)) == [False] * 6
    watch.seconds += LEASE_SECONDS
    assert (await asyncio.gather(*(one.acquire() for one in others))).count(True) == 1


async def test_lease_is_taken_at_once_when_it_was_released(database: Database) -> None:
    first, second = lease(database), lease(database)
    assert await first.acquire()
    assert not await second.acquire()
    await second.release()  # not its to release
    assert await first.acquire()
    await first.release()
    assert await second.acquire()
    assert not await first.acquire()
