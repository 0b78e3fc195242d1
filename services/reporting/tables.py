"""A report as a table: names beside codes, and the same figures as CSV."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared import reference

_NAMES: Mapping[str, Callable[[str], str | None]] = {
    "kecamatan": lambda code: _name(reference.region(code)),
    "desa": lambda code: _name(reference.region(code)),
    "topic": lambda code: _name_id(reference.topics().get(code)),
    "kind": lambda code: _name_id(reference.kinds().get(code)),
    "channel": lambda code: _name_id(reference.channels().get(code)),
}


def with_names(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each code followed by its name: `kecamatan`, `kecamatan_name`; the code again if unknown."""
    named = []
    for row in rows:
        whole: dict[str, Any] = {}
        for key, value in row.items():
            whole[key] = value
            if key in _NAMES:
                whole[f"{key}_name"] = _NAMES[key](value) or value
        named.append(whole)
    return named


def to_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """RFC 4180, UTF-8; what a spreadsheet would run as a formula gets an apostrophe before it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _harmless(row.get(key)) for key in columns})
    return text.getvalue()


def columns(group_by: Sequence[str], counts: Sequence[str]) -> list[str]:
    head = [
        name
        for key in group_by
        for name in (key, f"{key}_name")
        if name in group_by or key in _NAMES
    ]
    return [*head, *counts]


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _name(region: reference.Region | None) -> str | None:
    return region.name if region else None


def _name_id(entry: Any) -> str | None:
    return None if entry is None else str(entry.name_id)
