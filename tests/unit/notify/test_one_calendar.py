"""The calendar that routing goes by is the one that notify goes by: both as they are."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

import httpx
import pytest

from services.notify.clients.routing import Office
from services.routing import api
from shared.web.app import create_http
from shared.web.auth import Keyring, Role
from tests.support.builders import assigned
from tests.support.fakes import Clock
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.services.notify import Notify, at
from tests.support.services.routing import routing

#: Of the regency: Friday is free, Saturday is worked.
SWAPPED = [
    {"day": "2026-11-27", "kind": "closed", "name": "Hari jadi"},
    {"day": "2026-11-28", "kind": "open", "name": "Masuk", "hours": ["09:00-12:00"]},
]
THURSDAY = at("2026-11-26", "18:00")


class Seconds:
    """A clock that only goes when it is told to."""

    def __init__(self) -> None:
        self.passed = 1000.0

    def __call__(self) -> float:
        return self.passed


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def at_routing() -> httpx.ASGITransport:
    here = routing(**{"64_02_06": ("a",), "dpmd": ("d",)})
    app = create_http("routing", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(api.routes(here.cases, here.rosters, here.rules, here.clock))
    return httpx.ASGITransport(app)


@pytest.fixture
async def dpmd(at_routing: httpx.ASGITransport) -> AsyncGenerator[httpx.AsyncClient, None]:
    """DPMD's desk at routing."""
    async with httpx.AsyncClient(
        transport=at_routing, base_url="http://r", headers=bearer(KEYS[Role.DPMD])
    ) as client:
        yield client


@pytest.fixture
async def notify(at_routing: httpx.ASGITransport, seconds: Seconds) -> AsyncGenerator[Notify, None]:
    office = Office("http://r", KEYS[Role.NOTIFY], at_routing, monotonic=seconds)
    yield Notify(office=office, clock=Clock(THURSDAY))  # type: ignore[arg-type]
    await office.close()


async def set_days(dpmd: httpx.AsyncClient, days: Sequence[object]) -> None:
    local = (await dpmd.get("/v1/calendar/local")).json()
    assert (await dpmd.put("/v1/calendar/local", json=local | {"days": days})).status_code == 200


async def held_until(notify: Notify) -> object:
    notify.alerts.kept.clear()
    await notify.hear(assigned())
    await notify.look()
    return notify.alert().next_at


async def test_quiet_hours_follow_the_local_calendar_when_it_is_changed(
    notify: Notify, dpmd: httpx.AsyncClient, seconds: Seconds
) -> None:
    assert await held_until(notify) == at("2026-11-27", "07:30")
    await set_days(dpmd, SWAPPED)
    seconds.passed += 61
    assert await held_until(notify) == at("2026-11-28", "09:00")


async def test_quiet_hours_are_those_of_the_calendar_when_its_hours_are_others(
    notify: Notify, dpmd: httpx.AsyncClient
) -> None:
    local = (await dpmd.get("/v1/calendar/local")).json()
    local["weeks"]["regular"]["Friday"] = ["10:00-11:00"]
    assert (await dpmd.put("/v1/calendar/local", json=local)).status_code == 200
    assert await held_until(notify) == at("2026-11-27", "10:00")
    notify.clock.now = at("2026-11-27", "11:59")
    await notify.look()
    assert notify.alert().state == "sent"


async def test_nobody_is_told_on_a_day_that_the_calendar_has_closed(
    notify: Notify, dpmd: httpx.AsyncClient, seconds: Seconds
) -> None:
    """Though it was waited for before."""
    await held_until(notify)
    await set_days(dpmd, SWAPPED)
    seconds.passed += 61
    await notify.look(after=timedelta(hours=14))  # Friday, 08:00
    assert notify.alert().state == "waiting"
    await notify.look(after=timedelta(hours=25))
    assert notify.alert().state == "sent"
