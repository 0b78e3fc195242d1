"""Office time: when the offices are open, and when a deadline in working days ends.

Pure: a `Calendar` is built from what routing holds (`services/routing/data/calendar.py`), or from
what routing says of it over HTTP. All days and hours are those of Asia/Makassar; moments may come
with any offset and are answered in Asia/Makassar.

- A **working day** is a day with office hours: its weekday has some, and it is neither a holiday
  nor cuti bersama; or it was opened on purpose.
- **n working days** end when the office closes on the n-th working day after the day of the start.
  The day of the start never counts, whether it started at 08:00, at 23:00 or on a holiday.
- **Office time** runs while an office is open. Opening belongs to it, closing and lunch do not.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Literal

from shared.text.wording import Text, Unfit
from shared.times import WITA, local, local_day

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)
_ZERO, _MICROSECOND = timedelta(), timedelta(microseconds=1)


class OutsideCalendar(ValueError):
    """A day of which the calendar does not know whether it is a holiday."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Open from `opens` until just before `closes`."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    def length(self) -> timedelta:
        day = date.min
        return datetime.combine(day, self.closes) - datetime.combine(day, self.opens)


Hours = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The hours of a week. `week`: seven days, Monday first; a day without hours is free.

    ValueError, naming the day, for intervals that are inverted, overlap or are out of order.
    """

    code: str
    week: tuple[Hours, ...]

    def __post_init__(self) -> None:
        if len(self.week) != len(WEEKDAYS):
            raise ValueError(f"{self.code}: {len(self.week)} days in a week")
        for name, hours in zip(WEEKDAYS, self.week, strict=True):
            check_hours(f"{self.code}, {name}", hours)

    def weekly(self) -> timedelta:
        return sum((one.length() for hours in self.week for one in hours), _ZERO)


@dataclass(frozen=True, slots=True)
class Season:
    """Days with a profile of their own, both included. `estimated`: before it was announced."""

    profile: Profile
    first: date
    last: date
    estimated: bool


@dataclass(frozen=True, slots=True)
class Holiday:
    day: date
    name: str
    category: Literal["national", "cuti_bersama", "local"]
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A day that is worked although its weekday or a holiday says otherwise."""

    day: date
    name: str
    hours: Hours

    def __post_init__(self) -> None:
        check_hours(str(self.day), self.hours)


def check_hours(day: str, hours: Sequence[Interval]) -> None:
    for one in hours:
        if one.opens >= one.closes:
            raise Unfit(
                Text(f"{day}: {one} tutup sebelum buka.", f"{day}: {one} closes before it opens")
            )
    for earlier, later in pairwise(hours):
        if later.opens < earlier.closes:
            raise Unfit(
                Text(
                    f"{day}: {later} bertumpang tindih dengan {earlier}, atau mendahuluinya.",
                    f"{day}: {later} overlaps {earlier}, or comes before it",
                )
            )


