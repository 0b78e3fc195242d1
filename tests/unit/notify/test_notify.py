"""Telling people: from an event to what a provider takes, once, whatever fails in between."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify.channels.base import NotSent, Order
from services.notify.dispatch.delivery import DECIDED_PER_TURN
from services.notify.dispatch.work_queue import LEASE
from services.notify.domain.message import LinkToken
from services.notify.domain.recipients import Address, Contact
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
    ConsultationClosed,
    ConsultationLinkRequested,
    ConsultationReplyReceived,
)
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.services.notify import OFFICER, WHATSAPP_FIRST, FakeSender, Notify, at, until

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
    await until(lambda: len(notify.told()) == 1)
    await notify.dispatcher.stop()
    assert len(notify.mail.taken) == 1


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
    await notify.alerts.take_due("email", NOON, LEASE, 10)
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


async def test_what_the_provider_said_is_recorded_although_the_database_was_away() -> None:
    notify = Notify()
    await notify.hear(assigned())
    notify.alerts.fail_saves = 2
    await notify.look()
    assert len(notify.mail.taken) == 1
    assert [type(told) for told in notify.told()] == [AlertSent]


async def test_an_alert_is_sent_when_its_event_comes_again_after_a_lost_answer() -> None:
    notify, event = Notify(), assigned()
    notify.alerts.lose_answers = 1
    with pytest.raises(StoreUnavailable):
        await notify.hear(event)
    for _ in range(3):
        await notify.hear(event)
    await notify.look()
    assert len(notify.mail.taken) == len(notify.told()) == 1


async def test_an_alert_is_not_sent_when_another_process_took_it_over_in_line() -> None:
    notify = Notify()
    notify.mail.at_once = 1
    notify.start_anew()
    stuck, entered, send = asyncio.Event(), asyncio.Event(), notify.mail.send

    async def slow(order: Order) -> str | None:
        entered.set()
        await stuck.wait()
        return await send(order)

    notify.mail.send = slow  # type: ignore[method-assign]
    await notify.hear(assigned(), assigned())
    await notify.dispatcher.tick()
    await entered.wait()
    notify.clock.now += LEASE  # a process that was stopped: it renewed nothing
    notify.mail.send = send  # type: ignore[method-assign]
    other = notify.process()
    await other.tick()
    await other.settle()
    stuck.set()
    await notify.dispatcher.settle()
    doubled = Counter(order.id for order in notify.mail.taken)
    assert sorted(doubled.values()) == [1, 2], "no more than what was under way"
    assert len(notify.told()) == 2


async def test_a_slow_provider_delays_itself_only() -> None:
    notify = Notify(channels=("email", "whatsapp"))
    notify.senders["whatsapp"].slots = 4
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
    states = Counter((one.state, one.version) for one in waiting)
    assert states == {("claimed", 2): 4, ("queued", 1): 26}, "nothing is written for those in line"
    stuck.set()
    await notify.dispatcher.settle()
    await notify.look()
    assert len(notify.told()) == 30


async def test_alerts_are_sent_in_the_order_in_which_they_came_when_slots_are_few() -> None:
    notify = Notify()
    notify.mail.slots = notify.mail.at_once = 1
    notify.start_anew()
    await notify.hear(*(assigned() for _ in range(9)))
    kept = [one.id for one in notify.alerts.kept.values() if one.recipient == OFFICER]
    await notify.look()
    assert [order.id for order in notify.mail.taken] == kept


async def test_a_free_slot_is_filled_at_once_when_more_is_due() -> None:
    """And not only with the next look: the dispatcher runs here."""
    notify = Notify()
    notify.mail.slots = 2
    await notify.hear(*(assigned() for _ in range(20)))
    await notify.dispatcher.start()
    await until(lambda: len(notify.told()) == 20)
    await notify.dispatcher.stop()


async def test_an_alert_to_a_requester_lines_up_at_its_channel_when_no_slot_is_free() -> None:
    notify = Notify()
    notify.mail.slots = 0
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-1")
    await notify.hear(assigned())
    await notify.look(after=timedelta(seconds=5))
    alert = notify.alert(REQUESTER)
    assert (alert.state, alert.channel, alert.next_at) == ("queued", "email", NOON)
    assert [one.what for one in alert.log] == ["queued"], "its address is kept nowhere"
    notify.mail.slots = 32
    await notify.look()
    assert notify.alert(REQUESTER).state == "sent"


async def test_while_a_provider_is_left_alone_nothing_is_taken_and_afterwards_all_of_it() -> None:
    notify = Notify()
    notify.mail.slots = 0
    await notify.hear(*(assigned() for _ in range(40)))
    for _ in range(9):
        await notify.look(after=timedelta(seconds=1))
    waiting = [one for one in notify.alerts.kept.values() if one.recipient == OFFICER]
    assert {(one.state, one.channel, one.version) for one in waiting} == {("queued", "email", 1)}
    notify.mail.slots = 1
    notify.mail.failures = [BUSY]
    await notify.dispatcher.tick()
    await notify.dispatcher.settle()
    states = Counter(one.state for one in notify.alerts.kept.values() if one.channel == "email")
    assert states == {"queued": 39, "waiting": 1}, "one tries whether it is back"
    notify.mail.slots = 32
    await notify.look(after=timedelta(seconds=30))
    assert len(notify.mail.taken) == 40


async def test_who_waits_for_a_provider_that_stays_down_is_told_elsewhere_after_a_day() -> None:
    notify = Notify(channels=("email", "whatsapp"))
    notify.recipients.change(OFFICER, channels=WHATSAPP_FIRST)
    phone = notify.senders["whatsapp"]
    phone.slots = 0
    phone.failures = [NotSent("circuit_open", permanent=False)] * 9
    await notify.hear(assigned())
    hours = 0
    while not notify.told():
        await notify.look(after=timedelta(hours=1))
        hours += 1
    assert hours == 24, "a day after it was due"
    assert [one.channel for one in notify.told()] == ["email"]
    assert len(notify.mail.taken) == 1


async def test_whom_the_provider_asked_to_wait_is_not_told_before() -> None:
    seconds = timedelta(seconds=10)
    notify = Notify()
    notify.mail.failures = [NotSent("rate_limited", permanent=False, retry_after=seconds)]
    await notify.hear(assigned())
    await notify.look()
    assert (notify.alert().reason, notify.alert().next_at) == ("rate_limited", NOON + seconds)
    assert notify.told() == []
    await notify.look(after=seconds)
    assert len(notify.told()) == 1


async def test_who_stops_messages_while_an_alert_is_in_line_is_not_told() -> None:
    notify = Notify()
    notify.mail.at_once = 1
    notify.start_anew()
    contact = Contact("email", "warga@example.org", "KD-1")
    notify.requesters.answer = contact
    stuck, send = asyncio.Event(), notify.mail.send

    async def slow(order: Order) -> str | None:
        await stuck.wait()
        return await send(order)

    notify.mail.send = slow  # type: ignore[method-assign]
    await notify.hear(assigned())
    for _ in range(9):
        await notify.dispatcher.tick()
        await asyncio.sleep(0)
    notify.clock.now += timedelta(seconds=5)
    await notify.opt_outs.put(Address("email", contact.address), out=True)
    stuck.set()
    await notify.dispatcher.settle()
    assert [one.recipient for one in notify.alerts.events] == [OFFICER, REQUESTER]
    assert notify.alert(REQUESTER).reason == "opted_out"


async def test_decisions_are_made_anew_side_by_side_when_one_alert_is_sent_at_a_time() -> None:
    """Else a decision, which takes longer than an e-mail, is the pace of the channel."""
    notify = Notify()
    notify.mail.at_once = 1
    notify.start_anew()
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-1")
    stuck, send, ask = asyncio.Event(), notify.mail.send, notify.requesters.contact
    asking, most = 0, 0

    async def slow(order: Order) -> str | None:
        await stuck.wait()
        return await send(order)

    async def slowly(consultation: UUID) -> Contact | None:
        nonlocal asking, most
        asking += 1
        most = max(most, asking)
        for _ in range(9):
            await asyncio.sleep(0)
        asking -= 1
        return await ask(consultation)

    notify.mail.send = slow  # type: ignore[method-assign]
    await notify.hear(*(assigned() for _ in range(20)))
    for _ in range(9):
        await notify.dispatcher.tick()
        await asyncio.sleep(0)
    notify.requesters.contact = slowly  # type: ignore[method-assign]
    notify.clock.now += timedelta(seconds=5)
    stuck.set()
    await notify.dispatcher.settle()
    assert 1 < most <= DECIDED_PER_TURN


async def test_an_alert_finds_another_channel_when_its_own_is_not_there_any_more() -> None:
    notify = Notify(channels=("whatsapp",))
    notify.recipients.change(OFFICER, channels=WHATSAPP_FIRST)
    await notify.hear(assigned())
    notify.channels = ("email",)
    notify.senders = {"email": FakeSender("email")}
    notify.start_anew()
    await notify.dispatcher.start()
    await until(lambda: bool(notify.told()))
    await notify.dispatcher.stop()
    assert len(notify.mail.taken) == 1


async def test_what_has_a_time_of_its_own_is_not_sent_before_it() -> None:
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


async def test_link_is_sent_to_the_contact_when_it_is_asked_for_again() -> None:
    """Whatever was told before, and however it stands."""
    notify, event = Notify(), submitted()
    notify.requesters.answer = Contact(
        "email", "warga@example.org", "KD-7F3K-9QXM", link=LinkToken("izin", notify.clock.now)
    )
    await notify.hear(event)
    asked = moved(
        ConsultationLinkRequested,
        event.consultation,
        1,
        notify.clock.now + timedelta(minutes=1),
        actor_role="requester",
    )
    closed = moved(ConsultationClosed, event.consultation, 2, notify.clock.now)
    await notify.look(after=notify.receipt_wait)
    await notify.hear(closed, asked, asked)
    await notify.look(after=timedelta())
    texts = [order.message.text for order in notify.mail.taken]
    (told,) = (one for one in texts if "meminta tautan" in one)
    assert "/lacak?izin=izin&tiket=KD-7F3K-9QXM\n" in told


async def test_link_token_is_in_what_is_told_and_in_nothing_that_is_kept() -> None:
    notify, event, token = Notify(), submitted(), "izin-" * 9
    notify.requesters.answer = Contact(
        "email", "warga@example.org", "KD-7F3K-9QXM", link=LinkToken(token, notify.clock.now)
    )
    await notify.hear(event)
    await notify.look(after=notify.receipt_wait)
    (order,) = notify.mail.taken
    assert f"/lacak?izin={token}&tiket=KD-7F3K-9QXM\n" in order.message.text
    kept = repr((notify.alerts.kept, notify.told(REQUESTER), notify.requesters.answer))
    assert token not in kept


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
    # what another process heard, intake says
    notify.requesters.answer = None
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


@pytest.mark.parametrize(
    ("channel", "address"), [("email", "warga@example.org"), ("whatsapp", "+628125555123")]
)
async def test_message_can_be_stopped_by_its_link_when_it_is_an_email_to_a_requester(
    channel: str, address: str
) -> None:
    notify = Notify(channels=("email", "whatsapp"))
    notify.requesters.answer = Contact(channel, address, "KD-1")
    await notify.hear(assigned())
    await notify.look()
    sent = {one.address: one.message for sender in notify.senders.values() for one in sender.taken}
    assert len(sent) == 2
    token = notify.opt_outs.token(Address(channel, address))
    link = f"http://klik.example/berhenti?izin={token}&bahasa=id"
    assert sent.pop(address).unsubscribe == (link if channel == "email" else None)
    assert [one.unsubscribe for one in sent.values()] == [None]
