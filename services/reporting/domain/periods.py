"""Days, and the months and years that they add up to: which of them a range is made of."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Grain = Literal["day", "month", "year"]
GRAINS: tuple[Grain, ...] = ("day", "month", "year")
"""From the finest to the coarsest."""

Every = Literal["week", "month"]
"""How often there is a summary."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A day, month or year, by its text: `2026-11-24`, `2026-11` or `2026`."""

    text: str

    @property
    def grain(self) -> Grain:
        return GRAINS[2 - self.text.count("-")]

    @property
    def first(self) -> date:
        return date.fromisoformat((self.text + "-01-01")[:10])

    @property
    def last(self) -> date:
        if self.grain == "day":
            return self.first
        if self.grain == "month":
            return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        return date(self.first.year, 12, 31)

    @property
    def parent(self) -> "Period":
        """Of a day its month, of a month its year."""
        return Period(self.text.rpartition("-")[0])

    def parts(self) -> list["Period"]:
        """Of a year its months, of a month its days."""
        if self.grain == "year":
            return [Period(f"{self.text}-{month:02}") for month in range(1, 13)]
        return [Period(f"{self.text}-{day:02}") for day in range(1, self.last.day + 1)]


_DAY = timedelta(days=1)


def cover(first: date, last: date, coarsest: Grain) -> Iterator[Period]:
    """The fewest periods, none coarser than `coarsest`, that make up the range; in order."""
    at = first
    while at <= last:
        whole = next(
            period
            for grain in reversed(GRAINS[: GRAINS.index(coarsest) + 1])
            if (period := of(at, grain)).first == at and period.last <= last
        )
        yield whole
        if whole.last == date.max:
            return
        at = whole.last + _DAY


def of(day: date, grain: Grain) -> Period:
    """The period of that grain in which `day` is."""
    return Period(day.isoformat()[: {"day": 10, "month": 7, "year": 4}[grain]])


def label(period: Period, key: str) -> str:
    """What a time key says of a period: the week of a day, the quarter of a month."""
    day = period.first
    if key == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    if key == "quarter":
        return f"{day.year:04}-Q{(day.month + 2) // 3}"
    return of(day, "day" if key == "day" else "month" if key == "month" else "year").text


def span(key: str, text: str) -> tuple[date, date]:
    """The first and last day of what a time key says."""
    if key == "week":
        year, week = text.split("-W")
        begins = date.fromisocalendar(int(year), int(week), 1)
        return begins, begins + timedelta(days=6)
    if key == "quarter":
        year, quarter = text.split("-Q")
        begins = date(int(year), 3 * int(quarter) - 2, 1)
        return begins, Period(f"{year}-{3 * int(quarter):02}").last
    return Period(text).first, Period(text).last


def coarsest_for(keys: frozenset[str]) -> Grain:
    """The coarsest periods of which each has one label under every time key asked for."""
    if keys & {"day", "week"}:
        return "day"
    return "month" if keys & {"month", "quarter"} else "year"
