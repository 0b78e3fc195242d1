"""Which summaries are due, what they count, and that each is told once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.figures import figures
from services.reporting.generations import Deriving
from services.reporting.question import Question, domain
from services.reporting.summaries.due import Due, due
from services.reporting.summaries.rounds import Rounds
from shared.calendar import Calendar, Holiday, OutsideCalendar
from shared.errors import TryLater
from shared.events import ReportSummarised
from shared.reference import KABUPATEN
from shared.times import WITA
from tests.builders import CALENDAR
from tests.fakes import Clock
from tests.notify import at
from tests.reporting import FakeReports

DAY = timedelta(days=1)


def weeks(now: datetime, calendar: Calendar = CALENDAR) -> list[tuple[str, str]]:
    return [
        (f"{one.first:%d %b %Y}", f"{one.at:%d %b %H:%M}")
        for one in due(now, calendar)
        if one.every == "week"
    ]


def months(now: datetime) -> list[tuple[str, str]]:
    return [
        (f"{one.last:%d %b %Y}", f"{one.at:%d %b %H:%M}")
        for one in due(now, CALENDAR)
        if one.every == "month"
    ]


# What is due


def test_a_week_is_due_when_the_offices_open_on_monday() -> None:
    before, after = at("2026-11-23", "07:29"), at("2026-11-23", "07:30")
    assert weeks(before) == [("09 Nov 2026", "16 Nov 07:30")]
    assert weeks(after) == [("16 Nov 2026", "23 Nov 07:30")]
    assert weeks(at("2026-11-29", "23:59")) == weeks(after)


def test_where_monday_is_free_it_is_due_on_tuesday() -> None:
    assert weeks(at("2026-06-01", "12:00")) == [("18 May 2026", "25 May 07:30")]  # Pancasila
    assert weeks(at("2026-06-02", "07:30")) == [("25 May 2026", "02 Jun 07:30")]


def test_after_lebaran_it_is_due_in_the_middle_of_the_week_when_the_offices_open() -> None:
    assert weeks(at("2026-03-24", "12:00")) == [("09 Mar 2026", "16 Mar 08:00")]  # in Ramadan
    assert weeks(at("2026-03-25", "12:00")) == [("16 Mar 2026", "25 Mar 07:30")]


def test_weeks_that_end_in_one_long_holiday_are_told_on_the_same_morning() -> None:
    free = [Holiday(date(2026, 11, 16) + n * DAY, "long feast", "local") for n in range(7)]
    long = Calendar(CALENDAR.first, CALENDAR.last, CALENDAR.profile, holidays=free)
    morning = "23 Nov 07:30"
    assert weeks(at("2026-11-22", "12:00"), long) == [("02 Nov 2026", "09 Nov 07:30")]
    assert weeks(at("2026-11-23", "08:00"), long) == [
        ("09 Nov 2026", morning),
        ("16 Nov 2026", morning),
    ]
    assert weeks(at("2026-11-30", "08:00"), long) == [("23 Nov 2026", "30 Nov 07:30")]


def test_at_the_end_of_a_year() -> None:
    assert months(at("2027-01-01", "12:00")) == [("30 Nov 2026", "01 Dec 07:30")]
    assert months(at("2027-01-04", "07:30")) == [("31 Dec 2026", "04 Jan 07:30")]
    assert weeks(at("2027-01-04", "07:30")) == [("28 Dec 2026", "04 Jan 07:30")]


def test_a_month_that_starts_on_a_weekend_is_summed_up_on_monday() -> None:
    assert months(at("2026-11-01", "12:00")) == [("30 Sep 2026", "01 Oct 07:30")]
    assert months(at("2026-11-02", "07:30")) == [("31 Oct 2026", "02 Nov 07:30")]


def test_every_week_and_month_of_a_year_is_due_on_one_morning() -> None:
    found: dict[tuple[str, date], set[datetime]] = {}
    for number in range(365):
        for one in due(datetime(2026, 1, 5, 22, tzinfo=WITA) + number * DAY, CALENDAR):
            found.setdefault((one.every, one.first), set()).add(one.at)
    monday, told = date(2025, 12, 29), sorted(first for every, first in found if every == "week")
    assert told == [monday + n * 7 * DAY for n in range(len(told))]
    assert len(told) >= 52
    assert sum(every == "month" for every, _ in found) == 13
    assert all(len(mornings) == 1 for mornings in found.values())


@given(st.datetimes(datetime(2026, 1, 12), datetime(2027, 12, 1)))
def test_nothing_is_due_before_it_is_over_and_the_offices_are_open(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    found = due(now, CALENDAR)
    assert {one.every for one in found} == {"week", "month"}
    for one in found:
        assert one.last < one.at.date()
        assert one.at <= now
        assert one.at.time() == CALENDAR.hours(one.at.date())[0].opens
        idle = range(1, (one.at.date() - one.last).days)
        assert not any(CALENDAR.is_working_day(one.last + n * DAY) for n in idle)
        if one.every == "week":
            assert (one.first.weekday(), one.last - one.first) == (0, 6 * DAY)
        else:
            assert (one.first.day, (one.last + DAY).day) == (1, 1)


def test_a_calendar_that_does_not_reach_today_says_so() -> None:
    with pytest.raises(OutsideCalendar):
        due(datetime(CALENDAR.last.year + 1, 2, 1, tzinfo=WITA), CALENDAR)


# What is told


class FakeSummaries:
    """The store in memory; `room`: how many are written before the process dies."""

    def __init__(self) -> None:
        self.kept: dict[str, ReportSummarised] = {}
        self.room = 1000

    async def told(self, ids: Sequence[str]) -> set[str]:
        return self.kept.keys() & set(ids)

    async def add(self, events: Sequence[ReportSummarised]) -> int:
        fresh = [event for event in events if event.subject not in self.kept]
        for event in fresh:
            if not self.room:
                raise TryLater("the process died here")
            self.room -= 1
            self.kept[event.subject] = event
        return len(fresh)


class FakeWorld:
    """What reporting knows of the rest: calendar, log, policy and the link to RabbitMQ."""

    def __init__(self) -> None:
        self.deriving: Deriving | None = Deriving(None, CALENDAR, "c")  # type: ignore[arg-type]
        self.first_day: date | None = date(2026, 10, 1)
        self.policy: dict[str, Any] | None = {"answer_days": 5}
        self.link = True
        self.queue = 0

    async def live(self) -> Deriving | None:
        return self.deriving

    async def began(self) -> date | None:
        return self.first_day

    async def targets(self) -> dict[str, Any] | None:
        return self.policy

    def connected(self) -> bool:
        return self.link

    async def waiting(self) -> int:
        return self.queue


class Here:
    """One replica; another on the same store by `replica`."""

    def __init__(self) -> None:
        self.kept, self.world, self.reports = FakeSummaries(), FakeWorld(), FakeReports()
        self.clock = Clock(at("2026-11-09", "07:30"))
        self.ahead = timedelta()
        self.rounds = self.replica()

    def replica(self) -> Rounds:
        world = self.world
        return Rounds(self.kept, self.reports, world, world, world, world, self.clock, self.skew)

    async def skew(self) -> timedelta:
        return self.ahead

    async def look(self, times: int = 2) -> None:
        for _ in range(times):
            await self.rounds.look()

    async def ask(self, question: Question) -> dict[Any, dict[str, Any]]:
        answer = await self.reports.answer(await self.reports.scope(question))
        return figures(answer.cube, question.group_by)

    def told(self, every: str = "week") -> set[str]:
        """The first days of what was told."""
        kept = self.kept.kept.values()
        return {str(one.summary.first) for one in kept if one.summary.every == every}


async def test_each_kecamatan_and_the_kabupaten_are_told_once() -> None:
    here = Here()
    await here.look(1)
    assert here.kept.kept == {}, "the last messages may be in hand"
    await here.look(3)
    await here.replica().look()
    one = Due("week", date(2026, 11, 2), date(2026, 11, 8), at("2026-11-09", "07:30"))
    assert {id_ for id_ in here.kept.kept if id_.startswith("week")} == {
        one.subject(str(code)) for code in domain("kecamatan")
    }
    assert len(here.kept.kept) == 21
    for id_, event in here.kept.kept.items():
        assert event.subject == id_
        assert event.sequence == 1
        assert event.time == here.clock.now
        assert event.summary.answer_days == 5
    assert here.kept.kept["week/64.02.06/2026-11-02"].due == one.at


async def test_the_numbers_are_those_of_the_report() -> None:
    here = Here()
    await here.look()
    for event in here.kept.kept.values():
        summary = event.summary
        where = {} if summary.area == KABUPATEN else {"kecamatan": (summary.area,)}
        of_days = Question((), summary.first, summary.last, where)
        row = (await here.ask(of_days)).get((), {})
        ever = (await here.ask(Question((), filters=where))).get((), {})
        for name in ("submitted", "answered", "closed", "backlog", "overdue"):
            assert getattr(summary, name) == row.get(name, 0), (summary, name)
        assert summary.answer_p50_s == row.get("first_answer_office_p50_s")
        assert summary.answer_p90_s == row.get("first_answer_office_p90_s")
        assert summary.open_in_all == ever.get("backlog", 0)
    asked = [event.summary for event in here.kept.kept.values()]
    assert any(one.submitted and one.answer_p50_s for one in asked)
    assert any(not one.submitted for one in asked), "who asked nothing is told so"


async def test_a_month_names_the_kecamatan_of_which_most_is_late() -> None:
    here = Here()
    await here.look()
    (month,) = [one.summary for one in here.kept.kept.values() if one.summary.every == "month"]
    assert month.area == KABUPATEN
    assert (str(month.first), str(month.last)) == ("2026-10-01", "2026-10-31")
    shares = [one.overdue / one.submitted for one in month.lagging]
    assert 0 < len(shares) <= 3
    assert shares == sorted(shares, reverse=True)
    rows = await here.ask(Question(("kecamatan",), month.first, month.last))
    named = {one.kecamatan for one in month.lagging}
    others = [row for (code,), row in rows.items() if code not in named]
    assert all(row["overdue"] / row["submitted"] <= shares[-1] for row in others)


async def test_after_an_outage_of_three_weeks_only_the_last_week_is_told() -> None:
    here = Here()
    await here.look()
    here.clock.now = at("2026-12-02", "03:00")
    await here.look()
    assert here.told() == {"2026-11-02", "2026-11-23"}
    assert here.told("month") == {"2026-10-01", "2026-11-01"}
    late = here.kept.kept["week/64.02.06/2026-11-23"]
    assert (late.due, late.time) == (at("2026-11-30", "07:30"), at("2026-12-02", "03:00"))


async def test_what_a_crash_left_untold_is_told_by_the_next() -> None:
    here = Here()
    here.kept.room = 7
    with pytest.raises(TryLater):
        await here.look()
    first = dict(here.kept.kept)
    assert len(first) == 7
    here.kept.room = 1000
    here.clock.now += timedelta(minutes=5)
    here.rounds = here.replica()
    await here.look()
    assert len(here.kept.kept) == 21
    assert first.items() <= here.kept.kept.items()


async def test_nothing_is_told_while_events_are_not_counted() -> None:
    here = Here()
    await here.look(1)
    for name, behind, well in (("queue", 3, 0), ("link", False, True)):
        setattr(here.world, name, behind)
        with pytest.raises(TryLater):
            await here.look(1)
        setattr(here.world, name, well)
        await here.look(1)
    assert here.kept.kept == {}
    here.reports.behind = 5.1
    with pytest.raises(TryLater):
        await here.look(1)
    here.reports.behind = 0.3
    await here.look(2)
    assert len(here.kept.kept) == 21
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
    assert here.kept.kept == {}
    here.world.deriving = deriving
    await here.look()
    assert len(here.kept.kept) == 21


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
    events = dict(here.kept.kept)
    here.clock.now = at("2026-11-11", "08:00")
    await here.look()
    assert here.kept.kept == events


async def test_where_routing_says_no_policy_the_target_is_left_out() -> None:
    here = Here()
    here.world.policy = None
    await here.look()
    assert {event.summary.answer_days for event in here.kept.kept.values()} == {None}
