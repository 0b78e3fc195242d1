"""The few cubes that serve the reports people ask for (chosen in docs/decisions/0021)."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.reporting.domain.periods import GRAINS, Grain, Period


@dataclass(frozen=True, slots=True)
class CubeKind:
    """`coarsest`: the longest period for which it is kept; a year of some would hardly be smaller
    than its consultations."""

    name: str
    dimensions: tuple[str, ...]
    coarsest: Grain = "year"

    def key(self, period: Period) -> str:
        """Of the document that holds this cube of `period`."""
        return f"{self.name}.{LAYOUT}:{period.text}"


_VULNERABLE = "vulnerable"

#: In which the lines of a cube are kept (`columns.py`). What was kept in another is not read: it is
#: summed up anew when somebody asks for it, and goes with its generation.
LAYOUT = 2

CUBES: tuple[CubeKind, ...] = (
    CubeKind("all", ()),
    CubeKind("kecamatan", ("kecamatan",)),
    CubeKind("daily", ("day",)),
    CubeKind("topic", ("topic_group", "topic")),
    CubeKind("satgas", ("satgas", "level", "officer")),
    CubeKind("service", ("kecamatan", "kind", "channel")),
    CubeKind("people_by_kind", ("kecamatan", "kind", "role", _VULNERABLE)),
    CubeKind("sdgs_by_kind", ("kecamatan", "kind", "sdgs_goal", _VULNERABLE)),
    CubeKind("desa_by_kind", ("kecamatan", "kind", "desa")),
    CubeKind("topics_by_kind", ("kecamatan", "kind", "topic_group", "topic")),
    CubeKind("daily_by_kind", ("day", "kecamatan", "kind"), "month"),
)
"""From the smallest to the largest: the first that serves is taken. Kept by month and year.

All of those by kecamatan know the kind, so that a kecamatan's figures, which leave complaints out,
are read from cubes as well. What is kept of one goes by its name: with other dimensions it needs
another.
"""

BY_NAME = {cube.name: cube for cube in CUBES}


def serving(needs: Iterable[str], coarsest: Grain) -> CubeKind | None:
    """The cube that knows all of `needs`; None where only the projection does.

    `coarsest`: the periods that are told apart. A cube in which each cell names its day tells days
    apart in a month or a year as well.
    """
    wanted = frozenset(needs)
    if coarsest == "day":
        daily = _first(wanted | {"day"})
        if daily is not None:
            return daily
    return _first(wanted)


def grain_of(cube: CubeKind, coarsest: Grain) -> Grain:
    """The longest periods by which a query is read from `cube`."""
    allowed: Grain = "year" if "day" in cube.dimensions else coarsest
    return min(allowed, cube.coarsest, key=GRAINS.index)


def _first(wanted: frozenset[str]) -> CubeKind | None:
    return next((cube for cube in CUBES if wanted <= frozenset(cube.dimensions)), None)
