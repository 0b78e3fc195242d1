"""What a summary counts, and that each is told once."""

from collections.abc import AsyncGenerator, Sequence
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.reporting.domain.figures import figures
from services.reporting.domain.periods import Every
from services.reporting.domain.query import ReportQuery, domain, without_complaints
from services.reporting.projection.generations import Deriving
from services.reporting.summaries import api
from services.reporting.summaries.due import Due
from services.reporting.summaries.job import SummaryJob
from shared.calendar import Calendar
from shared.errors import TryLater
from shared.events import ReportSummarised
from shared.reference import COMPLAINT, KABUPATEN
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.builders import CALENDAR
from tests.support.fakes import Clock
from tests.support.keys import KEYS, TERRITORY, keyring_text
from tests.support.services.notify import at, office_hours
from tests.support.services.reporting import FakeReports

# What is told


class FakeSummaries:
    """The store in memory; `room`: how many are written before the process dies."""

    def __init__(self) -> None:
        self.events: dict[str, ReportSummarised] = {}
        self.room = 1000

    async def told(self, ids: Sequence[str]) -> set[str]:
        return self.events.keys() & set(ids)

    async def within(self, first: date, last: date, every: Every | None) -> list[ReportSummarised]:
        found = [
            one
            for one in self.events.values()
            if one.summary.last >= first
            and one.summary.first <= last
            and every in (None, one.summary.every)
        ]
        return sorted(found, key=lambda one: one.summary.last, reverse=True)

    async def add(self, events: Sequence[ReportSummarised]) -> int:
        fresh = [event for event in events if event.subject not in self.events]
        for event in fresh:
            if not self.room:
                raise TryLater("the process died here")
            self.room -= 1
            self.events[event.subject] = event
        return len(fresh)


class FakeWorld:
    """What reporting knows of the rest: calendar, log, policy and the link to RabbitMQ."""

    def __init__(self) -> None:
        self.deriving: Deriving | None = Deriving(None, CALENDAR, "c")  # type: ignore[arg-type]
        self.first_day: date | None = date(2026, 10, 1)
        self.policy: dict[str, Any] | None = {"answer_days": 5}
        self.calendar_now: Calendar | None = None
        self.link = True
        self.queue = 0

    async def live(self) -> Deriving | None:
        return self.deriving

    async def began(self) -> date | None:
        return self.first_day

    async def targets(self) -> dict[str, Any] | None:
        return self.policy

    async def calendar(self, today: date) -> Calendar | None:
        return self.calendar_now

    def connected(self) -> bool:
        return self.link

    async def waiting(self) -> int:
        return self.queue


class Here:
    """One replica; another on the same store by `replica`."""

    def __init__(self) -> None:
        self.store, self.world, self.reports = FakeSummaries(), FakeWorld(), FakeReports()
        self.clock = Clock(at("2026-11-09", "07:30"))
        self.ahead = timedelta()
        self.job = self.replica()

    def replica(self) -> SummaryJob:
        world = self.world
        return SummaryJob(
            self.store, self.reports, world, world, world, world, world, self.clock, self.skew
        )

    async def skew(self) -> timedelta:
        return self.ahead

    async def look(self, times: int = 2) -> None:
        for _ in range(times):
            await self.job.tick()

    async def ask(self, query: ReportQuery) -> dict[Any, dict[str, Any]]:
        answer = await self.reports.answer(await self.reports.scope(query))
        return figures(answer.cube, query.group_by)

    def told(self, every: str = "week") -> set[str]:
        """The first days of what was told."""
        events = self.store.events.values()
        return {str(one.summary.first) for one in events if one.summary.every == every}


async def test_each_kecamatan_and_the_kabupaten_are_told_once() -> None:
    here = Here()
    await here.look(1)
    assert here.store.events == {}, "the last messages may be in hand"
    await here.look(3)
    await here.replica().tick()
    one = Due("week", date(2026, 11, 2), date(2026, 11, 8), at("2026-11-09", "07:30"))
    assert {id_ for id_ in here.store.events if id_.startswith("week")} == {
        one.subject(str(code)) for code in domain("kecamatan")
    }
    assert len(here.store.events) == 21
    for id_, event in here.store.events.items():
        assert event.subject == id_
        assert event.sequence == 1
        assert event.time == here.clock.now
        assert event.summary.answer_days == 5
    assert here.store.events["week/64.02.06/2026-11-02"].due == one.at


