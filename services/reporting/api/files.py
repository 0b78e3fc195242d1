"""A report as a file to keep: its rows, its total and a name that tells what is in it."""

from typing import Any

from services.reporting.domain.figures import FIGURES
from services.reporting.domain.query import NOT_KNOWN, Question, Value
from services.reporting.domain.report import Report, Shape, key_columns, named
from services.reporting.query.exports import (
    CSV,
    FORMATS,
    GROUP,
    ROW,
    SUFFIXES,
    TOTAL,
    Dialect,
    to_csv,
)
from shared.times import local_day

#: Characters of a filter's values that a file's name has room for.
_ROOM = 40


def content_of(
    report: Report, question: Question, media_type: str, *, totals: bool, dialect: Dialect
) -> bytes:
    """`totals`: with the total as its last row, and the column that says so. `dialect`: of CSV."""
    keys = question.group_by
    columns = [*key_columns(keys), *FIGURES]
    rows: list[dict[str, Any]] = [
        {**named(keys, group), **row} for group, row in report.rows.items()
    ]
    if totals:
        columns = [ROW, *columns]
        rows = [{ROW: GROUP, **row} for row in rows] + [{ROW: TOTAL, **report.totals}]
    if media_type == CSV:
        return to_csv(columns, rows, dialect)
    return FORMATS[media_type](columns, rows)


def name_of(question: Question, shape: Shape, media_type: str) -> str:
    """`konsultasi-per-kecamatan-month_2026-01-01_2026-03-31.csv`: ASCII, without spaces."""
    parts = [f"konsultasi-per-{'-'.join(question.group_by)}"]
    for name, values in question.filters.items():
        written = "+".join(_written(value) for value in values)
        parts.append(f"{name}-{written}" if len(written) <= _ROOM else name)
    if question.first:
        parts.append(question.first.isoformat() if question.last else f"sejak-{question.first}")
    if question.last:
        parts.append(question.last.isoformat() if question.first else f"sampai-{question.last}")
    if question.as_of:
        parts.append(f"kondisi-{local_day(question.as_of)}")
    if shape.open_data:
        parts.append("data-terbuka")
    return f"{'_'.join(parts)}.{SUFFIXES[media_type]}"


def _written(value: Value) -> str:
    return (
        NOT_KNOWN
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
