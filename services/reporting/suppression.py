"""Open data: no figure that counts fewer than five people, and none from which one could be worked
out.

A count from 1 to 4 is left out (primary). Where all others of a line and its total are shown, what
is left out of it would be their difference; so in each line either nothing is left out, or two or
more figures that are five people together, and the next smallest is left out as well until that
holds (complementary). A line is what differs in one key only; of desa also those of one kecamatan,
and so on, since the coarser report is published too. Zeros are shown: they tell of nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.reporting.domain import topic_group
from services.reporting.figures import DURATION_COLUMNS, FIGURES, Flat, Group
from services.reporting.measures import COUNTS

#: People below which a figure is left out.
LEAST = 5

#: Key → the coarser one of which a report may be published beside it.
_PARENT = {
    "desa": lambda code: str(code)[:8],
    "topic": lambda code: topic_group(str(code)),
    "month": lambda text: str(text)[:4],
    "quarter": lambda text: str(text)[:4],
}
#: Statistic → the count of those it is reckoned from.
_BASES: Mapping[str, str] = {
    "sla_met_ratio": "sla_due",
    "rating_mean": "ratings",
    **{
        column: "answered" if name.startswith("first_answer") else "closed"
        for column, (name, _) in DURATION_COLUMNS.items()
    },
}


def suppressed(
    rows: Mapping[Group, Flat], keys: Sequence[str], totals: Flat
) -> tuple[dict[Group, Flat], Flat]:
    """Rows and totals as they may be published; None for what is left out."""
    hidden = {name: _hidden({group: rows[group][name] for group in rows}, keys) for name in COUNTS}
    for name in COUNTS:
        hidden[name] |= hidden["submitted"]
    shown = {
        group: {
            name: None if group in hidden[_BASES.get(name, name)] else row[name] for name in FIGURES
        }
        for group, row in rows.items()
    }
    small = {name for name in COUNTS if 0 < totals[name] < LEAST}
    return shown, {
        name: None if _BASES.get(name, name) in small else totals[name] for name in FIGURES
    }


def _hidden(counts: Mapping[Group, int], keys: Sequence[str]) -> set[Group]:
    hidden = {group for group, count in counts.items() if 0 < count < LEAST}
    lines = list(_lines(counts, keys))
    changed = bool(hidden)
    while changed:
        changed = False
        for line in lines:
            inside = [group for group in line if group in hidden]
            if not inside or (len(inside) > 1 and sum(counts[one] for one in inside) >= LEAST):
                continue
            others = sorted(
                (group for group in line if group not in hidden and counts[group]),
                key=lambda group: (counts[group], str(group)),
            )
            if others:
                hidden.add(others[0])
                changed = True
    return hidden


def _lines(counts: Iterable[Group], keys: Sequence[str]) -> Iterable[list[Group]]:
    """Groups of which the sum may be published: those that differ in one key or its family."""
    groups = list(counts)
    for place, key in enumerate(keys):
        for parent in (lambda _: None, _PARENT.get(key)):
            if parent is None:
                continue
            lines: dict[tuple[Any, ...], list[Group]] = {}
            for group in groups:
                rest = (*group[:place], *group[place + 1 :], parent(group[place]))
                lines.setdefault(rest, []).append(group)
            yield from lines.values()
    if len(keys) > 1:
        yield groups
