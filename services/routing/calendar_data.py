"""Reads the calendar and the policy from `data/` (its README says what each file holds).

A file that breaks a rule stops the process at its start, with the file's name: a wrong deadline
would be noticed by nobody.
"""

import json
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from services.routing.calendar import (
    WEEKDAYS,
    Calendar,
    Holiday,
    Hours,
    Interval,
    OpenDay,
    Profile,
    Season,
)
from services.routing.holidays_id import SOURCE, indonesian_holidays, ramadan
from services.routing.policy import Policy
from shared import reference
from shared.reference.tables import load

DATA = Path(__file__).parent / "data"

FIRST_YEAR, LAST_YEAR = 2020, 2035
"""What may be asked for. A year more on both sides is known, for what begins or ends there."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a calendar was made of."""

    hours: str
    holidays: str


def load_calendar(folder: Path = DATA) -> tuple[Calendar, Sources]:
    try:
        hours = json.loads((folder / "hours.json").read_text(encoding="utf-8"))
        regular, fasting = (_profile(code, hours["profiles"]) for code in ("regular", "ramadan"))
        version = str(hours["version"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"hours.json: {error}") from error
    first, last = date(FIRST_YEAR - 1, 1, 1), date(LAST_YEAR + 1, 12, 31)
    known = indonesian_holidays(first.year, last.year)
    closed, opened = _local_days(folder)
    taken = {holiday.day for holiday in closed}
    calendar = Calendar(
        first,
        last,
        regular,
        _seasons(fasting, known, folder),
        [*closed, *(holiday for holiday in known if holiday.day not in taken)],
        opened,
    )
    return calendar, Sources(version, SOURCE)


def load_policy(folder: Path = DATA) -> Policy:
    try:
        policy = Policy(**json.loads((folder / "policy.json").read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise ValueError(f"policy.json: {error}") from error
    if unknown := policy.answer_by_kind.keys() - reference.kinds().keys():
        raise ValueError(f"policy.json: unknown kind {', '.join(sorted(unknown))}")
    return policy


def _profile(code: str, profiles: dict[str, Any]) -> Profile:
    week = profiles[code]
    if week.keys() != set(WEEKDAYS):
        raise ValueError(f"{code}: the days must be {', '.join(WEEKDAYS)}")
    return Profile(code, tuple(_hours(week[day]) for day in WEEKDAYS))


def _hours(texts: list[str]) -> Hours:
    return tuple(
        Interval(time.fromisoformat(opens), time.fromisoformat(closes))
        for opens, _, closes in (text.partition("-") for text in texts)
    )


def _seasons(profile: Profile, known: list[Holiday], folder: Path) -> list[Season]:
    """Each Ramadan as announced, else as reckoned."""

    def announced(row: dict[str, str]) -> Season:
        first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        return Season(profile, first, last, estimated=False)

    certain = list(load(folder / "ramadan.csv", ("first", "last", "source"), announced).values())
    reckoned = [Season(profile, first, last, True) for first, last in ramadan(known)]
    return certain + [
        guess
        for guess in reckoned
        if not any(one.first <= guess.last and guess.first <= one.last for one in certain)
    ]


def _local_days(folder: Path) -> tuple[list[Holiday], list[OpenDay]]:
    """Days that were closed or opened here."""

    def build(row: dict[str, str]) -> Holiday | OpenDay:
        day = date.fromisoformat(row["day"])
        if row["kind"] == "closed" and not row["hours"]:
            return Holiday(day, row["name"], "local")
        if row["kind"] == "open" and row["hours"]:
            return OpenDay(day, row["name"], _hours(row["hours"].split()))
        raise ValueError("kind must be 'closed', without hours, or 'open', with hours")

    columns = ("day", "kind", "name", "hours")
    rows = load(folder / "local_days.csv", columns, build, may_be_empty=["hours"]).values()
    closed = [row for row in rows if isinstance(row, Holiday)]
    return closed, [row for row in rows if isinstance(row, OpenDay)]
