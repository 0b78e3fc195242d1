"""Which language a caller wants to read: `Accept-Language` by its weights (RFC 9110, 12.5.4)."""

import re
from collections.abc import Mapping

from shared.text.wording import Language

#: ISO 639 called Indonesian `in` until 1989, and old Android phones still do.
_LANGUAGES: Mapping[str, Language] = {"id": "id", "in": "id", "en": "en"}

_RANGE = re.compile(
    r"[ \t]*(?P<tag>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)"
    r"[ \t]*(?:;[ \t]*[Qq]=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?"
)


def preferred(header: str) -> Language:
    """The language of ours with the greatest weight; of two that weigh the same, the first named.

    Indonesian where the header names neither, or is none: a range that cannot be read counts as
    not written. What has the weight 0 is taken only where the other one is refused as well.
    """
    weights: dict[Language, float] = {}
    others = None
    for part in header.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        weight = float(found["weight"] or 1)
        if found["tag"] == "*":
            others = weight
        elif of := _LANGUAGES.get(found["tag"].split("-")[0].lower()):
            weights[of] = max(weight, weights.get(of, 0.0))
    if others is not None:
        weights = weights | {one: others for one in ("id", "en") if one not in weights}
    return _greatest(weights)


def _greatest(weights: Mapping[Language, float]) -> Language:
    best = max(weights, key=lambda one: weights[one], default=None)
    if best is not None and weights[best] > 0:
        return best
    is_only_indonesian_refused = "id" in weights and "en" not in weights
    return "en" if is_only_indonesian_refused else "id"
