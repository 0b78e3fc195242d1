"""How many alerts a process takes on."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from services.notify import admission, lanes
from services.notify.admission import Admission

PATIENCE = timedelta(seconds=lanes.PATIENCE)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "IN_LINE", 4)
    monkeypatch.setattr(admission, "IN_HAND", 12)


def test_those_on_their_way_to_a_channel_are_counted_as_if_they_were_there() -> None:
    alerts = Admission({"email": 1, "gateway": 1}, ())
    for _ in range(5):
        assert alerts.put_off("email") is None
        alerts.bind("email")
    assert alerts.put_off("email") >= PATIENCE  # type: ignore[operator]
    assert alerts.put_off("gateway") is alerts.put_off(None) is None
    assert alerts.places() == (5, None), "as many as the narrowest has places"
    assert alerts.put_off("email") is None, "they have arrived, or never will"


def test_what_has_no_place_in_all_waits_wherever_it_goes() -> None:
    in_hand = list(range(12))
    alerts = Admission({"email": 1}, in_hand)
    first, second = alerts.put_off("email"), alerts.put_off(None)
    assert first is not None
    assert second is not None
    assert PATIENCE <= first < second
    assert alerts.places() == (0, None)
    in_hand.pop()
    alerts.count()
    assert alerts.put_off("email") is None


async def test_where_somebody_is_in_line_each_channel_is_looked_up_for_what_it_has_room() -> None:
    alerts = Admission({"email": 2, "gateway": 1, "telegram": 1}, ())
    async with AsyncExitStack() as turns:
        for name, times in (("email", 2), ("telegram", 1)):
            for _ in range(times):
                await turns.enter_async_context(alerts.lanes[name].turn())
        assert alerts.places() == (4, None), "all are being served"
        alerts.lanes["telegram"]._inside += 1
        assert alerts.places() == (12, {None: 12, "email": 4, "gateway": 5, "telegram": 3})
        alerts.lanes["telegram"]._inside += 2
        assert alerts.places() == (12, {None: 12, "email": 4, "gateway": 5}), "it is behind"
