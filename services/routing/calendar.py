"""Office time: when the offices are open, and when a deadline in working days ends.

Pure: a `Calendar` is built from what `calendar_data.py` read. All days and hours are those of
Asia/Makassar; moments may come with any offset and are answered in Asia/Makassar.

- A **working day** is a day with office hours: its weekday has some, and it is neither a holiday
  nor cuti bersama; or it was opened on purpose.
- **n working days** end when the office closes on the n-th working day after the day of the start.
  The day of the start never counts, whether it started at 08:00, at 23:00 or on a holiday.
- **Office time** runs while an office is open. Opening belongs to it, closing and lunch do not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Literal

from shared.times import WITA, local, local_day

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)
_ZERO = timedelta()


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
            raise ValueError(f"{day}: {one} closes before it opens")
    for earlier, later in pairwise(hours):
        if later.opens < earlier.closes:
            raise ValueError(f"{day}: {later} overlaps {earlier}, or comes before it")


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
                raise ValueError(f"{season.first}: {season.profile.code} ends before it begins")
        for earlier, later in pairwise(self.seasons):
            if later.first <= earlier.last:
                raise ValueError(f"{later.first}: two seasons on one day")
        self._closed = {holiday.day for holiday in self.holidays}
        self._opened = {one.day: one.hours for one in self.open_days}
        everything = (first, last, profile, self.seasons, self.holidays, self.open_days)
        self.version = sha256(repr(everything).encode()).hexdigest()[:12]

    def hours(self, day: date) -> Hours:
        """The office hours of `day`, none where it is free; OutsideCalendar where not known."""
        if not self.first <= day <= self.last:
            raise OutsideCalendar(f"{day} is not within {self.first} to {self.last}")
        if day in self._opened:
            return self._opened[day]
        if day in self._closed:
            return ()
        for season in self.seasons:
            if season.first <= day <= season.last:
                return season.profile.week[day.weekday()]
        return self.profile.week[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        return bool(self.hours(day))

    def working_days_of(self, year: int) -> int:
        first = date(year, 1, 1)
        return sum(
            self.is_working_day(first + index * _DAY)
            for index in range((date(year + 1, 1, 1) - first).days)
        )

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """When the office closes on the `days`-th working day after the day of `start`."""
        if days < 1:
            raise ValueError(f"{days} working days do not end on a working day")
        day = local_day(start)
        while days:
            day += _DAY
            days -= self.is_working_day(day)
        return datetime.combine(day, self.hours(day)[-1].closes, WITA)

    def add_office_time(self, start: datetime, span: timedelta) -> datetime:
        """The first moment by which `span` of office time has passed; `start` itself for none.

        What fills the day ends at its closing, not at the next opening.
        """
        if span < _ZERO:
            raise ValueError("office time does not run backwards")
        if not span:
            return local(start)
        for opens, closes in self._open_from(local(start)):
            if span <= closes - opens:
                return opens + span
            span -= closes - opens
        raise AssertionError("the calendar ends with an exception")

    def office_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the office was open from `start` to `end`; ValueError where `end` is earlier."""
        if end < start:
            raise ValueError("the end is before the start")
        passed, end = _ZERO, local(end)
        if start == end:
            return passed
        for opens, closes in self._open_from(local(start), end.date()):
            if opens >= end:
                break
            passed += min(closes, end) - opens
        return passed

    def _open_from(
        self, start: datetime, until: date | None = None
    ) -> Iterator[tuple[datetime, datetime]]:
        """What is open after `start`, in order, the first piece cut to begin there."""
        day = start.date()
        while until is None or day <= until:
            for one in self.hours(day):
                opens = datetime.combine(day, one.opens, WITA)
                closes = datetime.combine(day, one.closes, WITA)
                if closes > start:
                    yield max(opens, start), closes
            day += _DAY
