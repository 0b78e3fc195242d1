"""A requester is told once where the case is dealt within a minute of the receipt."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notify.channels.base import NotSent, Order
from services.notify.dispatch.work_queue import LEASE
from services.notify.domain.alert import Alert, receipt_id, resent, sent
from services.notify.domain.recipients import Contact
from shared.events import (
    CaseAssigned,
    CaseEscalated,
    CaseHeld,
    ConsultationSubmitted,
    ConsultationWithdrawn,
)
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.services.notify import FakeAlerts, FakeSender, Notify, at, until

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REQUESTER = "requester"
PHONE = Contact("whatsapp", "+628125555123", "KD-7F3K-9QXM")
AWAY = NotSent("intake_ConnectError", permanent=False)
BUSY = NotSent("whatsapp_131000", permanent=False)
RECEIVED, GIVEN = "telah kami terima", "sedang ditangani"


def told_by_phone() -> Notify:
    """The officers get e-mails, the requester messages."""
    notify = Notify(channels=("email", "whatsapp"))
    notify.requesters.answer = PHONE
    return notify


def phone(notify: Notify) -> FakeSender:
    return notify.senders["whatsapp"]


def messages(notify: Notify) -> list[str]:
    return [order.message.short for order in phone(notify).taken]


def the_message(notify: Notify) -> str:
    told = messages(notify)
    assert len(told) == 1, told
    return told[0]


def a_post() -> tuple[ConsultationSubmitted, CaseAssigned]:
    asked = submitted(reachable=True)
    return asked, assigned(asked.consultation, time=NOON + SECOND)


def became(notify: Notify, event: ConsultationSubmitted | CaseAssigned) -> Alert:
    (found,) = [
        one
        for one in notify.alerts.kept.values()
        if (one.cause, one.recipient) == (event.id, REQUESTER)
    ]
    return found


def ends(notify: Notify, event: ConsultationSubmitted | CaseAssigned) -> list[str]:
    """What was published of telling the requester of it."""
    found = [one for one in notify.told(REQUESTER) if one.cause == event.id]
    return [getattr(one, "reason", "sent") for one in found]


async def test_one_message_says_both_when_the_case_is_dealt_within_a_minute() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.hear(asked)
    await notify.look(after=SECOND)
    await notify.hear(case)
    await notify.look()
    await notify.look(after=2 * MINUTE)
    message = the_message(notify)
    assert RECEIVED in message
    assert GIVEN in message
    assert PHONE.ticket in message
    assert (ends(notify, asked), ends(notify, case)) == ([], ["sent"])
    alert = notify.alert(REQUESTER)
    assert (alert.event, alert.order_id) == ("case.assigned", receipt_id(asked.consultation))
    assert [(one.what, one.code) for one in alert.log][:2] == [
        ("queued", "asked"),
        ("joined", "case.assigned"),
    ]


async def test_the_assignment_joins_the_receipt_when_another_process_kept_it() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.hear(asked)
    notify.start_anew()
    await notify.hear(case, asked, case)
    await notify.look(after=2 * MINUTE)
    assert RECEIVED in the_message(notify)
    assert ends(notify, case) == ["sent"]


async def test_the_one_message_is_sent_at_once_when_the_case_is_dealt() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.dispatcher.start()
    await notify.hear(asked, case)
    await until(lambda: len(messages(notify)) == 1)
    await notify.dispatcher.stop()
    assert len(messages(notify)) == 1


async def test_the_receipt_is_told_alone_when_the_case_is_not_dealt_within_a_minute() -> None:
    notify, (asked, _) = told_by_phone(), a_post()
    waits = CaseHeld(
        id=uuid4(), consultation=asked.consultation, sequence=1, region=TENGGARONG, time=NOON,
        reason="nobody_available", satgas="64.02.06",
    )  # fmt: skip
    await notify.hear(asked, waits)
    await notify.look(after=59 * SECOND)
    assert messages(notify) == []
    await notify.look(after=SECOND)
    receipt = the_message(notify)
    assert RECEIVED in receipt
    assert GIVEN not in receipt
    await notify.hear(assigned(asked.consultation, sequence=2, time=NOON + HOUR))
    await notify.look(after=HOUR)
    assert len(messages(notify)) == 2
    assert GIVEN in messages(notify)[-1]
    assert RECEIVED not in messages(notify)[-1]


async def test_the_receipt_is_not_called_before_its_time_when_there_is_room() -> None:
    notify, (asked, _) = told_by_phone(), a_post()
    await notify.dispatcher.start()
    await notify.hear(asked)
    for _ in range(20):
        await notify.look()
    await notify.dispatcher.stop()
    alert = became(notify, asked)
    assert (alert.state, alert.reason) == ("waiting", "assignment_expected")
    assert alert.next_at == NOON + MINUTE


async def test_one_message_says_both_when_the_assignment_is_heard_first() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.hear(case)
    await notify.look()
    await notify.hear(asked)
    await notify.look(after=2 * MINUTE)
    message = the_message(notify)
    assert RECEIVED in message
    assert GIVEN in message
    assert (ends(notify, asked), ends(notify, case)) == ([], ["sent"])


async def test_the_receipt_goes_alone_when_the_case_is_dealt_while_it_is_in_hand() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.hear(asked)
    notify.clock.now += MINUTE
    (receipt,) = await notify.alerts.take_due(None, notify.clock.now, LEASE, 10)
    await notify.hear(case)
    await notify.look()
    assert (messages(notify), became(notify, case).reason) == ([], "receipt_pending")
    after, told = sent(receipt, provider_id=None, event_id=uuid4(), now=notify.clock.now)
    await notify.alerts.save(receipt, after, told)
    await notify.hear(case)
    await notify.look(after=2 * SECOND)
    assert GIVEN in the_message(notify)
    assert RECEIVED not in the_message(notify)


async def test_one_message_says_both_when_the_receipt_was_refused_for_a_while() -> None:
    """The first attempt may have come through, so the assignment has an alert of its own."""
    notify, (asked, case) = told_by_phone(), a_post()
    phone(notify).failures = [BUSY]
    await notify.hear(asked)
    await notify.look(after=MINUTE)
    await notify.hear(case)
    for _ in range(3):
        await notify.look(after=MINUTE)
    message = the_message(notify)
    assert RECEIVED in message
    assert GIVEN in message
    assert (ends(notify, asked), ends(notify, case)) == (["told_with_assignment"], ["sent"])


async def test_one_message_comes_in_the_morning_when_the_case_is_dealt_at_night() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    notify.clock.now = at("2026-11-24", "23:00")
    await notify.hear(asked)
    await notify.look(after=SECOND)
    await notify.hear(case)
    for _ in range(12):
        await notify.look(after=HOUR)
    message = the_message(notify)
    assert RECEIVED in message


async def test_one_message_says_both_when_both_come_due_in_the_same_moment() -> None:
    """Dealt later in the night: both wait for the morning, and are taken up together."""
    notify, (asked, case) = told_by_phone(), a_post()
    notify.clock.now = at("2026-11-24", "23:00")
    await notify.hear(asked)
    await notify.look(after=2 * MINUTE)
    await notify.hear(case)
    await notify.look(after=SECOND)
    notify.clock.now = at("2026-11-25", "06:00")
    for _ in range(20):
        await notify.look(after=2 * SECOND)
    message = the_message(notify)
    assert RECEIVED in message
    assert GIVEN in message


async def test_the_receipt_waits_when_an_assignment_of_its_own_is_tried_again() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    phone(notify).failures = [BUSY] * 5
    await notify.hear(asked)
    await notify.look(after=MINUTE)
    await notify.hear(case)
    for _ in range(20):
        await notify.look(after=MINUTE)
    message = the_message(notify)
    assert RECEIVED in message
    assert ends(notify, asked) == ["told_with_assignment"]
    held = [one for one in became(notify, asked).log if one.what == "held"]
    assert len(held) == 1, "a line for the first time"


async def test_both_are_over_as_one_when_nobody_can_be_told() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    notify.requesters.answer = None
    await notify.hear(asked, case)
    await notify.look()
    await notify.look(after=2 * MINUTE)
    assert (ends(notify, asked), ends(notify, case)) == ([], ["no_contact"])


async def test_the_receipt_is_not_told_when_the_consultation_was_withdrawn_meanwhile() -> None:
    notify, (asked, _) = told_by_phone(), a_post()
    await notify.hear(asked, moved(ConsultationWithdrawn, asked.consultation, 2, NOON))
    await notify.look(after=2 * MINUTE)
    assert (messages(notify), ends(notify, asked)) == ([], ["settled"])


async def test_a_second_assignment_says_nothing_of_the_receipt_when_the_first_did() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.hear(asked, case)
    await notify.look()
    other = assigned(asked.consultation, sequence=3, officer="petugas-64.02.06-2", time=NOON + HOUR)
    await notify.look(after=HOUR)
    await notify.hear(other)
    await notify.look()
    first, second = messages(notify)
    assert RECEIVED in first
    assert RECEIVED not in second


async def test_the_same_is_told_again_when_somebody_asks_for_it() -> None:
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.hear(asked, case)
    await notify.look()
    await notify.look(after=2 * MINUTE)
    before = became(notify, case)
    await notify.alerts.save(before, resent(before, None, notify.clock.now), None)
    await notify.look()
    once, again = messages(notify)
    assert once == again


async def test_who_asked_is_told_once_when_the_desk_takes_over_on_request() -> None:
    """The escalation and the assignment at the desk are of one moment."""
    notify, (asked, case) = told_by_phone(), a_post()
    await notify.hear(asked, case)
    await notify.look(after=2 * MINUTE)
    phone(notify).taken.clear()
    changes: dict[str, Any] = {"sequence": 3, "time": NOON + HOUR, "satgas": "dpmd"}
    to_desk = assigned(asked.consultation, officer="petugas-dpmd-1", level="dpmd", **changes)
    asked_for = CaseEscalated(
        id=uuid4(), consultation=asked.consultation, region=TENGGARONG, from_level="officer",
        to_level="dpmd", to="petugas-dpmd-1", reason="beyond_us", due=NOON, late_seconds=0,
        **changes,
    )  # fmt: skip
    notify.clock.now = NOON + HOUR
    await notify.hear(asked_for, to_desk)
    await notify.look()
    message = the_message(notify)
    assert "DPMD" in message


class Interleaved(FakeAlerts):
    """A store whose answers take their time, so that processes get in between each other."""

    def __init__(self, waits: Sequence[int]) -> None:
        super().__init__()
        self._waits = waits
        self._asked = 0

    async def get(self, id_: str) -> Alert | None:
        found = await super().get(id_)
        await self._wait()
        return found

    async def of_consultation(self, consultation: UUID) -> tuple[Alert, ...]:
        found = await super().of_consultation(consultation)
        await self._wait()
        return found

    async def _wait(self) -> None:
        self._asked += 1
        for _ in range(self._waits[self._asked % len(self._waits)]):
            await asyncio.sleep(0)


class Slow(FakeSender):
    async def send(self, order: Order) -> str | None:
        for _ in range(7):
            await asyncio.sleep(0)
        return await super().send(order)


STEPS = st.lists(
    st.sampled_from(
        ["receipt", "assignment", "both", "anew", "look", "others look", "time", "crash", "away"]
    ),
    max_size=16,
)


@pytest.mark.parametrize("dealt", [True, False])
@settings(max_examples=40)
@given(STEPS, st.lists(st.integers(0, 12), min_size=1, max_size=5), st.lists(st.booleans()))
# taken by who died, so that it comes in hand together with the assignment, again and again
@example(["receipt", "time", "time", "time", "crash"], [0], [])
async def test_the_receipt_is_told_once_when_anything_happens(
    dealt: bool, steps: Sequence[str], waits: Sequence[int], refusals: Sequence[bool]
) -> None:
    """Any order, doubles, replicas that interleave, processes that die before they send, intake
    away, refusals: the requester hears of the receipt once, and nothing is left over."""
    notify = Notify(channels=("email", "whatsapp"), alerts=Interleaved(waits))
    notify.senders["whatsapp"] = sender = Slow("whatsapp")
    notify.start_anew()
    notify.requesters.answer = PHONE
    sender.failures = [BUSY] * sum(refusals[:4])  # with intake away, fewer than give it up
    asked, case = a_post()
    others = [notify.process() for _ in range(2)]
    for step in [*steps, "receipt", *(["assignment"] if dealt else [])]:
        if step == "receipt":
            await notify.hear(asked)
        elif step == "assignment" and dealt:
            await notify.hear(case)
        elif step == "both" and dealt:
            await asyncio.gather(*(notify.hear(one) for one in (case, asked, case)))
        elif step == "anew":
            notify.start_anew()
        elif step == "look":
            await notify.look()
        elif step == "others look":
            await asyncio.gather(*(one.tick() for one in others))
            await asyncio.gather(*(one.settle() for one in others))
        elif step == "time":
            notify.clock.now += 29 * SECOND
        elif step == "crash":
            for channel in (None, *notify.channels):
                await notify.alerts.take_due(channel, notify.clock.now, LEASE, 10)
        elif step == "away":
            is_away = notify.requesters.answer == AWAY
            notify.requesters.answer = PHONE if is_away else AWAY
    notify.requesters.answer = PHONE
    for n in range(65):
        # closely at first; the attempts are spread over a day, with a night in it
        notify.clock.now += 2 * MINUTE if n < 30 else HOUR
        await asyncio.gather(*(one.tick() for one in others))
        await asyncio.gather(*(one.settle() for one in others))
    told = messages(notify)
    assert sum(RECEIVED in one for one in told) == 1, told
    assert sum(GIVEN in one for one in told) == dealt, told
    assert all(one.is_over for one in notify.alerts.kept.values())
    assert len(ends(notify, case)) == dealt
    assert len(notify.told(REQUESTER)) == len(notify.alerts.kept) - dealt, "the officer's"
    if dealt and steps[:2] in (["receipt", "assignment"], ["assignment"], ["both"]):
        assert len(told) == len(notify.told(REQUESTER)) == 1
