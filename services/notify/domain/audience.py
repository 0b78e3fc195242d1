"""Who is told of an event, and why. Pure: one function for each event, in the table at the end."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.notify.domain.case_view import CaseView
from services.notify.domain.recipients import DPMD, Directory, Role
from shared.events import (
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationQuestionAsked,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationSubmitted,
    ConsultationWithdrawn,
    RecipientKind,
    Summary,
)

REQUESTER = "requester"
"""Stands for whoever asked: intake knows who that is, notify does not."""
HAD_THE_CASE = "had_the_case"
"""The rule by which somebody is told that a case is no longer theirs."""


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
    CaseAssigned: _assigned,
    CaseHeld: _held,
    CaseReminderDue: _timer,
    CaseDeadlineMissed: _timer,
    CaseEscalated: _escalated,
}
