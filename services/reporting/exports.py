"""A report as a file: the same rows and numbers as CSV, XLSX and Parquet.

Each format is a function of columns and rows, `Write`. A column whose name ends in a unit or a
ratio holds numbers with a fraction, the key columns hold text, all others whole numbers.

The libraries of a format are loaded with its first file: they take 25 MB, and most replicas write
none.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from services.reporting.figures import FIGURES

Rows = Sequence[Mapping[str, Any]]
Write = Callable[[Sequence[str], Rows], bytes]

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"

BOM = b"\xef\xbb\xbf"
"""By which Excel knows a CSV for UTF-8."""


def to_csv(columns: Sequence[str], rows: Rows) -> bytes:
    """RFC 4180 in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode()


def to_xlsx(columns: Sequence[str], rows: Rows) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("laporan")
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for row in rows:
        cells = []
        for name in columns:
            cell = WriteOnlyCell(sheet, harmless(row.get(name)))
            if isinstance(cell.value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def to_parquet(columns: Sequence[str], rows: Rows) -> bytes:
    from pyarrow.parquet import write_table

    schema = pa.schema([(name, _type_of(name)) for name in columns])
    lines = [{name: _as_text(name, row.get(name)) for name in columns} for row in rows]
    sink = pa.BufferOutputStream()
    write_table(pa.Table.from_pylist(lines, schema=schema), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


FORMATS: Mapping[str, Write] = {CSV: to_csv, XLSX: to_xlsx, PARQUET: to_parquet}


def harmless(value: Any) -> Any:
    """What a spreadsheet would run as a formula gets an apostrophe before it."""
    starts = ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) else value


def _type_of(name: str) -> pa.DataType:
    if name not in FIGURES:
        return pa.int64() if name == "sdgs_goal" else pa.string()
    return pa.float64() if name.endswith(("_s", "_ratio", "_mean")) else pa.int64()


def _as_text(name: str, value: Any) -> Any:
    """A key may be a number in one row and a word (the total's) in another."""
    if name == "sdgs_goal" and not isinstance(value, int):
        return None
    return value
