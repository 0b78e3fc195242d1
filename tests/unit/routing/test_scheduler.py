"""Reminders, missed deadlines, escalations and silence, and cases that wait for an officer."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.routing.domain.calendar_rules import LocalDay
from services.routing.domain.roster import Leave
from shared.events import (
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    CaseSilenceElapsed,
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationErased,
    ConsultationQuestionAsked,
    ConsultationReopened,
    ConsultationReplyReceived,
    Event,
)
from shared.times import WITA
from tests.support.builders import LOCAL, NOON, moved
from tests.support.fakes import FakeRosters
from tests.support.services.routing import Routing, routing

HERE = "64.02.06"


def at(day: str, clock: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=WITA)


@pytest.fixture
def here() -> Routing:
    return routing(**{"64_02_06": ("a", "b"), "dpmd": ("d",)})


def told(here: Routing, *kinds: type[Event]) -> list[Any]:
    return [event for event in here.cases.events if isinstance(event, kinds or Event)]


async def look(here: Routing, *moments: datetime) -> None:
    """Let time pass to each of `moments`; each is looked at twice, as by two replicas."""
    for moment in moments:
        here.clock.now = moment
        await here.timers_due.run(moment)
        await here.timers_due.run(moment)


async def test_an_officer_is_reminded_once_and_the_deadline_is_missed_once(here: Routing) -> None:
    await here.open()
    await look(here, at("2026-11-25", "13:22"))
    assert told(here, CaseReminderDue) == []
    await look(here, at("2026-11-25", "13:23"), at("2026-11-25", "15:59"))
    (reminder,) = told(here, CaseReminderDue)
    assert (reminder.clock, reminder.officer, reminder.late_seconds) == ("acknowledge", "a", 30)
    assert reminder.deadline == at("2026-11-25", "16:00")
    await look(here, at("2026-11-25", "16:00"), at("2026-11-25", "17:00"))
    (missed,) = told(here, CaseDeadlineMissed)
    assert (missed.clock, missed.due, missed.late_seconds) == (
        "acknowledge", at("2026-11-25", "16:00"), 0,
    )  # fmt: skip


async def test_it_goes_up_from_coordinator_to_camat_to_dpmd_each_once(here: Routing) -> None:
    await here.open()
    moment, end = NOON, at("2026-12-31")
    while moment < end:
        moment += timedelta(minutes=30)
        await look(here, moment)
    went_up = [
        (event.from_level, event.to_level, event.to, event.clock, event.due.astimezone(WITA))
        for event in told(here, CaseEscalated)
    ]
    assert went_up == [
        ("officer", "coordinator", "a", "acknowledge", at("2026-11-25", "16:00")),
        ("coordinator", "camat", "camat-64.02.06", "answer", at("2026-12-03", "10:07:30")),
        ("camat", "dpmd", "d", "answer", at("2026-12-04", "14:15")),
    ]
    assert [event.clock for event in told(here, CaseReminderDue)] == [
        "acknowledge", "answer", "resolve",
    ]  # fmt: skip
    assert [event.clock for event in told(here, CaseDeadlineMissed)] == [
        "acknowledge", "answer", "resolve",
    ]  # fmt: skip
    (case,) = here.cases.kept.values()
    assert (case.attention, case.officer, case.next_timer) == ("dpmd", "a", None)


async def test_what_is_done_in_time_is_not_told_of(here: Routing) -> None:
    case = await here.open()
    await here.hear(
        moved(ConsultationAcknowledged, case.id, 2, at("2026-11-24", "14:00")),
        moved(ConsultationAnswered, case.id, 3, at("2026-11-25", "14:00")),
        moved(ConsultationClosed, case.id, 4, at("2026-11-26", "14:00")),
    )
    await look(here, at("2027-02-01"))
    assert told(here, CaseReminderDue, CaseDeadlineMissed, CaseEscalated, CaseSilenceElapsed) == []


async def test_after_an_outage_what_was_missed_is_told_once_and_how_late(here: Routing) -> None:
    """A week away: reminders of what is over anyway, and detours on the way up, are left out."""
    await here.open()
    await look(here, at("2026-12-07", "08:00"))
    assert told(here, CaseReminderDue) == []
    assert [(type(event), event.clock, event.late_seconds) for event in told(here)[1:]] == [
        (CaseDeadlineMissed, "acknowledge", 11 * 86400 + 16 * 3600),
        (CaseEscalated, "acknowledge", 11 * 86400 + 16 * 3600),
        (CaseDeadlineMissed, "answer", 5 * 86400 + 16 * 3600),
        (CaseEscalated, "answer", 3 * 86400 + 21 * 3600 + 52 * 60 + 30),
        (CaseEscalated, "answer", 2 * 86400 + 17 * 3600 + 45 * 60),
    ]


async def test_a_step_that_was_late_and_is_done_counts_as_missed_and_alarms_nobody(
    here: Routing,
) -> None:
    case = await here.open()
    await here.hear(moved(ConsultationAnswered, case.id, 2, at("2026-12-02", "09:00")))
    await look(here, at("2026-12-02", "10:00"))
    assert [event.clock for event in told(here, CaseDeadlineMissed)] == ["acknowledge", "answer"]
    assert told(here, CaseEscalated, CaseReminderDue) == []


async def test_while_the_requester_is_to_act_only_silence_is_told_of(here: Routing) -> None:
    case = await here.open()
    asked = at("2026-11-25", "09:00")
    await here.hear(moved(ConsultationQuestionAsked, case.id, 2, asked))
    await look(here, at("2026-12-09", "15:59"))
    assert told(here)[1:] == []
    await look(here, at("2026-12-09", "16:00"), at("2027-01-09"))
    (silence,) = told(here)[1:]
    assert isinstance(silence, CaseSilenceElapsed)
    assert (silence.since, silence.due) == (asked, at("2026-12-09", "16:00"))


async def test_a_reply_starts_the_silence_anew(here: Routing) -> None:
    case = await here.open()
    await here.hear(
        moved(ConsultationAnswered, case.id, 2, at("2026-11-25", "09:00")),
        moved(ConsultationReplyReceived, case.id, 3, at("2026-11-26", "09:00")),
        moved(ConsultationAnswered, case.id, 4, at("2026-11-27", "09:00")),
    )
    await look(here, at("2026-12-11", "16:29"))  # a Friday
    assert told(here, CaseSilenceElapsed) == []
    await look(here, at("2026-12-11", "16:30"))
    (silence,) = told(here, CaseSilenceElapsed)
    assert silence.since == at("2026-11-27", "09:00")


async def test_after_a_reopening_everything_can_be_told_of_again(here: Routing) -> None:
    case = await here.open()
    await look(here, at("2026-11-25", "16:00"))
    await here.hear(
        moved(ConsultationClosed, case.id, 2, at("2026-11-26", "09:00")),
        moved(ConsultationReopened, case.id, 3, at("2026-11-27", "09:00")),
    )
    assert here.case(case).attention == "officer"
    await look(here, at("2026-11-30", "16:00"))
    assert [event.due for event in told(here, CaseDeadlineMissed)] == [
        at("2026-11-25", "16:00"), at("2026-11-30", "16:00"),
    ]  # fmt: skip


async def test_a_clock_that_is_put_back_tells_nothing_again(here: Routing) -> None:
    await here.open()
    await look(here, at("2026-11-25", "16:00"))
    before = list(here.cases.events)
    await look(here, at("2026-11-24", "13:00"), at("2026-11-25", "16:00"))
    assert here.cases.events == before


async def test_a_case_at_the_desk_goes_to_its_coordinator_only() -> None:
    desk = routing(dpmd=("d", "e"))
    await desk.open(kind="pengaduan")
    await look(desk, at("2027-02-01"))
    assert [(event.to_level, event.to) for event in told(desk, CaseEscalated)] == [
        ("coordinator", "d")
    ]


async def test_a_holiday_decreed_later_moves_open_deadlines(here: Routing) -> None:
    case = await here.open()
    before = here.case(case).next_timer
    free = LocalDay(day=date(2026, 11, 25), kind="closed", name="Pilkades")
    body = LOCAL.model_copy(update={"days": (free,)})
    await here.rules.set_calendar(body, after=0, by="desk", at=NOON)
    await here.recount.deadlines()
    after = here.case(case)
    assert before == at("2026-11-25", "13:22:30")
    assert after.next_timer == at("2026-11-26", "13:22:30")
    await look(here, at("2026-11-25", "16:00"))
    assert told(here, CaseDeadlineMissed) == []


# Held cases


async def test_who_comes_back_gets_what_waited_the_longest_first(here: Routing) -> None:
    here.rosters.change(HERE, "b", available=False)
    here.rosters.change(HERE, "a", leave=(Leave(date(2026, 11, 24), date(2026, 11, 25)),))
    cases = [await here.open() for _ in range(3)]
    assert [event.reason for event in told(here, CaseHeld)] == ["nobody_available"] * 3
    await here.held_cases.run(here.clock.now)
    assert told(here, CaseAssigned) == []
    assert len(told(here, CaseHeld)) == 3, "waiting on tells nothing"
    here.clock.now = at("2026-11-26", "00:00")
    await here.held_cases.run(here.clock.now)
    given = told(here, CaseAssigned)
    assert [event.consultation for event in given] == [case.id for case in cases]
    assert {event.officer for event in given} == {"a"}
    # the deadlines run from now: nobody had it before
    assert given[0].acknowledge_due == at("2026-11-27", "16:30")


async def test_a_case_that_ends_makes_room_for_one_that_waits(here: Routing) -> None:
    here.rosters.change(HERE, "a", available=False)
    here.rosters.change(HERE, "b", capacity=1)
    first, second = await here.open(), await here.open()
    assert (first.officer, second.state) == ("b", "held")
    await here.held_cases.run(here.clock.now)
    assert here.case(second).state == "held"
    await here.hear(moved(ConsultationClosed, first.id, 2, NOON))
    await here.held_cases.run(here.clock.now)
    assert (here.case(second).state, here.case(second).officer) == ("assigned", "b")


async def test_a_held_case_that_is_withdrawn_is_given_to_nobody(here: Routing) -> None:
    for officer in "ab":
        here.rosters.change(HERE, officer, available=False)
    case = await here.open()
    await here.hear(moved(ConsultationClosed, case.id, 2, NOON))
    here.rosters.change(HERE, "a", available=True)
    await here.held_cases.run(here.clock.now)
    assert here.case(case).state == "over"
    assert here.rosters.kept[HERE].load_of("a") == 0


async def test_case_rings_no_more_when_its_consultation_was_erased(here: Routing) -> None:
    case = await here.open()
    await here.hear(moved(ConsultationErased, case.id, 2, NOON))
    assert (here.case(case).state, here.case(case).next_timer) == ("over", None)
    assert here.rosters.kept[HERE].load_of("a") == 0


async def test_a_recount_heals_what_a_crash_left(here: Routing) -> None:
    case = await here.open()
    await here.rosters.release(HERE, "a")  # a crash left the count one too low
    await here.recount.loads()
    assert here.rosters.kept[HERE].load_of("a") == 1
    await here.hear(moved(ConsultationClosed, case.id, 2, NOON))
    assert here.rosters.kept[HERE].load_of("a") == 0


# What was missed meanwhile


async def test_scheduler_calls_nothing_late_when_messages_are_still_waiting(
    here: Routing,
) -> None:
    case = await here.open()
    here.clock.now = at("2026-11-25", "16:05")
    here.link.waits = 1  # the officer's acknowledgement, of 15:00
    for _ in range(3):
        await here.scheduler.tick()
    assert told(here, CaseDeadlineMissed) == []
    await here.hear(moved(ConsultationAcknowledged, case.id, 2, at("2026-11-25", "15:00")))
    here.link.waits = 0
    for _ in range(3):
        await here.scheduler.tick()
    assert told(here, CaseDeadlineMissed) == []


async def test_scheduler_calls_late_what_is_late_when_it_has_waited_long_enough() -> None:
    here = Routing(FakeRosters(**{"64_02_06": ("a", "b"), "dpmd": ("d",)}), catch_up=-1.0)
    late = await here.open()
    here.clock.now = at("2026-12-31", "16:05")
    here.link.up = False
    await here.scheduler.tick()
    assert told(here, CaseDeadlineMissed) == [], "nobody could be told anyway"
    here.link.up, here.link.waits = True, 10**6
    for _ in range(2):
        await here.scheduler.tick()
    assert {event.consultation for event in told(here, CaseDeadlineMissed)} == {late.id}


# Which replica leads


async def test_scheduler_leaves_everything_to_the_leader_when_it_does_not_lead(
    here: Routing,
) -> None:
    here.lease.other = True
    await here.open()
    here.clock.now = at("2026-11-25", "16:05")
    for _ in range(3):
        await here.scheduler.tick()
        await here.scheduler.review()
    assert told(here, CaseDeadlineMissed) == []
    here.lease.other = False
    await here.scheduler.tick()
    assert len(told(here, CaseDeadlineMissed)) == 1


async def test_scheduler_releases_the_lease_when_it_is_cut_off(here: Routing) -> None:
    for _ in range(3):
        await here.scheduler.tick()
    assert here.lease.held
    here.link.up = False
    await here.scheduler.tick()
    assert not here.lease.held
