"""What officers and requesters say and do about a consultation."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from services.intake.domain.consultation import Consultation, Message
from services.intake.domain.lifecycle import (
    MOVES,
    Actor,
    ForbiddenMove,
    MoveName,
    Status,
    after,
    allowed,
)
from services.intake.domain.move_bodies import (
    Escalation,
    MoveBody,
    NewMessage,
    Rating,
    Rejection,
    Transfer,
)
from services.intake.domain.timeline import Entry, with_entry
from shared import reference
from shared.errors import KlikError
from shared.events import ConsultationMoved, Region
from shared.reference import DPMD
from shared.text.wording import Text
from shared.times import local_day

Moved = TypeVar("Moved", bound=ConsultationMoved)

#: Messages of either side; beyond it a conversation is no longer one question.
MOST_SAID: Mapping[Actor, int] = {"requester": 150, "officer": 250}
#: Characters of all of them together: who reads it reads it whole, and it is of a size that a page
#: can show and a process hold. The message that goes beyond is the last.
MOST_CHARACTERS: Mapping[Actor, int] = {"requester": 200_000, "officer": 300_000}
#: Changes of a consultation after which it is given to nobody else: each leaves a line for ever.
MOST_CHANGES = 2_000

_FULL = Text(
    "percakapan sudah penuh, selanjutnya kirim konsultasi baru",
    "the conversation is full, go on in a new consultation",
)


@dataclass(frozen=True, slots=True)
class Who:
    """The side that acts; `id` is an officer's, never a requester's."""

    actor: Actor
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One move asked for, with the body of its request."""

    move: MoveName
    who: Who
    body: MoveBody | None = None
    key: str | None = None
    """Hash of caller and idempotency key."""

    def fingerprint(self) -> str:
        body = self.body.model_dump(mode="json") if self.body else None
        return hashlib.sha256(json.dumps([self.move, body], sort_keys=True).encode()).hexdigest()


class WrongTransfer(KlikError):
    """A transfer to where it cannot go. `field` is the one that is wrong, `code` says how."""

    def __init__(self, field: str, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.field = field
        self.code = code
        self.text = text


class Erased(KlikError):
    """Its words were destroyed: nobody can read it, and nothing can be added to it."""


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
    if consultation.erased:
        return []
    return [
        name for name in allowed(consultation.status, actor) if _spent(consultation, name) is None
    ]


def _spent(consultation: Consultation, name: MoveName) -> Text | None:
    """Why a move that the status allows would lead nowhere; None where it does not."""
    if name == "rate" and consultation.rating is not None:
        return Text("sudah ada penilaian", "it has a rating")
    if name == "escalate" and consultation.satgas == DPMD:
        return Text("sudah di Tim Klik Desa DPMD", "the DPMD desk has it")
    return None if _has_room(consultation, name) else _FULL


def _has_room(consultation: Consultation, name: MoveName) -> bool:
    """Whether it may grow by this move. What is open can always be brought to an end: the satgas
    answers what it cannot close yet, and nobody puts it back to work once it is out of words.
    """
    if name in ("transfer", "escalate"):
        return consultation.version < MOST_CHANGES
    if name == "answer" and consultation.status not in MOVES["close"].out_of:
        return True
    if name == "reply" and _room(consultation, "requester") < 1:
        return False
    wants_words = ("answer", "question", "note", "reply", "reopen")
    return name not in wants_words or _room(consultation, "officer") >= 1


def _room(consultation: Consultation, actor: Actor) -> int:
    """How many messages it may still add."""
    if consultation.characters.get(actor, 0) >= MOST_CHARACTERS[actor]:
        return 0
    return MOST_SAID[actor] - consultation.said.get(actor, 0)


def carry_out(
    consultation: Consultation, request: Request, *, id_: UUID, now: datetime
) -> tuple[Consultation, ConsultationMoved | None]:
    """The consultation one move on, and the event that tells of it (none for a note).

    `id_`: for the message or the event. Neither messages nor timeline need to be read for it: what
    they are then is what is added. Raises `Erased`, `ForbiddenMove`, `NotTheirMove`,
    `WrongTransfer`.
    """
    if consultation.erased:
        raise Erased("its words were destroyed")
    move, who = MOVES[request.move], request.who
    status = _after(consultation, request.move, who.actor)
    if isinstance(request.body, Transfer):
        _check_transfer(consultation, request.body, now)
    changed = replace(
        consultation,
        version=consultation.version + 1,
        status=status,
        moves_done=consultation.moves_done
        | ({request.key: request.fingerprint()} if request.key else {}),
    )
    if isinstance(request.body, Transfer) and request.body.to not in changed.transferred_to:
        changed = replace(changed, transferred_to=(*changed.transferred_to, request.body.to))
    if isinstance(request.body, NewMessage):
        changed = _with_message(changed, request.body, who, id_, now)
    if isinstance(request.body, Rating):
        changed = replace(changed, rating=request.body.rating, comment=request.body.comment)
    if move.event is None:
        return changed, None
    codes = _codes(request.body)
    entry = Entry(move.event.name, now, who.actor, who.id, codes.get("reason"))
    changed = replace(changed, timeline=with_entry(changed.timeline, entry))
    return changed, told(move.event, changed, who, id_=id_, now=now, **codes)


def told(
    event: type[Moved], changed: Consultation, who: Who, *, id_: UUID, now: datetime, **codes: Any
) -> Moved:
    """The event that tells of the step to `changed`, which `who` took."""
    return event(
        id=id_,
        consultation=changed.id,
        sequence=changed.version,
        region=Region(kecamatan=changed.kecamatan, desa=changed.desa),
        time=now,
        actor_role=who.actor,
        actor=who.id,
        **codes,
    )


def _after(consultation: Consultation, name: MoveName, actor: Actor) -> Status:
    """The status after a move that is among the `possible` ones. Raises what `after` raises."""
    choices = possible(consultation, actor)
    try:
        status = after(consultation.status, name, actor)
    except ForbiddenMove as error:
        raise ForbiddenMove(name, error.status, choices) from None
    if name not in choices:
        raise ForbiddenMove(name, consultation.status, choices, _spent(consultation, name))
    return status


def _with_message(
    consultation: Consultation, new: NewMessage, who: Who, id_: UUID, now: datetime
) -> Consultation:
    message = Message(str(id_), new.kind, new.body, now, who.actor, who.id)
    number = consultation.said.get(who.actor, 0) + 1
    length = consultation.characters.get(who.actor, 0) + len(new.body)
    return replace(
        consultation,
        messages=(*consultation.messages, message),
        said={**consultation.said, who.actor: number},
        characters={**consultation.characters, who.actor: length},
    )


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


def _codes(body: MoveBody | None) -> dict[str, Any]:
    """What of it goes into the event: codes and figures, no text."""
    if isinstance(body, Transfer):
        return {"to_satgas": body.to, "to_officer": body.officer, "reason": body.reason}
    if isinstance(body, Rejection | Escalation):
        return {"reason": body.reason}
    if isinstance(body, Rating):
        return {"rating": body.rating}
    return {}
