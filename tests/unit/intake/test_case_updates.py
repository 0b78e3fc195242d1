"""What routing's news does to a consultation, in whatever order and however often it comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.case_updates import assign, close_after_silence, hold, note
from services.intake.domain.consultation import Consultation, submit
from services.intake.domain.conversation import Request, Who
from services.intake.domain.lifecycle import STATUSES, MoveName, Status
from services.intake.domain.move_bodies import Escalation, NewMessage, Rating, Transfer
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from services.intake.domain.timeline import MOST_NEWS, Entry, for_requester, with_entry
from services.intake.handlers import Handlers
from services.intake.moves import Moves
from shared.errors import Conflict
from shared.events import (
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    CaseSilenceElapsed,
    ConsultationEvent,
)
from tests.support.builders import NOON, TENGGARONG, a_post, assigned
from tests.support.fakes import Clock, FakeConsultations

OFFICER, REQUESTER = Who("officer", "petugas-1"), Who("requester")
LATER = NOON + timedelta(days=14)


def a_consultation(status: Status = "submitted", id_: UUID | None = None) -> Consultation:
    post = Submission.model_validate(a_post())
    consultation, _ = submit(
        post,
        id_=id_ or uuid4(),
        event_id=uuid4(),
        ticket=new_ticket(),
        by="test-frontend",
        now=NOON,
    )
    # from where and to where it goes in these tests
    elsewhere = ("64.02.06", "64.02.07", "64.02.01")
    return replace(consultation, status=status, transferred_to=elsewhere)


def news(kind: type[ConsultationEvent], consultation: UUID, sequence: int, **more: Any) -> Any:
    """An event of routing, `sequence` minutes after noon."""
    time = NOON + timedelta(minutes=sequence)
    timer = {"due": time, "late_seconds": 0.0} if kind is not CaseHeld else {}
    return kind.model_validate(
        {
            "id": uuid4(),
            "consultation": consultation,
            "sequence": sequence,
            "region": TENGGARONG,
            "time": time,
            **timer,
            **more,
        }
    )


def history(id_: UUID) -> list[ConsultationEvent]:
    """The news of a case that was late, transferred, and held before somebody took it."""
    at = NOON + timedelta(minutes=1)
    return [
        assigned(id_, sequence=1, time=at),
        news(CaseReminderDue, id_, 2, clock="acknowledge", deadline=at),
        news(CaseReminderDue, id_, 3, clock="answer", deadline=at),
        news(CaseDeadlineMissed, id_, 4, clock="answer"),
        news(
            CaseEscalated, id_, 4, from_level="officer", to_level="camat", reason="overdue",
            clock="answer",
        ),
        news(CaseHeld, id_, 5, reason="nobody_available", satgas="64.02.07"),
        assigned(
            id_, sequence=6, time=NOON + timedelta(minutes=6), satgas="64.02.07",
            officer="petugas-64.02.07-2",
        ),
        news(CaseHeld, id_, 7, reason="no_officer", satgas="64.02.01"),
    ]  # fmt: skip


async def after(events: Sequence[ConsultationEvent], status: Status = "submitted") -> Consultation:
    store = FakeConsultations()
    id_ = events[0].consultation
    store.kept[id_] = a_consultation(status, id_)
    handlers = Handlers(store, Clock(LATER)).subscriptions()
    for event in events:
        await handlers[type(event)](event)
    return store.kept[id_]


HISTORY = history(uuid4())


@given(
    number=st.integers(1, len(HISTORY)),
    repeated=st.lists(st.integers(0, len(HISTORY) - 1), max_size=12),
    data=st.data(),
    status=st.sampled_from(STATUSES),
)
async def test_any_order_and_repetition_of_news_ends_the_same(
    number: int, repeated: list[int], data: st.DataObject, status: Status
) -> None:
    part = HISTORY[:number]
    mixed = data.draw(st.permutations(part + [part[one % number] for one in repeated]))

    told, mixed_up = await after(part, status), await after(mixed, status)

    assert mixed_up.timeline == told.timeline
    assert len(told.timeline) == 1 + len(part)
    assert [entry.at for entry in told.timeline] == sorted(entry.at for entry in told.timeline)
    for name in ("satgas", "officer", "level", "assigned_at", "held_reason", "decided_at"):
        assert getattr(mixed_up, name) == getattr(told, name)
    assert mixed_up.status == told.status


@pytest.mark.parametrize("event", HISTORY, ids=lambda event: event.name)
async def test_news_that_is_repeated_writes_nothing(event: ConsultationEvent) -> None:
    once, twice = await after([event]), await after([event, event, event])
    assert once.version == twice.version == 2


def test_a_timeline_entry_tells_the_clock_the_level_or_the_reason() -> None:
    consultation = a_consultation()
    for event in HISTORY:
        changed = None
        if isinstance(event, CaseAssigned):
            changed = assign(consultation, event, LATER)
        if isinstance(event, CaseHeld):
            changed = hold(consultation, event, LATER)
        if isinstance(event, CaseReminderDue | CaseDeadlineMissed | CaseEscalated):
            changed = note(consultation, event)
        assert changed is not None
        consultation = changed
    assert [(entry.what, entry.detail) for entry in consultation.timeline[1:]] == [
        ("case.assigned", "satgas"),
        ("case.reminder_due", "acknowledge"),
        ("case.reminder_due", "answer"),
        *sorted(
            [("case.deadline_missed", "answer"), ("case.escalated", "camat")],
            key=lambda one: str(next(e.id for e in HISTORY if e.name == one[0])),
        ),
        ("case.held", "nobody_available"),
        ("case.assigned", "satgas"),
        ("case.held", "no_officer"),
    ]
    assert {entry.what for entry in for_requester(consultation.timeline)} == {
        "consultation.submitted",
        "case.assigned",
        "case.held",
        "case.escalated",
    }


@pytest.mark.parametrize("status", STATUSES)
def test_an_assignment_starts_anew_unless_it_is_the_requesters_turn(status: Status) -> None:
    expected = "assigned" if status in {"submitted", "assigned", "acknowledged"} else status
    changed = assign(a_consultation(status), assigned(), LATER)
    assert changed is not None
    assert changed.status == expected


@pytest.mark.parametrize("clock_is_behind", [False, True])
async def test_an_assignment_that_is_repeated_does_not_take_back_the_confirmation(
    clock_is_behind: bool,
) -> None:
    scene = Scene("submitted")
    given_at = NOON + timedelta(hours=3 if clock_is_behind else 1)
    event = assigned(scene.id, time=given_at)
    await scene.handlers.on_case_assigned(event)
    await scene.move("acknowledge", OFFICER)
    await scene.handlers.on_case_assigned(event)
    assert scene.kept.status == "acknowledged"


def test_a_case_that_is_held_after_a_transfer_waits_for_that_satgas() -> None:
    given_ = assign(a_consultation(), assigned(sequence=1), LATER)
    assert given_ is not None
    event = news(CaseHeld, given_.id, 2, reason="nobody_available", satgas="dpmd")
    held = hold(given_, event, LATER)
    assert held is not None
    assert (held.satgas, held.officer, held.level) == ("dpmd", None, "dpmd")
    assert (held.status, held.assigned_at) == ("assigned", None)


@given(numbers=st.permutations(range(12)))
def test_of_much_news_the_latest_is_kept_whatever_its_order(numbers: list[int]) -> None:
    old: tuple[Entry, ...] = tuple(
        Entry("case.reminder_due", NOON + timedelta(hours=n), event=f"old-{n:04}")
        for n in range(MOST_NEWS - 5)
    )
    timeline = (Entry("consultation.submitted", NOON, "requester"), *old)
    for number in numbers:
        at = NOON + timedelta(hours=10 * number, minutes=1)
        timeline = with_entry(timeline, Entry("case.reminder_due", at, event=f"new-{number}"))
    assert len(timeline) == MOST_NEWS + 1
    assert timeline[0].what == "consultation.submitted"
    kept = {entry.event for entry in timeline}
    # seven too many: of the earliest, new ones among them
    assert {"new-0", "old-0000", "old-0001", "old-0005"}.isdisjoint(kept)
    assert {"new-1", "new-11", "old-0006"} <= kept


# --- silence


class Scene:
    """A consultation that was answered at noon, and a fortnight of silence."""

    def __init__(self, status: Status = "assigned") -> None:
        self.store = FakeConsultations()
        self.id = uuid4()
        self.store.kept[self.id] = a_consultation(status, self.id)
        self.clock = Clock(NOON + timedelta(hours=1))
        self.moves = Moves(self.store, self.clock)
        self.handlers = Handlers(self.store, self.clock)

    async def move(self, name: MoveName, who: Who, said: Any = None) -> datetime:
        """Made an hour after the one before."""
        self.clock.now += timedelta(hours=1)
        await self.moves.move(self.id, Request(name, who, said))
        return self.clock.now

    async def say(self, kind: Any, who: Who = OFFICER) -> datetime:
        return await self.move(kind, who, NewMessage(kind=kind, body="Isi"))

    async def silence(self, since: datetime) -> CaseSilenceElapsed:
        self.clock.now = max(self.clock.now, LATER)
        time = self.clock.now - timedelta(seconds=1)
        event: CaseSilenceElapsed = news(CaseSilenceElapsed, self.id, 9, since=since, time=time)
        await self.handlers.on_case_silence_elapsed(event)
        return event

    @property
    def kept(self) -> Consultation:
        return self.store.kept[self.id]

    @property
    def told(self) -> list[str]:
        return [event.name for event in self.store.events]


@pytest.mark.parametrize("kind", ["answer", "question"])
async def test_silence_closes_what_is_the_requesters_turn(kind: str) -> None:
    scene = Scene()
    event = await scene.silence(await scene.say(kind))

    assert scene.kept.status == "closed"
    closed: Any = scene.store.events[-1]
    assert (closed.name, closed.actor_role, closed.actor) == ("consultation.closed", "system", None)
    assert closed.sequence == scene.kept.version
    assert [(entry.what, entry.actor) for entry in scene.kept.timeline[-2:]] == [
        ("case.silence_elapsed", None),
        ("consultation.closed", "system"),
    ]

    version = scene.kept.version
    await scene.handlers.on_case_silence_elapsed(event)
    assert scene.told.count("consultation.closed") == 1
    assert scene.kept.version == version


@pytest.mark.parametrize(
    ("name", "who", "said"),
    [
        ("reply", REQUESTER, NewMessage(kind="reply", body="Isi")),
        ("withdraw", REQUESTER, None),
        ("reopen", REQUESTER, None),
        ("answer", OFFICER, NewMessage(kind="answer", body="Isi")),
        ("question", OFFICER, NewMessage(kind="question", body="Isi")),
        ("close", OFFICER, None),
        ("reject", OFFICER, None),
    ],
)
async def test_silence_that_was_broken_closes_nothing(name: MoveName, who: Who, said: Any) -> None:
    scene = Scene()
    since = await scene.say("answer")
    if name != "reject":
        await scene.move(name, who, said)
    else:
        scene.store.kept[scene.id] = replace(scene.kept, status="rejected")
    before, told = scene.kept, list(scene.told)
    await scene.silence(since)
    assert scene.kept == before
    assert scene.told == told


async def test_silence_after_an_earlier_answer_does_not_close_after_a_later_one() -> None:
    scene = Scene()
    since = await scene.say("answer")
    await scene.say("reply", REQUESTER)
    await scene.say("answer")
    await scene.silence(since)
    assert scene.kept.status == "answered"


@pytest.mark.parametrize(
    ("name", "who", "said"),
    [
        ("note", OFFICER, NewMessage(kind="note", body="Isi")),
        ("rate", REQUESTER, Rating(rating=3)),
        ("transfer", OFFICER, Transfer(to="64.02.07", reason="expertise")),
        ("escalate", OFFICER, Escalation(reason="needs_expert")),
    ],
)
async def test_what_carries_no_conversation_on_does_not_break_the_silence(
    name: MoveName, who: Who, said: Any
) -> None:
    scene = Scene()
    since = await scene.say("answer")
    await scene.move(name, who, said)
    await scene.silence(since)
    assert scene.kept.status == "closed"


@pytest.mark.parametrize("status", sorted(set(STATUSES) - {"answered", "waiting_requester"}))
def test_silence_means_nothing_while_it_is_not_the_requesters_turn(status: Status) -> None:
    found = a_consultation(status)
    event = news(CaseSilenceElapsed, found.id, 9, since=NOON)
    assert close_after_silence(found, event, id_=uuid4(), now=LATER) is None


async def test_a_closing_that_loses_the_race_is_left_to_the_next_attempt() -> None:
    """Between reading and writing the requester replies: the closing must not win."""
    scene = Scene()
    since = await scene.say("answer")
    read = scene.kept
    await scene.say("reply", REQUESTER)

    async def stale(_: UUID) -> Consultation:
        return read

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scene.store, "for_update", stale)
        with pytest.raises(Conflict):
            await scene.silence(since)
    await scene.silence(since)
    assert scene.kept.status == "acknowledged"
    assert "consultation.closed" not in scene.told


async def test_a_late_assignment_neither_opens_again_nor_keeps_open_what_silence_closes() -> None:
    scene = Scene()
    since = await scene.say("answer")
    statuses = []
    for sequence in (3, 4):
        await scene.handlers.on_case_assigned(assigned(scene.id, sequence=sequence))
        statuses.append(scene.kept.status)
        await scene.silence(since)
    assert [*statuses, scene.kept.status] == ["answered", "closed", "closed"]
