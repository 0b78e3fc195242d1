"""Names beside codes: `kecamatan`, `kecamatan_name`; the code again where it has none today."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.reporting.domain.query import Value
from shared import reference
from shared.reference import DPMD

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


def key_columns(keys: Sequence[str]) -> list[str]:
    return [name for key in keys for name in ((key, f"{key}_name") if key in NAMES else (key,))]


def named(keys: Sequence[str], group: Sequence[Value]) -> dict[str, Value]:
    """The keys of a group, each followed by its name where there are names."""
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
