"""What an event becomes: a queued alert for each of its audience. Pure."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from services.notify.domain.alert import DIGEST, Alert, Entry, alert_id
from services.notify.domain.audience import HAD_THE_CASE, Target
from services.notify.domain.case_view import CaseView
from services.notify.domain.coalescing import EXPECTED
from services.notify.domain.recipients import DPMD, Recipient
from shared.events import (
    CaseEscalated,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationSubmitted,
    ReportSummarised,
)

TAKEN_AWAY = "case.taken_away"
CLOSED_BY_SILENCE = "consultation.closed_by_silence"
WEBHOOK_PAUSED = "webhook_paused"
SUMMARIES = {"week": "report.weekly", "month": "report.monthly"}


def queued(
    event: ConsultationEvent,
    target: Target,
    case: CaseView | None,
    order: UUID,
    now: datetime,
    wait: timedelta = timedelta(),
) -> Alert:
    """The alert that tells `target` of `event`; what it lacks, `case` may know.

    `wait`: how long a receipt waits for the assignment, which tells of both.
    """
    is_to_wait = isinstance(event, ConsultationSubmitted) and wait > timedelta()
    told = event.model_dump(include={"topic", "kind", "satgas", "level", "clock"})
    return Alert(
        id=alert_id(event.id, target.recipient),
        order=str(order),
        version=1,
        # what has a time of its own is not called before it
        state="waiting" if is_to_wait else "queued",
        event=TAKEN_AWAY if target.rule == HAD_THE_CASE else _name(event),
        cause=event.id,
        cause_sequence=event.sequence,
        caused_at=event.time,
        consultation=event.consultation,
        region=event.region,
        recipient=target.recipient,
        recipient_kind=target.kind,
        rule=target.rule,
        created_at=now,
        topic=told.get("topic") or (case.topic if case else None),
        kind=told.get("kind") or (case.kind if case else None),
        satgas=told.get("satgas") or (case.satgas if case else None),
        level=event.to_level if isinstance(event, CaseEscalated) else told.get("level"),
        clock=told.get("clock"),
        due=_due(event),
        next_at=now + wait if is_to_wait else now,
        reason=EXPECTED if is_to_wait else None,
        log=(Entry(now, "queued", code=target.rule),),
    )


def _name(event: ConsultationEvent) -> str:
    """What is told: who did not close it themselves is told why it is."""
    silent = isinstance(event, ConsultationClosed) and event.actor_role == "system"
    return CLOSED_BY_SILENCE if silent else event.name


def _due(event: ConsultationEvent) -> datetime | None:
    """The deadline that the alert speaks of: a reminder's `due` is when it was to be told."""
    for name in ("deadline", "answer_due", "due"):
        due: datetime | None = getattr(event, name, None)
        if due is not None:
            return due
    return None


def digest(recipient: Recipient, day: date, order: UUID, now: datetime) -> Alert:
    """What is open for `recipient` on `day`: one, whichever process makes it."""
    cause = uuid5(NAMESPACE_URL, f"klikdesa:digest:{day.isoformat()}")
    target = Target(recipient.id, recipient.role, "wants_a_digest")
    return _of_many(
        target, order, now, event=DIGEST, cause=cause, caused_at=now, satgas=recipient.satgas
    )


def summarised(event: ReportSummarised, target: Target, order: UUID, now: datetime) -> Alert:
    """The alert that gives `target` the numbers of some days that are over."""
    summary = event.summary
    return _of_many(
        target,
        order,
        now,
        event=SUMMARIES[summary.every],
        cause=event.id,
        caused_at=event.time,
        satgas=DPMD if summary.every == "month" else summary.area,
        summary=summary,
    )


def webhook_paused(contact: str, cause: UUID, order: UUID, now: datetime) -> Alert:
    """The alert that tells `contact` that nothing is posted to a webhook any more."""
    target = Target(contact, "owner", "owns_the_webhook")
    return _of_many(target, order, now, event=WEBHOOK_PAUSED, cause=cause, caused_at=now)


def _of_many(target: Target, order: UUID, now: datetime, *, cause: UUID, **more: Any) -> Alert:
    return Alert(
        id=alert_id(cause, target.recipient),
        order=str(order),
        version=1,
        state="queued",
        cause=cause,
        cause_sequence=1,
        consultation=None,
        region=None,
        recipient=target.recipient,
        recipient_kind=target.kind,
        rule=target.rule,
        created_at=now,
        next_at=now,
        log=(Entry(now, "queued", code=target.rule),),
        **more,
    )
