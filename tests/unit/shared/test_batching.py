import asyncio
from collections.abc import Sequence

import pytest

from shared.errors import Duplicate, StoreUnavailable
from shared.storage.batching import GroupCommit, Loader


class Writer:
    """Remembers its batches; refuses items below zero."""

    def __init__(self, broken: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.broken = broken

    async def write(self, items: list[int]) -> Sequence[Exception | None]:
        self.batches.append(items)
        await asyncio.sleep(0)
        if self.broken:
            raise StoreUnavailable("away")
        return [Duplicate(str(item)) if item < 0 else None for item in items]


async def test_calls_at_the_same_time_share_a_batch() -> None:
    writer = Writer()
    commits = GroupCommit(writer.write)
    await asyncio.gather(*(commits.submit(n) for n in range(100)))
    assert writer.batches == [list(range(100))]


async def test_a_batch_has_a_limit_and_nothing_is_lost_beyond_it() -> None:
    writer = Writer()
    commits = GroupCommit(writer.write, limit=40)
    await asyncio.gather(*(commits.submit(n) for n in range(100)))
    assert [len(batch) for batch in writer.batches] == [40, 40, 20]
    assert sorted(n for batch in writer.batches for n in batch) == list(range(100))


async def test_a_slow_database_gets_smaller_batches_until_it_is_quick_again() -> None:
    now, seconds_an_item, sizes = 0.0, 0.05, []

    async def write(items: list[int]) -> Sequence[Exception | None]:
        nonlocal now
        took = len(items) * seconds_an_item
        now += min(took, 5.0)
        sizes.append(len(items))
        if took > 5.0:
            raise StoreUnavailable("it does not answer in time")
        return [None] * len(items)

    commits = GroupCommit(write, limit=200, clock=lambda: now)
    outcomes = await asyncio.gather(
        *(commits.submit(n) for n in range(250)), return_exceptions=True
    )
    assert sizes == [200], "who waited for the next is told too"
    assert [type(one) for one in outcomes] == [StoreUnavailable] * 250
    sizes.clear()
    await asyncio.gather(*(commits.submit(n) for n in range(60)))
    assert sizes == [40, 20], "in time after one that was not"
    sizes.clear()
    await asyncio.gather(*(commits.submit(n) for n in range(100)))
    assert sizes == [20] * 5, "what it can do in a second"
    sizes.clear()
    seconds_an_item = 0.001
    await asyncio.gather(*(commits.submit(n) for n in range(700)))
    assert sizes == [20, 40, 80, 160, 200, 200], "as large as ever"


async def test_each_caller_gets_the_result_of_its_own_item() -> None:
    commits = GroupCommit(Writer().write)
    results = await asyncio.gather(*(commits.submit(n) for n in (1, -2, 3)), return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], Duplicate)
    assert results[2] is None


async def test_a_batch_that_fails_whole_fails_each_caller_and_the_next_goes_on() -> None:
    writer = Writer(broken=True)
    commits = GroupCommit(writer.write)
    results = await asyncio.gather(commits.submit(1), commits.submit(2), return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable, StoreUnavailable]
    writer.broken = False
    await commits.submit(3)
    assert writer.batches[-1] == [3]


async def test_a_caller_that_gives_up_does_not_take_its_item_back_or_disturb_others() -> None:
    writer = Writer()
    commits = GroupCommit(writer.write)

    async def call(item: int) -> None:
        await commits.submit(item)

    patient, impatient = asyncio.create_task(call(1)), asyncio.create_task(call(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert writer.batches == [[1, 2]]


async def test_reads_of_one_moment_share_a_question() -> None:
    asked: list[list[str]] = []

    async def fetch(keys: list[str]) -> dict[str, int]:
        asked.append(keys)
        return {key: len(key) for key in keys if key != "none"}

    loader = Loader(fetch)
    found = await asyncio.gather(*(loader.load(key) for key in ("a", "none", "bb", "a")))
    assert found == [1, None, 2, 1]
    assert asked == [["a", "none", "bb"]]


async def test_who_asks_is_told_when_a_question_fails() -> None:
    async def fetch(keys: list[str]) -> dict[str, int]:
        raise StoreUnavailable("away")

    loader = Loader(fetch)
    outcomes = await asyncio.gather(*map(loader.load, "ab"), return_exceptions=True)
    assert [type(one) for one in outcomes] == [StoreUnavailable] * 2


async def test_nobody_is_waited_for_when_an_eager_one_has_nothing_to_write() -> None:
    """With a window of an hour."""
    writer = Writer()
    commits = GroupCommit(writer.write, window=3600, eager=True)
    await asyncio.wait_for(commits.submit(1), timeout=5)
    await asyncio.wait_for(commits.submit(2), timeout=5)
    assert writer.batches == [[1], [2]]
