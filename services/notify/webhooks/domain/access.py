"""Whether a subscription still has an owner, and whether they may see an event: as if they read the
consultation now."""

from enum import Enum
from typing import Any

from services.notify.domain.case_view import CaseView
from services.notify.webhooks.domain.subscription import Subscription
from shared.reference import COMPLAINT
from shared.web.permissions import ACCESS, Caller, Role, Scope

#: Who may have webhooks, and how far those reach.
OWNERS = ACCESS["create_webhook"]


class Visibility(Enum):
    SHOWN = "shown"
    HIDDEN = "hidden"
    UNKNOWN = "unknown"
    """Nothing is known of the consultation yet: events may overtake each other."""


def owner_of(one: Subscription, known: Caller | str | None) -> Caller | str:
    """Whom it is delivered to, or why to nobody any more, as a code.

    `known`: whom a key of the owner's id lets in now, or the state of that key; None where there is
    none. Of who came by an issuer's token nobody says when it ends.
    """
    if one.by_token and one.role is not None:
        known = Caller(one.owner, Role(one.role), one.territory, is_by_token=True)
    if not isinstance(known, Caller):
        return f"key_{known or 'unknown'}"
    is_as_it_was = one.role in (None, known.role) and one.territory == known.territory
    return known if is_as_it_was and known.role in OWNERS else "key_changed"


def sees_only_own(owner: Caller) -> bool:
    """A front-end: of the consultations that it posted."""
    return OWNERS.get(owner.role) is Scope.POSTED


def visibility_of_own(owner: Caller, submitter: str | None) -> Visibility:
    """`submitter`: of the event's consultation, as `Submitters` has it."""
    if submitter is None:
        return Visibility.UNKNOWN
    return Visibility.SHOWN if submitter == owner.key_id else Visibility.HIDDEN


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
