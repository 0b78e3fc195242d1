"""A case as routing shows it: whose it is, why, until when, and what was decided about it."""

from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.routing.domain.case import Case, Decision, HeldReason, Level
from services.routing.domain.clocks import Clock, Progress, clocks, progress
from services.routing.domain.policy import Policy
from shared.calendar import Calendar
from shared.events import AssignmentReason, Attention, ClockName
from shared.reference import label, satgas_label
from shared.text.wording import Language
from shared.times import local

ClockState = Literal["running", "paused", "overdue", "done", "done_late"]


class ClockView(BaseModel):
    """One clock. It runs in office time, while it is the satgas's turn."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: ClockName
    label: str
    """The step's name, in the caller's language."""
    state: ClockState
    due: AwareDatetime | None
    """Null while it stands still with time left."""
    left_seconds: int
    """Office time that is left, for steps not done yet."""
    met_at: AwareDatetime | None
    """When the step was done."""

    @classmethod
    def of(cls, clock: Clock, calendar: Calendar, now: datetime, said: Language) -> Self:
        left = (
            timedelta() if clock.met_at else max(clock.time - clock.ran(calendar, now), timedelta())
        )
        return cls(
            name=clock.name,
            label=label("clocks", clock.name, said),
            state=_state(clock, now),
            due=_local(clock.due),
            left_seconds=0 if clock.met_at else int(left.total_seconds()),
            met_at=_local(clock.met_at),
        )


def _state(clock: Clock, now: datetime) -> ClockState:
    if clock.met_at:
        return "done_late" if clock.missed(now) else "done"
    if clock.missed(now):
        return "overdue"
    return "running" if clock.due else "paused"


class DecisionView(BaseModel):
    """Who got the case, or why nobody could."""

    at: AwareDatetime
    satgas: str
    level: Level
    officer: str | None
    held_reason: HeldReason | None
    reason: AssignmentReason | None

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(
            at=local(decision.at),
            satgas=decision.satgas,
            level=decision.level,
            officer=decision.officer,
            held_reason=decision.held_reason,
            reason=decision.reason,
        )


class CaseView(BaseModel):
    """A case with the reason for what was decided about it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    version: int
    state: Literal["assigned", "held", "over"]
    state_name: str
    kecamatan: str
    desa: str
    topic: str
    topic_name: str
    kind: str
    kind_name: str
    opened_at: AwareDatetime
    satgas: str | None
    satgas_name: str | None
    officer: str | None
    level: Level | None
    attention: Attention
    """Who sees to it that it is answered: goes up when a deadline is missed, or on request."""
    reason: AssignmentReason | None
    """Of the latest decision; `decisions` has all of them."""
    held_reason: HeldReason | None
    held_reason_name: str | None
    turn: Literal["satgas", "requester", "nobody"]
    """Whose move it is; nobody's before there is an officer and when it is over."""
    reopened: int
    acknowledge_due: AwareDatetime | None
    """Until when the officer confirms. Deadlines are null while the case is held."""
    answer_due: AwareDatetime | None
    resolve_due: AwareDatetime | None
    clocks: list[ClockView]
    next_timer: AwareDatetime | None
    """When the next reminder, escalation or closing is due."""
    decisions: list[DecisionView]
    policy_version: str | None
    calendar_version: str | None

    @classmethod
    def of(
        cls, case: Case, policy: Policy, calendar: Calendar, now: datetime, said: Language = "id"
    ) -> Self:
        so_far = progress(case.started_at, case.facts)
        running = clocks(so_far, policy, calendar, case.kind)
        due = {clock.name: _local(clock.due) for clock in running}
        last = case.decisions[-1] if case.decisions else None
        held = last.held_reason if last else None
        return cls(
            id=str(case.id),
            version=case.version,
            state=case.state,
            state_name=label("case_states", case.state, said),
            kecamatan=case.kecamatan,
            desa=case.desa,
            topic=case.topic,
            topic_name=label("topics", case.topic, said),
            kind=case.kind,
            kind_name=label("kinds", case.kind, said),
            opened_at=local(case.opened_at),
            satgas=case.satgas,
            satgas_name=satgas_label(case.satgas, said) if case.satgas else None,
            officer=case.officer,
            level=case.level,
            attention=case.attention,
            reason=last.reason if last else None,
            held_reason=held,
            held_reason_name=label("reasons", held, said) if held else None,
            turn=_turn(so_far),
            reopened=so_far.round,
            acknowledge_due=due.get("acknowledge"),
            answer_due=due.get("answer"),
            resolve_due=due.get("resolve"),
            clocks=[ClockView.of(clock, calendar, now, said) for clock in running],
            next_timer=_local(case.next_timer),
            decisions=[DecisionView.of(one) for one in case.decisions],
            policy_version=case.policy_version,
            calendar_version=case.calendar_version,
        )


def _turn(so_far: Progress) -> Literal["satgas", "requester", "nobody"]:
    if so_far.is_over() or not so_far.spans:
        return "nobody"
    return "requester" if so_far.silent_since else "satgas"


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else local(moment)
