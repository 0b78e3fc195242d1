"""Quiet hours: when an alert waits, and until when. Pure; all hours are those of Asia/Makassar.

Office hours are those of the calendar that deadlines are reckoned by, with every free day, every
day opened on purpose and the hours of Ramadan.
"""

from datetime import date, datetime, time, timedelta

from shared.calendar import Calendar
from shared.events import RecipientKind
from shared.times import WITA, local

#: Who works in office hours is told in them, lunch included, and for so long after.
AFTER_CLOSING = timedelta(hours=1)
#: Digests and summaries come when people have arrived: so long after the offices open.
AFTER_OPENING = timedelta(minutes=15)
#: Requesters are told on any day.
WAKING_FROM, WAKING_TO = time(6, 0), time(21, 0)

_DAY = timedelta(days=1)
#: A calendar in which no day for so long is worked is wrong: better tell than wait on.
_LONGEST_REST = 31


def held_until(kind: RecipientKind, now: datetime, office: Calendar) -> datetime | None:
    """When somebody told as `kind` may be told; None for at once.

    What came so far up that it reached camat or DPMD waits for nothing.
    """
    here = local(now)
    if kind == "requester":
        return _waking(here)
    if kind in ("officer", "coordinator"):
        return _at_the_office(here, office)
    return None


def summary_held_until(now: datetime, office: Calendar) -> datetime | None:
    """When a summary may be told, which hurries nobody; None for at once.

    From the hour of the digests until the office closes, also to camat and DPMD.
    """
    return _at_the_office(local(now), office, AFTER_OPENING)


def digest_day(now: datetime, office: Calendar) -> date | None:
    """The working day whose digest is due by `now`; None before its hour, and after the office."""
    today = local(now).date()
    is_due = office.is_working_day(today) and summary_held_until(now, office) is None
    return today if is_due else None


def _waking(here: datetime) -> datetime | None:
    if WAKING_FROM <= here.time() < WAKING_TO:
        return None
    day = here.date() if here.time() < WAKING_FROM else here.date() + _DAY
    return datetime.combine(day, WAKING_FROM, WITA)


def _at_the_office(
    here: datetime, office: Calendar, settled: timedelta = timedelta()
) -> datetime | None:
    for later in range(_LONGEST_REST + 1):
        day = here.date() + later * _DAY
        if day > office.last:
            break
        if not (hours := office.hours(day)):
            continue
        begins = datetime.combine(day, hours[0].opens, WITA) + settled
        if here < begins:
            return begins
        if here < datetime.combine(day, hours[-1].closes, WITA) + AFTER_CLOSING:
            return None
    return None
