from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.acceptance import Acceptance, KeyReused
from services.intake.domain.case_updates import assign, hold
from services.intake.domain.consultation import Consultation, plausible, submit
from services.intake.domain.submission import BatchItem, Submission
from services.intake.domain.tickets import (
    ALPHABET,
    new_pin,
    new_ticket,
    normal_ticket,
)
from services.intake.handlers import Handlers
from services.intake.store.encryption import DecryptionFailed, EnvelopeEncryption
from shared.errors import TryLater
from shared.events import CaseHeld
from shared.reference import UnknownRegion
from tests.support.builders import NOON, TENGGARONG, a_post, assigned
from tests.support.fakes import Clock, FakeConsultations


def a_submission(**changes: Any) -> Submission:
    return Submission.model_validate(a_post(**changes))


def a_consultation(**changes: Any) -> Consultation:
    post = a_submission()
    consultation, _ = submit(
        post, id_=uuid4(), event_id=uuid4(), ticket=new_ticket(), by="test-frontend", now=NOON
    )
    return replace(consultation, **changes)


# --- what a post becomes


def test_a_superseded_desa_code_is_understood_and_todays_is_kept() -> None:
    consultation, event = submit(
        a_submission(desa_code="64.02.08.2001"),
        id_=uuid4(),
        event_id=uuid4(),
        ticket=new_ticket(),
        by="test-frontend",
        now=NOON,
    )
    assert (consultation.desa, consultation.kecamatan) == ("64.02.19.2001", "64.02.19")
    assert event.region.kecamatan == "64.02.19"


def test_a_kelurahan_may_consult() -> None:
    consultation, _ = submit(
        a_submission(desa_code="64.02.14.1001"),
        id_=uuid4(),
        event_id=uuid4(),
        ticket=new_ticket(),
        by="test-frontend",
        now=NOON,
    )
    assert consultation.kecamatan == "64.02.14"


