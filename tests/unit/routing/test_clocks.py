"""The clocks of a case, against an oracle that looks at every single minute."""

import random
from bisect import bisect_left
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.data.calendar import build_calendar
from services.routing.domain.calendar_rules import LocalDay
from services.routing.domain.clocks import Clock, Fact, clocks, progress
from shared.calendar import Calendar
from shared.times import WITA
from tests.support.builders import CALENDAR, LOCAL, POLICY

EXAMPLES, CASES_EACH = 100, 100
MINUTE = timedelta(minutes=1)
START = datetime(2026, 2, 2, tzinfo=WITA)  # a Monday; Ramadan and Idul Fitri are within reach
DAYS = 90
MOVES = ("acknowledged", "question_asked", "answered", "reply_received", "closed", "reopened")


FINISHES: dict[str, set[str]] = {
    "acknowledge": {"acknowledged", "question_asked", "answered", "closed"},
    "answer": {"answered", "closed"},
    "resolve": {"closed"},
}

Story = list[tuple[int, str]]
"""Moves by their minute, in order."""


def open_minutes() -> list[bool]:
    """Whether the offices are open, for every minute from START."""
    flags = []
    for day in range(DAYS):
        hours = CALENDAR.hours((START + timedelta(days=day)).date())
        for minute in range(1440):
            clock = (START + minute * MINUTE).time()
            flags.append(any(one.opens <= clock < one.closes for one in hours))
    return flags


OPEN = open_minutes()
#: The minutes that can change anything: the open ones, and the one after each.
LOOKED_AT = [minute for minute in range(1, DAYS * 1440) if OPEN[minute] or OPEN[minute - 1]]


def allowed_minutes(start: int, working_days: int) -> int:
    """Open minutes from `start` to the end of the n-th working day after its day."""
    day = start // 1440
    while working_days:
        day += 1
        working_days -= any(OPEN[day * 1440 : (day + 1) * 1440])
    return sum(OPEN[start : (day + 1) * 1440])


def reckon(story: Story, start: int, working_days: int, name: str) -> tuple[int | None, int | None]:
    """When the time of a clock is up, and when its step was done."""
    for index, (minute, what) in enumerate(story):
        if what == "reopened":
            return reckon(story[index + 1 :], minute, working_days, name)
    met = next((minute for minute, what in story if what in FINISHES[name]), None)
    moves = {minute: what for minute, what in story if met is None or minute < met}
    left, running = allowed_minutes(start, working_days), True
    last_move = max(moves, default=start)
    looked_at = LOOKED_AT[bisect_left(LOOKED_AT, start) :]
    # each once: a move in an open minute is in both lists
    for minute, _ in groupby(merge([start], looked_at, moves)):
        if minute > last_move and not running:
            break
        if moves.get(minute) in ("question_asked", "answered"):
            running = False
        if moves.get(minute) == "reply_received":
            running = True
        if running and left == 0:
            return minute, met
        left -= running and OPEN[minute]
    return None, met


@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32))
def test_ten_thousand_cases_agree_with_a_look_at_every_minute(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    for _ in range(CASES_EACH):
        start = chance.randrange(20 * 1440)
        minutes = sorted(chance.sample(range(start + 1, start + 25 * 1440), chance.randint(0, 5)))
        story = [(minute, chance.choice(MOVES)) for minute in minutes]
        facts = [
            Fact(number, what, START + minute * MINUTE)
            for number, (minute, what) in enumerate(story, start=2)
        ]
        chance.shuffle(facts)
        state = progress(START + start * MINUTE, facts)
        clock = chance.choice(clocks(state, POLICY, CALENDAR, "konsultasi"))
        days = POLICY.clock(clock.name).days_for("konsultasi")
        due, met = (
            None if minute is None else START + minute * MINUTE
            for minute in reckon(story, start, days, clock.name)
        )
        assert (clock.due, clock.met_at) == (due, met), (clock.name, start, story)


# Single cases, worked out by hand. Offices: 07:30-12:00 and 13:00-16:00, Fridays to 16:30.


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=WITA)


