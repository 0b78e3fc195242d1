"""Telling people: from an event to what a provider takes, once, whatever fails in between."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.notify.channels.base import NotSent, Order
from services.notify.dispatch.dispatcher import LEASE
from services.notify.domain.recipients import Contact
from services.notify.domain.retry_policy import MAX_ATTEMPTS
from services.notify.jobs.digest import Digests
from shared.errors import StoreUnavailable, TryLater
from shared.events import (
    AlertFailed,
    AlertSent,
    AlertSuppressed,
    CaseHeld,
    CaseReminderDue,
    ConsultationAnswered,
    ConsultationReplyReceived,
)
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.services.notify import OFFICER, WHATSAPP_FIRST, Notify, at

DAY = timedelta(days=1)
REQUESTER = "requester"
BUSY = NotSent("smtp_451", permanent=False)
GONE = NotSent("smtp_550", permanent=True, address_is_bad=True)


def reminder(case: Any, **changes: Any) -> CaseReminderDue:
    values: dict[str, Any] = {
        "id": uuid4(),
        "consultation": case.consultation,
        "sequence": 2,
        "region": TENGGARONG,
        "time": case.time,
        "satgas": case.satgas,
        "officer": case.officer,
        "due": case.time,
        "late_seconds": 0,
        "clock": "answer",
        "deadline": case.time + DAY,
    }
    return CaseReminderDue(**values | changes)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


async def test_the_officer_is_told_once_however_often_the_event_comes() -> None:
    notify, event = Notify(), assigned()
    for _ in range(3):
        await notify.hear(event)
        await notify.look()
    assert [order.address for order in notify.mail.taken] == [f"{OFFICER}@klikdesa.example"]
    (told,) = notify.told()
    assert isinstance(told, AlertSent)
    assert (told.cause, told.attempts, told.provider_id) == (event.id, 1, "provider-1")


async def test_what_was_just_written_is_sent_at_once() -> None:
    notify = Notify()
    await notify.dispatcher.start()
    await notify.hear(assigned())
    await notify.dispatcher.settle()
    assert len(notify.mail.taken) == 1
    await notify.dispatcher.stop()


async def test_of_many_dispatchers_one_sends() -> None:
    notify = Notify()
    await notify.hear(*(assigned() for _ in range(20)))
    others = [notify.process() for _ in range(4)]
    await asyncio.gather(*(one.tick() for one in others))
    await asyncio.gather(*(one.settle() for one in others))
    assert len(notify.mail.taken) == len(notify.told()) == 20


async def test_a_passing_failure_is_tried_again_and_told_only_when_it_worked() -> None:
    notify = Notify()
    notify.mail.failures = [BUSY, TimeoutError(), RuntimeError("a fault of ours")]
    await notify.hear(assigned())
    await notify.look()
    assert (notify.told(), notify.alert().state) == ([], "waiting")
    await notify.look(after=timedelta(seconds=9))
    assert notify.alert().attempts == 1, "it is not time yet"
    for seconds in (1, 30, 90):
        await notify.look(after=timedelta(seconds=seconds))
    (told,) = notify.told()
    assert (type(told), told.attempts) == (AlertSent, 4)
    assert [one.code for one in notify.alert().log if one.what == "tried"] == [
        "smtp_451",
        "timeout",
        "error_RuntimeError",
    ]


async def test_a_day_of_failures_ends_in_one_failure() -> None:
    notify = Notify()
    notify.recipients.change(OFFICER, quiet_hours=False)
    notify.mail.failures = [BUSY] * 100
    await notify.hear(assigned())
    for _ in range(2 * 24 * 4):
        await notify.look(after=timedelta(minutes=15))
    (told,) = notify.told()
    assert isinstance(told, AlertFailed)
    assert (told.reason, told.attempts, told.channel) == ("smtp_451", MAX_ATTEMPTS, "email")
    spread = notify.alert().log[-1].at - notify.alert().created_at
    assert timedelta(hours=24) <= spread <= timedelta(hours=26)


async def test_a_provider_says_when_to_come_back() -> None:
    notify = Notify()
    notify.mail.failures = [NotSent("busy", permanent=False, retry_after=timedelta(minutes=20))]
    await notify.hear(assigned())
    await notify.look()
    assert notify.alert().next_at == NOON + timedelta(minutes=20)


async def test_a_bad_address_is_not_tried_again_and_the_next_channel_is() -> None:
    notify = Notify(channels=("email", "whatsapp"))
    notify.recipients.change(OFFICER, channels=WHATSAPP_FIRST)
    notify.senders["whatsapp"].failures = [GONE]
    await notify.hear(assigned())
    await notify.look()
    assert [order.address for order in notify.mail.taken] == ["budi@klikdesa.example"]
    (told,) = notify.told()
    assert (type(told), told.channel, told.attempts) == (AlertSent, "email", 2)
    assert [one.what for one in notify.alert().log] == ["queued", "tried", "fallback", "sent"]


async def test_a_lasting_failure_on_the_last_channel_is_told_at_once() -> None:
    notify = Notify()
    notify.mail.failures = [GONE]
    await notify.hear(assigned())
    await notify.look()
    await notify.look(after=DAY)
    (told,) = notify.told()
    assert (type(told), told.reason, told.attempts) == (AlertFailed, "smtp_550", 1)
    assert notify.mail.taken == []


@pytest.mark.parametrize(
    ("officer", "reason"), [("baru", "unknown_recipient"), ("camat-64.02.06", "no_address")]
)
async def test_who_cannot_be_reached_is_a_failure_that_shows(officer: str, reason: str) -> None:
    notify = Notify()
    await notify.hear(assigned(officer=officer))
    await notify.look()
    (told,) = notify.told(officer)
    assert (type(told), told.reason, told.channel) == (AlertFailed, reason, "none")


# Crashes


async def test_what_a_dead_process_had_is_taken_over_when_its_claim_runs_out() -> None:
    notify = Notify()
    await notify.hear(assigned())
    await notify.alerts.take_due(NOON, LEASE, 10)
    await notify.look()
    assert notify.mail.taken == []
    await notify.look(after=LEASE)
    assert len(notify.mail.taken) == 1
    assert [one.what for one in notify.alert().log] == ["queued", "taken_over", "sent"]


async def test_a_doubled_message_has_the_same_id() -> None:
    notify = Notify()
    await notify.hear(assigned())
    notify.alerts.fail_saves = 1
    # the process dies between the provider's yes and our record
    await notify.dispatcher.tick()
    await until(lambda: bool(notify.mail.taken))
    for task in asyncio.all_tasks():
        if task.get_name() == notify.alert().id:
            task.cancel()
    await notify.look(after=LEASE)
    first, second = notify.mail.taken
    assert first.id == second.id
    assert len(notify.told()) == 1


async def test_what_the_provider_said_is_recorded_although_the_database_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.storage.retrying.RETRY_PAUSE_SECONDS", 0.0)
    notify = Notify()
    await notify.hear(assigned())
    notify.alerts.fail_saves = 3
    await notify.look()
    assert len(notify.mail.taken) == 1
    assert [type(told) for told in notify.told()] == [AlertSent]


async def test_an_alert_that_was_kept_without_an_answer_is_sent_when_its_event_comes_again() -> (
    None
):
    """And not only when its lease runs out."""
    notify, event = Notify(), assigned()
    await notify.dispatcher.start()
    notify.alerts.lose_answers = 1
    with pytest.raises(StoreUnavailable):
        await notify.hear(event)
    for _ in range(3):
        await notify.hear(event)
    await notify.dispatcher.settle()
    await notify.dispatcher.stop()
    assert len(notify.mail.taken) == len(notify.told()) == 1


async def test_who_waited_too_long_in_line_does_not_send_what_another_took_over() -> None:
    notify = Notify()
    await notify.hear(assigned())
    (alert, *_) = await notify.alerts.take_due(NOON, LEASE, 10)
    notify.clock.now += LEASE
    other = notify.process()
    await other.tick()
    await other.settle()
    await notify.delivery.run(alert)
    assert len(notify.mail.taken) == len(notify.told()) == 1


async def test_a_slow_provider_delays_itself_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.dispatch.lanes.IN_LINE", 4)
    notify = Notify(channels=("email", "whatsapp"))
    notify.recipients.change(OFFICER, channels=WHATSAPP_FIRST[:1])
    stuck = asyncio.Event()

    async def slow(order: Order) -> str | None:
        await stuck.wait()
        return None

    notify.senders["whatsapp"].send = slow  # type: ignore[method-assign]
    await notify.hear(*(assigned() for _ in range(30)))
    await notify.hear(*(assigned(officer="petugas-64.02.06-2") for _ in range(30)))
    for _ in range(20):
        await notify.dispatcher.tick()
        for _ in range(50):
            await asyncio.sleep(0)
    assert len(notify.mail.taken) == 30
    waiting = [one for one in notify.alerts.kept.values() if one.channel == "whatsapp"]
    assert len(waiting) == 30
    assert {one.state for one in waiting} == {"claimed", "queued"}, "no refusal is written down"
    stuck.set()
    await notify.dispatcher.settle()
    for _ in range(3):
        await notify.look(after=timedelta(seconds=12))
    assert len(notify.told()) == 30


async def test_what_would_wait_at_its_channel_is_called_when_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a backlog: neither leased in vain, nor left waiting where the channel has time."""
    monkeypatch.setattr("services.notify.dispatch.lanes.IN_LINE", 4)
    notify = Notify()
    lane = notify.delivery.lanes["email"]
    async with AsyncExitStack() as stack:
        for _ in range(notify.mail.at_once):
            await stack.enter_async_context(lane.turn())
        line = [asyncio.create_task(stack.enter_async_context(lane.turn())) for _ in range(3)]
        await asyncio.sleep(0)
        assert lane.is_behind
        await notify.hear(*(assigned() for _ in range(7)))
        kept = [one for one in notify.alerts.kept.values() if one.recipient == OFFICER]
        assert {(one.state, one.channel) for one in kept} == {("queued", "email")}
        times = [one.next_at - NOON for one in kept if one.next_at]
        assert times == sorted(times)
        assert timedelta(seconds=10) <= times[0] < times[6] < timedelta(seconds=30)
        await notify.look()
        assert notify.mail.taken == []
        for one in line:
            one.cancel()
    for _ in range(2):
        await notify.look()
    in_order = [kept[n].id for n in range(7)]
    assert [order.id for order in notify.mail.taken] == in_order, "all before their time"


