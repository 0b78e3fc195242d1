"""What is counted of a row, and the sketches of how long things took.

Everything is a sum of whole numbers, so that figures of days add up to those of months, and of desa
to those of a kecamatan, exactly and in any order. A sketch is such a sum as well: how many
durations fell into each of DDSketch's bins, whose values are within 1 % of what fell into them.
"""

from collections.abc import Callable, Mapping

from ddsketch.mapping import LogarithmicMapping

from services.reporting.domain.rows import LOG, Row

COUNTS: Mapping[str, Callable[[Row], bool]] = {
    "submitted": lambda row: True,
    "assigned": lambda row: row.assigned_at is not None,
    "alerted": lambda row: row.alerted_at is not None,
    "log_only": lambda row: row.alerted_by == LOG,
    "acknowledged": lambda row: row.acknowledged_at is not None,
    "answered": lambda row: row.answered_at is not None,
    "closed": lambda row: row.closed_at is not None,
    "reopened": lambda row: row.reopened_at is not None,
    "withdrawn": lambda row: row.withdrawn_at is not None,
    "rejected": lambda row: row.rejected_at is not None,
    "escalated": lambda row: row.escalated_at is not None,
    "overdue": lambda row: row.overdue_at is not None,
    "backlog": lambda row: row.is_open,
    "vulnerable": lambda row: row.vulnerable is True,
    "ratings": lambda row: row.rating is not None,
    "sla_due": lambda row: row.answered_at is not None or row.answer_missed_at is not None,
    "sla_met": lambda row: _answered_in_time(row),
}
"""Count → whether a row counts in it. A consultation counts in a stage once it has reached it;
`alerted`: an officer was told; `log_only`: none was, the log alone has a line of it;
`backlog`: not ended yet; `sla_met` of `sla_due`: answered before the deadline, of those that were
answered or are late."""

LONG = 31
"""Days since its submission from which on an open consultation has waited long."""

DURATIONS: Mapping[str, str] = {
    "first_answer": "answered_ms",
    "first_answer_office": "answered_office_ms",
    "resolution": "resolved_ms",
    "resolution_office": "resolved_office_ms",
}
"""Duration → the field of a row that holds it, in milliseconds."""

RATING = "rating_sum"

QUANTILES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
RELATIVE_ERROR = 0.01

_BINS = LogarithmicMapping(RELATIVE_ERROR)
#: The bin of what took no time at all, below all others.
NOTHING = -32768


def _answered_in_time(row: Row) -> bool:
    if row.answered_at is None:
        return False
    return row.answer_missed_at is None or row.answered_at <= row.answer_missed_at


def bin_of(duration: int) -> int:
    """The bin of a duration in milliseconds."""
    return NOTHING if duration <= 0 else int(_BINS.key(float(duration)))


def value_of(bin_: int) -> float:
    """What the durations of a bin are taken for, in milliseconds."""
    return 0.0 if bin_ == NOTHING else float(_BINS.value(bin_))
