"""Indonesia's holidays, cuti bersama and Ramadan, from the `holidays` package as plain data.

The package knows the yearly joint decree (SKB 3 Menteri) where there is one, and estimates the
moving feasts where there is none yet. Its default category leaves cuti bersama out.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import Literal

import holidays

from shared.calendar import Holiday

SOURCE = f"holidays {version('holidays')}"
_CATEGORIES: tuple[tuple[str, Literal["national", "cuti_bersama"]], ...] = (
    ("government", "cuti_bersama"),
    ("public", "national"),
)
_ESTIMATED = " (perkiraan)"
_IDUL_FITRI = "Hari Raya Idul Fitri"
_RAMADAN = timedelta(days=30)
#: Elections are decreed one by one: that a year has none is no gap.
_ONCE = "Hari Pemilihan"


@cache
def indonesian_holidays(first: int, last: int) -> tuple[Holiday, ...]:
    """Those of the years `first` to `last`. A day that is both is a national holiday."""
    found: dict[date, Holiday] = {}
    for theirs, ours in _CATEGORIES:
        known = holidays.country_holidays(
            "ID", years=range(first, last + 1), categories=(theirs,), language="id"
        )
        for day, name in known.items():
            estimated = _ESTIMATED in name
            found[day] = Holiday(day, name.replace(_ESTIMATED, ""), ours, estimated)
    return tuple(sorted(found.values(), key=lambda holiday: holiday.day))


def ramadan(known: Sequence[Holiday]) -> Iterator[tuple[date, date]]:
    """First and last day of each Ramadan, reckoned back 30 days from Idul Fitri.

    A Ramadan of 29 days begins a day later than this says; `data/ramadan.csv` corrects it.
    """
    feasts = [one.day for one in known if one.name.split(";")[0].strip() == _IDUL_FITRI]
    if not feasts:
        raise ValueError(f"no '{_IDUL_FITRI}' among the holidays: were they renamed?")
    for feast in feasts:
        yield feast - _RAMADAN, feast - timedelta(days=1)


def decreed_until(known: Sequence[Holiday]) -> int:
    """The last year with cuti bersama; 0 for none."""
    return max((one.day.year for one in known if one.category == "cuti_bersama"), default=0)


def complete_until(known: Sequence[Holiday]) -> int:
    """The last year of `known` that has every feast of the last decreed one.

    The package reckons some feasts for a century, others by a table that ends sooner: after that
    they are missing, and nothing else tells.
    """
    names: dict[int, set[str]] = {}
    for one in known:
        if one.category == "national":
            names.setdefault(one.day.year, set()).update(map(str.strip, one.name.split(";")))
    year = max(decreed_until(known), min(names))
    wanted = {name for name in names.get(year, ()) if not name.startswith(_ONCE)}
    while wanted <= names.get(year + 1, set()):
        year += 1
    return year
