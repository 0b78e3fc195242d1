"""Which summaries are due: weeks and months, by a calendar with holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.summaries.due import due
from shared.calendar import Calendar, Holiday, OutsideCalendar
from shared.times import WITA
from tests.support.builders import CALENDAR
from tests.support.services.notify import at

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
