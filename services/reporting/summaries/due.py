"""Which summaries are to be told by now. Pure; all days are those of Asia/Makassar.

The summary of a week or month is due when the offices open on the first working day after it. Only
what fell due on the latest such morning is told: after an outage of weeks the last one, not a pile
of news that is none. Where weeks end in one long holiday, they fall due on the same morning, and
each is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from services.reporting.domain.periods import Every
from shared.calendar import Calendar
from shared.times import WITA, local_day

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
#: Periods that are looked back on: a calendar with no working day for so long is wrong.
_BACK = 8


@dataclass(frozen=True, slots=True)
class Due:
    """Days that are over, and when that was to be told."""

    every: Every
    first: date
    last: date
    at: datetime

    def subject(self, area: str) -> str:
        """Of the event that tells it: what makes it single."""
        return f"{self.every}/{area}/{self.first}"


def due(now: datetime, calendar: Calendar) -> list[Due]:
    """Those of the latest mornings, the older first.

    Raises `OutsideCalendar` where the calendar does not reach today.
    """
    today = local_day(now)
    return [
        *_latest("week", _weeks_before(today), now, calendar),
        *_latest("month", _months_before(today), now, calendar),
    ]


def _latest(
    every: Every, periods: Iterator[tuple[date, date]], now: datetime, calendar: Calendar
) -> list[Due]:
    found: list[Due] = []
    for first, last in islice(periods, _BACK):
        at = _morning_after(last, now, calendar)
        if at is None:
            continue
        if found and at != found[0].at:
            break
        found.append(Due(every, first, last, at))
    return found[::-1]


def _morning_after(last: date, now: datetime, calendar: Calendar) -> datetime | None:
    """When the offices first opened after `last`; None where they did not yet."""
    day = last + _DAY
    while day <= local_day(now):
        if hours := calendar.hours(day):
            opens = datetime.combine(day, hours[0].opens, WITA)
            return opens if opens <= now else None
        day += _DAY
    return None


def _weeks_before(today: date) -> Iterator[tuple[date, date]]:
    """Monday and Sunday of the weeks that are over, the latest first."""
    monday = today - timedelta(days=today.weekday())
    while True:
        monday -= _WEEK
        yield monday, monday + 6 * _DAY


def _months_before(today: date) -> Iterator[tuple[date, date]]:
    first = today.replace(day=1)
    while True:
        last = first - _DAY
        first = last.replace(day=1)
        yield first, last
