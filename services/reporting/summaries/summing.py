"""From a report to the few numbers of a summary. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.reporting.domain.figures import Flat, Group
from services.reporting.domain.measures import LONG
from services.reporting.domain.query import ReportQuery, domain, without_complaints
from services.reporting.domain.report import Report, Shape
from services.reporting.summaries.due import Due
from shared.events import Lagging, Summary
from shared.reference import KABUPATEN

#: Kecamatan that a month's summary names.
MOST_LAGGING = 3
#: All kecamatan, also those without a consultation: that nobody asked is news as well.
SHAPE = Shape(10_000, empty=True)

_COUNTS = ("submitted", "answered", "closed", "backlog", "overdue")


def queries(due: Due) -> tuple[ReportQuery, ReportQuery, ReportQuery]:
    """What was submitted in those days, all there is, and of it what is old, by kecamatan.

    A camat's, which is that of a week, without complaints.
    """
    long_ago = due.last + timedelta(days=1 - LONG)
    filters = without_complaints() if due.every == "week" else {}
    return (
        ReportQuery(("kecamatan",), due.first, due.last, filters),
        ReportQuery(("kecamatan",), None, None, filters),
        ReportQuery(("kecamatan",), None, long_ago, filters),
    )


def areas(due: Due) -> list[str]:
    """Of a week each kecamatan, of a month the kabupaten."""
    return [KABUPATEN] if due.every == "month" else [str(code) for code in domain("kecamatan")]


def summaries(
    due: Due, of_days: Report, of_all: Report, of_old: Report, answer_days: int | None
) -> list[Summary]:
    """One for each area; the reports are the answers to `queries`."""
    found = (of_days, of_all, of_old)
    if due.every == "month":
        totals = [one.totals for one in found]
        return [_summary(due, KABUPATEN, totals, answer_days, _lagging(of_days.rows))]
    return [
        _summary(due, code, [one.rows[(code,)] for one in found], answer_days, ())
        for code in areas(due)
    ]


def _summary(
    due: Due, area: str, rows: Sequence[Flat], answer_days: int | None, lagging: Iterable[Lagging]
) -> Summary:
    row, ever, old = rows
    counts: dict[str, Any] = {name: row[name] for name in _COUNTS}
    return Summary(
        every=due.every,
        area=area,
        first=due.first,
        last=due.last,
        **counts,
        open_in_all=ever["backlog"],
        open_long=old["backlog"],
        answer_p50_s=row["first_answer_office_p50_s"],
        answer_p90_s=row["first_answer_office_p90_s"],
        answer_days=answer_days,
        lagging=tuple(lagging),
    )


def _lagging(rows: Mapping[Group, Flat]) -> list[Lagging]:
    late = [(code, row) for (code,), row in rows.items() if row["overdue"]]
    late.sort(
        key=lambda one: (-one[1]["overdue"] / one[1]["submitted"], -one[1]["overdue"], one[0])
    )
    return [
        Lagging(kecamatan=str(code), submitted=row["submitted"], overdue=row["overdue"])
        for code, row in late[:MOST_LAGGING]
    ]
