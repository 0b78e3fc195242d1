"""How long a conversation may get, and that it can be brought to an end however long it is."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.consultation import Consultation, submit
from services.intake.domain.conversation import (
    MOST_CHARACTERS,
    MOST_SAID,
    Request,
    Who,
    carry_out,
    possible,
)
from services.intake.domain.lifecycle import (
    MOVES,
    STATUSES,
    Actor,
    ForbiddenMove,
    MoveName,
    Status,
)
from services.intake.domain.move_bodies import Escalation, NewMessage, Rating, Rejection, Transfer
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from shared.errors import KlikError
from tests.support.builders import NOON, a_post

SIDES: tuple[Actor, ...] = ("officer", "requester")
#: Far more than either side may say.
MORE_THAN_MAY_BE_SAID = 600


def a_consultation(status: Status) -> Consultation:
    post = Submission.model_validate(a_post())
    consultation, _ = submit(
        post, id_=uuid4(), event_id=uuid4(), ticket=new_ticket(), by="test-frontend", now=NOON
    )
    return replace(consultation, status=status, satgas="64.02.19", officer="petugas-1")


def said_with(move: MoveName, text: str = "Isi") -> Any:
    match move:
        case "answer" | "question" | "reply" | "note":
            return NewMessage(kind=move, body=text)
        case "reject":
            return Rejection(reason="duplicate")
        case "rate":
            return Rating(rating=4)
        case "transfer":
            return Transfer(to="64.02.06", reason="expertise")
        case "escalate":
            return Escalation(reason="needs_expert")
    return None


def after(
    consultation: Consultation, move: MoveName, actor: Actor, text: str = "Isi"
) -> Consultation | None:
    """One move on; None where it is refused."""
    request = Request(move, Who(actor), said_with(move, text))
    try:
        return carry_out(consultation, request, id_=uuid4(), now=NOON)[0]
    except KlikError:
        return None


def talked_out(
    consultation: Consultation, move: MoveName, actor: Actor, text: str = "Isi"
) -> Consultation:
    """After as many of these moves as are taken."""
    for _ in range(MORE_THAN_MAY_BE_SAID):
        following = after(consultation, move, actor, text)
        if following is None:
            break
        consultation = following
    return consultation


def test_satgas_can_answer_and_close_when_the_requester_said_all_they_may() -> None:
    full = talked_out(a_consultation("acknowledged"), "reply", "requester")

    answered = after(full, "answer", "officer")

    assert answered is not None, f"no room after {len(full.messages)} replies"
    closed = after(answered, "close", "officer")
    assert closed is not None
    assert closed.status == "closed"


LONGEST = "\U0001f4dd" * 8000


@pytest.mark.parametrize("text", ["Isi", LONGEST], ids=["many", "long"])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("move", "by"), [("note", "officer"), ("reply", "requester"), ("answer", "officer")]
)
def test_possible_is_what_is_taken_when_one_side_said_all_it_may(
    move: MoveName, by: Actor, status: Status, text: str
) -> None:
    full = replace(talked_out(a_consultation("answered"), move, by, text), status=status)

    for actor in SIDES:
        taken = [name for name in MOVES if after(full, name, actor) is not None]
        assert taken == possible(full, actor), actor


def test_requester_cannot_use_up_the_room_of_the_satgas_when_writing_on_and_on() -> None:
    """What was said by one side takes nothing from the other."""
    full = talked_out(a_consultation("acknowledged"), "reply", "requester")

    noted = talked_out(full, "note", "officer")

    assert len(noted.messages) - len(full.messages) > len(full.messages)


def test_side_is_told_to_go_on_elsewhere_when_its_messages_are_long() -> None:
    """Long before as many as it may send: and it takes nothing from the other side."""
    full = talked_out(a_consultation("acknowledged"), "reply", "requester", LONGEST)
    assert (
        len(full.messages) == MOST_CHARACTERS["requester"] // len(LONGEST) < MOST_SAID["requester"]
    )

    with pytest.raises(ForbiddenMove) as refused:
        carry_out(
            full, Request("reply", Who("requester"), said_with("reply")), id_=uuid4(), now=NOON
        )

    assert refused.value.why is not None
    assert "konsultasi baru" in refused.value.why.id
    answered = after(full, "answer", "officer", LONGEST)
    assert answered is not None
    assert after(answered, "close", "requester") is not None


STEPS = st.lists(st.tuples(st.sampled_from(SIDES), st.sampled_from(sorted(MOVES))), max_size=60)


@given(STEPS)
def test_consultation_can_be_brought_to_an_end_whatever_was_said(
    steps: list[tuple[Actor, MoveName]],
) -> None:
    """The satgas can answer, or close what it cannot answer; and `possible` never lies."""
    room: dict[Actor, int] = {"requester": 2, "officer": 3}
    said = {actor: MOST_SAID[actor] - left for actor, left in room.items()}
    now = replace(a_consultation("assigned"), said=said)
    for actor, move in steps:
        choices = possible(now, actor)
        following = after(now, move, actor)
        assert (following is not None) == (move in choices)
        now = following or now
        if now.status in ("assigned", "acknowledged", "waiting_requester", "answered"):
            assert {"answer", "close"} & set(possible(now, "officer"))


def test_longest_conversation_is_a_few_megabytes_with_all_else() -> None:
    """At four bytes a character. MongoDB takes 16 MiB; who reads it holds it some times over."""
    from bson import encode

    from services.intake.domain.consultation import Private
    from services.intake.domain.conversation import MOST_CHANGES
    from services.intake.domain.timeline import MOST_NEWS, Entry
    from services.intake.store.documents import state_of
    from services.intake.store.encryption import EnvelopeEncryption
    from shared.events import ConsultationTransferRequested, Region
    from shared.messaging.envelope import Envelope

    text = LONGEST
    now = a_consultation("assigned")
    now = talked_out(talked_out(now, "reply", "requester", text), "note", "officer", text)
    line = Entry("consultation.escalation_requested", NOON, "officer", "p" * 64, "d" * 30)
    news = Entry("case.deadline_missed", NOON, detail="acknowledge", event=str(uuid4()))
    now = replace(
        now,
        timeline=(*[line] * MOST_CHANGES, *[news] * MOST_NEWS),
        moves_done={f"{number:064d}": "f" * 64 for number in range(MOST_CHANGES)},
    )
    event = ConsultationTransferRequested(
        id=uuid4(), consultation=now.id, sequence=1, time=NOON, actor_role="officer",
        region=Region(kecamatan="64.02.06", desa="64.02.06.2012"), actor="p" * 64,
        to_satgas="64.02.06", to_officer="p" * 64, reason="conflict_of_interest",
    )  # fmt: skip
    letter = {name: getattr(Envelope.of(event, ""), name) for name in Envelope.__slots__}

    key, _ = EnvelopeEncryption({"k1": bytes(32)}).new_key(str(now.id))
    private = Private("123456", "n" * 100, {"channel": "email", "address": "a" * 200})
    state = state_of(now, private, key)

    size = len(encode({**state, "outbox": [letter] * (MOST_CHANGES // 2)}))

    assert size < 4 * 2**20
