"""Dataclasses as documents: what is kept of one, and what a change of it writes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Fields = dict[str, Any]
"""As a document has them."""


def fields_of(one: Any) -> Fields:
    """The fields of a dataclass with slots as they are: `asdict` copies each of them, deeply."""
    return {name: getattr(one, name) for name in one.__slots__}


def difference(
    before: object, after: object, fields: Iterable[str], kept: Callable[[Any], Any]
) -> dict[str, Fields]:
    """What `after` has that `before` has not, as an update: of what only grew, the end.

    `kept`: a value as its document has it.
    """
    assigned, pushed = Fields(), Fields()
    for name in fields:
        was, value = getattr(before, name), getattr(after, name)
        if value == was:
            continue
        if isinstance(value, tuple) and value[: len(was)] == was:
            pushed[name] = {"$each": kept(value[len(was) :])}
        else:
            assigned[name] = kept(value)
    return {"$set": assigned, **({"$push": pushed} if pushed else {})}


def merged(update: Mapping[str, Fields], more: Mapping[str, Fields]) -> dict[str, Fields]:
    """Both updates as one; they name no field in common."""
    return {
        operator: {**update.get(operator, {}), **more.get(operator, {})}
        for operator in {**update, **more}
    }
