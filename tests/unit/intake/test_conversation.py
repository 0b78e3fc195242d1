"""The life of a consultation after it was taken in: moves, who may make them, and what is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from services.intake.api.consultation_schemas import ConsultationView
from services.intake.api.track import TrackView
from services.intake.domain.case_updates import assign
from services.intake.domain.consultation import Consultation, Private, submit
from services.intake.domain.conversation import (
    MoveKeyReused,
    Request,
    Who,
    WrongTransfer,
    carry_out,
    possible,
)
from services.intake.domain.lifecycle import (
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
from services.intake.domain.move_bodies import Escalation, NewMessage, Rating, Rejection, Transfer
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from services.intake.moves import Moves, NotFound, OtherVersion, move_key
from shared import reference
from shared.errors import Conflict
from shared.events import (
    ConsultationEscalationRequested,
    ConsultationMoved,
    ConsultationTransferRequested,
    Event,
)
from shared.limits.buckets import Buckets, Rate, TooMany
from tests.support.builders import NOON, a_post, assigned
from tests.support.fakes import Clock, FakeConsultations

OFFICER, REQUESTER = Who("officer", "petugas-1"), Who("requester")


def a_consultation(status: Status = "assigned") -> Consultation:
    consultation, _ = submit(
        Submission.model_validate(a_post()),
        id_=uuid4(),
        event_id=uuid4(),
        ticket=new_ticket(),
        by="test-frontend",
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


#: What leads where, written down a second time: move → sides, and status → status afterwards.
OPEN_STATUSES = ("submitted", "assigned", "acknowledged", "waiting_requester", "answered")
IN_HAND_STATUSES = OPEN_STATUSES[1:]
EXPECTED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "acknowledge": ("officer", {"assigned": "acknowledged"}),
    "answer": ("officer", dict.fromkeys(IN_HAND_STATUSES, "answered")),
    "question": ("officer", dict.fromkeys(IN_HAND_STATUSES, "waiting_requester")),
    "reply": ("requester", dict.fromkeys(IN_HAND_STATUSES, "acknowledged")),
    "note": ("officer", {status: status for status in (*OPEN_STATUSES, "closed")}),
    "close": (
        "officer requester system",
        {"answered": "closed", "waiting_requester": "closed"},
    ),
    "reopen": ("officer requester", {"answered": "assigned", "closed": "assigned"}),
    "withdraw": ("requester", dict.fromkeys(OPEN_STATUSES, "withdrawn")),
    "reject": ("officer", dict.fromkeys(IN_HAND_STATUSES, "rejected")),
    "rate": ("requester", {"answered": "answered", "closed": "closed"}),
    "transfer": ("officer", {status: status for status in IN_HAND_STATUSES}),
    "escalate": ("officer", {status: status for status in IN_HAND_STATUSES}),
}


def test_the_listing_is_of_every_move_there_is() -> None:
    assert EXPECTED.keys() == MOVES.keys() == set(get_args(MoveName))


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("actor", get_args(Actor))
def test_every_move_from_every_status_is_made_or_refused_with_what_is_possible(
    move: MoveName, status: Status, actor: Actor
) -> None:
    sides, leads = EXPECTED[move]
    if actor not in sides.split():
        with pytest.raises(NotTheirMove):
            after(status, move, actor)
    elif status not in leads:
        with pytest.raises(ForbiddenMove, match=f"'{move}' is not possible while {status}") as no:
            after(status, move, actor)
        assert no.value.status == status
        assert set(no.value.allowed) == {
            name for name, (by, out_of) in EXPECTED.items() if actor in by and status in out_of
        }
    else:
        assert after(status, move, actor) == leads[status]
        assert move in allowed(status, actor)


@pytest.mark.parametrize("status", ["withdrawn", "rejected"])
def test_what_is_over_stays_over(status: Status) -> None:
    assert allowed(status, "officer") == allowed(status, "requester") == []
    late = assign(a_consultation(status), assigned(), NOON)
    assert late is not None
    assert late.status == status


def test_a_rating_is_given_once() -> None:
    rated, _ = do(a_consultation("closed"), "rate", REQUESTER, Rating(rating=5))
    assert "rate" not in possible(rated, "requester")
    with pytest.raises(ForbiddenMove) as refused:
        do(rated, "rate", REQUESTER, Rating(rating=1))
    assert refused.value.allowed == ["reopen"]


# --- transfer and escalation

GIVEN: dict[str, Any] = {"satgas": "64.02.06", "officer": "petugas-64.02.06-1", "level": "satgas"}


@pytest.mark.parametrize("status", IN_HAND_STATUSES)
@pytest.mark.parametrize(
    ("to", "officer"),
    [("64.02.07", None), ("64.02.07", "petugas-9"), ("64.02.06", "petugas-9"), ("dpmd", None)],
)
def test_a_transfer_only_asks(status: Status, to: str, officer: str | None) -> None:
    before = replace(a_consultation(status), **GIVEN)
    said = Transfer(to=to, officer=officer, reason="expertise")
    changed, event = do(before, "transfer", OFFICER, said)
    assert isinstance(event, ConsultationTransferRequested)
    assert (event.to_satgas, event.to_officer, event.reason) == (to, officer, "expertise")
    assert (event.actor, event.sequence) == ("petugas-1", changed.version)
    assert (changed.status, changed.satgas, changed.officer) == (
        status,
        before.satgas,
        before.officer,
    )
    entry = changed.timeline[-1]
    assert (entry.what, entry.actor, entry.id_of_actor, entry.detail) == (
        "consultation.transfer_requested",
        "officer",
        "petugas-1",
        "expertise",
    )


@pytest.mark.parametrize(
    ("officer", "code"), [(None, "missing"), ("petugas-64.02.06-1", "same_officer")]
)
def test_a_transfer_to_who_has_it_is_refused(officer: str | None, code: str) -> None:
    before = replace(a_consultation(), **GIVEN)
    with pytest.raises(WrongTransfer) as refused:
        do(before, "transfer", OFFICER, Transfer(to="64.02.06", officer=officer, reason="absent"))
    assert (refused.value.field, refused.value.code) == ("officer", code)


@pytest.mark.parametrize(
    "to", ["64.02.21", "64.02", "64.02.06.2012", "DPMD", "", " dpmd", "64.03.01"]
)
def test_a_transfer_goes_to_a_kecamatan_or_to_dpmd(to: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Transfer.model_validate({"to": to, "reason": "wrong_place"})
    assert [error["loc"] for error in refused.value.errors()] == [("to",)]


def test_a_transfer_to_a_kecamatan_that_is_no_longer_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = replace(reference.regions()["64.02.07"], valid_to=NOON.date() - timedelta(days=1))
    monkeypatch.setattr(reference, "region", {"64.02.07": gone}.get)
    with pytest.raises(WrongTransfer) as refused:
        do(a_consultation(), "transfer", OFFICER, Transfer(to="64.02.07", reason="not_ours"))
    assert (refused.value.field, refused.value.code) == ("to", "retired")


def test_an_escalation_says_why() -> None:
    said = Escalation(reason="needs_decision")
    changed, event = do(replace(a_consultation(), **GIVEN), "escalate", OFFICER, said)
    assert isinstance(event, ConsultationEscalationRequested)
    assert event.reason == "needs_decision"
    assert changed.status == "assigned"


def test_what_the_dpmd_desk_has_cannot_be_escalated() -> None:
    there = replace(a_consultation(), satgas="dpmd", officer="dpmd-1", level="dpmd")
    assert "escalate" not in possible(there, "officer")
    assert "transfer" in possible(there, "officer")
    with pytest.raises(ForbiddenMove, match="while assigned: the DPMD desk has it") as refused:
        do(there, "escalate", OFFICER, Escalation(reason="needs_expert"))
    assert refused.value.allowed == possible(there, "officer")


def test_a_conversation_has_an_end() -> None:
    consultation = a_consultation()
    for _ in range(500):
        if "note" in possible(consultation, "officer"):
            consultation, _ = do(consultation, "note", OFFICER, message("note"))
    with pytest.raises(ForbiddenMove, match="while assigned: the conversation is full"):
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
    _, event = do(a_consultation(), "reject", OFFICER, Rejection(reason="duplicate"))
    assert event is not None
    assert event.model_dump()["reason"] == "duplicate"


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
    await scene.moves.move(scene.id, answer(key="k"))
    first = scene.store.kept[scene.id]
    await scene.moves.move(scene.id, answer(key="k"))
    assert scene.store.kept[scene.id] == first
    assert len(first.messages) == len(scene.store.events) == 1
    with pytest.raises(MoveKeyReused):
        await scene.moves.move(scene.id, answer("Lain", key="k"))


async def test_a_repeated_move_with_the_version_it_was_meant_for_is_no_conflict() -> None:
    scene = Scene()
    await scene.moves.move(scene.id, answer(key="k"), version=1)
    first = scene.store.kept[scene.id]
    await scene.moves.move(scene.id, answer(key="k"), version=1)
    assert scene.store.kept[scene.id] == first


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

    async def losing_a_few_races(
        before: Consultation, changed: Consultation, event: Event | None = None
    ) -> None:
        if lost:
            lost.pop()
            raise Conflict("past")
        await save(before, changed, event)

    monkeypatch.setattr(scene.store, "save", losing_a_few_races)
    await scene.moves.move(scene.id, answer())
    assert len(scene.store.kept[scene.id].messages) == 1


async def test_a_move_on_nothing_is_told() -> None:
    with pytest.raises(NotFound):
        await Scene().moves.move(uuid4(), answer())


async def test_moves_are_refused_when_there_are_too_many_and_what_is_repeated_is_not() -> None:
    scene = Scene()
    scene.moves = Moves(scene.store, scene.clock, Buckets("moves", Rate(0.001, 2)))
    for body in ("Satu", "Dua"):
        await scene.moves.move(scene.id, answer(body, key=body))
    with pytest.raises(TooMany):
        await scene.moves.move(scene.id, answer("Tiga"))
    await scene.moves.move(scene.id, answer("Dua", key="Dua"))
    with pytest.raises(NotFound):
        await scene.moves.move(uuid4(), answer("Lain"))
