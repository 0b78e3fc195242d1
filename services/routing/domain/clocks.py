"""The clocks of a case: what has happened to it, whose turn it is, and when its time is up.

Pure. What intake tells of a consultation is kept as a list of facts (`Fact`) and everything else is
reckoned from it, so that facts may come late, twice or in any order, and a holiday that is decreed
afterwards moves every deadline that is still open.

- It is **the satgas's turn** from the assignment until an answer or a question, and again from the
  requester's reply; then it is the requester's. Clocks run in office time, on the satgas's turn.
- A clock's **time** is the office time from its start to the end of its n-th working day; its
  deadline moves on by exactly the office time for which it stood still.
- **acknowledge** ends with the officer's first move, **answer** with the first answer, **resolve**
  with the end. After a reopening all start anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from services.routing.domain.policy import Policy
from shared.calendar import Calendar, OutsideCalendar
from shared.events import ClockName

CLOCKS: tuple[ClockName, ...] = ("acknowledge", "answer", "resolve")

#: What was erased can be answered by nobody.
_OVER = frozenset({"closed", "withdrawn", "rejected", "erased"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact from intake. `sequence`: the consultation's; `what`: `answered`, `closed`, …"""

    sequence: int
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ActiveSpan:
    """A time in which the satgas was, or is, to act: the clocks run."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a case is, since it was opened or last reopened.

    `round`: how often it was reopened. `silent_since`: when the requester's turn began.
    """

    round: int
    spans: tuple[ActiveSpan, ...]
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    silent_since: datetime | None = None
    ended_at: datetime | None = None

    def is_over(self) -> bool:
        return self.ended_at is not None


def progress(started: datetime | None, facts: Iterable[Fact]) -> Progress:
    """The state after all of `facts`. `started`: when it first had an officer, None before that."""
    beginning = Progress(round=0, spans=(ActiveSpan(started),) if started else ())
    return reduce(_after, sorted(facts, key=lambda one: one.sequence), beginning)


def _after(state: Progress, fact: Fact) -> Progress:
    if fact.what == "reopened":
        return Progress(round=state.round + 1, spans=(ActiveSpan(fact.at),))
    if state.is_over():
        return state
    if fact.what in _OVER:
        return replace(_handed_over(state, fact.at), silent_since=None, ended_at=fact.at)
    if fact.what == "reply_received":
        return replace(_taken_back(state, fact.at), silent_since=None)
    seen = replace(state, acknowledged_at=state.acknowledged_at or fact.at)
    if fact.what == "acknowledged":
        return seen
    if fact.what == "question_asked":
        return replace(_handed_over(seen, fact.at), silent_since=fact.at)
    if fact.what == "answered":
        after = replace(_handed_over(seen, fact.at), silent_since=fact.at)
        return replace(after, answered_at=seen.answered_at or fact.at)
    return state


def _handed_over(state: Progress, at: datetime) -> Progress:
    """The satgas's turn ends; clocks of two hosts may differ, so never before it began."""
    if not state.spans or state.spans[-1].until is not None:
        return state
    *before, last = state.spans
    return replace(state, spans=(*before, replace(last, until=max(at, last.since))))


def _taken_back(state: Progress, at: datetime) -> Progress:
    if not state.spans or state.spans[-1].until is None:
        return state
    return replace(state, spans=(*state.spans, ActiveSpan(max(at, state.spans[-1].until))))


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it stands. `time`: the office time it allows; `met_at`: when the step was done.

    `spans`: those that count for it. `due` is None while it stands still with time left: nobody
    knows yet until when.
    """

    name: ClockName
    time: timedelta
    spans: tuple[ActiveSpan, ...]
    due: datetime | None
    met_at: datetime | None

    def reached(self, percent: int, calendar: Calendar) -> datetime | None:
        """When `percent` of its time had run, or will have; None while it stands still before."""
        return _reached(self.spans, self.time * percent / 100, calendar)

    def ran(self, calendar: Calendar, now: datetime) -> timedelta:
        """The office time that has run by `now`."""
        cut = ((span.since, min(span.until or now, now)) for span in self.spans)
        ran = (calendar.office_time_between(a, b) for a, b in cut if a < b)
        return sum(ran, timedelta())

    def missed(self, now: datetime) -> bool:
        """Whether its deadline passed before the step was done."""
        return self.due is not None and self.due < (self.met_at or now)


def clocks(now: Progress, policy: Policy, calendar: Calendar, kind: str) -> list[Clock]:
    """The three clocks; none before there is an officer, or beyond the calendar's years."""
    if not now.spans:
        return []
    ends: dict[ClockName, datetime | None] = {
        "acknowledge": now.acknowledged_at or now.ended_at,
        "answer": now.answered_at or now.ended_at,
        "resolve": now.ended_at,
    }
    try:
        return [
            _clock(name, now.spans, policy.clock(name).days_for(kind), ends[name], calendar)
            for name in CLOCKS
        ]
    except OutsideCalendar:
        return []


def _clock(
    name: ClockName,
    spans: tuple[ActiveSpan, ...],
    days: int,
    met_at: datetime | None,
    calendar: Calendar,
) -> Clock:
    start = spans[0].since
    time = calendar.office_time_between(start, calendar.add_working_days(start, days))
    counted = _until_met(spans, met_at)
    return Clock(name, time, counted, _reached(counted, time, calendar), met_at)


def _until_met(spans: tuple[ActiveSpan, ...], met_at: datetime | None) -> tuple[ActiveSpan, ...]:
    """What happened before the step was done, as if it had not been: then the deadline is known."""
    if met_at is None:
        return spans
    # the first span always counts: by the other host's clock the step may be done before it began
    *before, last = spans[:1] + tuple(span for span in spans[1:] if span.since <= met_at)
    still_running = last.until is None or last.until >= met_at
    return (*before, replace(last, until=None) if still_running else last)


def _reached(spans: Sequence[ActiveSpan], time: timedelta, calendar: Calendar) -> datetime | None:
    for span in spans:
        if span.until is None:
            return calendar.add_office_time(span.since, time)
        ran = calendar.office_time_between(span.since, span.until)
        # what is done at the very moment of the deadline is done in time
        if time <= ran and (at := calendar.add_office_time(span.since, time)) < span.until:
            return at
        time -= min(ran, time)
    return None
