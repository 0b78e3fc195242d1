"""The same is told once: only where nothing came between, and only where it is told at all."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.channels.base import NotSent
from services.notify.domain.recipients import Contact
from shared.events import (
    CaseEscalated,
    ConsultationAnswered,
    ConsultationEvent,
    ConsultationMoved,
    ConsultationReplyReceived,
    ConsultationSubmitted,
)
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.services.notify import OFFICER, Notify

MINUTE = timedelta(minutes=1)
OTHER = "petugas-64.02.06-2"
REQUESTER = "requester"
GONE = NotSent("smtp_550", permanent=True, address_is_bad=True)


def outcomes(notify: Notify, recipient: str, *events: ConsultationEvent) -> list[str]:
    """What became of telling `recipient` of each of `events`."""
    ends = {one.cause: one for one in notify.told(recipient)}
    return [
        getattr(ends[event.id], "reason", "sent") if event.id in ends else "open"
        for event in events
    ]


async def heard(notify: Notify, *events: ConsultationEvent) -> None:
    """Each at its own time, and whatever is due then is tried."""
    for event in events:
        notify.clock.now = max(notify.clock.now, event.time)
        await notify.hear(event)
        await notify.look()


def case_of(*officers: str, asked: ConsultationSubmitted) -> list[ConsultationEvent]:
    """A case that is given to one after the other, a minute each."""
    return [
        assigned(asked.consultation, sequence=n + 1, officer=officer, time=NOON + (n + 2) * MINUTE)
        for n, officer in enumerate(officers)
    ]


async def test_who_gets_a_case_back_within_minutes_is_told_when_another_had_it_between() -> None:
    notify, asked = Notify(), submitted(reachable=False)
    story = case_of(OFFICER, OTHER, OFFICER, OTHER, OFFICER, asked=asked)
    await heard(notify, asked, *story)
    mine, theirs = story[::2], story[1::2]
    assert outcomes(notify, OFFICER, *mine) == ["sent"] * 3
    assert outcomes(notify, OTHER, *theirs) == ["sent"] * 2
    away = [one for one in notify.alerts.kept.values() if one.event == "case.taken_away"]
    assert {one.state for one in away} == {"sent"}
    assert len(away) == 4


async def test_answers_and_replies_in_turn_are_all_told_when_they_come_within_minutes() -> None:
    notify, asked = Notify(), submitted(reachable=True)
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    case = assigned(asked.consultation)
    in_turn: list[type[ConsultationMoved]] = [
        ConsultationAnswered,
        ConsultationReplyReceived,
    ] * 2 + [ConsultationAnswered]
    talk = [
        moved(cls, asked.consultation, 2 + n, NOON + (5 + n) * MINUTE)
        for n, cls in enumerate(in_turn)
    ]
    await heard(notify, asked, case, *talk)
    assert outcomes(notify, REQUESTER, *talk[::2]) == ["sent"] * 3
    assert outcomes(notify, OFFICER, *talk[1::2]) == ["sent"] * 2


async def test_an_answer_is_told_when_what_came_between_has_not_been_heard_yet() -> None:
    notify, asked = Notify(), submitted(reachable=True)
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    answers = [
        moved(ConsultationAnswered, asked.consultation, n, NOON + n * MINUTE) for n in (3, 5)
    ]
    await heard(notify, asked, assigned(asked.consultation), *answers)
    assert outcomes(notify, REQUESTER, *answers) == ["sent", "sent"]


async def test_an_answer_is_told_when_an_escalation_was_told_since_the_one_before() -> None:
    """The sequences of the two services say nothing of each other."""
    notify, asked = Notify(), submitted(reachable=True)
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    first = moved(ConsultationAnswered, asked.consultation, 3, NOON + 3 * MINUTE)
    second = moved(ConsultationAnswered, asked.consultation, 4, NOON + 5 * MINUTE)
    raised = CaseEscalated(
        id=uuid4(), consultation=asked.consultation, sequence=2, region=TENGGARONG,
        time=NOON + 4 * MINUTE, satgas="64.02.06", officer=OFFICER, due=NOON, late_seconds=0,
        from_level="officer", to_level="coordinator", to=OTHER, reason="overdue",
    )  # fmt: skip
    await heard(notify, asked, assigned(asked.consultation), first, raised, second)
    assert outcomes(notify, REQUESTER, first, raised, second) == ["sent", "sent", "sent"]


def replies(*minutes: float, since: int = 3) -> list[ConsultationEvent]:
    case = uuid4()
    return [
        moved(ConsultationReplyReceived, case, since + n, NOON + minute * MINUTE)
        for n, minute in enumerate(minutes)
    ]


async def test_a_second_reply_is_told_when_telling_of_the_first_failed() -> None:
    notify, told = Notify(), replies(2, 3, 4)
    await heard(notify, assigned(told[0].consultation))
    notify.mail.failures = [GONE]
    await heard(notify, *told)
    assert outcomes(notify, OFFICER, *told) == ["smtp_550", "sent", "folded"]


async def test_a_second_reply_is_told_when_telling_of_the_first_fails_later() -> None:
    """The first still waits for another attempt when the second comes."""
    notify, told = Notify(), replies(2, 2.05)
    await heard(notify, assigned(told[0].consultation))
    notify.mail.failures = [NotSent("smtp_451", permanent=False), GONE]
    await heard(notify, *told)
    for _ in range(10):
        await notify.look(after=MINUTE)
    assert outcomes(notify, OFFICER, *told) == ["smtp_550", "sent"]


async def test_a_second_reply_is_folded_when_the_first_is_sent_later() -> None:
    notify, told = Notify(), replies(2, 2.05)
    await heard(notify, assigned(told[0].consultation))
    notify.mail.failures = [NotSent("smtp_451", permanent=False)]
    await heard(notify, *told)
    for _ in range(10):
        await notify.look(after=MINUTE)
    assert outcomes(notify, OFFICER, *told) == ["sent", "folded"]


async def test_what_a_requester_was_not_told_is_told_when_they_leave_a_contact_that_works() -> None:
    """The first was suppressed, so nothing stands for it."""
    notify, asked = Notify(), submitted(reachable=True)
    notify.requesters.answer = Contact("phone", "0541-1234", "KD-1")
    answers = [
        moved(ConsultationAnswered, asked.consultation, 3 + n, NOON + n * MINUTE) for n in (0, 1)
    ]
    await heard(notify, asked, assigned(asked.consultation), answers[0])
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-1")
    await heard(notify, answers[1])
    assert outcomes(notify, REQUESTER, *answers) == ["no_channel", "sent"]


STEPS = st.lists(
    st.tuples(st.sampled_from(["answer", "reply"]), st.floats(0, 12), st.booleans()), max_size=14
)


@settings(max_examples=40)
@given(STEPS, st.randoms(use_true_random=False))
async def test_nothing_is_kept_from_anybody_when_they_have_not_heard_it(
    steps: Sequence[tuple[str, float, bool]], chance: Any
) -> None:
    """Any conversation, each event delivered once or twice, some providers' refusals: whatever is
    folded, the last message that its reader got says the same, and came less than `FOLD` before."""
    notify, asked = Notify(), submitted(reachable=True)
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-1")
    for one in (OFFICER, OTHER):
        notify.recipients.change(one, quiet_hours=False)
    story: list[ConsultationEvent] = [asked, assigned(asked.consultation)]
    for n, (what, minutes, _) in enumerate(steps):
        cls = ConsultationAnswered if what == "answer" else ConsultationReplyReceived
        time = story[-1].time + minutes * MINUTE
        story.append(moved(cls, asked.consultation, 2 + n, time))
    await heard(notify, *story[:2])
    await notify.look(after=2 * MINUTE)
    for event, (_, _, fails) in zip(story[2:], steps, strict=True):
        notify.mail.failures = [GONE] if fails and chance.random() < 0.5 else []
        await heard(notify, *([event] * chance.choice([1, 2])))
    notify.mail.failures = []
    for _ in range(4):
        await notify.look(after=MINUTE)
    by_cause = {(one.cause, one.recipient): one for one in notify.alerts.kept.values()}
    for n, event in enumerate(story[2:], start=2):
        reader = REQUESTER if isinstance(event, ConsultationAnswered) else OFFICER
        alert = by_cause[event.id, reader]
        assert alert.is_over
        if alert.reason != "folded":
            continue
        earlier = [by_cause.get((one.id, reader)) for one in story[:n]]
        sent = [one for one in earlier if one is not None and one.state == "sent"]
        assert sent[-1].event == event.name
        assert event.time - sent[-1].caused_at < timedelta(minutes=10)
        assert story[n - 1].name == event.name, "something came between"
