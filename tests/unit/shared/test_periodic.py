"""What is done again and again: no failure ends it, a stop does."""

import asyncio
import contextlib

import pytest

from shared.errors import StoreUnavailable
from shared.periodic import PeriodicTask


async def test_failures_are_logged_and_the_next_round_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcomes = [StoreUnavailable("away"), ValueError("a fault"), None, None]
    done = asyncio.Event()

    async def work() -> None:
        if not outcomes:
            done.set()
        elif outcome := outcomes.pop(0):
            raise outcome

    loop = PeriodicTask("timers", work, 0.0, after_failure=0.0)
    await loop.start()
    async with asyncio.timeout(5.0):
        await done.wait()
    assert loop.running
    await loop.stop()
    assert [(one.levelname, one.message) for one in caplog.records] == [
        ("WARNING", "timers wait"),
        ("ERROR", "timers failed"),
    ]


async def test_what_failed_may_be_left_alone_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    slept, done = list[float](), asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        done.set()
        await asyncio.Event().wait()

    async def work() -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr("shared.periodic.asyncio.sleep", sleep)
    loop = PeriodicTask("reviews", work, 0.0, after_failure=30.0)
    await loop.start()
    await done.wait()
    await loop.stop()
    assert slept == [30.0]


async def test_a_stop_breaks_off_what_is_being_done() -> None:
    started, broken_off = asyncio.Event(), False

    async def work() -> None:
        nonlocal broken_off
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            broken_off = True
            raise

    loop = PeriodicTask("timers", work, 0.0)
    await loop.stop()  # nothing was started
    await loop.start()
    await started.wait()
    await loop.stop()
    assert broken_off


async def test_a_cancellation_that_the_work_swallows_is_not_the_end_of_stopping() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    loop = PeriodicTask("timers", work, 0.0)
    await loop.start()
    async with asyncio.timeout(5.0):
        await begun.wait()
        await loop.stop()
