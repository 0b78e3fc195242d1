"""Whom intake hands a text to: an assignment has to fit what intake itself holds."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.intake.domain.case_updates import CLOCKS_DIFFER, assign, hold
from services.intake.domain.consultation import Consultation, submit
from services.intake.domain.conversation import Request, Who, carry_out
from services.intake.domain.move_bodies import Transfer
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from shared.errors import UnfitEvent
from shared.events import CaseAssigned, CaseHeld
from shared.reference import DPMD
from tests.support.builders import NOON, TENGGARONG, a_post, assigned

LATER = NOON + timedelta(days=1)
OWN, OTHER = TENGGARONG.kecamatan, "64.02.07"
DESK = Who("officer", "petugas-dpmd-1")


def posted(kind: str) -> Consultation:
    post = Submission.model_validate(a_post(kind=kind, desa_code=TENGGARONG.desa))
    consultation, _ = submit(
        post, id_=uuid4(), event_id=uuid4(), ticket=new_ticket(), by="kirim", now=NOON
    )
    return consultation


def given(
    consultation: Consultation, satgas: str, sequence: int = 1, at: datetime = NOON
) -> CaseAssigned:
    level = "dpmd" if satgas == DPMD else "satgas"
    more: Any = {"satgas": satgas, "officer": f"petugas-{satgas}-1", "level": level}
    return assigned(consultation.id, sequence=sequence, time=at, **more)


def waiting(consultation: Consultation, satgas: str | None, sequence: int = 1) -> CaseHeld:
    return CaseHeld(
        id=uuid4(),
        consultation=consultation.id,
        sequence=sequence,
        region=TENGGARONG,
        time=NOON,
        reason="nobody_available",
        satgas=satgas,
    )


def with_desk(consultation: Consultation) -> Consultation:
    changed = assign(consultation, given(consultation, DPMD), LATER)
    assert changed is not None
    return changed


def transferred(consultation: Consultation, to: str) -> Consultation:
    request = Request("transfer", DESK, Transfer(to=to, reason="expertise"))
    return carry_out(consultation, request, id_=uuid4(), now=NOON)[0]


@pytest.mark.parametrize("satgas", [OWN, OTHER])
def test_complaint_goes_to_no_kecamatan_when_nobody_transferred_it_there(satgas: str) -> None:
    """Above all not to the one that it may be about, neither to have it nor to wait for it."""
    for complaint in (posted("pengaduan"), with_desk(posted("pengaduan"))):
        with pytest.raises(UnfitEvent):
            assign(complaint, given(complaint, satgas, 2), LATER)
        with pytest.raises(UnfitEvent):
            hold(complaint, waiting(complaint, satgas, 2), LATER)


def test_complaint_goes_where_the_desk_transferred_it_and_back() -> None:
    complaint = transferred(with_desk(posted("pengaduan")), OWN)
    there = assign(complaint, given(complaint, OWN, 2), LATER)
    assert there is not None
    assert there.satgas == OWN
    with pytest.raises(UnfitEvent):
        assign(there, given(there, OTHER, 3), LATER)
    back = assign(there, given(there, DPMD, 3), LATER)
    assert back is not None
    assert back.satgas == DPMD


def test_consultation_goes_to_its_own_kecamatan_to_the_desk_and_where_it_was_transferred() -> None:
    question = posted("konsultasi")
    for satgas in (OWN, DPMD):
        assert assign(question, given(question, satgas), LATER)
        assert hold(question, waiting(question, satgas), LATER)
    assert hold(question, waiting(question, None), LATER)
    with pytest.raises(UnfitEvent):
        assign(question, given(question, OTHER), LATER)
    question = transferred(with_desk(question), OTHER)
    assert assign(question, given(question, OTHER, 2), LATER)


def test_who_has_it_since_before_that_was_kept_may_have_it_again() -> None:
    """Until 2026-11 nobody kept where it was transferred."""
    old = replace(posted("pengaduan"), satgas=OTHER, case_sequence=4)
    assert assign(old, given(old, OTHER, 5), LATER)


def test_what_is_known_is_not_looked_at_again() -> None:
    """A satgas may have lost it since: that its assignment comes twice is no forgery."""
    question = transferred(with_desk(posted("konsultasi")), OTHER)
    event = given(question, OTHER, 2)
    there = assign(question, event, LATER)
    assert there is not None
    assert assign(replace(there, transferred_to=(), satgas=DPMD), event, LATER) is None


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(days=365)])
def test_number_out_of_turn_wins_until_the_next_decision_only(ahead: timedelta) -> None:
    """Whatever time it claims."""
    question = posted("konsultasi")
    first = assign(question, given(question, OWN, 1), NOON)
    assert first is not None
    now = NOON + timedelta(hours=1)
    jumped = assign(first, given(first, DPMD, 999, now + ahead), now)
    assert jumped is not None
    assert jumped.satgas == DPMD
    mended = assign(jumped, given(jumped, OWN, 3, now + timedelta(hours=1)), LATER)
    assert mended is not None
    assert (mended.satgas, mended.case_sequence) == (OWN, 3)


def test_decisions_out_of_order_end_with_the_last_when_a_clock_is_behind() -> None:
    """intake's, by less than two clocks may differ: what comes late is not of later."""
    question = posted("konsultasi")
    one, two = (given(question, satgas, n, NOON + n * CLOCKS_DIFFER / 3)
                for n, satgas in ((1, OWN), (2, DPMD)))  # fmt: skip
    after_two = assign(question, two, NOON)
    assert after_two is not None
    after_both = assign(after_two, one, NOON + timedelta(seconds=1))
    assert after_both is not None
    assert (after_both.satgas, after_both.case_sequence) == (DPMD, 2)
