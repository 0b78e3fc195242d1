"""The timeline of a consultation: what happened, in order of time, however late it was heard of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain.lifecycle import Actor
from shared.events import (
    CaseAssigned,
    CaseEscalated,
    CaseHeld,
    ConsultationEscalationRequested,
    ConsultationRated,
    ConsultationTransferRequested,
)

#: Entries from routing's news in one timeline; of more, the latest are kept.
MOST_NEWS = 1_000

_NEWS_FOR_REQUESTER = frozenset({CaseAssigned.name, CaseHeld.name, CaseEscalated.name})
"""That a reminder was due or a deadline missed is the satgas's own affair."""

_NO_ANSWER = frozenset(
    {
        ConsultationRated.name,
        ConsultationTransferRequested.name,
        ConsultationEscalationRequested.name,
    }
)
"""Moves after which it is still the same side's turn, and its silence goes on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: the event's name, when, and who did it."""

    what: str
    at: datetime
    actor: Actor | None = None
    id_of_actor: str | None = None
    detail: str | None = None
    """A code that tells more: a clock, a level, a reason."""
    event: str | None = None
    """The id of routing's event, by which a repeated delivery is known."""


Timeline = tuple[Entry, ...]


def with_entry(timeline: Timeline, entry: Entry) -> Timeline:
    """The timeline with `entry` at its place: the same whatever order the news came in."""
    ordered = in_order((*timeline, entry))
    news = [one for one in ordered if one.event]
    return ordered if len(news) <= MOST_NEWS else tuple(one for one in ordered if one != news[0])


def in_order(entries: Iterable[Entry]) -> Timeline:
    return tuple(sorted(entries, key=lambda one: (one.at, one.event or "")))


def knows(timeline: Timeline, event: UUID) -> bool:
    return any(entry.event == str(event) for entry in timeline)


def is_quiet_since(timeline: Timeline, since: datetime) -> bool:
    """Whether neither side has carried the conversation on after `since`."""
    return not any(
        entry.actor and entry.at > since and entry.what not in _NO_ANSWER for entry in timeline
    )


def for_requester(timeline: Timeline) -> Timeline:
    """What the requester may see: both sides' moves, and of routing's news what was decided."""
    return tuple(
        entry
        for entry in timeline
        if not entry.what.startswith("case.") or entry.what in _NEWS_FOR_REQUESTER
    )
