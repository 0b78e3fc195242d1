"""A report as a file: the same rows and numbers as CSV, XLSX (`workbook.py`) and Parquet.

Each format is a function of columns and rows, `Write`. A column whose name ends in a unit or a
ratio holds numbers with a fraction, the key columns hold text, all others whole numbers. Days are
dates where a format has them.

The libraries of a format are loaded with its first file: they take 25 MB, and most replicas write
none.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pyarrow as pa

from services.reporting.domain.figures import FIGURES
from services.reporting.domain.periods import span

Rows = Sequence[Mapping[str, Any]]
Write = Callable[[Sequence[str], Rows], bytes]

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
SUFFIXES: Mapping[str, str] = {CSV: "csv", XLSX: "xlsx", PARQUET: "parquet"}

ROW = "row"
"""The column that tells a group from the total, wherever a total is among the rows: a group whose
keys are not known has none either."""
GROUP: Literal["group"] = "group"
TOTAL: Literal["total"] = "total"

BOM = b"\xef\xbb\xbf"
"""By which Excel knows a CSV for UTF-8."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV is written; RFC 4180 where nothing else is said."""

    delimiter: str = ","
    decimal: str = "."
    bom: bool = False


#: What Excel opens with a double click, by the language of the computer's regional settings.
EXCEL: Mapping[str, Dialect] = {"id": Dialect(";", ",", bom=True), "en": Dialect(bom=True)}


def to_csv(columns: Sequence[str], rows: Rows, dialect: Dialect = Dialect()) -> bytes:
    """In UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(
        [_written(harmless(row.get(name)), dialect) for name in columns] for row in rows
    )
    return (BOM if dialect.bom else b"") + text.getvalue().encode()


def _written(value: Any, dialect: Dialect) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace(".", dialect.decimal) if isinstance(value, float) else value


def to_xlsx(columns: Sequence[str], rows: Rows, frozen: int | None = None) -> bytes:
    """`frozen`: as `workbook` takes it."""
    from services.reporting.query.workbook import workbook

    return workbook(columns, rows, frozen)


def to_parquet(columns: Sequence[str], rows: Rows) -> bytes:
    from pyarrow.parquet import write_table

    schema = pa.schema([(name, _type_of(name)) for name in columns])
    lines = [{name: _typed(name, row.get(name)) for name in columns} for row in rows]
    sink = pa.BufferOutputStream()
    write_table(pa.Table.from_pylist(lines, schema=schema), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


FORMATS: Mapping[str, Write] = {CSV: to_csv, XLSX: to_xlsx, PARQUET: to_parquet}


def harmless(value: Any) -> Any:
    """What a spreadsheet would run as a formula gets an apostrophe before it."""
    starts = ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) else value


#: Time keys that are the date of their first day where text has no type.
DATES = frozenset({"day", "week", "month", "quarter"})


def _type_of(name: str) -> pa.DataType:
    if name in FIGURES:
        return pa.float64() if has_fraction(name) else pa.int64()
    if name in DATES:
        return pa.date32()
    return {"year": pa.int32(), "sdgs_goal": pa.int64()}.get(name, pa.string())


def has_fraction(figure: str) -> bool:
    return figure.endswith(("_s", "_ratio", "_mean"))


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in DATES:
        return first_day(name, value)
    return int(value) if name == "year" else value


def first_day(key: str, text: str) -> date:
    """Of a period, as it is written under a time key."""
    return span(key, text)[0]
