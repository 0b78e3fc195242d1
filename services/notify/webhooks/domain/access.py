"""Whether the owner of a subscription may see an event: as if they read the consultation now."""

from enum import Enum
from typing import Any

from services.notify.domain.case_view import CaseView
from shared.reference import COMPLAINT


class Visibility(Enum):
    SHOWN = "shown"
    HIDDEN = "hidden"
    UNKNOWN = "unknown"
    """Nothing is known of the consultation yet: events may overtake each other."""


def visibility(territory: str | None, event: dict[str, Any], case: CaseView | None) -> Visibility:
    """`territory`: the kecamatan of the owner's key, None for all. `event`: as published.

    A key for one kecamatan sees what comes from there or was transferred there; of complaints,
    which are confidential, only the latter. What is not known to be no complaint may be one.
    """
    if territory is None:
        return Visibility.SHOWN
    kind = event.get("kind") or (case.kind if case else None)
    satgas = case.satgas if case and case.satgas else event.get("satgas")
    if satgas == territory:
        return Visibility.SHOWN
    if event["region"]["kecamatan"] != territory:
        # whoever may have got it meanwhile is told by the case view
        return Visibility.HIDDEN if case else Visibility.UNKNOWN
    if kind is None:
        return Visibility.UNKNOWN
    return Visibility.HIDDEN if kind == COMPLAINT else Visibility.SHOWN
