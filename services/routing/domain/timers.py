"""What is still to be told about a case, and when: reminders, missed deadlines, escalations and
long silence.

Pure. Each timer has a key that is the same on every replica and after every restart; a case keeps
the keys that were told, so that none is told twice, however often its time is reckoned anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.routing.domain.case import Case
from services.routing.domain.clocks import Clock, Progress, clocks, progress
from services.routing.domain.policy import Policy, is_higher
from shared.calendar import Calendar, OutsideCalendar
from shared.events import Attention, ClockName
from shared.reference import DPMD


@dataclass(frozen=True, slots=True)
class Timer:
    """Something to be told at `at`."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reminder(Timer):
    clock: ClockName
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Missed(Timer):
    clock: ClockName


@dataclass(frozen=True, slots=True)
class Escalation(Timer):
    clock: ClockName
    to: Attention


@dataclass(frozen=True, slots=True)
class Silence(Timer):
    since: datetime


def timers(case: Case, policy: Policy, calendar: Calendar) -> list[Timer]:
    """What was not told yet, in the order of its time."""
    now = progress(case.started_at, case.facts)
    return _timers(case, now, clocks(now, policy, calendar, case.kind), policy, calendar)


def _timers(
    case: Case, now: Progress, running: Sequence[Clock], policy: Policy, calendar: Calendar
) -> list[Timer]:
    try:
        found = [
            *_of_clocks(case, now, running, policy, calendar),
            *_of_silence(now, policy, calendar),
        ]
    except OutsideCalendar:
        return []
    return sorted((one for one in found if one.key not in case.fired), key=lambda one: one.at)


def _of_clocks(
    case: Case, now: Progress, running: Sequence[Clock], policy: Policy, calendar: Calendar
) -> Iterator[Timer]:
    for clock in running:
        key = f"{now.round}.{clock.name}"
        # told also when the step was done meanwhile: it was late all the same
        if clock.due and (clock.met_at is None or clock.due < clock.met_at):
            yield Missed(f"{key}.missed", clock.due, clock.name)
        if clock.met_at is None:
            yield from _while_open(case, key, clock, policy, calendar)


def _while_open(
    case: Case, key: str, clock: Clock, policy: Policy, calendar: Calendar
) -> Iterator[Timer]:
    missed = f"{key}.missed" in case.fired
    at = clock.reached(policy.reminder_percent, calendar)
    if at and clock.due and not missed:
        yield Reminder(f"{key}.reminder", at, clock.name, clock.due)
    for step in policy.clock(clock.name).escalations:
        at = clock.reached(step.percent, calendar)
        # the desk has no camat above it, and is told of its own cases through its coordinator
        goes_up = is_higher(step.to, case.attention) and (
            case.satgas != DPMD or step.to == "coordinator"
        )
        if at and goes_up:
            yield Escalation(f"{key}.{step.to}", at, clock.name, step.to)


def _of_silence(now: Progress, policy: Policy, calendar: Calendar) -> Iterator[Timer]:
    if now.silent_since:
        at = calendar.add_working_days(now.silent_since, policy.silence_days)
        yield Silence(f"silence.{now.silent_since.isoformat()}", at, now.silent_since)


def scheduled(case: Case, policy: Policy, calendar: Calendar) -> Case:
    """The case with the moment at which it is to be looked at again, by these rules."""
    return scheduled_by_clocks(case, policy, calendar)[0]


def scheduled_by_clocks(case: Case, policy: Policy, calendar: Calendar) -> tuple[Case, list[Clock]]:
    """The same, with the clocks by which it was reckoned."""
    now = progress(case.started_at, case.facts)
    running = clocks(now, policy, calendar, case.kind)
    coming = _timers(case, now, running, policy, calendar)
    after = replace(
        case,
        policy_version=policy.version,
        calendar_version=calendar.version,
        next_timer=coming[0].at if coming else None,
    )
    return after, running


def ring(case: Case, policy: Policy, calendar: Calendar, now: datetime) -> tuple[Case, list[Timer]]:
    """The case one version on, and which of its timers are to be told of now.

    After an outage several may be due at once. A reminder of a deadline that is over too, and an
    escalation to somebody below whom it has reached, are passed over; all count as told.
    """
    due = [one for one in timers(case, policy, calendar) if one.at <= now]
    over = {one.clock for one in due if isinstance(one, Missed)}
    attention, told = case.attention, list[Timer]()
    for one in due:
        if isinstance(one, Reminder) and one.clock in over:
            continue
        if isinstance(one, Escalation):
            if not is_higher(one.to, attention):
                continue
            attention = one.to
        told.append(one)
    after = replace(
        case,
        version=case.version + 1,
        attention=attention,
        fired=(*case.fired, *(one.key for one in due)),
    )
    return scheduled(after, policy, calendar), told
