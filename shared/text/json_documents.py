"""JSON documents as they come in: I-JSON (RFC 7493), so that no two readers take them differently.

A name that an object has twice, and numbers that are none, are kept so that they can be told where
they stand: `shared.text.characters.illegible` finds them among the texts, in one walk.
"""

import json
from collections import Counter
from typing import Any


class Repeating(dict[str, Any]):
    """An object with names that came more than once; the last of each is its value."""

    repeated: list[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeating = Repeating(found)
    repeating.repeated = [name for name, times in Counter(n for n, _ in pairs).items() if times > 1]
    return repeating


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def read(body: bytes) -> Any:
    """The document. Raises ValueError, or RecursionError for one that is nested too deep."""
    return _DECODER.decode(body.decode())
