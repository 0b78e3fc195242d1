"""The rules of counting: what each event adds to its consultation's row, and what a row counts as.

A projection is a set of facts that can be put on a row in any order and any number of times: each
fact sets its own fields, and where an event may come again with another time, the earliest counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.events import (
    AlertFailed,
    AlertSent,
    AlertSuppressed,
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    CaseSilenceElapsed,
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEscalationRequested,
    ConsultationMoved,
    ConsultationQuestionAsked,
    ConsultationRated,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationSubmitted,
    ConsultationTransferRequested,
    ConsultationWithdrawn,
    Event,
)
from shared.times import local_day


@dataclass(frozen=True, slots=True)
class Facts:
    """What one event says about its consultation."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """Fields that only this event sets, always to the same value."""
    earliest: Mapping[str, Any] = field(default_factory=dict)
    """Times of which the earliest counts."""


def facts(event: Event) -> Facts:
    """What `event` adds to the row of its consultation."""
    return _FACTS[type(event)](event)


def _submitted(event: ConsultationSubmitted) -> Facts:
    day = local_day(event.submitted_at)
    return Facts(
        values={
            "kecamatan": event.region.kecamatan,
            "desa": event.region.desa,
            "topic": event.topic,
            "kind": event.kind,
            "role": event.role,
            "channel": event.channel,
            "sdgs_goal": event.sdgs_goal,
            "vulnerable": event.vulnerable,
            "submitted_at": event.submitted_at,
            "received_at": event.received_at,
            "day": day.isoformat(),
            "month": f"{day:%Y-%m}",
            "received_day": local_day(event.received_at).isoformat(),
        }
    )


def _moved(field: str) -> Callable[[ConsultationMoved], Facts]:
    """For events that may come again in one life: the first time counts."""
    return lambda event: Facts(earliest={field: event.time})


def _rated(event: ConsultationRated) -> Facts:
    return Facts(values={"rating": event.rating}, earliest={"rated_at": event.time})


def _assigned(event: CaseAssigned) -> Facts:
    return Facts(earliest={"assigned_at": event.time})


def _held(event: CaseHeld) -> Facts:
    return Facts(earliest={"held_at": event.time})


def _reminded(event: CaseReminderDue) -> Facts:
    return Facts(earliest={"reminded_at": event.time})


def _missed(event: CaseDeadlineMissed) -> Facts:
    """Missed when it was due, however late that was noticed."""
    return Facts(earliest={"overdue_at": event.due, f"{event.clock}_missed_at": event.due})


def _escalated(event: CaseEscalated) -> Facts:
    return Facts(earliest={"escalated_at": event.time, f"{event.to_level}_told_at": event.time})


def _fell_silent(event: CaseSilenceElapsed) -> Facts:
    return Facts(earliest={"fell_silent_at": event.time})


def _alert(what: str) -> Callable[[AlertSent | AlertFailed | AlertSuppressed], Facts]:
    """A consultation counts as alerted once its officer was told; others are noted beside that."""

    def of(event: AlertSent | AlertFailed | AlertSuppressed) -> Facts:
        whose = "" if event.recipient_kind == "officer" else f"{event.recipient_kind}_"
        return Facts(earliest={f"{whose}{what}": event.time})

    return of


_FACTS: Mapping[type[Event], Callable[[Any], Facts]] = {
    ConsultationSubmitted: _submitted,
    ConsultationAcknowledged: _moved("acknowledged_at"),
    ConsultationAnswered: _moved("answered_at"),
    ConsultationQuestionAsked: _moved("question_asked_at"),
    ConsultationReplyReceived: _moved("reply_received_at"),
    ConsultationClosed: _moved("closed_at"),
    ConsultationReopened: _moved("reopened_at"),
    ConsultationWithdrawn: _moved("withdrawn_at"),
    ConsultationRejected: _moved("rejected_at"),
    ConsultationRated: _rated,
    ConsultationTransferRequested: _moved("transfer_requested_at"),
    ConsultationEscalationRequested: _moved("escalation_requested_at"),
    CaseAssigned: _assigned,
    CaseHeld: _held,
    CaseReminderDue: _reminded,
    CaseDeadlineMissed: _missed,
    CaseEscalated: _escalated,
    CaseSilenceElapsed: _fell_silent,
    AlertSent: _alert("alerted_at"),
    AlertFailed: _alert("alert_failed_at"),
    AlertSuppressed: _alert("alert_suppressed_at"),
}

GROUPS: tuple[str, ...] = ("kecamatan", "desa", "topic", "kind", "channel", "day", "month")
"""What a report can be grouped by; days and months are of submission, in Asia/Makassar."""

COUNTS: Mapping[str, str] = {
    "submitted": "submitted_at",
    "assigned": "assigned_at",
    "alerted": "alerted_at",
    "acknowledged": "acknowledged_at",
    "answered": "answered_at",
    "closed": "closed_at",
    "reopened": "reopened_at",
    "withdrawn": "withdrawn_at",
    "rejected": "rejected_at",
    "rated": "rated_at",
    "escalated": "escalated_at",
    "overdue": "overdue_at",
}
"""Count → the field whose presence is counted."""


@dataclass(frozen=True, slots=True)
class Question:
    """One report: consultations submitted from `first` to `last` (days, both included), grouped."""

    group_by: tuple[str, ...]
    first: date | None = None
    last: date | None = None


def reconcile(
    accepted: Mapping[tuple[str, str], int], reported: Mapping[tuple[str, str], int]
) -> list[dict[str, Any]]:
    """Per day and kecamatan: what intake accepted, what is reported, and the difference."""
    return [
        {
            "day": day,
            "kecamatan": kecamatan,
            "accepted": accepted.get((day, kecamatan), 0),
            "reported": reported.get((day, kecamatan), 0),
            "difference": accepted.get((day, kecamatan), 0) - reported.get((day, kecamatan), 0),
        }
        for day, kecamatan in sorted(accepted.keys() | reported.keys())
    ]
