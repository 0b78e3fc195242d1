"""What officers and requesters say and do about a consultation."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain import Consultation, Message
from services.intake.lifecycle import MOVES, Actor, ForbiddenMove, MoveName, after, allowed
from services.intake.said import Escalation, NewMessage, Rating, Rejection, Said, Transfer
from services.intake.timeline import Entry, with_entry
from shared import reference
from shared.errors import KlikError
from shared.events import ConsultationMoved, Region
from shared.reference import DPMD
from shared.times import local_day
from shared.wording import Text

#: Messages of one consultation; beyond it a conversation is no longer one question.
MOST_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class Who:
    """The side that acts; `id` is an officer's, never a requester's."""

    actor: Actor
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One move asked for, with whatever was said in it."""

    move: MoveName
    who: Who
    said: Said | None = None
    key: str | None = None
    """Hash of caller and idempotency key."""

    def fingerprint(self) -> str:
        said = self.said.model_dump(mode="json") if self.said else None
        return hashlib.sha256(json.dumps([self.move, said], sort_keys=True).encode()).hexdigest()


class TooLong(KlikError):
    """The conversation has no room for another message."""


class WrongTransfer(KlikError):
    """A transfer to where it cannot go. `field` is the one that is wrong, `code` says how."""

    def __init__(self, field: str, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.field = field
        self.code = code
        self.text = text


class MoveKeyReused(KlikError):
    """The idempotency key came with another move before."""


def is_repeated(consultation: Consultation, request: Request) -> bool:
    """Whether this very request was carried out before. Raises `MoveKeyReused`."""
    if request.key is None or request.key not in consultation.moves_done:
        return False
    if consultation.moves_done[request.key] != request.fingerprint():
        raise MoveKeyReused("key used for another move")
    return True


def possible(consultation: Consultation, actor: Actor) -> list[MoveName]:
    """What `actor` may do now."""
    return [
        name for name in allowed(consultation.status, actor) if _spent(consultation, name) is None
    ]


def _spent(consultation: Consultation, name: MoveName) -> Text | None:
    """Why a move that the status allows would lead nowhere; None where it does not."""
    if name == "rate" and consultation.rating is not None:
        return Text("sudah ada penilaian", "it has a rating")
    if name == "escalate" and consultation.satgas == DPMD:
        return Text("sudah di Tim Klik Desa DPMD", "the DPMD desk has it")
    return None


def carry_out(
    consultation: Consultation, request: Request, *, id_: UUID, now: datetime
) -> tuple[Consultation, ConsultationMoved | None]:
    """The consultation one move on, and the event that tells of it (none for a note).

    `id_`: for the message or the event. Raises `ForbiddenMove`, `NotTheirMove`, `TooLong`,
    `WrongTransfer`.
    """
    move, who = MOVES[request.move], request.who
    status = after(consultation.status, request.move, who.actor)
    if why := _spent(consultation, request.move):
        choices = possible(consultation, who.actor)
        raise ForbiddenMove(request.move, consultation.status, choices, why)
    if isinstance(request.said, Transfer):
        _check_transfer(consultation, request.said, now)
    changed = replace(
        consultation,
        version=consultation.version + 1,
        status=status,
        moves_done=consultation.moves_done
        | ({request.key: request.fingerprint()} if request.key else {}),
    )
    if isinstance(request.said, NewMessage):
        changed = _with_message(changed, request.said, who, id_, now)
    if isinstance(request.said, Rating):
        changed = replace(changed, rating=request.said.rating, comment=request.said.comment)
    if move.event is None:
        return changed, None
    codes = _codes(request.said)
    entry = Entry(move.event.name, now, who.actor, who.id, codes.get("because"))
    changed = replace(changed, timeline=with_entry(changed.timeline, entry))
    return changed, move.event(
        id=id_,
        consultation=consultation.id,
        sequence=changed.version,
        region=Region(kecamatan=consultation.kecamatan, desa=consultation.desa),
        time=now,
        actor_role=who.actor,
        actor=who.id,
        **codes,
    )


def _with_message(
    consultation: Consultation, said: NewMessage, who: Who, id_: UUID, now: datetime
) -> Consultation:
    if len(consultation.messages) >= MOST_MESSAGES:
        raise TooLong(f"at most {MOST_MESSAGES} messages")
    message = Message(str(id_), said.kind, said.body, now, who.actor, who.id)
    return replace(consultation, messages=(*consultation.messages, message))


def _check_transfer(consultation: Consultation, transfer: Transfer, now: datetime) -> None:
    """Its satgas is one of today, and somebody else would have it afterwards."""
    kecamatan = reference.region(transfer.to)
    if transfer.to != DPMD and not (kecamatan and kecamatan.active(local_day(now))):
        said = Text("Kecamatan ini tidak berlaku lagi.", "This kecamatan is no longer one.")
        raise WrongTransfer("to", "retired", said)
    if transfer.to != consultation.satgas:
        return
    if transfer.officer is None:
        said = Text(
            "Satgas ini sudah memegangnya: sebutkan petugas lain dari satgas ini.",
            "This satgas has it: name another officer of it.",
        )
        raise WrongTransfer("officer", "missing", said)
    if transfer.officer == consultation.officer:
        said = Text(
            "Petugas ini sudah memegangnya: sebutkan petugas lain.",
            "This officer has it: name another one.",
        )
        raise WrongTransfer("officer", "same_officer", said)


def _codes(said: Said | None) -> dict[str, Any]:
    """What of it goes into the event: codes and figures, no text."""
    if isinstance(said, Transfer):
        return {"to_satgas": said.to, "to_officer": said.officer, "because": said.because}
    if isinstance(said, Rejection | Escalation):
        return {"because": said.because}
    if isinstance(said, Rating):
        return {"rating": said.rating}
    return {}
