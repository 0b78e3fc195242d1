"""What routing's events do to a consultation; they may come twice, late, and in any order."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Request, Who, carry_out
from services.intake.domain.lifecycle import MOVES, Status
from services.intake.domain.timeline import Entry, is_quiet_since, knows, with_entry
from shared.errors import UnfitEvent
from shared.events import (
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    CaseSilenceElapsed,
    ConsultationMoved,
    Event,
)
from shared.reference import DPMD
from shared.times import whole_milliseconds

#: From here a new officer starts with confirming it. While it is the requester's turn it stays so:
#: a transfer keeps clock and history.
STARTS_ANEW: frozenset[Status] = frozenset({"submitted", "assigned", "acknowledged"})
#: By how much clocks of two hosts may differ: what claims to be of later than that is of now.
CLOCKS_DIFFER = timedelta(minutes=1)


def assign(consultation: Consultation, event: CaseAssigned, now: datetime) -> Consultation | None:
    """The consultation once routing gave it to an officer; None where nothing changes.

    An outdated one is noted, and its officer is not. What is over, withdrawn before anybody had it,
    stays over. Raises `UnfitEvent` where it cannot be for that satgas.
    """
    if knows(consultation.timeline, event.id):
        return None
    _check_satgas(consultation, event.satgas)
    changed = _noted(consultation, event, event.level)
    if _starts_anew(consultation, event, now):
        changed = replace(changed, status="assigned")
    if _is_newer(event, consultation, now):
        changed = replace(
            changed,
            satgas=event.satgas,
            officer=event.officer,
            level=event.level,
            assigned_at=event.time,
            answer_due=event.answer_due,
            held_reason=None,
            case_sequence=event.sequence,
            decided_at=_decided_at(event, now),
        )
    return _next(consultation, changed)


def hold(consultation: Consultation, event: CaseHeld, now: datetime) -> Consultation | None:
    """The consultation while nobody can take it; None where nothing changes. Raises `UnfitEvent`
    where it cannot wait for that satgas."""
    if knows(consultation.timeline, event.id):
        return None
    _check_satgas(consultation, event.satgas)
    changed = _noted(consultation, event, event.reason)
    if _is_newer(event, consultation, now):
        changed = replace(
            changed,
            satgas=event.satgas,
            officer=None,
            level=_level_of(event.satgas),
            assigned_at=None,
            held_reason=event.reason,
            case_sequence=event.sequence,
            decided_at=_decided_at(event, now),
        )
    return _next(consultation, changed)


def note(
    consultation: Consultation, event: CaseReminderDue | CaseDeadlineMissed | CaseEscalated
) -> Consultation | None:
    """The consultation with one more line in its timeline; None where that is there."""
    detail = event.to_level if isinstance(event, CaseEscalated) else event.clock
    return _next(consultation, _noted(consultation, event, detail))


def close_after_silence(
    consultation: Consultation, event: CaseSilenceElapsed, *, id_: UUID, now: datetime
) -> tuple[Consultation, ConsultationMoved | None] | None:
    """The consultation closed, and the event with `id_` that tells of it.

    None where it is no longer the requester's turn, somebody did something after `since`, or it was
    erased.
    """
    is_their_turn = consultation.status in MOVES["close"].out_of and not consultation.erased
    if not is_their_turn or not is_quiet_since(consultation.timeline, event.since):
        return None
    noted = _noted(consultation, event, None)
    # after its cause, also where the clocks of two hosts say otherwise
    at = max(now, whole_milliseconds(event.time) + timedelta(milliseconds=1))
    return carry_out(noted, Request("close", Who("system")), id_=id_, now=at)


def _check_satgas(consultation: Consultation, satgas: str | None) -> None:
    """Who has it reads it: a kecamatan what comes from there, complaints excepted, and what
    somebody transferred there who might. Raises `UnfitEvent`."""
    may_have = {DPMD, None, consultation.satgas, *consultation.transferred_to}
    if not consultation.is_confidential:
        may_have.add(consultation.kecamatan)
    if satgas not in may_have:
        raise UnfitEvent("not for that satgas: neither from there nor transferred there")


def _starts_anew(consultation: Consultation, event: CaseAssigned, now: datetime) -> bool:
    """Also with an outdated assignment, where it would have: nobody has confirmed it since."""
    if consultation.status not in STARTS_ANEW:
        return False
    is_unconfirmed = is_quiet_since(consultation.timeline, event.time)
    is_first = consultation.status == "submitted"
    return _is_newer(event, consultation, now) or is_first or is_unconfirmed


def _is_newer(event: Event, consultation: Consultation, now: datetime) -> bool:
    """By routing's count of what became of the case. A number out of all turn wins until the next
    decision, and not for ever: that was made later."""
    last = consultation.decided_at
    is_later = last is not None and _decided_at(event, now) > last
    return event.sequence > consultation.case_sequence or is_later


def _decided_at(event: Event, now: datetime) -> datetime:
    is_plausible = event.time <= now + CLOCKS_DIFFER
    return whole_milliseconds(event.time if is_plausible else now)


def _noted(consultation: Consultation, event: Event, detail: str | None) -> Consultation:
    """With an entry for `event`, whether or not later ones are known: each is shown once."""
    if knows(consultation.timeline, event.id):
        return consultation
    at = whole_milliseconds(event.time)
    entry = Entry(event.name, at, detail=detail, event=str(event.id))
    return replace(consultation, timeline=with_entry(consultation.timeline, entry))


def _next(before: Consultation, after: Consultation) -> Consultation | None:
    return None if after == before else replace(after, version=before.version + 1)


def _level_of(satgas: str | None) -> Literal["satgas", "dpmd"] | None:
    if satgas is None:
        return None
    return "dpmd" if satgas == DPMD else "satgas"