def clock_of(name: str, *facts: tuple[str, datetime], calendar: Calendar = CALENDAR) -> Clock:
    """The clock of a case that was assigned on Tuesday, 24 November, at 15:00."""
    known = [Fact(number, what, when) for number, (what, when) in enumerate(facts, start=2)]
    state = progress(at("2026-11-24", "15:00"), known)
    return next(one for one in clocks(state, POLICY, calendar, "konsultasi") if one.name == name)


def test_a_deadline_moves_on_by_the_office_time_that_the_requester_took() -> None:
    asked = ("question_asked", at("2026-11-27", "14:00"))  # Friday; the answer was due on Tuesday
    assert clock_of("answer").due == at("2026-12-01", "16:00")
    assert clock_of("answer", asked).due is None
    replied = ("reply_received", at("2026-11-30", "09:00"))  # Monday: 2:30 and 1:30 stood still
    assert clock_of("answer", asked, replied).due == at("2026-12-02", "11:30")


def test_a_question_at_night_and_a_reply_before_the_office_opens_cost_nothing() -> None:
    asked = ("question_asked", at("2026-11-27", "22:00"))
    replied = ("reply_received", at("2026-11-30", "05:00"))
    assert clock_of("answer", asked, replied).due == at("2026-12-01", "16:00")


def test_what_is_done_at_the_last_moment_is_done_in_time() -> None:
    due = at("2026-12-01", "16:00")
    now = at("2026-12-24", "12:00")
    assert not clock_of("answer", ("answered", due)).missed(now)
    assert clock_of("answer", ("answered", due + timedelta(milliseconds=1))).missed(now)


def test_the_time_for_the_end_stands_still_while_the_requester_has_an_answer() -> None:
    answered = ("answered", at("2026-12-14", "15:59"))
    assert clock_of("resolve", answered).due is None
    closed = ("closed", at("2027-01-11", "12:00"))
    assert not clock_of("resolve", answered, closed).missed(at("2027-02-01", "12:00"))
    back = ("reply_received", at("2027-01-11", "12:30"))
    assert clock_of("resolve", answered, back).due == at("2027-01-11", "13:01")


def test_after_a_reopening_all_clocks_start_anew() -> None:
    reopened = ("reopened", at("2026-12-02", "10:00"))
    answered = ("answered", at("2026-11-25", "10:00"))
    clock = clock_of("answer", answered, ("closed", at("2026-11-25", "11:00")), reopened)
    assert (clock.due, clock.met_at) == (at("2026-12-09", "16:00"), None)


def test_a_holiday_that_is_decreed_later_moves_the_deadline() -> None:
    decreed = LOCAL.model_copy(
        update={"days": (LocalDay(day=date(2026, 11, 27), kind="closed", name="Pilkades"),)}
    )
    later, _ = build_calendar(decreed)
    assert clock_of("answer", calendar=later).due == at("2026-12-02", "16:00")


def test_clocks_of_two_hosts_may_differ() -> None:
    asked = ("question_asked", at("2026-11-24", "14:59"))  # before it was assigned
    replied = ("reply_received", at("2026-11-24", "14:58"))
    assert clock_of("answer", asked, replied).due == at("2026-12-01", "16:00")


@pytest.mark.parametrize(("percent", "moment"), [(75, "2026-11-25T13:52:30"), (150, None)])
def test_a_share_of_the_time_is_reached_in_office_time(percent: int, moment: str | None) -> None:
    """One hour on Tuesday and seven and a half on Wednesday are the time to acknowledge."""
    reached = clock_of("acknowledge").reached(percent, CALENDAR)
    assert reached == (
        datetime.fromisoformat(moment).replace(tzinfo=WITA) if moment else at("2026-11-26", "11:45")
    )
