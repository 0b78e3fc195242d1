"""Since when and until when a code holds."""

from datetime import date, datetime


def holds(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Whether a code with these bounds holds on that day in Kutai Kartanegara.

    No `valid_from` means since before our records; `valid_to` is the first day it no longer holds,
    so that a successor starts without a gap.
    """
    if isinstance(on, datetime):
        # It would compare only until the first dated row, and it hides which zone's day.
        raise TypeError("give a date in Asia/Makassar, not a datetime")
    return not is_before(valid_from, on) and (valid_to is None or on < valid_to)


def is_before(valid_from: date | None, on: date) -> bool:
    """Whether the code starts later than that day."""
    return valid_from is not None and on < valid_from


def bounds(row: dict[str, str]) -> tuple[date | None, date | None]:
    """`valid_from` and `valid_to` of a table's row; ValueError where they are in no order."""
    start, end = (
        date.fromisoformat(row[cell]) if row[cell] else None for cell in ("valid_from", "valid_to")
    )
    if start and end and end <= start:
        raise ValueError(f"{row['code']} ends before it starts")
    return start, end
