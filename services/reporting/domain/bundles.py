"""Which figures of a row say much of one another, so that open data leave them out together.

Who knows `sla_due` and `sla_met` knows what was late; who knows a mean and how many values it rests
on knows their sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.reporting.domain.figures import DURATION_COLUMNS, Flat
from services.reporting.domain.measures import COUNTS, DURATIONS


@dataclass(frozen=True, slots=True)
class Bundle:
    """`columns` are left out where one of `counts` is of few, and where one of the bundles that it
    `needs` is left out: it would bound them from below."""

    name: str
    counts: tuple[str, ...]
    columns: tuple[str, ...]
    needs: tuple[str, ...] = ()


def _statistics(duration: str) -> tuple[str, ...]:
    names = (duration, f"{duration}_office")
    return tuple(column for column, (name, _) in DURATION_COLUMNS.items() if name in names)


def _single(name: str, *needs: str) -> Bundle:
    return Bundle(name, (name,), (name,), needs)


BUNDLES: tuple[Bundle, ...] = (
    _single("submitted"),
    _single("assigned", "submitted"),
    Bundle("alerted", ("alerted", "log_only"), ("alerted", "log_only"), ("assigned",)),
    _single("acknowledged", "assigned"),
    Bundle("vulnerable", ("vulnerable", "not_vulnerable"), ("vulnerable",), ("submitted",)),
    _single("answered", "assigned"),
    Bundle(
        "late",
        # what is late is escalated, and little else
        ("overdue", "escalated", "sla_due", "sla_met", "sla_missed"),
        ("overdue", "escalated", "sla_due", "sla_met", "sla_met_ratio"),
        ("answered",),
    ),
    Bundle(
        "first_answer",
        ("n_first_answer", "n_first_answer_office"),
        _statistics("first_answer"),
        ("answered",),
    ),
    Bundle("backlog", ("backlog", "ended"), ("backlog",), ("submitted",)),
    Bundle("closed", ("closed", "ended_otherwise"), ("closed",), ("assigned", "backlog")),
    Bundle(
        "rare",
        ("withdrawn", "rejected", "reopened"),
        ("withdrawn", "rejected", "reopened"),
        ("closed",),
    ),
    Bundle(
        "resolution",
        ("n_resolution", "n_resolution_office"),
        _statistics("resolution"),
        ("closed",),
    ),
    Bundle("ratings", ("ratings",), ("ratings", "rating_mean"), ("answered",)),
)
"""In an order in which each comes after what it needs."""


def counted(row: Flat, numbers: Mapping[str, int] | None = None) -> dict[str, int]:
    """What a row counts, what follows from that at once, and how many values its statistics rest on
    (`numbers`, by duration)."""
    known = numbers or {}
    return {
        **{name: row[name] for name in COUNTS},
        "not_vulnerable": row["submitted"] - row["vulnerable"],
        "sla_missed": row["sla_due"] - row["sla_met"],
        "ended": row["submitted"] - row["backlog"],
        # what is left of all beside `backlog` and `closed`, where nothing was reopened
        "ended_otherwise": row["withdrawn"] + row["rejected"],
        **{
            f"n_{name}": known.get(
                name, row["answered" if name.startswith("first_answer") else "closed"]
            )
            for name in DURATIONS
        },
    }
