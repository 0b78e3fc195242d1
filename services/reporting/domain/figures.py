"""From a cube to the figures of a report: flat rows, the same for every format.

Figures are rounded here, once: seconds to a thousandth, ratios and means to four places.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from math import floor
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from services.reporting.domain.columns import COUNTED, SUMS, Cube, chosen
from services.reporting.domain.measures import COUNTS, DURATIONS, QUANTILES, RATING, value_of
from services.reporting.domain.query import Value, in_order

Group = tuple[Value, ...]
Flat = dict[str, Any]
"""Column → number, or None where there is nothing to take a mean or a quantile of."""

STATISTICS: tuple[str, ...] = ("mean", *QUANTILES)

#: What is shown of a duration and of its office time, in this order: `first_answer_office_p50_s`.
DURATION_COLUMNS: Mapping[str, tuple[str, str]] = {
    f"{name}_{statistic}_s": (name, statistic) for name in DURATIONS for statistic in STATISTICS
}
FIGURES: tuple[str, ...] = (
    *(name for name in COUNTS if name != "ratings"),
    "sla_met_ratio",
    *DURATION_COLUMNS,
    "rating_mean",
    "ratings",
)
"""The columns of a report after its keys."""

RATIOS: Mapping[str, tuple[str, str]] = {"sla_met_ratio": ("sla_met", "sla_due")}
"""Ratio → numerator, denominator."""

_FORMATS: Mapping[pa.DataType, Literal["h", "i", "q"]] = {
    pa.int16(): "h",
    pa.int32(): "i",
    pa.int64(): "q",
}


def groups_of(cube: Cube, keys: Sequence[str]) -> list[Group]:
    """In the order in which a report lists them."""
    columns = [cube.cells[key].to_pylist() for key in keys]
    return in_order(zip(*columns, strict=True)) if keys else [()] * min(cube.cells.num_rows, 1)


def figures(
    cube: Cube, keys: Sequence[str], wanted: Sequence[Group] | None = None
) -> dict[Group, Flat]:
    """Group → its figures, of those that are wanted and are there; of all without `wanted`."""
    if wanted is not None:
        allowed = set(wanted)
        cube = chosen(
            cube, pa.array([one in allowed for one in _groups(cube.cells, keys)], pa.bool_())
        )
    sums = cube.cells.select(list(SUMS)).to_pylist()
    rows = map(_row, sums, _statistics(cube.bins, sums))
    return dict(zip(_groups(cube.cells, keys), rows, strict=True))


def numbers(cube: Cube, keys: Sequence[str]) -> dict[Group, dict[str, int]]:
    """Group → duration → how many values its statistics rest on, of those that are there."""
    counted = cube.bins.group_by(["cell", "measure"], use_threads=False).aggregate(
        [("count", "sum")]
    )
    groups, names = _groups(cube.cells, keys), tuple(DURATIONS)
    found = {group: dict.fromkeys(names, 0) for group in groups}
    for cell, measure, number in zip(*(of.to_pylist() for of in counted.columns), strict=True):
        found[groups[cell]][names[measure]] = number
    return found


def nothing() -> Flat:
    """The figures of a group without any consultation."""
    return _row(dict.fromkeys(SUMS, 0), {})


def _groups(table: pa.Table, keys: Sequence[str]) -> list[Group]:
    if not keys:
        return [()] * table.num_rows
    return list(zip(*(table[key].to_pylist() for key in keys), strict=True))


def _statistics(bins: pa.Table, cells: Sequence[Mapping[str, int]]) -> list[Flat]:
    """Of each cell."""
    found: list[Flat] = [{} for _ in cells]
    if not bins.num_rows:
        return found
    names = tuple(DURATIONS)
    # a number for each cell and measure, narrow enough to be counted into order
    place = pa.int16() if len(cells) * len(names) < 2**15 else pa.int32()
    places = pc.add(
        pc.multiply(bins["cell"].cast(place), pa.scalar(len(names), place)),
        bins["measure"].cast(place),
    ).combine_chunks()
    # those of one place stay in the order of their bins
    order = pc.array_sort_indices(places)
    ends = pc.run_end_encode(places.take(order))
    edges = [0, *ends.run_ends.to_pylist()]
    bins_of = _numbers(bins["bin"].combine_chunks().take(order))
    # in 32 bits, as they are: no year has two billion of them
    running = _numbers(pc.cumulative_sum(bins["count"].combine_chunks().take(order)))
    for index, number_of_place in enumerate(ends.values.to_pylist()):
        cell, measure = divmod(number_of_place, len(names))
        name, first, last = names[measure], edges[index], edges[index + 1]
        before = running[first - 1] if first else 0
        number = running[last - 1] - before
        mean = cells[cell][f"{name}_sum"] / number
        found[cell][f"{name}_mean_s"] = round(mean / 1000, 3)
        for quantile, share in QUANTILES.items():
            place = bisect_right(running, before + floor(share * (number - 1)), first, last)
            found[cell][f"{name}_{quantile}_s"] = _seconds(bins_of[place])
    return found


@cache
def _seconds(bin_: int) -> float:
    return round(value_of(bin_) / 1000, 3)


def nested(row: Flat) -> dict[str, Any]:
    """Durations as objects: `first_answer: {mean_s, …, office_mean_s, …}`."""
    whole: dict[str, Any] = {}
    for name in FIGURES:
        if name not in DURATION_COLUMNS:
            whole[name] = row[name]
            continue
        duration, statistic = DURATION_COLUMNS[name]
        base = duration.removesuffix("_office")
        prefix = "office_" if duration != base else ""
        whole.setdefault(base, {})[f"{prefix}{statistic}_s"] = row[name]
    return whole


def _numbers(array: pa.Array) -> Sequence[int]:
    """Whole numbers where Arrow has them: a Python number for each of them would take longer than
    all the rest."""
    numbers = memoryview(array.buffers()[1]).cast("B").cast(_FORMATS[array.type])
    return numbers[array.offset : array.offset + len(array)]


def _row(sums: Mapping[str, int], statistics: Flat) -> Flat:
    ratings = sums[COUNTED["ratings"]]
    due = sums[COUNTED["sla_due"]]
    return {
        **{name: sums[COUNTED[name]] for name in COUNTS if name != "ratings"},
        "sla_met_ratio": round(sums[COUNTED["sla_met"]] / due, 4) if due else None,
        **{name: statistics.get(name) for name in DURATION_COLUMNS},
        "rating_mean": round(sums[RATING] / ratings, 4) if ratings else None,
        "ratings": ratings,
    }
