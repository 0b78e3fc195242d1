"""The rules of a case: where it belongs, who gets it and why, and what becomes of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.routing.domain.assignment import Nobody
from services.routing.domain.clocks import Fact, progress
from services.routing.domain.roster import Choice
from shared import reference
from shared.events import (
    AssignmentReason,
    Attention,
    ConsultationEscalationRequested,
    ConsultationMoved,
    ConsultationSubmitted,
    ConsultationTransferRequested,
    Region,
)
from shared.reference import COMPLAINT, DPMD

Level = Literal["satgas", "dpmd"]
Rule = Literal["territory", "dpmd_desk", "transfer", "escalation"]
HeldReason = Literal["unknown_region", "retired_region", "no_officer", "nobody_available"]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a case belongs before anyone asks who is free."""

    satgas: str
    rule: Rule
    reason: str | None = None
    officer: str | None = None
    """Somebody who was asked for by name."""

    @property
    def level(self) -> Level:
        return "dpmd" if self.satgas == DPMD else "satgas"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who got the case, or that nobody could, and what was seen then."""

    at: datetime
    satgas: str
    level: Level
    officer: str | None
    held_reason: HeldReason | None
    reason: AssignmentReason | None
    key: str
    """What the roster knows this assignment by."""


@dataclass(frozen=True, slots=True)
class Case:
    """A consultation as routing sees it; its id is the consultation's.

    `wanted`: where it is to go while it is held. `fired`: keys of the timers that were told.
    `attention`: who sees to it that it is answered, since the last reopening.
    """

    id: UUID
    version: int
    state: Literal["assigned", "held", "over"]
    kecamatan: str
    desa: str
    topic: str
    kind: str
    opened_at: datetime
    wanted: Destination
    satgas: str | None = None
    officer: str | None = None
    started_at: datetime | None = None
    """When it first had an officer; the clocks start then."""
    attention: Attention = "officer"
    facts: tuple[Fact, ...] = ()
    fired: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    policy_version: str | None = None
    calendar_version: str | None = None
    next_timer: datetime | None = None

    @property
    def region(self) -> Region:
        return Region(kecamatan=self.kecamatan, desa=self.desa)

    @property
    def level(self) -> Level | None:
        return self.decisions[-1].level if self.decisions else None

    def assignment_key(self) -> str:
        """What the roster knows the next assignment by: the same on every attempt."""
        return f"{self.id}.{len(self.decisions)}"


def destination(region: Region, kind: str, on: date) -> Destination:
    """The satgas of the kecamatan; the DPMD desk for complaints, which may be about the kecamatan,
    and where the region is not one of today's."""
    if kind == COMPLAINT:
        return Destination(DPMD, "dpmd_desk", "complaint")
    kecamatan = reference.region(region.kecamatan)
    desa = reference.region(region.desa)
    if kecamatan is None or desa is None or kecamatan.type != "kecamatan":
        return Destination(DPMD, "dpmd_desk", "unknown_region")
    if not (kecamatan.active(on) and desa.active(on)):
        return Destination(DPMD, "dpmd_desk", "retired_region")
    return Destination(kecamatan.code, "territory")


def opened(event: ConsultationSubmitted, now: datetime, on: date) -> Case:
    """The case before anyone was asked; held until then."""
    return Case(
        id=event.consultation,
        version=1,
        state="held",
        kecamatan=event.region.kecamatan,
        desa=event.region.desa,
        topic=event.topic,
        kind=event.kind,
        opened_at=now,
        wanted=destination(event.region, event.kind, on),
    )


def assigned(case: Case, where: Destination, choice: Choice, now: datetime) -> Case:
    """The case in the hands of the officer who was chosen."""
    asked_in_vain = where.officer is not None and where.officer != choice.officer
    reason = AssignmentReason(
        rule=where.rule,
        code="unknown_officer" if asked_in_vain else where.reason,
        strategy=choice.strategy,
        candidates=choice.candidates,
        loads=choice.loads,
        passed_over=choice.passed_over,
        fallback=choice.fallback,
        turn=choice.turn,
    )
    decision = Decision(
        now, where.satgas, where.level, choice.officer, None, reason, case.assignment_key()
    )
    return replace(
        case,
        state="assigned",
        satgas=where.satgas,
        officer=choice.officer,
        started_at=case.started_at or now,
        decisions=(*case.decisions, decision),
    )


def held(case: Case, nobody: Nobody, now: datetime) -> Case:
    """The case while nobody can take it. Waiting on is no new decision."""
    reason = held_reason(case.wanted, nobody)
    last = case.decisions[-1] if case.decisions else None
    if last and (last.officer, last.satgas, last.held_reason) == (
        None,
        case.wanted.satgas,
        reason,
    ):
        return case
    where = case.wanted
    decision = Decision(now, where.satgas, where.level, None, reason, None, case.assignment_key())
    return replace(case, satgas=where.satgas, officer=None, decisions=(*case.decisions, decision))


def held_reason(where: Destination, nobody: Nobody) -> HeldReason:
    if where.reason == "unknown_region":
        return "unknown_region"
    if where.reason == "retired_region":
        return "retired_region"
    return nobody


_REDIRECTS = (ConsultationTransferRequested, ConsultationEscalationRequested)


def with_fact(case: Case, event: ConsultationMoved) -> Case | None:
    """The case with one more fact from intake, one version on; None where the fact is known.

    A case that is to get another officer, or its old one again, comes back held: `wanted` says
    where it is to go.
    """
    if any(one.sequence == event.sequence for one in case.facts):
        return None
    fact = Fact(event.sequence, event.name.removeprefix("consultation."), event.time)
    facts = tuple(sorted((*case.facts, fact), key=lambda one: one.sequence))
    was_over = progress(case.started_at, case.facts).is_over()
    changed = replace(case, version=case.version + 1, facts=facts)
    if progress(case.started_at, facts).is_over():
        return replace(changed, state="over")
    if was_over:
        return replace(changed, state="held", attention="officer", wanted=_back(case))
    if isinstance(event, _REDIRECTS) and _is_latest(event, case.facts):
        return _redirected(changed, event)
    return changed


def _back(case: Case) -> Destination:
    """Where a reopened case goes: to whom it was with."""
    rule = case.decisions[-1].reason.rule if case.decisions and case.decisions[-1].reason else None
    return Destination(
        case.satgas or case.wanted.satgas, rule or case.wanted.rule, "reopened", case.officer
    )


def _is_latest(event: ConsultationMoved, facts: tuple[Fact, ...]) -> bool:
    """Of two requests that arrive in the wrong order, the later one counts."""
    names = {one.name.removeprefix("consultation.") for one in _REDIRECTS}
    return all(one.sequence < event.sequence for one in facts if one.what in names)


def _redirected(case: Case, event: ConsultationMoved) -> Case:
    if isinstance(event, ConsultationTransferRequested):
        wanted = Destination(event.to_satgas, "transfer", event.reason, event.to_officer)
        return replace(case, state="held", wanted=wanted)
    if isinstance(event, ConsultationEscalationRequested) and case.satgas != DPMD:
        wanted = Destination(DPMD, "escalation", event.reason)
        return replace(case, state="held", wanted=wanted, attention="dpmd")
    return case