async def test_the_numbers_are_those_of_the_report() -> None:
    here = Here()
    await here.look()
    for event in here.store.events.values():
        summary = event.summary
        # a camat's inbox holds no complaint: their figures would tell of those
        of_camat = {"kecamatan": (summary.area,), **without_complaints()}
        where = {} if summary.area == KABUPATEN else of_camat
        of_days = ReportQuery((), summary.first, summary.last, where)
        row = (await here.ask(of_days)).get((), {})
        ever = (await here.ask(ReportQuery((), filters=where))).get((), {})
        for name in ("submitted", "answered", "closed", "backlog", "overdue"):
            assert getattr(summary, name) == row.get(name, 0), (summary, name)
        assert summary.answer_p50_s == row.get("first_answer_office_p50_s")
        assert summary.answer_p90_s == row.get("first_answer_office_p90_s")
        assert summary.open_in_all == ever.get("backlog", 0)
        long_ago = ReportQuery((), None, summary.last - timedelta(days=30), where)
        assert summary.open_long == (await here.ask(long_ago)).get((), {}).get("backlog", 0)
    assert any(row.kind == COMPLAINT for row in here.reports.rows)
    asked = [event.summary for event in here.store.events.values()]
    assert any(one.submitted and one.answer_p50_s for one in asked)
    assert any(one.open_long for one in asked)
    assert any(not one.submitted for one in asked), "who asked nothing is told so"


async def test_a_month_names_the_kecamatan_of_which_most_is_late() -> None:
    here = Here()
    await here.look()
    (month,) = [one.summary for one in here.store.events.values() if one.summary.every == "month"]
    assert month.area == KABUPATEN
    assert (str(month.first), str(month.last)) == ("2026-10-01", "2026-10-31")
    shares = [one.overdue / one.submitted for one in month.lagging]
    assert 0 < len(shares) <= 3
    assert shares == sorted(shares, reverse=True)
    rows = await here.ask(ReportQuery(("kecamatan",), month.first, month.last))
    named = {one.kecamatan for one in month.lagging}
    others = [row for (code,), row in rows.items() if code not in named]
    assert all(row["overdue"] / row["submitted"] <= shares[-1] for row in others)


async def test_week_is_told_when_the_offices_open_by_the_calendar_as_it_is_now() -> None:
    """Whatever the figures are reckoned by: that is older."""
    here = Here()
    here.world.calendar_now = office_hours(closed=[date(2026, 11, 9)])
    await here.look(3)
    assert "2026-11-02" not in here.told()
    here.clock.now = at("2026-11-10", "07:30")
    await here.look(3)
    assert "2026-11-02" in here.told()


async def test_after_an_outage_of_three_weeks_only_the_last_week_is_told() -> None:
    here = Here()
    await here.look()
    here.clock.now = at("2026-12-02", "03:00")
    await here.look()
    assert here.told() == {"2026-11-02", "2026-11-23"}
    assert here.told("month") == {"2026-10-01", "2026-11-01"}
    late = here.store.events["week/64.02.06/2026-11-23"]
    assert (late.due, late.time) == (at("2026-11-30", "07:30"), at("2026-12-02", "03:00"))


async def test_what_a_crash_left_untold_is_told_by_the_next() -> None:
    here = Here()
    here.store.room = 7
    with pytest.raises(TryLater):
        await here.look()
    first = dict(here.store.events)
    assert len(first) == 7
    here.store.room = 1000
    here.clock.now += timedelta(minutes=5)
    here.job = here.replica()
    await here.look()
    assert len(here.store.events) == 21
    assert first.items() <= here.store.events.items()


