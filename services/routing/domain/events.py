"""Event builders: the events that tell of a case, from what changed in it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.routing.domain.case import Case, Decision
from services.routing.domain.clocks import Clock
from services.routing.domain.policy import Policy
from services.routing.domain.roster import Satgas
from services.routing.domain.timers import (
    Escalation,
    Missed,
    Reminder,
    Silence,
    Timer,
    scheduled_by_clocks,
)
from shared.calendar import Calendar
from shared.events import (
    Attention,
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    CaseSilenceElapsed,
    ClockName,
    ConsultationEscalationRequested,
    Event,
)
from shared.reference import DPMD

NewId = Callable[[], UUID]
People = Callable[[str | None, Attention], str | None]
"""Satgas and level → who that is."""


def people(satgas: Iterable[Satgas]) -> People:
    """Who is told at each level, by the rosters as they are now."""
    by_code = {one.code: one for one in satgas}

    def who(code: str | None, level: Attention) -> str | None:
        one = by_code.get(DPMD if level == "dpmd" else code or "")
        if one is None:
            return None
        return one.camat if level == "camat" else one.coordinator

    return who


def decision_events(
    before: Case | None, after: Case, policy: Policy, calendar: Calendar, new_id: NewId
) -> tuple[Case, list[Event]]:
    """`after` with its next timer, and an event for each of its decisions since `before`."""
    after, running = scheduled_by_clocks(after, policy, calendar)
    fresh = after.decisions[len(before.decisions) if before else 0 :]
    return after, [_decision_event(after, one, running, new_id) for one in fresh]


def _decision_event(
    case: Case, decision: Decision, clocks: Sequence[Clock], new_id: NewId
) -> Event:
    """Who got the case and until when, or that nobody could take it."""
    common = _common_fields(case, decision.at, new_id)
    if decision.officer is None or decision.reason is None:
        return CaseHeld(
            **common, reason=decision.held_reason or "no_officer", satgas=decision.satgas
        )
    due: dict[ClockName, datetime | None] = {clock.name: clock.due for clock in clocks}
    return CaseAssigned(
        **common,
        satgas=decision.satgas,
        officer=decision.officer,
        level=decision.level,
        topic=case.topic,
        kind=case.kind,
        reason=decision.reason,
        acknowledge_due=due.get("acknowledge"),
        answer_due=due.get("answer"),
        resolve_due=due.get("resolve"),
        policy_version=case.policy_version if clocks else None,
        calendar_version=case.calendar_version if clocks else None,
    )


def escalation_event(
    before: Case, after: Case, event: ConsultationEscalationRequested, now: datetime, new_id: NewId
) -> Event:
    """The satgas asked the desk of the regency to take over."""
    return CaseEscalated(
        **_common_fields(after, now, new_id),
        satgas=before.satgas,
        officer=before.officer,
        from_level=before.attention,
        to_level="dpmd",
        to=after.officer,
        reason=event.reason,
        due=event.time,
        late_seconds=0,
    )


def timer_events(
    before: Case, after: Case, rung: Iterable[Timer], people: People, now: datetime, new_id: NewId
) -> list[Event]:
    """An event for each timer of a case that rang, with how late it is."""
    level, events = before.attention, list[Event]()
    for timer in rung:
        common = _common_fields(after, now, new_id) | {
            "satgas": after.satgas,
            "officer": after.officer,
            "due": timer.at,
            "late_seconds": max(0.0, (now - timer.at).total_seconds()),
        }
        if isinstance(timer, Reminder):
            events.append(CaseReminderDue(**common, clock=timer.clock, deadline=timer.deadline))
        elif isinstance(timer, Missed):
            events.append(CaseDeadlineMissed(**common, clock=timer.clock))
        elif isinstance(timer, Silence):
            events.append(CaseSilenceElapsed(**common, since=timer.since))
        elif isinstance(timer, Escalation):
            to = people(after.satgas, timer.to)
            events.append(
                CaseEscalated(
                    **common,
                    from_level=level,
                    to_level=timer.to,
                    to=to,
                    reason="overdue",
                    clock=timer.clock,
                )
            )
            level = timer.to
    return events


def _common_fields(case: Case, now: datetime, new_id: NewId) -> dict[str, Any]:
    """What every event of a case carries."""
    return {
        "id": new_id(),
        "consultation": case.id,
        "sequence": case.version,
        "region": case.region,
        "time": now,
    }
