"""A report as a file to keep: its rows, its total and a name that tells what is in it; and the
routes of files."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.reporting.domain.figures import FIGURES
from services.reporting.domain.query import NOT_KNOWN, ReportQuery, Value
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

BINARY: Mapping[str, Any] = {"type": "string", "format": "binary"}
"""The schema of a file."""

#: Characters of a filter's values that a file's name has room for.
_ROOM = 40


def add_file_route(
    router: APIRouter,
    path: str,
    name: str,
    endpoint: Callable[..., Any],
    model: type[BaseModel],
    *,
    title: str,
    responses: dict[int | str, Any],
) -> None:
    """`endpoint`: serves several formats; `model`: what this one is asked by, in `asked`."""
    endpoint.__annotations__["asked"] = Annotated[model, Query()]
    router.add_api_route(
        path,
        endpoint,
        name=name,
        summary=title,
        description=title,
        response_class=Response,
        responses=responses,
    )


def content_of(
    report: Report, query: ReportQuery, media_type: str, *, totals: bool, dialect: Dialect
) -> bytes:
    """`totals`: with the total as its last row, and the column that says so. `dialect`: of CSV."""
    keys = query.group_by
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


def name_of(query: ReportQuery, shape: Shape, media_type: str) -> str:
    """`konsultasi-per-kecamatan-month_2026-01-01_2026-03-31.csv`: ASCII, without spaces."""
    parts = [f"konsultasi-per-{'-'.join(query.group_by)}"]
    for name, values in query.filters.items():
        written = "+".join(_written(value) for value in values)
        parts.append(f"{name}-{written}" if len(written) <= _ROOM else name)
    if query.first:
        parts.append(query.first.isoformat() if query.last else f"sejak-{query.first}")
    if query.last:
        parts.append(query.last.isoformat() if query.first else f"sampai-{query.last}")
    if query.as_of:
        parts.append(f"kondisi-{local_day(query.as_of)}")
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
