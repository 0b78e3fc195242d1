"""How many alerts a process takes on, and when the others come."""

from collections.abc import Mapping, Sized
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from services.notify.dispatch import lanes
from services.notify.dispatch.lanes import Admission, Lane, WaitingList

PATIENCE = timedelta(seconds=lanes.PATIENCE)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "IN_LINE", 4)
    monkeypatch.setattr(lanes, "IN_FLIGHT", 12)


def admitting(
    at_once: Mapping[str, int], in_flight: Sized, rests: Mapping[str, float] | None = None
) -> Admission:
    """To lanes that serve so many at once, and may want nobody."""
    known = {} if rests is None else rests

    def lane(name: str) -> Lane:
        return Lane(at_once[name], lambda: known.get(name, 0.0))

    return Admission({name: lane(name) for name in at_once}, in_flight)


def test_those_on_their_way_to_a_channel_are_counted_as_if_they_were_there() -> None:
    alerts = admitting({"email": 1, "gateway": 1}, ())
    for _ in range(5):
        assert alerts.put_off("email") is None
        alerts.bind("email")
    assert alerts.put_off("email") >= PATIENCE  # type: ignore[operator]
    assert alerts.put_off("gateway") is alerts.put_off(None) is None
    assert alerts.places() == (5, None), "as many as the narrowest has places"
    assert alerts.put_off("email") is None, "they have arrived, or never will"


def test_what_has_no_place_in_all_waits_wherever_it_goes() -> None:
    in_flight = list(range(12))
    alerts = admitting({"email": 1}, in_flight)
    first, second = alerts.put_off("email"), alerts.put_off(None)
    assert first is not None
    assert second is not None
    assert min(first, second) >= PATIENCE
    assert alerts.places() == (0, None)
    assert list(alerts.calls()) == []
    in_flight.pop()
    assert alerts.put_off("email") is None


async def test_where_somebody_is_in_line_each_channel_is_looked_up_for_what_it_has_room() -> None:
    alerts = admitting({"email": 2, "gateway": 1, "telegram": 1}, ())
    async with AsyncExitStack() as turns:
        for name, times in (("email", 2), ("telegram", 1)):
            for _ in range(times):
                await turns.enter_async_context(alerts.lanes[name].turn())
        assert alerts.places() == (4, None), "all are being served"
        alerts.lanes["telegram"]._inside += 1
        assert alerts.places() == (12, {None: 12, "email": 4, "gateway": 5, "telegram": 3})
        alerts.lanes["telegram"]._inside += 2
        assert alerts.places() == (12, {None: 12, "email": 4, "gateway": 5}), "it is behind"


async def test_those_who_wait_are_called_to_each_channel_that_has_places() -> None:
    in_flight = list(range(5))
    alerts = admitting({"email": 1, "gateway": 1}, in_flight)
    alerts.lanes["email"]._inside += 4
    alerts.bind("gateway")
    calls = [(name, places) for name, _, places in alerts.calls()]
    assert calls == [("gateway", 4), (None, 7)], "the line at email is long"
    places = []
    for _, _, number in alerts.calls():
        places.append(number)
        in_flight.extend(range(number))
    assert places == [4, 3], "who came has taken a place"


def test_a_channel_that_is_left_alone_takes_nobody_in_and_calls_nobody() -> None:
    """Those whose time has come are taken up: they find out whether it still is."""
    rests = {"email": 30.0}
    alerts = admitting({"email": 1, "gateway": 1}, (), rests)
    assert alerts.put_off("email") is not None
    assert alerts.put_off("gateway") is None
    assert [name for name, _, _ in alerts.calls()] == ["gateway", None]
    assert alerts.places() == (5, None)
    rests.clear()
    assert alerts.put_off("email") is None
    assert [name for name, _, _ in alerts.calls()] == ["email", "gateway", None]


def test_those_put_off_come_again_one_after_the_other() -> None:
    now = 1000.0
    waiting = WaitingList(lambda: now)
    each = lanes.PATIENCE / lanes.IN_LINE
    waits = [waiting.put_off().total_seconds() for _ in range(100)]
    assert waits == pytest.approx([lanes.PATIENCE + each * n for n in range(100)])
    now += 20 * lanes.PATIENCE
    assert waiting.put_off().total_seconds() == pytest.approx(lanes.PATIENCE * -19 + each * 100), (
        "after those before it"
    )
    now += 100 * lanes.PATIENCE
    assert waiting.put_off() == PATIENCE, "nobody is before it any more"


def called(waiting: WaitingList, times: list[float], places: int) -> list[float]:
    """The first of `times` that one call finds, which are taken from them."""
    within = [time for time in sorted(times) if time <= waiting.ahead.total_seconds()][:places]
    full = len(within) == places
    waiting.called(timedelta(seconds=within[-1]) if full else None)
    for time in within:
        times.remove(time)
    return within


def test_a_list_that_another_process_left_is_found_and_called_without_a_gap() -> None:
    """It begins an hour ahead: those before that were called, and then the process died."""
    waiting, each = WaitingList(), lanes.PATIENCE / lanes.IN_LINE
    times = [3600 + each * n for n in range(200)]
    first = next(n for n in range(20) if called(waiting, times, 4))
    assert first < 12, "twice as far each time"
    for _ in range(50):
        found = [time for time in times if time <= waiting.ahead.total_seconds()]
        assert len(found) <= 2 * lanes.IN_LINE, "no more is looked at than could be called"
        assert called(waiting, times, 4) == found[:4]
    assert times == []