def test_an_unknown_desa_is_refused() -> None:
    with pytest.raises(UnknownRegion) as refused:
        submit(
            a_submission(desa_code="64.02.06.2999"),
            id_=uuid4(),
            event_id=uuid4(),
            ticket=new_ticket(),
            by="test-frontend",
            now=NOON,
        )
    assert refused.value.reason == "unknown"


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        (None, NOON),
        (NOON - timedelta(hours=1), NOON - timedelta(hours=1)),
        (NOON - timedelta(days=59), NOON - timedelta(days=59)),
        (NOON + timedelta(seconds=1), NOON),
        (NOON + timedelta(days=900), NOON),
        (datetime(1970, 1, 1, tzinfo=UTC), NOON),
    ],
)
def test_a_devices_time_counts_only_where_it_can_be_true(
    claimed: datetime | None, believed: datetime
) -> None:
    assert plausible(claimed, NOON) == believed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"topic": "TIDAK-ADA"}, "topic"),
        ({"kind": "curhat"}, "kind"),
        ({"channel": "merpati"}, "channel"),
        ({"requester": {"role": "raja"}}, "role"),
        ({"requester": {}}, "role"),
        ({"sdgs_goal": 0}, "sdgs_goal"),
        ({"sdgs_goal": 19}, "sdgs_goal"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"body": "x" * 8001}, "body"),
        ({"desa_code": "Tenggarong"}, "desa_code"),
        ({"submitted_at": "2026-11-24T10:00:00"}, "submitted_at"),
        ({"nik": "6402060101010001"}, "nik"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        a_submission(**change)
    assert refused.value.errors()[0]["loc"][-1] == field


def test_two_ways_of_writing_the_same_post_are_the_same() -> None:
    one = a_post(sdgs_goal=3, channel="web")
    other = dict(reversed(list(one.items())))
    assert (
        Submission.model_validate(one).fingerprint()
        == Submission.model_validate(other).fingerprint()
        == BatchItem.model_validate({**one, "idempotency_key": "k"}).fingerprint()
    )
    assert a_submission().fingerprint() != a_submission(title="Lain").fingerprint()


# --- accepting it once


async def test_a_repeated_post_gets_the_same_answer() -> None:
    store = FakeConsultations()
    acceptance = Acceptance(store, Clock(NOON))
    first = await acceptance.accept(a_submission(), caller="c", key="k")
    again = await acceptance.accept(a_submission(), caller="c", key="k")
    assert again == first
    assert len(store.events) == 1


async def test_a_key_with_another_body_is_refused() -> None:
    acceptance = Acceptance(FakeConsultations(), Clock(NOON))
    await acceptance.accept(a_submission(), caller="c", key="k")
    with pytest.raises(KeyReused):
        await acceptance.accept(a_submission(title="Lain"), caller="c", key="k")


async def test_two_callers_may_choose_the_same_key() -> None:
    acceptance = Acceptance(FakeConsultations(), Clock(NOON))
    one = await acceptance.accept(a_submission(), caller="a", key="k")
    other = await acceptance.accept(a_submission(title="Lain"), caller="b", key="k")
    assert one.consultation.id != other.consultation.id


async def test_posts_without_a_key_are_all_kept() -> None:
    store = FakeConsultations()
    acceptance = Acceptance(store, Clock(NOON))
    for _ in range(2):
        await acceptance.accept(a_submission(), caller="c", key=None)
    assert len(store.kept) == 2


async def test_ticket_is_drawn_again_when_it_is_taken() -> None:
    free, taken = new_ticket(), new_ticket()
    drawn = iter([taken, free])
    store = FakeConsultations()
    store.taken_tickets.add(taken)
    acceptance = Acceptance(store, Clock(NOON), draw_ticket=lambda: next(drawn))
    accepted = await acceptance.accept(a_submission(), caller="c", key="k")
    assert accepted.consultation.ticket == free


# --- what routing's news does to it


def test_an_assignment_is_taken_in_once() -> None:
    before = a_consultation()
    event = assigned(before.id)
    after = assign(before, event, NOON)
    assert after is not None
    assert (after.status, after.officer, after.version) == ("assigned", event.officer, 2)
    assert assign(after, event, NOON) is None


def test_news_that_arrives_late_is_noted_and_decides_nothing() -> None:
    held = CaseHeld(
        id=uuid4(), consultation=uuid4(), sequence=1, region=TENGGARONG, time=NOON,
        reason="no_officer",
    )  # fmt: skip
    after = assign(a_consultation(), assigned(sequence=2), NOON)
    assert after is not None
    late = hold(after, held, NOON)
    assert late is not None
    assert (late.officer, late.held_reason) == (after.officer, None)
    assert {entry.what for entry in late.timeline} >= {"case.held", "case.assigned"}
    assert hold(late, held, NOON) is None
    waiting = hold(a_consultation(), held, NOON)
    assert waiting is not None
    assert (waiting.status, waiting.held_reason) == ("submitted", "no_officer")


async def test_an_event_of_an_unknown_consultation_is_tried_later() -> None:
    with pytest.raises(TryLater):
        await Handlers(FakeConsultations(), Clock(NOON)).on_case_assigned(assigned())


# --- tickets and PINs


def test_a_ticket_is_understood_however_it_is_typed() -> None:
    ticket = new_ticket()
    for typed in (ticket, ticket.lower(), ticket.replace("-", ""), ticket[3:], f" {ticket} "):
        assert normal_ticket(typed) == ticket
    assert normal_ticket(ticket.replace("0", "o").replace("1", "l")) == ticket


@given(position=st.integers(0, 7), letter=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(position: int, letter: str) -> None:
    plain = new_ticket().replace("-", "")[2:]
    wrong = plain[:position] + letter + plain[position + 1 :]
    assert (normal_ticket(wrong) is None) == (wrong != plain)


@given(position=st.integers(0, 6))
def test_two_swapped_neighbours_are_always_found(position: int) -> None:
    plain = new_ticket().replace("-", "")[2:]
    swapped = plain[:position] + plain[position + 1] + plain[position] + plain[position + 2 :]
    assert (normal_ticket(swapped) is None) == (swapped != plain)


@given(st.text(max_size=30))
def test_anything_else_is_no_ticket_and_no_error(text: str) -> None:
    normal_ticket(text)


def test_a_pin_has_six_digits() -> None:
    assert all(len(new_pin()) == 6 and new_pin().isdigit() for _ in range(100))


# --- encryption

KEY = "k1:" + "A" * 43 + "="
OTHER = "k2:" + "B" * 42 + "A="


def test_part_is_unreadable_and_opens_again_when_it_is_sealed() -> None:
    key, kept = EnvelopeEncryption.parse(KEY).new_key("id-1")
    sealed = key.seal("title", "Siti")
    assert b"Siti" not in sealed
    assert key.seal("title", "Siti") != sealed
    assert EnvelopeEncryption.parse(KEY).unwrap("id-1", kept).open("title", sealed) == "Siti"


def test_part_is_refused_when_it_stands_elsewhere() -> None:
    encryption = EnvelopeEncryption.parse(KEY)
    key, kept = encryption.new_key("id-1")
    sealed = key.seal("message/a", "Siti")
    for part in ("message/b", "body"):
        with pytest.raises(DecryptionFailed, match=f"id-1/{part}"):
            key.open(part, sealed)
    with pytest.raises(DecryptionFailed, match="is not the one of id-2"):
        encryption.unwrap("id-2", kept)


def test_key_still_opens_when_the_master_key_was_changed() -> None:
    key, kept = EnvelopeEncryption.parse(KEY).new_key("id-1")
    sealed = key.seal("pin", "123456")
    both = EnvelopeEncryption.parse(f"{OTHER},{KEY}")
    assert both.unwrap("id-1", kept).open("pin", sealed) == "123456"
    again = both.rewrap("id-1", kept)
    assert (kept["key"], again["key"]) == ("k1", "k2")
    only_new = EnvelopeEncryption.parse(OTHER)
    assert only_new.unwrap("id-1", again).open("pin", sealed) == "123456"
    with pytest.raises(DecryptionFailed, match="lacks the key 'k1'"):
        only_new.unwrap("id-1", kept)


@pytest.mark.parametrize("text", ["", "k1", "k1:AAAA", "k1:***", ":" + "A" * 43 + "="])
def test_a_malformed_master_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="KLIK_MASTER_KEYS") as refused:
        EnvelopeEncryption.parse(text)
    assert "***" not in str(refused.value)