async def test_while_a_provider_is_left_alone_nobody_is_called_and_afterwards_everybody_is() -> (
    None
):
    notify = Notify()
    await notify.hear(*(assigned() for _ in range(2)))
    notify.mail.rest = 30.0
    await notify.hear(*(assigned() for _ in range(40)))
    await notify.look()
    waiting = [one for one in notify.alerts.kept.values() if one.recipient == OFFICER]
    assert {(one.state, one.channel) for one in waiting} == {("queued", "email")}
    written = [one.version for one in waiting]
    assert written == [3, 3] + [1] * 40, "the first two found out"
    for _ in range(9):
        await notify.look(after=timedelta(seconds=1))
    assert [notify.alerts.kept[one.id].version for one in waiting] == written, "before their time"
    assert notify.mail.taken == []
    notify.mail.rest = 0.0
    for _ in range(3):
        await notify.look()
    assert len(notify.mail.taken) == 42, "all of them before their time"


async def test_who_waits_for_a_provider_that_stays_down_is_told_elsewhere_after_a_day() -> None:
    notify = Notify(channels=("email", "whatsapp"))
    notify.recipients.change(OFFICER, channels=WHATSAPP_FIRST)
    notify.senders["whatsapp"].rest = 30.0
    await notify.hear(assigned())
    hours = 0
    while not notify.told():
        await notify.look(after=timedelta(hours=1))
        hours += 1
    assert hours == 25, "a day after it was first tried"
    assert [one.channel for one in notify.told()] == ["email"]
    assert len(notify.mail.taken) == 1


