"""Reads calendar and policy from `data/` (its README says what each file holds), and builds the
calendar from them and the national holidays.

A file that breaks a rule stops the process at its start, with the file's name: a wrong deadline
would be noticed by nobody.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import ValidationError

from services.routing.data.holidays_id import (
    SOURCE,
    complete_until,
    decreed_until,
    indonesian_holidays,
    ramadan,
)
from services.routing.domain.calendar_rules import LocalCalendar, LocalDay, Ramadan, Weeks, hours_of
from services.routing.domain.policy import Policy
from shared.calendar import Calendar, Holiday, OpenDay, Season
from shared.reference.tables import load
from shared.times import local_day

DATA = Path(__file__).parent

FIRST_YEAR, LAST_YEAR = 2020, 2035
"""What may be asked for at least. A year more on both sides is known, for what begins or ends
there."""
#: Years after the present one that are known always: as many as before 2026 ends.
YEARS_AHEAD = 9


def last_year(now: datetime) -> int:
    """The last that may be asked for: the calendar goes on by itself, with holidays reckoned ahead
    where none are decreed yet."""
    return max(LAST_YEAR, local_day(now).year + YEARS_AHEAD)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a calendar was made of."""

    hours: str
    holidays: str
    complete_until: int
    """The last year of which every moving feast is known, be it estimated."""
    decreed_until: int
    """The last year of which cuti bersama is known."""


def load_local(folder: Path = DATA) -> LocalCalendar:
    try:
        hours = json.loads((folder / "hours.json").read_text(encoding="utf-8"))
        weeks = Weeks(version=hours["version"], **hours["profiles"])
    except ValidationError as error:
        raise ValueError(f"hours.json: {_first_of(error)}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"hours.json: {error}") from error
    return LocalCalendar(weeks=weeks, ramadan=_announced(folder), days=_local_days(folder))


def build_calendar(local: LocalCalendar, through: int = LAST_YEAR) -> tuple[Calendar, Sources]:
    """`through`: the last year that may be asked for. ValueError where the parts do not fit
    together."""
    first, last = date(FIRST_YEAR - 1, 1, 1), date(through + 1, 12, 31)
    known = indonesian_holidays(first.year, last.year)
    closed = [Holiday(one.day, one.name, "local") for one in local.days if one.kind == "closed"]
    taken = {holiday.day for holiday in closed}
    calendar = Calendar(
        first,
        last,
        local.weeks.regular.profile("regular"),
        _seasons(local, known),
        [*closed, *(holiday for holiday in known if holiday.day not in taken)],
        [
            OpenDay(one.day, one.name, hours_of(one.hours))
            for one in local.days
            if one.kind == "open"
        ],
    )
    return calendar, Sources(
        local.weeks.version, SOURCE, min(complete_until(known), through), decreed_until(known)
    )


def load_calendar(folder: Path = DATA) -> tuple[Calendar, Sources]:
    return build_calendar(load_local(folder))


def load_policy(folder: Path = DATA) -> Policy:
    try:
        return Policy(**json.loads((folder / "policy.json").read_text(encoding="utf-8")))
    except ValidationError as error:
        raise ValueError(f"policy.json: {_first_of(error)}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"policy.json: {error}") from error


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _seasons(local: LocalCalendar, known: Sequence[Holiday]) -> list[Season]:
    """Each Ramadan as announced, else as reckoned."""
    certain = local.seasons()
    fasting = local.weeks.ramadan.profile("ramadan")
    reckoned = [Season(fasting, first, last, True) for first, last in ramadan(known)]
    return certain + [
        guess
        for guess in reckoned
        if not any(one.first <= guess.last and guess.first <= one.last for one in certain)
    ]


def _announced(folder: Path) -> tuple[Ramadan, ...]:
    def build(row: dict[str, str]) -> Ramadan:
        return Ramadan(first=date.fromisoformat(row["first"]), last=date.fromisoformat(row["last"]))

    return tuple(load(folder / "ramadan.csv", ("first", "last", "source"), build).values())


def _local_days(folder: Path) -> tuple[LocalDay, ...]:
    """Days that were closed or opened here."""

    def build(row: dict[str, str]) -> LocalDay:
        return LocalDay.model_validate({**row, "hours": tuple(row["hours"].split())})

    columns = ("day", "kind", "name", "hours")
    return tuple(load(folder / "local_days.csv", columns, build, may_be_empty=["hours"]).values())
