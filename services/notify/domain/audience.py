"""Who is told of an event, and why, and the queued alerts that come of it. Pure.

One function for each event says who: `_TABLE`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from services.notify.domain.alert import DIGEST, Alert, Entry, alert_id, receipt_id
from services.notify.domain.case_view import CaseView
from services.notify.domain.delivery_decision import EXPECTED
from services.notify.domain.recipients import DPMD, Directory, Recipient, Role
from shared.events import (
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationLinkRequested,
    ConsultationQuestionAsked,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationSubmitted,
    ConsultationWithdrawn,
    RecipientKind,
    ReportSummarised,
    Summary,
)

REQUESTER = "requester"
"""Stands for whoever asked: intake knows who that is, notify does not."""
HAD_THE_CASE = "had_the_case"
"""The rule by which somebody is told that a case is no longer theirs."""
TAKEN_AWAY = "case.taken_away"
CLOSED_BY_SILENCE = "consultation.closed_by_silence"
WEBHOOK_PAUSED = "webhook_paused"
SUMMARIES = {"week": "report.weekly", "month": "report.monthly"}


@dataclass(frozen=True, slots=True)
class Target:
    """`rule`: the answer to "why did I get this"."""

    recipient: str
    kind: RecipientKind
    rule: str


Audience = tuple[Target, ...]


def audience(event: ConsultationEvent, case: CaseView | None, directory: Directory) -> Audience:
    """Whom `event` is told, each once.

    `case`: what is known of its consultation; where `takes_away`, what was known before.
    """
    found = _TABLE[type(event)](event, case, directory)
    return tuple({one.recipient: one for one in reversed(found)}.values())[::-1]


def readers(summary: Summary, directory: Directory) -> Audience:
    """Who reads a summary: the camat that of a week, the DPMD desk that of a month."""
    if summary.every == "week":
        return _all(directory.in_role("camat", summary.area), "camat", "camat_of_the_satgas")
    desk = [*directory.in_role("dpmd", DPMD), *directory.in_role("coordinator", DPMD)]
    return _all(desk, "dpmd", "dpmd_desk")


def needs_case(event: ConsultationEvent) -> bool:
    """Whether only the case says who is concerned."""
    return isinstance(event, ConsultationReplyReceived | ConsultationReopened)


def takes_away(event: ConsultationEvent) -> bool:
    """Whether somebody else may have had the case before."""
    return isinstance(event, CaseAssigned) and event.sequence > 1


_ASKED = Target(REQUESTER, "requester", "asked")


def _assigned(event: CaseAssigned, case: CaseView | None, directory: Directory) -> Audience:
    now = (Target(event.officer, "officer", "has_the_case"), _ASKED)
    # what comes late takes nothing away: somebody else has it by now
    if case is None or case.case_sequence >= event.sequence:
        return now
    had = case.had or case.officer
    if had in (None, event.officer):
        return now
    return *now, Target(had, "officer", HAD_THE_CASE)


def _timer(
    event: CaseReminderDue | CaseDeadlineMissed, case: CaseView | None, directory: Directory
) -> Audience:
    return _whose(event.officer, event.satgas, directory)


def _held(event: CaseHeld, case: CaseView | None, directory: Directory) -> Audience:
    return _all(_who_answers_for(event.satgas, directory), "coordinator", "nobody_has_the_case")


def _escalated(event: CaseEscalated, case: CaseView | None, directory: Directory) -> Audience:
    level = event.to_level
    above: Audience
    if event.to is not None:
        above = (Target(event.to, level, "escalated_to"),)
    elif level == "officer":
        above = _whose(event.officer, event.satgas, directory)
    else:
        # the roster names nobody: who has the role by the directory
        role: Role = "camat" if level == "camat" else "coordinator"
        satgas = DPMD if level == "dpmd" else event.satgas
        above = _all(directory.in_role(role, satgas), level, f"{role}_of_the_satgas")
    # at the desk that was asked for, somebody got it at once: the assignment says so
    is_dealt = event.reason != "overdue" and event.to is not None
    return above if is_dealt else (*above, _ASKED)


def _back(event: ConsultationEvent, case: CaseView | None, directory: Directory) -> Audience:
    return _whose(case.officer if case else None, case.satgas if case else None, directory)


def _asked(event: ConsultationEvent, case: CaseView | None, directory: Directory) -> Audience:
    return (_ASKED,)


def _nobody(event: ConsultationEvent, case: CaseView | None, directory: Directory) -> Audience:
    return ()


def _whose(officer: str | None, satgas: str | None, directory: Directory) -> Audience:
    """The officer who has it; while nobody has, those who answer for it, in an officer's place."""
    if officer is not None:
        return (Target(officer, "officer", "has_the_case"),)
    return _all(_who_answers_for(satgas, directory), "officer", "nobody_has_the_case")


def _who_answers_for(satgas: str | None, directory: Directory) -> list[str]:
    """The coordinators of the satgas and of DPMD."""
    return [*directory.in_role("coordinator", satgas), *directory.in_role("coordinator", DPMD)]


def _all(codes: Iterable[str], kind: RecipientKind, rule: str) -> Audience:
    return tuple(Target(code, kind, rule) for code in codes)


_TABLE: Mapping[type[ConsultationEvent], Callable[[Any, CaseView | None, Directory], Audience]] = {
    ConsultationSubmitted: _asked,
    ConsultationAnswered: _asked,
    ConsultationQuestionAsked: _asked,
    ConsultationReplyReceived: _back,
    ConsultationClosed: _asked,
    ConsultationReopened: _back,
    # who withdraws knows, and the satgas has nothing more to do
    ConsultationWithdrawn: _nobody,
    ConsultationRejected: _asked,
    ConsultationLinkRequested: _asked,
    CaseAssigned: _assigned,
    CaseHeld: _held,
    CaseReminderDue: _timer,
    CaseDeadlineMissed: _timer,
    CaseEscalated: _escalated,
}


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
    is_receipt = isinstance(event, ConsultationSubmitted)
    is_to_wait = is_receipt and wait > timedelta()

    # asked for what it lacks, a model looks in five places
    told = vars(event).get

    return Alert(
        id=receipt_id(event.consultation) if is_receipt else alert_id(event.id, target.recipient),
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
        topic=told("topic") or (case.topic if case else None),
        kind=told("kind") or (case.kind if case else None),
        satgas=told("satgas") or (case.satgas if case else None),
        level=event.to_level if isinstance(event, CaseEscalated) else told("level"),
        clock=told("clock"),
        due=_due(event),
        next_at=now + wait if is_to_wait else now,
        reason=EXPECTED if is_to_wait else None,
        log=(Entry(now, "queued", code=target.rule),),
    )


def _name(event: ConsultationEvent) -> str:
    """What is told: who did not close it themselves is told why it is."""
    silent = isinstance(event, ConsultationClosed) and event.actor_role == "system"
    return CLOSED_BY_SILENCE if silent else event.name


_DUE = ("deadline", "answer_due", "due")


def _due(event: ConsultationEvent) -> datetime | None:
    """The deadline that the alert speaks of: a reminder's `due` is when it was to be told."""
    told = vars(event)
    return next((due for name in _DUE if (due := told.get(name)) is not None), None)


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
