"""A report: which groups, in which order and under which names, how many on a page, their total."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from services.reporting.domain.answers import Answer
from services.reporting.domain.columns import added
from services.reporting.domain.figures import Flat, Group, figures, groups_of, nothing, numbers
from services.reporting.domain.groups import all_groups
from services.reporting.domain.periods import span
from services.reporting.domain.query import TIME_KEYS, ReportQuery, Value, in_order
from services.reporting.domain.suppression import suppressed
from shared import reference
from shared.reference import DPMD
from shared.text.wording import Text, Unfit

NAMES: Mapping[str, Callable[[Any], str | None]] = {
    "kecamatan": lambda code: _name(reference.region(code)),
    "desa": lambda code: _name(reference.region(code)),
    "topic": lambda code: _name_id(reference.topics().get(code)),
    "kind": lambda code: _name_id(reference.kinds().get(code)),
    "channel": lambda code: _name_id(reference.channels().get(code)),
    "role": lambda code: _name_id(reference.roles().get(code)),
    "sdgs_goal": lambda goal: _name_id(reference.sdgs().get(goal)),
    "satgas": lambda code: "Tim Klik Desa DPMD" if code == DPMD else _name(reference.region(code)),
}
"""Key → how its codes are named: `kecamatan_name` beside `kecamatan`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a report is to be shown. `empty`: also groups without a consultation; `after`: the last
    group of the page before."""

    limit: int
    empty: bool = False
    open_data: bool = False
    after: Group | None = None


@dataclass(frozen=True, slots=True)
class Report:
    rows: Mapping[Group, Flat]
    totals: Flat
    """Of all groups, not only those on this page."""
    next: Group | None
    """The last group on this page, where there are more."""


def report(answer: Answer, query: ReportQuery, shape: Shape) -> Report:
    """Raises `TooManyGroups` where empty groups were asked for and would be too many."""
    keys = query.group_by
    groups = groups_of(answer.cube, keys)
    if shape.empty or shape.open_data:
        groups = in_order({*groups, *all_groups(answer, query)})
    totals = figures(added([answer.cube], ()), ()).get((), nothing())
    found: Mapping[Group, Flat] = {}
    if shape.open_data:
        # what is left out depends on all groups, not on those that share a page
        every = {group: nothing() for group in groups} | figures(answer.cube, keys)
        found, totals = suppressed(every, keys, totals, numbers(answer.cube, keys))
        if not shape.empty:
            groups = [group for group in groups if found[group]["submitted"] != 0]
    page = [group for group in groups if shape.after is None or _is_after(group, shape.after)]
    more = len(page) > shape.limit
    page = page[: shape.limit]
    if not shape.open_data:
        found = figures(answer.cube, keys, page)
    rows = {group: found.get(group) or nothing() for group in page}
    return Report(rows, totals, page[-1] if more else None)


def _is_after(group: Group, other: Group) -> bool:
    return group != other and in_order([group, other])[0] == other


def cursor_of(query: ReportQuery, shape: Shape, group: Group) -> str:
    """Where the next page begins; good for the same query only."""
    said = json.dumps([fingerprint(query, shape), list(group)], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(query: ReportQuery, shape: Shape, cursor: str) -> Group:
    """Raises `Unfit` for what is no cursor, or one of another query."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        of, group = json.loads(text)
        values: Group = tuple(group)
    except (binascii.Error, UnicodeError, ValueError, TypeError):
        raise _no_cursor() from None
    if of != fingerprint(query, shape):
        raise Unfit(
            Text("Kursor ini dari pertanyaan lain.", "the cursor of another question"),
            code="unknown_cursor",
        )
    kinds = (str, int, bool, type(None))
    if len(values) != len(query.group_by) or not all(isinstance(v, kinds) for v in values):
        raise _no_cursor()
    return values


def _no_cursor() -> Unfit:
    return Unfit(Text("Ini bukan kursor.", "not a cursor"), code="unknown_cursor")


def fingerprint(query: ReportQuery, shape: Shape) -> str:
    """The same for the same query, whatever the page."""
    asked = (
        query.group_by,
        str(query.first),
        str(query.last),
        sorted(query.filters.items()),
        str(query.as_of),
        shape.empty,
        shape.open_data,
    )
    return sha256(repr(asked).encode()).hexdigest()[:16]


def days_of(
    query: ReportQuery, keys: Sequence[str], group: Group
) -> tuple[date | None, date | None]:
    """The days of one group within the range of its query."""
    first, last = query.first, query.last
    for key, value in zip(keys, group, strict=True):
        if key not in TIME_KEYS:
            continue
        begins, ends = span(key, str(value))
        first = begins if first is None else max(first, begins)
        last = ends if last is None else min(last, ends)
    return first, last


def key_columns(keys: Sequence[str]) -> list[str]:
    return [name for key in keys for name in ((key, f"{key}_name") if key in NAMES else (key,))]


def named(keys: Sequence[str], group: Sequence[Value]) -> dict[str, Value]:
    """The keys of a group, each followed by its name where there are names: the code again where it
    has none today."""
    whole: dict[str, Value] = {}
    for key, value in zip(keys, group, strict=True):
        whole[key] = value
        if key in NAMES:
            whole[f"{key}_name"] = None if value is None else NAMES[key](value) or str(value)
    return whole


def _name(region: reference.Region | None) -> str | None:
    return region.name if region else None


def _name_id(entry: Any) -> str | None:
    return None if entry is None else str(entry.name_id)
