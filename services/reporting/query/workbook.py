"""A report as an Excel workbook that is ready to use: typed cells, the header and the keys in
sight, a filter, columns as wide as what is in them."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from services.reporting.domain.figures import FIGURES
from services.reporting.query.exports import ROW, TOTAL, Rows, first_day, harmless, has_fraction

_BOLD = Font(bold=True)
#: Characters: of a column at most, and what the arrow of the filter takes beside a heading.
_WIDEST, _ARROW = 40, 4

#: Excel has no format for weeks and quarters: they stay text, which sorts as time does.
_KEY_FORMATS: Mapping[str, str] = {"day": "yyyy-mm-dd", "month": "yyyy-mm", "year": "0"}


def workbook(columns: Sequence[str], rows: Rows, frozen: int | None = None) -> bytes:
    """`frozen`: columns that stay in sight; the keys of a report where nothing is said."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("laporan")
    if frozen is None:
        frozen = sum(name not in FIGURES for name in columns)
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    groups = sum(row.get(ROW) != TOTAL for row in rows)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{groups + 1}"
    for place, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(name, rows)
    sheet.append(list(_cells(sheet, dict(zip(columns, columns, strict=True)), columns, bold=True)))
    for row in rows:
        values = {name: _typed(name, row.get(name)) for name in columns}
        sheet.append(list(_cells(sheet, values, columns, bold=row.get(ROW) == TOTAL)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(
    sheet: Any, values: Mapping[str, Any], columns: Sequence[str], *, bold: bool
) -> Iterator[Any]:
    for name in columns:
        value = harmless(values[name])
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            cell.data_type = "s"
        elif value is not None:
            cell.number_format = _format(name)
        if bold:
            cell.font = _BOLD
        yield cell


def _typed(name: str, value: Any) -> Any:
    if value is None or name not in _KEY_FORMATS:
        return value
    return int(value) if name == "year" else first_day(name, value)


def _format(name: str) -> str:
    """How a number or a date is shown. Thousands and decimals follow the computer's settings."""
    if name in _KEY_FORMATS:
        return _KEY_FORMATS[name]
    if name.endswith("_ratio"):
        return "0.0%"
    if name in FIGURES or has_fraction(name):
        return "#,##0.00" if has_fraction(name) else "#,##0"
    return "0"


def _width(name: str, rows: Rows) -> int:
    longest = max((len(str(row[name])) for row in rows if row.get(name) is not None), default=0)
    return min(max(len(name) + _ARROW, longest + 2), _WIDEST)
