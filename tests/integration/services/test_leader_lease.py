"""Whose turn it is, on a real server: one has it, another takes over, no wall clock is asked."""

import asyncio

import pytest

from services.routing.store.leader_lease import PATIENCE, Turn
from shared.storage.mongo import Database

pytestmark = pytest.mark.integration


class Watch:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def turn(database: Database, watch: Watch | None = None) -> Turn:
    return Turn(database.collection("turns"), "rounds", watch or Watch())


async def test_of_many_that_ask_at_once_one_has_it_and_keeps_it(database: Database) -> None:
    replicas = [turn(database) for _ in range(8)]
    for _ in range(3):
        answers = await asyncio.gather(*(one.mine() for one in replicas))
        assert answers.count(True) == 1
    assert [one.held for one in replicas].count(True) == 1
    assert answers == [one.held for one in replicas]


async def test_who_is_silent_for_long_loses_it_and_hears_so(database: Database) -> None:
    watch = Watch()
    silent, other = turn(database), turn(database, watch)
    assert await silent.mine()
    assert not await other.mine()
    watch.seconds += PATIENCE - 0.1
    assert not await other.mine()
    watch.seconds += 0.2
    assert await other.mine()
    assert not await silent.mine()
    assert not silent.held


async def test_a_sign_of_life_is_enough(database: Database) -> None:
    watch = Watch()
    alive, other = turn(database), turn(database, watch)
    for _ in range(5):
        assert await alive.mine()
        assert not await other.mine()
        watch.seconds += PATIENCE * 0.9


async def test_two_who_take_over_at_once_do_not_both_get_it(database: Database) -> None:
    watch = Watch()
    gone, *others = turn(database), *(turn(database, watch) for _ in range(6))
    assert await gone.mine()
    assert await asyncio.gather(*(one.mine() for one in others)) == [False] * 6
    watch.seconds += PATIENCE
    assert (await asyncio.gather(*(one.mine() for one in others))).count(True) == 1


async def test_what_is_passed_on_is_taken_at_once(database: Database) -> None:
    first, second = turn(database), turn(database)
    assert await first.mine()
    assert not await second.mine()
    await second.pass_on()  # not its to pass on
    assert await first.mine()
    await first.pass_on()
    assert await second.mine()
    assert not await first.mine()