class Calendar:
    """The office hours of every day from `first` to `last`.

    `version` is a digest of all of it: the same on every replica, another after any change.
    """

    def __init__(
        self,
        first: date,
        last: date,
        profile: Profile,
        seasons: Iterable[Season] = (),
        holidays: Iterable[Holiday] = (),
        open_days: Iterable[OpenDay] = (),
    ) -> None:
        self.first, self.last, self.profile = first, last, profile
        self.seasons = tuple(sorted(seasons, key=lambda season: season.first))
        self.holidays = tuple(sorted(holidays, key=lambda holiday: holiday.day))
        self.open_days = tuple(sorted(open_days, key=lambda one: one.day))
        for season in self.seasons:
            if season.first > season.last:
                raise Unfit(
                    Text(
                        f"{season.first}: {season.profile.code} berakhir sebelum dimulai.",
                        f"{season.first}: {season.profile.code} ends before it begins",
                    )
                )
        for earlier, later in pairwise(self.seasons):
            if later.first <= earlier.last:
                raise Unfit(
                    Text(
                        f"{later.first}: dua musim pada satu hari.",
                        f"{later.first}: two seasons on one day",
                    )
                )
        everything = (first, last, profile, self.seasons, self.holidays, self.open_days)
        self.version = sha256(repr(everything).encode()).hexdigest()[:12]
        days = [first + index * _DAY for index in range((last - first).days + 1)]
        by_day = {day: self._week_of(day)[day.weekday()] for day in days}
        by_day |= {holiday.day: () for holiday in self.holidays if holiday.day in by_day}
        by_day |= {one.day: one.hours for one in self.open_days if one.day in by_day}
        self._hours = list(by_day.values())
        # running totals over the days, so that any span is two look-ups: days worked, and the
        # microseconds of office time, before each day
        self._worked = list(accumulate((bool(hours) for hours in self._hours), initial=0))
        self._open = list(accumulate(map(_length, self._hours), initial=0))

    def _week_of(self, day: date) -> tuple[Hours, ...]:
        for season in self.seasons:
            if season.first <= day <= season.last:
                return season.profile.week
        return self.profile.week

    def hours(self, day: date) -> Hours:
        """The office hours of `day`, none where it is free; OutsideCalendar where not known."""
        return self._hours[self._index(day)]

    def is_working_day(self, day: date) -> bool:
        return bool(self.hours(day))

    def working_days_of(self, year: int) -> int:
        first, last = self._index(date(year, 1, 1)), self._index(date(year, 12, 31))
        return self._worked[last + 1] - self._worked[first]

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """When the office closes on the `days`-th working day after the day of `start`."""
        if days < 1:
            raise ValueError(f"{days} working days do not end on a working day")
        wanted = self._worked[self._index(local_day(start)) + 1] + days
        day = self._day_that_reaches(wanted, self._worked)
        return datetime.combine(day, self.hours(day)[-1].closes, WITA)

    def add_office_time(self, start: datetime, span: timedelta) -> datetime:
        """The first moment by which `span` of office time has passed; `start` itself for none.

        What fills the day ends at its closing, not at the next opening.
        """
        if span < _ZERO:
            raise ValueError("office time does not run backwards")
        if not span:
            return local(start)
        wanted = self._passed(local(start)) + span // _MICROSECOND
        day = self._day_that_reaches(wanted, self._open)
        left = wanted - self._open[self._index(day)]
        for one in self.hours(day):
            length = one.length() // _MICROSECOND
            if left <= length:
                return datetime.combine(day, one.opens, WITA) + left * _MICROSECOND
            left -= length
        raise AssertionError("the running totals say that the day is long enough")

    def office_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the office was open from `start` to `end`; ValueError where `end` is earlier."""
        if end < start:
            raise ValueError("the end is before the start")
        return (self._passed(local(end)) - self._passed(local(start))) * _MICROSECOND

    def _index(self, day: date) -> int:
        if not self.first <= day <= self.last:
            raise OutsideCalendar(f"{day} is not within {self.first} to {self.last}")
        return (day - self.first).days

    def _day_that_reaches(self, wanted: int, totals: list[int]) -> date:
        """The first day by whose end the running total is `wanted`."""
        index = bisect_left(totals, wanted)
        if index == len(totals):
            raise OutsideCalendar(f"{self.last + _DAY} is not within {self.first} to {self.last}")
        return self.first + (index - 1) * _DAY

    def _passed(self, moment: datetime) -> int:
        """Microseconds of office time from the calendar's beginning to `moment`."""
        index = self._index(moment.date())
        today = 0
        for one in self._hours[index]:
            opens = datetime.combine(moment.date(), one.opens, WITA)
            today += max(0, min((moment - opens), one.length()) // _MICROSECOND)
        return self._open[index] + today


def _length(hours: Hours) -> int:
    """Microseconds of office time in a day."""
    return sum(one.length() // _MICROSECOND for one in hours)
