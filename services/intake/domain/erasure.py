"""Erasing what people said, and how long it is kept: which of it is due, and what is left."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Who, told
from services.intake.domain.lifecycle import OPEN
from services.intake.domain.timeline import Entry, with_entry
from shared import events

_ENDS = frozenset(
    event.name
    for event in (
        events.ConsultationClosed,
        events.ConsultationWithdrawn,
        events.ConsultationRejected,
    )
)

Part = Literal["requester", "words"]
"""`requester`: name and contact; `words`: all that is left."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each part is kept after a consultation has ended."""

    requester: timedelta
    words: timedelta

    def due(self, consultation: Consultation, now: datetime) -> Part | None:
        """Which part is to go by now. An open consultation keeps all, however old it is."""
        ended = ended_at(consultation)
        if ended is None or consultation.erased:
            return None
        if ended + self.words <= now:
            return "words"
        return "requester" if ended + self.requester <= now else None

    def first(self) -> timedelta:
        """The age below which nothing is due."""
        return min(self.requester, self.words)


def ended_at(consultation: Consultation) -> datetime | None:
    """When it was closed, withdrawn or rejected last; None while it is open."""
    if consultation.status in OPEN:
        return None
    return max((entry.at for entry in consultation.timeline if entry.what in _ENDS), default=None)


def erased(
    consultation: Consultation, who: Who, *, id_: UUID, now: datetime
) -> tuple[Consultation, events.ConsultationErased]:
    """The consultation without its words, and the event with `id_` that tells of it.

    Status, codes and times stay as they are: reports do not change.
    """
    entry = Entry(events.ConsultationErased.name, now, who.actor, who.id)
    changed = replace(
        consultation,
        version=consultation.version + 1,
        erased=True,
        timeline=with_entry(consultation.timeline, entry),
    )
    return changed, told(events.ConsultationErased, changed, who, id_=id_, now=now)
