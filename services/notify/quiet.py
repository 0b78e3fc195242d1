"""Quiet hours: when an alert waits, and until when. Pure; all hours are those of Asia/Makassar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.events import RecipientKind
from shared.times import WITA, local

#: Who works in office hours is told in them, and in the hour after.
OFFICE_FROM, OFFICE_TO = time(7, 30), time(17, 0)
#: Requesters are told on any day.
WAKING_FROM, WAKING_TO = time(6, 0), time(21, 0)
DIGEST_AT = time(7, 45)

_SATURDAY = 5
_DAY = timedelta(days=1)
#: A calendar in which no day for so long is worked is wrong: better tell than wait on.
_LONGEST_REST = 31


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Monday to Friday, but for the days that the regency closed or opened."""

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def __contains__(self, day: date) -> bool:
        return day in self.opened or (day.weekday() < _SATURDAY and day not in self.closed)


def held_until(kind: RecipientKind, now: datetime, working: WorkingDays) -> datetime | None:
    """When somebody told as `kind` may be told; None for at once.

    What came so far up that it reached camat or DPMD waits for nothing.
    """
    here = local(now)
    if kind == "requester":
        return _waking(here)
    if kind in ("officer", "coordinator"):
        return _at_the_office(here, working)
    return None


def summary_held_until(now: datetime, working: WorkingDays) -> datetime | None:
    """When a summary may be told, which hurries nobody; None for at once.

    From the hour of the digests until the office closes, also to camat and DPMD.
    """
    return _at_the_office(local(now), working, DIGEST_AT)


def _waking(here: datetime) -> datetime | None:
    if WAKING_FROM <= here.time() < WAKING_TO:
        return None
    day = here.date() if here.time() < WAKING_FROM else here.date() + _DAY
    return datetime.combine(day, WAKING_FROM, WITA)


def _at_the_office(
    here: datetime, working: WorkingDays, opens: time = OFFICE_FROM
) -> datetime | None:
    today = here.date() in working
    if today and opens <= here.time() < OFFICE_TO:
        return None
    day = here.date() if today and here.time() < opens else here.date() + _DAY
    for later in range(_LONGEST_REST):
        if day + later * _DAY in working:
            return datetime.combine(day + later * _DAY, opens, WITA)
    return None


def digest_day(now: datetime, working: WorkingDays) -> date | None:
    """The working day whose digest is due by `now`; None before its hour, and after the office."""
    here = local(now)
    due = here.date() in working and DIGEST_AT <= here.time() < OFFICE_TO
    return here.date() if due else None