async def test_who_found_no_room_is_called_and_whom_the_provider_asked_to_wait_is_not() -> None:
    seconds = timedelta(seconds=10)
    for reason, told in (("channel_busy", 1), ("rate_limited", 0)):
        notify = Notify()
        notify.mail.failures = [NotSent(reason, permanent=False, retry_after=seconds)]
        await notify.hear(assigned())
        await notify.dispatcher.tick()
        await notify.dispatcher.settle()
        assert (notify.alert().reason, notify.alert().next_at) == (reason, NOON + seconds)
        await notify.look()
        assert len(notify.told()) == told, reason
        await notify.look(after=seconds)
        assert len(notify.told()) == 1


async def test_what_has_a_time_of_its_own_is_not_called_before_it() -> None:
    notify = Notify()
    notify.clock.now = at("2026-11-27", "19:00")  # after hours
    await notify.hear(assigned())
    for _ in range(20):
        await notify.look()
    assert notify.mail.taken == []
    assert notify.alert().state == "waiting"


# Hours


async def test_an_officer_is_told_in_the_morning_what_came_at_night() -> None:
    notify = Notify()
    notify.clock.now = at("2026-11-27", "19:00")  # a Friday
    await notify.hear(assigned())
    await notify.look()
    assert (notify.mail.taken, notify.told()) == ([], [])
    assert notify.alert().log[-1].until == at("2026-11-30", "07:30")
    notify.clock.now = at("2026-11-30", "07:30")
    await notify.look()
    assert len(notify.told()) == 1


