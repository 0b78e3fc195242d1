"""Who wants to know what open data leave out: all that is published as equations, solved.

An unknown is what one group counts of one measure, or the sum of its durations or ratings. Known
are the figures that are shown, that parts add up to wholes, what follows from the lives of
consultations, and what holds for nearly all of them. HiGHS says within which bounds whole numbers
solve it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from services.reporting.domain.figures import Flat, Group
from services.reporting.domain.measures import COUNTS
from services.reporting.domain.suppression import LEAST

#: Sum of values → the statistic that tells it, and the count that it rests on.
SUMS = {
    "first_answer": ("first_answer_mean_s", "answered"),
    "rating": ("rating_mean", "ratings"),
}
Unknown = tuple[Group, str]
Terms = Mapping[str, float]

#: What is so for every consultation: the sum of these over a group is at least nothing.
LIVES: Sequence[Terms] = (
    *({"submitted": 1, name: -1} for name in COUNTS if name != "submitted"),
    *(
        {"assigned": 1, name: -1}
        for name in (
            "alerted",
            "log_only",
            "acknowledged",
            "answered",
            "closed",
            "rejected",
            "reopened",
        )
    ),
    {"answered": 1, "sla_met": -1},
    {"sla_due": 1, "answered": -1},
    {"overdue": 1, "sla_due": -1, "sla_met": 1},
    {"answered": 1, "closed": 1, "ratings": -1},
    # it ended in one way, or in several where it was opened again between
    {"closed": 1, "withdrawn": 1, "rejected": 1, "backlog": 1, "submitted": -1},
    {"submitted": 1, "reopened": 1, "backlog": -1, "closed": -1, "withdrawn": -1, "rejected": -1},
)
#: What nearly always is, and who attacks takes for granted: these sums are nothing.
GUESSES: Sequence[Terms] = (
    {"overdue": 1, "sla_due": -1, "sla_met": 1},
    {"escalated": 1, "overdue": -1},
    {"alerted": 1, "log_only": 1, "assigned": -1},
)


@dataclass
class Attack:
    """`parts`: group → the groups that make it up. `shown`: what was published of each."""

    shown: Mapping[Group, Flat]
    parts: Mapping[Group, Sequence[Group]]
    _places: dict[Unknown, int] = field(default_factory=dict)
    _lines: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for group in self.shown:
            for name in (*COUNTS, *SUMS):
                self._places[group, name] = len(self._places)
        for group, row in self.shown.items():
            self._know(group, row)
        for whole, parts in self.parts.items():
            for name in (*COUNTS, *SUMS):
                terms = {self._places[part, name]: 1.0 for part in parts}
                self._lines.append((terms | {self._places[whole, name]: -1.0}, 0, 0))

    def _know(self, group: Group, row: Flat) -> None:
        for name in COUNTS:
            if row[name] is not None:
                self._say(group, {name: 1}, row[name], row[name])
        due, ratio = row["sla_due"], row["sla_met_ratio"]
        if due is not None and ratio is not None:
            self._say(group, {"sla_met": 1}, round(ratio * due), round(ratio * due))
        met = row["sla_met"]
        if ratio and met is not None:
            self._say(group, {"sla_due": 1}, round(met / ratio), round(met / ratio))
        for name, (statistic, number) in SUMS.items():
            mean, n = row[statistic], row[number]
            if mean is not None:
                near = 0.001 * (n or LEAST)  # means are rounded
                self._say(group, {name: 1, number: -mean}, -near, near)
            elif n == 0:
                self._say(group, {name: 1}, 0, 0)
        for terms in LIVES:
            self._say(group, terms, 0, inf)
        for terms in GUESSES:
            self._say(group, terms, 0, 0)

    def _say(self, group: Group, terms: Terms, low: float, high: float) -> None:
        self._lines.append(
            ({self._places[group, name]: of for name, of in terms.items()}, low, high)
        )

    def most(self, unknown: Unknown) -> float:
        """What it can be at most, for all that is known."""
        return -self._least(unknown, -1)

    def least(self, unknown: Unknown) -> float:
        return self._least(unknown, 1)

    def _least(self, unknown: Unknown, sign: int) -> float:
        wanted = np.zeros(len(self._places))
        wanted[self._places[unknown]] = sign
        solved = milp(
            wanted,
            integrality=self._whole,
            bounds=Bounds(0, inf),
            constraints=self._constraints,
        )
        if solved.status in (3, 4):  # without bounds; of a mixed problem HiGHS does not say which
            return -inf
        assert solved.status == 0, solved.message
        return float(solved.fun)

    @cached_property
    def _whole(self) -> np.ndarray[Any, Any]:
        return np.array([name in COUNTS for _, name in self._places], dtype=float)

    @cached_property
    def _constraints(self) -> Any:
        terms = [
            (row, column, float(value))
            for row, (of, _, _) in enumerate(self._lines)
            for column, value in of.items()
        ]
        rows, columns, values = zip(*terms, strict=True)
        matrix = coo_array((values, (rows, columns)), (len(self._lines), len(self._places)))
        low, high = zip(*((low, high) for _, low, high in self._lines), strict=True)
        return LinearConstraint(matrix.tocsr(), low, high)
