"""routing's answers over HTTP, from a store in memory."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date
from uuid import UUID

import httpx
import pytest

from services.routing import api
from services.routing.calendar_data import Sources
from services.routing.domain import Case
from services.routing.handlers import Handlers
from shared.http import create_http
from shared.identity import Keyring, Role
from tests.builders import CALENDAR, NOON, POLICY, submitted
from tests.fakes import Clock, FakeCases, FakeRoster
from tests.keys import KEYS, TERRITORY, bearer, keyring_text


class Store(FakeCases):
    async def get(self, id_: UUID) -> Case | None:
        return self.kept.get(id_)


@pytest.fixture
def cases() -> Store:
    return Store()


@pytest.fixture
async def client(cases: Store) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_http("routing", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(api.routes(cases, CALENDAR, Sources("hours-1", "holidays 1")))
    transport = httpx.ASGITransport(app)
    headers = bearer(KEYS[Role.DPMD])
    async with httpx.AsyncClient(transport=transport, base_url="http://r", headers=headers) as one:
        yield one


async def test_the_calendar_of_a_year_says_what_deadlines_are_reckoned_by(
    client: httpx.AsyncClient,
) -> None:
    year = (await client.get("/v1/calendar?year=2026")).json()

    assert (year["zone"], year["version"]) == ("Asia/Makassar", CALENDAR.version)
    assert (year["hours_version"], year["holidays_version"]) == ("hours-1", "holidays 1")
    weekdays, free = 261, [one for one in year["holidays"] if not is_weekend(one["day"])]
    assert year["working_days"] == weekdays - len(free)
    assert year["has_cuti_bersama"] is True
    assert {
        "day": "2026-03-20",
        "name": "Cuti Bersama Hari Raya Idul Fitri",
        "category": "cuti_bersama",
        "estimated": False,
    } in year["holidays"]
    assert year["seasons"] == [
        {"profile": "ramadan", "first": "2026-02-19", "last": "2026-03-20", "estimated": True}
    ]
    regular, ramadan = year["profiles"]
    assert (regular["hours_a_week"], ramadan["hours_a_week"]) == (37.5, 32.5)
    assert regular["week"][4] == {
        "day": "Friday",
        "intervals": [
            {"opens": "07:30", "closes": "11:30"},
            {"opens": "13:00", "closes": "16:30"},
        ],
    }


def is_weekend(day: str) -> bool:
    return date.fromisoformat(day).weekday() >= 5


async def test_a_year_without_decreed_cuti_bersama_says_so(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/calendar?year=2028")).json()["has_cuti_bersama"] is False


async def test_a_ramadan_across_new_year_is_shown_in_both(client: httpx.AsyncClient) -> None:
    in_2030 = (await client.get("/v1/calendar?year=2030")).json()["seasons"]
    in_2031 = (await client.get("/v1/calendar?year=2031")).json()["seasons"]
    assert in_2030[-1] == in_2031[0]


@pytest.mark.parametrize("query", ["", "?year=2019", "?year=2036", "?year=besok"])
async def test_a_year_that_is_not_known_is_refused_with_its_place(
    client: httpx.AsyncClient, query: str
) -> None:
    reply = await client.get("/v1/calendar" + query)
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == ["query:year"]


async def test_who_has_the_calendar_already_is_not_sent_it_again(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/v1/calendar?year=2026")).headers["ETag"]
    known = {"If-None-Match": etag}
    assert (await client.get("/v1/calendar?year=2026", headers=known)).status_code == 304
    assert (await client.get("/v1/calendar?year=2027", headers=known)).status_code == 200


async def test_a_case_says_until_when_in_the_time_of_the_desa(
    client: httpx.AsyncClient, cases: Store
) -> None:
    event = submitted()
    handlers = Handlers(cases, FakeRoster(dpmd=("d",)), POLICY, CALENDAR, Clock(NOON))
    await handlers.on_consultation_submitted(event)
    case = (await client.get(f"/v1/cases/{event.consultation}")).json()
    assert case["acknowledge_due"] == "2026-11-25T16:00:00+08:00"
    assert case["calendar_version"] == CALENDAR.version


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COORDINATOR, Role.DPMD, Role.ADMIN])
@pytest.mark.parametrize(
    ("kecamatan", "satgas", "is_theirs"),
    [
        (TERRITORY, TERRITORY, True),
        (TERRITORY, "64.02.07", True),
        ("64.02.07", TERRITORY, True),
        ("64.02.07", "64.02.07", False),
        ("64.02.07", "dpmd", False),
        ("64.02.07", None, False),
    ],
)
async def test_a_case_is_shown_in_its_kecamatan_and_to_the_satgas_that_has_it(
    client: httpx.AsyncClient,
    cases: Store,
    role: Role,
    kecamatan: str,
    satgas: str | None,
    is_theirs: bool,
) -> None:
    event = submitted()
    handlers = Handlers(cases, FakeRoster(dpmd=("d",)), POLICY, CALENDAR, Clock(NOON))
    await handlers.on_consultation_submitted(event)
    case = cases.kept[event.consultation]
    cases.kept[case.id] = replace(case, kecamatan=kecamatan, satgas=satgas)

    reply = await client.get(f"/v1/cases/{case.id}", headers=bearer(KEYS[role]))

    everywhere = role in (Role.DPMD, Role.ADMIN)
    assert reply.status_code == (200 if is_theirs or everywhere else 403)
