"""What a query is about at a moment, and what it is answered with. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.reporting.domain.columns import Cube
from services.reporting.domain.query import ReportQuery

PROJECTION = "projection"


@dataclass(frozen=True, slots=True)
class Scope:
    """What there is to answer from. `versions`: day → kecamatan → facts, of the days in the range;
    `first`, `last`: the days that were asked for, or are known; `generation`: None before the
    first."""

    query: ReportQuery
    versions: Mapping[str, Mapping[str, int]]
    first: date | None
    last: date | None
    generation: int | None
    calendar_version: str | None

    @property
    def edition(self) -> str:
        """Changes whenever anything that an answer would rest on does."""
        return f"{self.generation}-{sum(sum(of.values()) for of in self.versions.values())}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`cube`: over the keys of the query. `source`: the cube it was read from, or `projection`.
    `facts`: on how many it rests."""

    cube: Cube
    source: str
    facts: int
    first: date | None
    last: date | None