async def test_who_wants_no_quiet_hours_is_told_at_night() -> None:
    notify = Notify()
    notify.recipients.change(OFFICER, quiet_hours=False)
    notify.clock.now = at("2026-11-27", "23:00")
    await notify.hear(assigned())
    await notify.look()
    assert len(notify.told()) == 1


async def test_the_log_has_no_quiet_hours_and_takes_everything() -> None:
    notify = Notify(channels=("log",))
    notify.clock.now = at("2026-11-29", "03:00")
    await notify.hear(assigned())
    await notify.look()
    assert [order.address for order in notify.senders["log"].taken] == [OFFICER]


async def test_a_reminder_of_what_was_done_meanwhile_is_not_sent() -> None:
    notify, case = Notify(), assigned(time=at("2026-11-24", "20:00"))
    await notify.hear(case)
    notify.clock.now = case.time
    await notify.hear(reminder(case))
    await notify.look()
    await notify.hear(moved(ConsultationAnswered, case.consultation, 3, case.time))
    await notify.look(after=timedelta(hours=12))
    assert {type(one): getattr(one, "reason", None) for one in notify.told()} == {
        AlertSent: None,
        AlertSuppressed: "settled",
    }


async def test_two_of_the_same_within_minutes_are_one() -> None:
    notify, case = Notify(), assigned()
    await notify.hear(case)
    answers = [
        moved(ConsultationReplyReceived, case.consultation, 3 + n, NOON + n * timedelta(minutes=4))
        for n in range(4)
    ]
    for event in answers:
        await notify.hear(event)
    await notify.look()
    about_replies = [one for one in notify.told() if one.cause != case.id]
    told = {one.cause: getattr(one, "reason", "sent") for one in about_replies}
    assert [told[one.id] for one in answers] == ["sent", "folded", "folded", "sent"]


async def test_a_reply_before_its_assignment_waits_for_it() -> None:
    notify, case = Notify(), assigned()
    reply = moved(ConsultationReplyReceived, case.consultation, 3, NOON)
    with pytest.raises(TryLater):
        await notify.hear(reply)
    await notify.hear(case, reply)
    await notify.look()
    assert {one.cause for one in notify.told()} == {case.id, reply.id}


async def test_who_had_a_case_is_told_once_that_it_was_given_to_somebody_else() -> None:
    notify, case = Notify(), assigned()
    to_another = assigned(case.consultation, sequence=3, officer="petugas-64.02.06-2")
    await notify.hear(case)
    for _ in range(3):
        await notify.hear(to_another)
    await notify.look()
    told = {one.cause: one for one in notify.told()}
    assert set(told) == {case.id, to_another.id}
    (away,) = [one for one in notify.alerts.kept.values() if one.event == "case.taken_away"]
    assert (away.recipient, away.rule, away.state) == (OFFICER, "had_the_case", "sent")
    assert "dialihkan" in notify.mail.taken[-1].message.text


async def test_who_had_a_case_before_it_was_held_is_told_as_well() -> None:
    notify, case = Notify(), assigned()
    waits = CaseHeld(
        id=uuid4(), consultation=case.consultation, sequence=2, region=TENGGARONG, time=NOON,
        reason="nobody_available", satgas="64.02.07",
    )  # fmt: skip
    await notify.hear(case, waits, assigned(case.consultation, sequence=3, officer="lain"))
    events = [one.event for one in notify.alerts.kept.values() if one.recipient == OFFICER]
    assert sorted(events) == ["case.assigned", "case.taken_away"]


