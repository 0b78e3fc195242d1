"""The lease on an alert, and waiting for its turn."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.notify.channels.base import CIRCUIT_OPEN, HELD_BACK, NotSent
from services.notify.dispatch import lanes
from services.notify.dispatch.dispatcher import LEASE, refreshed, renewing
from services.notify.dispatch.lanes import Lane
from services.notify.domain.retry_policy import DELAYS, delay
from shared.errors import Conflict, StoreUnavailable
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.notify import FakeAlerts, an_alert

MINE = an_alert(state="claimed", next_at=NOON + LEASE)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def alerts() -> FakeAlerts:
    found = FakeAlerts()
    found.kept[MINE.id] = MINE
    return found


async def test_a_lease_is_renewed_until_the_outcome_is_recorded(
    monkeypatch: pytest.MonkeyPatch, alerts: FakeAlerts, clock: Clock
) -> None:
    renew, away = alerts.renew, [StoreUnavailable("away")]

    async def sometimes(*asked: object) -> bool:
        if away:
            raise away.pop()
        return await renew(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(alerts, "renew", sometimes)
    async with renewing(alerts, MINE, clock, every=timedelta()):
        clock.now += LEASE
        await until(lambda: alerts.kept[MINE.id].next_at == clock.now + LEASE)
    ended = alerts.kept[MINE.id]
    clock.now += LEASE
    for _ in range(20):
        await asyncio.sleep(0)
    assert alerts.kept[MINE.id] is ended


async def test_a_lease_that_somebody_else_has_is_let_go(alerts: FakeAlerts, clock: Clock) -> None:
    (taken,) = await alerts.take_due(NOON + LEASE, LEASE, 1)
    async with renewing(alerts, MINE, clock, every=timedelta()):
        for _ in range(20):
            await asyncio.sleep(0)
    assert alerts.kept[MINE.id] is taken
    clock.now += LEASE
    with pytest.raises(Conflict):
        await refreshed(alerts, MINE, clock)


async def test_a_lease_is_renewed_when_the_turn_comes_late(
    alerts: FakeAlerts, clock: Clock
) -> None:
    assert await refreshed(alerts, MINE, clock) is MINE
    clock.now += LEASE / 2
    assert (await refreshed(alerts, MINE, clock)).next_at == clock.now + LEASE


async def test_who_waits_too_long_for_a_turn_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.01)
    monkeypatch.setattr(lanes, "IN_LINE", 2)
    lane = Lane(at_once=1)
    async with lane.turn():
        assert (lane.room, lane.is_behind) == (2, False)
        with pytest.raises(NotSent) as failure:
            async with lane.turn():
                raise AssertionError("it is not its turn")
        assert failure.value.reason in HELD_BACK
        assert failure.value.retry_after == timedelta(seconds=0.01)
        assert lane.room == 1, "a shorter line, where nobody was served within its patience"
    async with lane.turn():
        assert lane.room == 2
    assert lane.room == 3


async def test_who_comes_while_the_channel_is_left_alone_is_refused_and_waits_behind_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 10.0)
    monkeypatch.setattr(lanes, "IN_LINE", 10)
    rest = 0.0
    lane = Lane(1, lambda: rest)

    async def wait_for_a_turn() -> NotSent:
        with pytest.raises(NotSent) as failure:
            async with lane.turn():
                raise AssertionError("it should be left alone")
        return failure.value

    async with lane.turn():
        in_line = asyncio.create_task(wait_for_a_turn())
        await asyncio.sleep(0)
        rest = 12.5
        at_once = [await wait_for_a_turn() for _ in range(6)]
    assert {one.reason for one in [*at_once, await in_line]} == {CIRCUIT_OPEN}
    waits = [one.retry_after.total_seconds() for one in at_once if one.retry_after]
    assert waits == pytest.approx([12.5, 12.5, 12.5, 13, 14, 15], abs=0.5)
    rest = 0.0
    async with lane.turn():
        assert not lane.is_shut


def test_our_waiting_times_are_scaled_and_the_providers_are_not() -> None:
    assert delay(1, 0.5, scale=0.01) == DELAYS[0] * 0.01
    assert delay(9, 0.5, scale=0.01) == DELAYS[8] * 0.01
    asked = timedelta(seconds=7)
    assert delay(1, 0.5, asked, scale=0.01) == asked
