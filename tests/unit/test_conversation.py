"""The life of a consultation after it was taken in: moves, who may make them, and what is told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.casework import assign
from services.intake.consultation_views import ConsultationView
from services.intake.conversation import (
    MOST_MESSAGES,
    MoveKeyReused,
    Request,
    TooLong,
    Who,
    carry_out,
    possible,
)
from services.intake.domain import Consultation, Private, submit
from services.intake.lifecycle import (
    MOVES,
    STATUSES,
    Actor,
    ForbiddenMove,
    MoveName,
    NotTheirMove,
    Status,
    after,
    allowed,
)
from services.intake.moves import Moves, NotFound, OtherVersion, move_key
from services.intake.said import NewMessage, Rating, Rejection
from services.intake.submission import Submission
from services.intake.tickets import new_ticket
from services.intake.track_view import TrackView
from shared.errors import Conflict
from shared.events import ConsultationMoved, Event
from tests.builders import NOON, a_post, assigned
from tests.fakes import Clock, FakeConsultations

OFFICER, REQUESTER = Who("officer", "petugas-1"), Who("requester")


def a_consultation(status: Status = "assigned") -> Consultation:
    consultation, _ = submit(
        Submission.model_validate(a_post()),
        id_=uuid4(),
        event_id=uuid4(),
        ticket=new_ticket(),
        now=NOON,
    )
    return replace(consultation, status=status)


def message(kind: Any, body: str = "Isi pesan") -> NewMessage:
    return NewMessage(kind=kind, body=body)


def do(
    consultation: Consultation, move: MoveName, who: Who, said: Any = None
) -> tuple[Consultation, ConsultationMoved | None]:
    return carry_out(consultation, Request(move, who, said), id_=uuid4(), now=NOON)


# --- the table


def test_a_whole_life() -> None:
    consultation, told = a_consultation(), []
    story: list[tuple[MoveName, Who, Any, Status]] = [
        ("acknowledge", OFFICER, None, "acknowledged"),
        ("question", OFFICER, message("question"), "waiting_requester"),
        ("reply", REQUESTER, message("reply"), "acknowledged"),
        ("note", OFFICER, message("note"), "acknowledged"),
        ("answer", OFFICER, message("answer"), "answered"),
        ("close", REQUESTER, None, "closed"),
        ("reopen", REQUESTER, None, "assigned"),
        ("answer", OFFICER, message("answer"), "answered"),
        ("close", OFFICER, None, "closed"),
        ("rate", REQUESTER, Rating(rating=4, comment="Terima kasih"), "closed"),
    ]
    for move, who, said, status in story:
        consultation, event = do(consultation, move, who, said)
        assert consultation.status == status
        told += [event.name] if event else []
    assert told == [
        "consultation.acknowledged",
        "consultation.question_asked",
        "consultation.reply_received",
        "consultation.answered",
        "consultation.closed",
        "consultation.reopened",
        "consultation.answered",
        "consultation.closed",
        "consultation.rated",
    ]
    assert consultation.version == 1 + len(story)
    assert [entry.what for entry in consultation.timeline] == ["consultation.submitted", *told]
    assert [m.kind for m in consultation.messages] == [
        "question",
        "reply",
        "note",
        "answer",
        "answer",
    ]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("actor", ["officer", "requester"])
def test_every_move_from_every_status_is_made_or_refused_with_what_is_possible(
    move: MoveName, status: Status, actor: Actor
) -> None:
    if actor not in MOVES[move].by:
        with pytest.raises(NotTheirMove):
            after(status, move, actor)
    elif status not in MOVES[move].out_of:
        with pytest.raises(ForbiddenMove) as refused:
            after(status, move, actor)
        assert refused.value.status == status
        assert refused.value.allowed == allowed(status, actor)
        assert move not in refused.value.allowed
    else:
        assert after(status, move, actor) in STATUSES
        assert move in allowed(status, actor)


@pytest.mark.parametrize("status", ["withdrawn", "rejected"])
def test_what_is_over_stays_over(status: Status) -> None:
    assert allowed(status, "officer") == allowed(status, "requester") == []
    late = assign(a_consultation(status), assigned())
    assert late is not None
    assert late.status == status


def test_a_rating_is_given_once() -> None:
    rated, _ = do(a_consultation("closed"), "rate", REQUESTER, Rating(rating=5))
    assert "rate" not in possible(rated, "requester")
    with pytest.raises(ForbiddenMove) as refused:
        do(rated, "rate", REQUESTER, Rating(rating=1))
    assert refused.value.allowed == ["reopen"]


def test_a_conversation_has_an_end() -> None:
    consultation = a_consultation()
    for _ in range(MOST_MESSAGES):
        consultation, _ = do(consultation, "note", OFFICER, message("note"))
    with pytest.raises(TooLong):
        do(consultation, "note", OFFICER, message("note"))


# --- what is told, and to whom


@pytest.mark.parametrize(
    ("move", "who", "said", "status"),
    [
        ("answer", OFFICER, message("answer", "ISIRAHASIA"), "assigned"),
        ("reply", REQUESTER, message("reply", "ISIRAHASIA"), "assigned"),
        ("rate", REQUESTER, Rating(rating=2, comment="ISIRAHASIA"), "closed"),
    ],
)
def test_an_event_says_that_but_not_what(
    move: MoveName, who: Who, said: Any, status: Status
) -> None:
    changed, event = do(a_consultation(status), move, who, said)
    assert event is not None
    assert "ISIRAHASIA" not in event.model_dump_json()
    assert (event.sequence, event.actor_role) == (changed.version, who.actor)
    assert event.actor == who.id


def test_a_rejection_says_why() -> None:
    _, event = do(a_consultation(), "reject", OFFICER, Rejection(because="duplicate"))
    assert event is not None
    assert event.model_dump()["because"] == "duplicate"


def test_the_requester_sees_neither_notes_nor_who_in_the_satgas_wrote() -> None:
    consultation, _ = do(a_consultation(), "note", OFFICER, message("note", "CATATANDALAM"))
    consultation, _ = do(consultation, "answer", OFFICER, message("answer", "Jawaban"))
    for view in (ConsultationView.of(consultation, None), TrackView.of(consultation, "id")):
        shown = view.model_dump_json()
        assert "Jawaban" in shown
        assert "CATATANDALAM" not in shown
        assert "petugas-1" not in shown
    satgas = ConsultationView.of(consultation, Private(pin="1")).model_dump_json()
    assert "CATATANDALAM" in satgas
    assert "petugas-1" in satgas


# --- making them, once, with others around


class Scene:
    def __init__(self, status: Status = "assigned") -> None:
        self.store = FakeConsultations()
        self.before = a_consultation(status)
        self.store.kept[self.before.id] = self.before
        self.clock = Clock(NOON + timedelta(hours=1))
        self.moves = Moves(self.store, self.clock)

    @property
    def id(self) -> UUID:
        return self.before.id


def answer(body: str = "Jawaban", key: str | None = None) -> Request:
    return Request("answer", OFFICER, message("answer", body), move_key("c", key))


async def test_a_repeated_move_is_made_once() -> None:
    scene = Scene()
    first = await scene.moves.move(scene.id, answer(key="k"))
    again = await scene.moves.move(scene.id, answer(key="k"))
    assert first == again
    assert len(first.messages) == len(scene.store.events) == 1
    with pytest.raises(MoveKeyReused):
        await scene.moves.move(scene.id, answer("Lain", key="k"))


async def test_a_repeated_move_with_the_version_it_was_meant_for_is_no_conflict() -> None:
    scene = Scene()
    first = await scene.moves.move(scene.id, answer(key="k"), version=1)
    assert await scene.moves.move(scene.id, answer(key="k"), version=1) == first


async def test_two_officers_cannot_overwrite_each_other() -> None:
    scene = Scene()
    await scene.moves.move(scene.id, answer("Satu"), version=1)
    with pytest.raises(OtherVersion):
        await scene.moves.move(scene.id, answer("Dua"), version=1)
    assert [m.body for m in scene.store.kept[scene.id].messages] == ["Satu"]


async def test_without_a_version_a_move_finds_its_way_past_those_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene, lost = Scene(), [1, 2, 3]
    save = scene.store.save

    async def losing_a_few_races(changed: Consultation, event: Event | None = None) -> None:
        if lost:
            lost.pop()
            raise Conflict("past")
        await save(changed, event)

    monkeypatch.setattr(scene.store, "save", losing_a_few_races)
    await scene.moves.move(scene.id, answer())
    assert len(scene.store.kept[scene.id].messages) == 1


async def test_a_move_on_nothing_is_told() -> None:
    with pytest.raises(NotFound):
        await Scene().moves.move(uuid4(), answer())
