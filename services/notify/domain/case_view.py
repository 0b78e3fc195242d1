"""What notify knows of a consultation: whose it is, and whose turn. Pure.

A projection that any order and any number of deliveries end in alike: what routing decides counts
by the sequence of its case, what happens to the consultation by intake's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.events import (
    CaseAssigned,
    CaseHeld,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationErased,
    ConsultationEvent,
    ConsultationQuestionAsked,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationSubmitted,
    ConsultationWithdrawn,
    Region,
)

Stage = Literal["open", "waiting", "over"]
"""`open`: the satgas is to do something; `waiting`: the requester, if anybody."""

_STAGES: Mapping[type[ConsultationEvent], Stage] = {
    ConsultationSubmitted: "open",
    ConsultationReplyReceived: "open",
    ConsultationReopened: "open",
    ConsultationAnswered: "waiting",
    ConsultationQuestionAsked: "waiting",
    ConsultationClosed: "over",
    ConsultationWithdrawn: "over",
    ConsultationRejected: "over",
    ConsultationErased: "over",
}


@dataclass(frozen=True, slots=True)
class CaseView:
    """A field that no event has told yet is None."""

    consultation: UUID
    region: Region
    topic: str | None = None
    kind: str | None = None
    satgas: str | None = None
    officer: str | None = None
    had: str | None = None
    """The officer who was given it last, also while it is held."""
    due: datetime | None = None
    reachable: bool | None = None
    """Whether the requester left a contact."""
    submitter: str | None = None
    """The id of the key that posted it; None besides where it is from before that was told."""
    case_sequence: int = 0
    stage: Stage | None = None
    stage_sequence: int = 0

    @property
    def is_open(self) -> bool:
        return self.stage in (None, "open")


@dataclass(frozen=True, slots=True)
class News:
    """What an event tells: facts that never change, and those that count by their sequence."""

    always: Mapping[str, Any]
    case: Mapping[str, Any] | None = None
    stage: Stage | None = None


def news(event: ConsultationEvent) -> News | None:
    """None where the event changes nothing here."""
    if isinstance(event, CaseAssigned):
        case = {
            "officer": event.officer,
            "had": event.officer,
            "satgas": event.satgas,
            "due": event.answer_due,
        }
        return News({"topic": event.topic, "kind": event.kind}, case)
    if isinstance(event, CaseHeld):
        return News({}, {"officer": None, "satgas": event.satgas, "due": None})
    if isinstance(event, ConsultationSubmitted):
        always = {
            "topic": event.topic,
            "kind": event.kind,
            "reachable": event.reachable,
            "submitter": event.submitter,
        }
        return News(always, stage="open")
    stage = _STAGES.get(type(event))
    return News({}, stage=stage) if stage else None
