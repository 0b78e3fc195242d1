"""routing's answers over HTTP, from a store in memory."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.routing import api
from shared.events import ConsultationQuestionAsked, ConsultationTransferRequested
from shared.web.app import create_http
from shared.web.auth import Keyring, Role
from tests.support.builders import CALENDAR, NOON, POLICY, moved
from tests.support.keys import KEYS, TERRITORY, bearer, keyring_text
from tests.support.services.routing import Routing, routing

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def here() -> Routing:
    return routing(**{"64_02_06": ("a", "b"), "dpmd": ("d",)})


@pytest.fixture
async def client(here: Routing) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_http("routing", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(api.routes(here.cases, here.rosters, here.rules, here.clock))
    transport = httpx.ASGITransport(app)
    headers = bearer(KEYS[Role.DPMD])
    async with httpx.AsyncClient(transport=transport, base_url="http://r", headers=headers) as one:
        yield one


async def test_the_calendar_of_a_year_says_what_deadlines_are_reckoned_by(
    client: httpx.AsyncClient,
) -> None:
    year = (await client.get("/v1/calendar?year=2026")).json()

    assert (year["zone"], year["version"]) == ("Asia/Makassar", CALENDAR.version)
    assert year["hours_version"] == "perpres-21-2023"
    assert year["holidays_version"].startswith("holidays ")
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
    client: httpx.AsyncClient, here: Routing
) -> None:
    opened = await here.open()
    case = (await client.get(f"/v1/cases/{opened.id}")).json()
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
    here: Routing,
    role: Role,
    kecamatan: str,
    satgas: str | None,
    is_theirs: bool,
) -> None:
    case = await here.open()
    here.cases.kept[case.id] = replace(case, kecamatan=kecamatan, satgas=satgas)

    reply = await client.get(f"/v1/cases/{case.id}", headers=bearer(KEYS[role]))

    everywhere = role in (Role.DPMD, Role.ADMIN)
    assert reply.status_code == (200 if is_theirs or everywhere else 403)


async def test_a_complaint_is_not_there_for_the_kecamatan_it_may_be_about(
    client: httpx.AsyncClient, here: Routing
) -> None:
    complaint = await here.open(kind="pengaduan")
    path = f"/v1/cases/{complaint.id}"
    assert (await client.get(path)).json()["satgas"] == "dpmd"
    theirs = await client.get(path, headers=bearer(KEYS[Role.OFFICER]))
    assert (theirs.status_code, theirs.json()["type"]) == (404, "urn:klikdesa:problem:not_found")
    here.cases.kept[complaint.id] = replace(complaint, satgas=TERRITORY)
    assert (await client.get(path, headers=bearer(KEYS[Role.OFFICER]))).status_code == 200


async def test_a_case_shows_its_clocks_and_every_decision(
    client: httpx.AsyncClient, here: Routing
) -> None:
    opened = await here.open()
    path = f"/v1/cases/{opened.id}"
    first = await client.get(path)
    states = {clock["name"]: clock["state"] for clock in first.json()["clocks"]}
    assert states == {"acknowledge": "running", "answer": "running", "resolve": "running"}

    # Wednesday 16:00 passes: nothing was saved, and what is shown is another thing all the same
    here.clock.now = NOON + timedelta(days=1, hours=5)
    known = {"If-None-Match": first.headers["ETag"]}
    late = await client.get(path, headers=known)
    assert late.json()["clocks"][0] == {
        "name": "acknowledge",
        "label": "Tanggapan awal",
        "state": "overdue",
        "due": "2026-11-25T16:00:00+08:00",
        "left_seconds": 0,
        "met_at": None,
    }

    asked = moved(ConsultationQuestionAsked, opened.id, 2, here.clock.now)
    move = moved(
        ConsultationTransferRequested, opened.id, 3, here.clock.now,
        to_satgas="dpmd", reason="expertise",
    )  # fmt: skip
    await here.hear(asked, move)
    case = (await client.get(path)).json()
    states = {clock["name"]: clock["state"] for clock in case["clocks"]}
    assert states == {"acknowledge": "done_late", "answer": "paused", "resolve": "paused"}
    assert case["clocks"][1]["due"] is None
    # Tuesday noon to 24 November 16:00 three hours, four days and a Friday of seven and a half
    assert case["clocks"][1]["left_seconds"] == 4 * 7.5 * 3600
    assert (case["turn"], case["satgas"], case["level"]) == ("requester", "dpmd", "dpmd")
    assert [
        (one["satgas"], one["officer"], one["reason"]["rule"], one["reason"]["loads"])
        for one in case["decisions"]
    ] == [("64.02.06", "a", "territory", [0, 0]), ("dpmd", "d", "transfer", [0])]


def policy(**changes: Any) -> dict[str, Any]:
    return POLICY.model_dump(mode="json", exclude={"version"}) | changes


async def test_a_new_policy_is_for_new_cases(client: httpx.AsyncClient, here: Routing) -> None:
    before = await here.open()
    read = await client.get("/v1/policy")
    assert (read.json()["version"], read.json()["set_by"]) == ("2026-11", None)

    put = await client.put(
        "/v1/policy",
        json=policy(answer={"days": 2}),
        headers={"If-Match": read.headers["ETag"]},
    )

    assert (put.status_code, put.json()["version"]) == (200, "set-1")
    assert put.json()["set_by"] == "test-dpmd"
    assert (await client.get("/v1/policy")).json()["answer"]["days"] == 2
    after = await here.open()
    assert (before.policy_version, after.policy_version) == ("2026-11", "set-1")
    dues = [
        (await client.get(f"/v1/cases/{case.id}")).json()["answer_due"] for case in (before, after)
    ]
    assert dues == ["2026-12-01T16:00:00+08:00", "2026-11-26T16:00:00+08:00"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"answer": {"days": -5}}, "/answer/days"),
        ({"answer": {"days": 2.5}}, "/answer/days"),
        ({"answer": {"days": 5, "days_by_kind": {"x": 1}}}, "/answer/days_by_kind"),
        ({"silence_days": 0}, "/silence_days"),
        ({"strategy": "by_lot"}, "/strategy"),
        ({"strategy_by_satgas": {"99.99.99": "least_load"}}, "/strategy_by_satgas"),
        ({"answer": {"days": 15}}, ""),
        ({"mood": 1}, "/mood"),
    ],
)
async def test_a_policy_that_cannot_be_is_refused_and_the_old_one_kept(
    client: httpx.AsyncClient, here: Routing, changes: dict[str, Any], pointer: str
) -> None:
    reply = await client.put("/v1/policy", json=policy(**changes))
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
    assert here.rules.policy is POLICY


@pytest.mark.parametrize("path", ["/v1/policy", "/v1/calendar/local"])
async def test_of_two_edits_the_second_is_told_to_look_again(
    client: httpx.AsyncClient, path: str
) -> None:
    read = await client.get(path)
    seen = {"If-Match": read.headers["ETag"]}
    body = policy() if path == "/v1/policy" else read.json()
    assert (await client.put(path, json=body, headers=seen)).status_code == 200
    late = await client.put(path, json=body, headers=seen)
    assert (late.status_code, late.json()["type"]) == (
        412,
        "urn:klikdesa:problem:changed_meanwhile",
    )


async def test_a_day_that_is_closed_here_moves_open_deadlines(
    client: httpx.AsyncClient, here: Routing
) -> None:
    opened = await here.open()
    local = (await client.get("/v1/calendar/local")).json()
    closed = {"day": "2026-11-25", "kind": "closed", "name": "Pilkades"}

    put = await client.put("/v1/calendar/local", json=local | {"days": [closed]})

    assert put.status_code == 200
    days = (await client.get("/v1/calendar?year=2026")).json()["holidays"]
    assert ("2026-11-25", "local") in [(day["day"], day["category"]) for day in days]
    case = (await client.get(f"/v1/cases/{opened.id}")).json()
    assert case["acknowledge_due"] == "2026-11-26T16:00:00+08:00"


async def test_calendar_goes_on_by_itself_when_years_have_passed(
    client: httpx.AsyncClient, here: Routing
) -> None:
    assert (await client.get("/v1/calendar?year=2037")).status_code == 422
    here.clock.now = NOON.replace(year=2030)
    await here.rules.refresh()

    reply = await client.get("/v1/calendar?year=2037")
    assert reply.status_code == 200
    assert {"2037-01-01", "2037-12-25"} <= {one["day"] for one in reply.json()["holidays"]}
    far = await client.get("/v1/calendar?year=2041")
    assert far.status_code == 422
    assert far.json()["errors"][0]["pointer"] == "query:year"


async def test_cases_have_deadlines_when_years_have_passed(
    client: httpx.AsyncClient, here: Routing
) -> None:
    here.clock.now = NOON.replace(year=2038)
    await here.rules.refresh()
    opened = await here.open(received_at=here.clock.now, submitted_at=here.clock.now)
    case = (await client.get(f"/v1/cases/{opened.id}")).json()
    assert case["answer_due"] is not None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Monday": ["07:30-12:00", "11:00-16:00"]}, "Monday: 11:00-16:00 overlaps 07:30-12:00"),
        ({"Monday": ["12:00-07:30"]}, "Monday: 12:00-07:30 closes before it opens"),
        ({"Monday": ["pagi"]}, "hours"),
        ({"Monday": ["07:30-25:00"]}, ""),
        ({"Funday": []}, "Extra inputs"),
    ],
)
async def test_hours_that_cannot_be_are_refused_and_the_old_ones_kept(
    client: httpx.AsyncClient, here: Routing, changes: dict[str, Any], text: str
) -> None:
    local = (await client.get("/v1/calendar/local")).json()
    local["weeks"]["regular"] |= changes
    reply = await client.put("/v1/calendar/local", json=local, headers=ENGLISH)
    assert reply.status_code == 422
    (error,) = reply.json()["errors"]
    assert error["pointer"].startswith("/weeks/regular")
    assert text in error["detail"]
    assert here.rules.calendar.version == CALENDAR.version


async def test_a_week_without_a_working_day_is_refused(client: httpx.AsyncClient) -> None:
    local = (await client.get("/v1/calendar/local")).json()
    local["weeks"]["ramadan"] = {day: [] for day in local["weeks"]["ramadan"]}
    reply = await client.put("/v1/calendar/local", json=local, headers=ENGLISH)
    assert reply.status_code == 422
    assert "without a working day" in reply.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "days",
    [
        [{"day": "2026-11-25", "kind": "closed", "name": "x"}] * 2,
        [{"day": "2026-11-25", "kind": "closed", "name": "x", "hours": ["08:00-09:00"]}],
        [{"day": "2026-11-28", "kind": "open", "name": "x"}],
        [{"day": "2026-02-30", "kind": "closed", "name": "x"}],
        [{"day": 20260225, "kind": "closed", "name": "x"}],
    ],
)
async def test_days_that_cannot_be_are_refused(
    client: httpx.AsyncClient, days: list[dict[str, Any]]
) -> None:
    local = (await client.get("/v1/calendar/local")).json()
    reply = await client.put("/v1/calendar/local", json=local | {"days": days})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"].startswith("/days") or len(days) == 2