async def test_nothing_is_told_while_events_are_not_counted() -> None:
    here = Here()
    await here.look(1)
    for name, behind, well in (("queue", 3, 0), ("link", False, True)):
        setattr(here.world, name, behind)
        with pytest.raises(TryLater):
            await here.look(1)
        setattr(here.world, name, well)
        await here.look(1)
    assert here.store.events == {}
    here.reports.behind = 5.1
    with pytest.raises(TryLater):
        await here.look(1)
    here.reports.behind = 0.3
    await here.look(2)
    assert len(here.store.events) == 21
    # a week later the same is asked again
    here.clock.now += timedelta(weeks=1)
    here.world.queue = 1
    with pytest.raises(TryLater):
        await here.look(1)
    assert here.told() == {"2026-11-02"}


async def test_nothing_is_told_without_a_calendar() -> None:
    here = Here()
    deriving, here.world.deriving = here.world.deriving, None
    await here.look(3)
    assert here.store.events == {}
    here.world.deriving = deriving
    await here.look()
    assert len(here.store.events) == 21


@pytest.mark.parametrize(
    ("began", "weekly", "monthly"),
    [
        (None, set(), set()),
        (date(2026, 11, 9), set(), set()),
        (date(2026, 11, 8), {"2026-11-02"}, set()),
        (date(2026, 10, 31), {"2026-11-02"}, {"2026-10-01"}),
    ],
)
async def test_of_days_before_the_first_event_nothing_is_told(
    began: date | None, weekly: set[str], monthly: set[str]
) -> None:
    here = Here()
    here.world.first_day = began
    await here.look()
    assert (here.told("week"), here.told("month")) == (weekly, monthly)


async def test_a_clock_that_is_wrong_or_steps_tells_nothing_early_and_nothing_twice() -> None:
    here = Here()
    here.clock.now, here.ahead = at("2026-11-16", "08:00"), timedelta(days=-1)
    await here.look()
    assert here.told() == {"2026-11-02"}
    events = dict(here.store.events)
    here.clock.now = at("2026-11-11", "08:00")
    await here.look()
    assert here.store.events == events


async def test_where_routing_says_no_policy_the_target_is_left_out() -> None:
    here = Here()
    here.world.policy = None
    await here.look()
    assert {event.summary.answer_days for event in here.store.events.values()} == {None}


# What can be read of it


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient, None]:
    here = Here()
    for now in (at("2026-11-09", "07:30"), at("2026-11-16", "09:00")):
        here.clock.now = now
        await here.look()
    app = create_http("reporting", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(api.routes(here.store, here.clock))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting") as found:
        yield found


async def listed(
    client: httpx.AsyncClient, asked: dict[str, str] | None = None, role: Role = Role.ANALYST
) -> Any:
    headers = {"Authorization": f"Bearer {KEYS[role]}"}
    reply = await client.get("/v1/reports/summaries", params=asked, headers=headers)
    return reply.json()["summaries"] if reply.status_code == 200 else reply.status_code


async def test_what_was_told_can_be_read(client: httpx.AsyncClient) -> None:
    everything = await listed(client)
    assert len(everything) == 41
    newest = everything[0]
    assert newest["summary"]["first"] == "2026-11-09"
    assert newest["due"] == "2026-11-16T07:30:00+08:00"
    assert newest["told_at"] == "2026-11-16T09:00:00+08:00"
    assert [one["summary"]["area"] for one in await listed(client, {"every": "month"})] == [
        KABUPATEN
    ]
    within = await listed(client, {"from": "2026-11-03", "to": "2026-11-05"})
    assert {one["summary"]["first"] for one in within} == {"2026-11-02"}


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-11-05", "to": "2026-11-03"},
        {"from": "2025-01-01", "to": "2026-11-03"},
        {"every": "year"},
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    assert await listed(client, asked) == 422


async def test_who_reads_no_reports_reads_no_summaries(client: httpx.AsyncClient) -> None:
    assert await listed(client, role=Role.OFFICER) == 403


@pytest.mark.parametrize("role", [Role.CAMAT, Role.COORDINATOR])
async def test_who_has_one_kecamatan_reads_the_summaries_of_its_weeks_alone(
    client: httpx.AsyncClient, role: Role
) -> None:
    found = await listed(client, role=role)
    assert {(one["summary"]["area"], one["summary"]["every"]) for one in found} == {
        (TERRITORY, "week")
    }
    assert await listed(client, {"every": "month"}, role) == []
