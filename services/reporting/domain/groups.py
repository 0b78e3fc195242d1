"""Every group that a report can have, whether a consultation is in it or not. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import chain, product
from math import prod

from services.reporting.domain.answers import Answer
from services.reporting.domain.figures import Group, groups_of
from services.reporting.domain.periods import Period, label
from services.reporting.domain.query import MAX_GROUPS, TIME_KEYS, ReportQuery, Value, domain
from services.reporting.domain.rows import topic_group
from shared.text.wording import Text, Unfit

WITHIN: Mapping[str, str] = {"desa": "kecamatan", "topic": "topic_group"}
"""Key → the coarser one that it is a part of, and of one only."""


class TooManyGroups(Unfit):
    """More than anybody can read."""


def whole_of(key: str, value: Value) -> Value:
    """The kecamatan of a desa, the group of a topic."""
    return str(value)[:8] if key == "desa" else topic_group(str(value))


def all_groups(answer: Answer, query: ReportQuery) -> list[Group]:
    """Officers, and what else cannot be listed, are those that are there.

    Raises `TooManyGroups`.
    """
    keys = query.group_by
    there = groups_of(answer.cube, keys)
    times = tuple(key for key in keys if key in TIME_KEYS)
    parts: list[tuple[Sequence[str], Sequence[Group]]] = [(times, _times(answer, times))]
    named = {WITHIN[key] for key in keys if key in WITHIN}
    for place, key in enumerate(keys):
        if key in TIME_KEYS or key in named:
            continue
        values = query.filters.get(key) or domain(key)
        if not values:
            values = tuple(dict.fromkeys(group[place] for group in there))
        parts.append(_nested(key, values, query))
    if prod(len(groups) for _, groups in parts) > MAX_GROUPS:
        said = Text(f"Lebih dari {MAX_GROUPS} kelompok.", f"more than {MAX_GROUPS} groups")
        raise TooManyGroups(said)
    order = [key for part, _ in parts for key in part]
    places = [order.index(key) for key in keys]
    choices = (list(chain(*choice)) for choice in product(*(groups for _, groups in parts)))
    return [tuple(values[place] for place in places) for values in choices]


def _nested(
    key: str, values: Sequence[Value], query: ReportQuery
) -> tuple[Sequence[str], list[Group]]:
    """The values of a key, and with them that of the coarser one where it is asked for as well."""
    if key not in WITHIN:
        return [key], [(value,) for value in values]
    parent = WITHIN[key]
    pairs = [(value, whole_of(key, value)) for value in values]
    if parent in query.filters:
        pairs = [pair for pair in pairs if pair[1] in query.filters[parent]]
    if parent in query.group_by:
        return [key, parent], list(pairs)
    return [key], [(value,) for value, _ in pairs]


def _times(answer: Answer, keys: Sequence[str]) -> list[Group]:
    """What the days of the range are called under all of `keys` at once: a week in which a year
    begins is of both years, and of no other."""
    if not keys:
        return [()]
    if answer.first is None or answer.last is None:
        return []
    days = range((answer.last - answer.first).days + 1)
    named = (Period((answer.first + timedelta(days=number)).isoformat()) for number in days)
    return list(dict.fromkeys(tuple(label(day, key) for key in keys) for day in named))
