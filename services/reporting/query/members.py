"""The consultations behind a figure: what of each a list shows: codes, days and stages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from services.reporting.domain.report import named

KEYS: tuple[str, ...] = ("kecamatan", "desa", "topic", "kind", "satgas")
"""Codes of a member that have names beside them."""

#: The columns of a row that a member is made of.
LISTED: tuple[str, ...] = (
    "id",
    "day",
    *KEYS,
    "level",
    "assigned_at",
    "acknowledged_at",
    "answered_at",
    "closed_at",
    "reopened_at",
    "withdrawn_at",
    "rejected_at",
    "overdue_at",
    "answered_office_ms",
    "is_open",
)
STAGES: tuple[str, ...] = ("submitted", "assigned", "acknowledged", "answered", "reopened")
"""How far one has come that is open; the last that was reached counts."""
ENDS: tuple[str, ...] = ("closed", "withdrawn", "rejected")

COLUMNS: tuple[str, ...] = (
    "id",
    "day",
    *(name for key in KEYS for name in (key, f"{key}_name")),
    "level",
    "stage",
    "days_open",
    "overdue",
    "first_answer_office_s",
)
"""Of a list as a file, and the fields of a member."""

#: Columns of a workbook that stay in sight: the id and the day.
FROZEN = 2


def members(rows: pa.Table, today: date) -> list[dict[str, Any]]:
    """`rows`: with the columns `LISTED`. `today`: until when what is open has waited."""
    return [_member(row, today) for row in rows.select(list(LISTED)).to_pylist()]


def _member(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    waited = (today - date.fromisoformat(row["day"])).days
    took = row["answered_office_ms"]
    return {
        "id": row["id"],
        "day": row["day"],
        **named(KEYS, [row[key] for key in KEYS]),
        "level": row["level"],
        "stage": _stage(row),
        "days_open": max(waited, 0) if row["is_open"] else None,
        "overdue": row["overdue_at"] is not None,
        "first_answer_office_s": None if took is None else round(took / 1000, 3),
    }


def _stage(row: Mapping[str, Any]) -> str:
    if not row["is_open"]:
        return max(_reached(row, ENDS), key=lambda name: row[f"{name}_at"])
    return (_reached(row, STAGES[1:]) or STAGES[:1])[-1]


def _reached(row: Mapping[str, Any], stages: Iterable[str]) -> Sequence[str]:
    return [name for name in stages if row[f"{name}_at"] is not None]