@pytest.mark.parametrize("late", [False, True])
async def test_nothing_is_taken_away_by_the_same_officer_or_by_old_news(late: bool) -> None:
    notify, case = Notify(), assigned(sequence=2)
    again = assigned(case.consultation, sequence=4)
    other = assigned(case.consultation, sequence=3, officer="petugas-64.02.06-2")
    await notify.hear(case, again, *([other] if late else []))
    assert "case.taken_away" not in {one.event for one in notify.alerts.kept.values()}


# Requesters


async def test_a_requester_is_told_at_the_address_that_intake_gives() -> None:
    notify, event = Notify(), submitted()
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    await notify.hear(event)
    await notify.look(after=notify.receipt_wait)
    (order,) = notify.mail.taken
    assert order.address == "warga@example.org"
    assert "KD-7F3K-9QXM" in order.message.text
    (told,) = notify.told(REQUESTER)
    assert (type(told), told.recipient_kind) == (AlertSent, "requester")
    assert "warga@example.org" not in repr(notify.alerts.kept)


@pytest.mark.parametrize(
    ("contact", "reason"),
    [(None, "no_contact"), (Contact("phone", "0541-1234", "KD-1"), "no_channel")],
)
async def test_who_cannot_be_told_is_not(contact: Contact | None, reason: str) -> None:
    notify = Notify()
    notify.requesters.answer = contact
    await notify.hear(submitted())
    await notify.look(after=notify.receipt_wait)
    (told,) = notify.told(REQUESTER)
    assert (type(told), told.reason) == (AlertSuppressed, reason)


async def test_where_no_contact_was_left_intake_is_not_asked_and_nothing_kept() -> None:
    notify, event = Notify(), submitted(reachable=False)
    notify.requesters.answer = NotSent("intake_ConnectError", permanent=False)
    case, other = assigned(event.consultation), submitted(reachable=False)
    await notify.hear(event, case)
    assert notify.told(REQUESTER) == []
    assert [one.recipient for one in notify.alerts.kept.values()] == [case.officer]
    # what another process heard, the dispatcher finds in the case view
    await notify.cases.note(other)
    await notify.hear(assigned(other.consultation))
    await notify.look()
    assert [one.reason for one in notify.told(REQUESTER)] == ["no_contact"]


async def test_while_intake_is_away_requesters_wait_and_officers_do_not() -> None:
    notify = Notify()
    notify.requesters.answer = NotSent("intake_ConnectError", permanent=False)
    await notify.hear(assigned())
    await notify.look()
    assert (len(notify.told()), notify.alert(REQUESTER).state) == (1, "waiting")
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-1")
    await notify.look(after=timedelta(seconds=15))
    assert notify.alert(REQUESTER).state == "sent"


# Digests


async def test_a_digest_comes_once_on_working_mornings_with_what_is_open() -> None:
    notify = Notify()
    notify.recipients.change(OFFICER, digest=True)
    officer = "petugas-64.02.06-2"
    notify.recipients.change(officer, digest=True)
    cases = [assigned(officer=officer) for _ in range(3)]
    await notify.hear(*cases, moved(ConsultationAnswered, cases[0].consultation, 3, NOON))
    await notify.look()
    notify.mail.taken.clear()
    rounds = [
        Digests(notify.alerts, notify.recipients, notify.office, notify.clock) for _ in range(3)
    ]
    for clock, expected in (("07:44", 0), ("07:45", 2), ("09:00", 2)):
        notify.clock.now = at("2026-11-25", clock)
        await asyncio.gather(*(one.tick() for one in rounds))
        await notify.look()
        assert len(notify.mail.taken) == expected, clock
    # the coordinator's is of the whole satgas
    assert {order.address for order in notify.mail.taken} == {
        f"{OFFICER}@klikdesa.example",
        f"{officer}@klikdesa.example",
    }
    facts = [one for one in notify.alerts.kept.values() if one.event == "digest"]
    assert {one.state for one in facts} == {"sent"}


async def test_no_digest_of_nothing_and_none_on_a_holiday() -> None:
    notify = Notify()
    notify.recipients.change(OFFICER, digest=True)
    digests = Digests(notify.alerts, notify.recipients, notify.office, notify.clock)
    notify.clock.now = at("2026-11-28", "08:00")
    await digests.tick()
    assert notify.alerts.kept == {}
    notify.clock.now = at("2026-11-30", "08:00")
    await digests.tick()
    await notify.look()
    assert (notify.alert().state, notify.alert().reason) == ("suppressed", "nothing_open")
