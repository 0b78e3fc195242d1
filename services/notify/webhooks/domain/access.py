"""Whether the owner of a subscription may see an event: as if they read the consultation now."""

from enum import Enum
from typing import Any

from services.notify.domain.case_view import CaseView
from shared.reference import COMPLAINT


class Sight(Enum):
    SHOWN = "shown"
    HIDDEN = "hidden"
    UNKNOWN = "unknown"
    """Nothing is known of the consultation yet: events may overtake each other."""


def sight(territory: str | None, event: dict[str, Any], case: CaseView | None) -> Sight:
    """`territory`: the kecamatan of the owner's key, None for all. `event`: as published.

    A key for one kecamatan sees what comes from there or was transferred there; of complaints,
    which are confidential, only the latter. What is not known to be no complaint may be one.
    """
    if territory is None:
        return Sight.SHOWN
    kind = event.get("kind") or (case.kind if case else None)
    satgas = case.satgas if case and case.satgas else event.get("satgas")
    if satgas == territory:
        return Sight.SHOWN
    if event["region"]["kecamatan"] != territory:
        # whoever may have got it meanwhile is told by the case view
        return Sight.HIDDEN if case else Sight.UNKNOWN
    if kind is None:
        return Sight.UNKNOWN
    return Sight.HIDDEN if kind == COMPLAINT else Sight.SHOWN
