"""What officers and requesters say and do about a consultation."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.domain import Consultation, Entry, Message
from services.intake.fields import SEEN, WHOLE
from services.intake.lifecycle import MOVES, Actor, ForbiddenMove, MoveName, after, allowed
from shared.errors import KlikError
from shared.events import ConsultationMoved, Region

#: Messages of one consultation; beyond it a conversation is no longer one question.
MOST_MESSAGES = 500

Text = Annotated[str, Field(min_length=1, max_length=8000, pattern=SEEN)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewMessage(_Said):
    """Something said: an answer, a question back, a reply to it, or a note among officers."""

    kind: Literal["answer", "question", "reply", "note"]
    body: Text


class Rejection(_Said):
    because: Literal["not_ours", "duplicate", "incomplete", "abusive"]


class Rating(_Said):
    rating: Annotated[int, Field(ge=1, le=5), WHOLE]
    comment: Text | None = None


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
    said: NewMessage | Rejection | Rating | None = None
    key: str | None = None
    """Hash of caller and idempotency key."""

    def fingerprint(self) -> str:
        said = self.said.model_dump(mode="json") if self.said else None
        return hashlib.sha256(json.dumps([self.move, said], sort_keys=True).encode()).hexdigest()


class TooLong(KlikError):
    """The conversation has no room for another message."""


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
    """What `actor` may do now; a rating is given once."""
    rated = consultation.rating is not None
    return [name for name in allowed(consultation.status, actor) if not (rated and name == "rate")]


def carry_out(
    consultation: Consultation, request: Request, *, id_: UUID, now: datetime
) -> tuple[Consultation, ConsultationMoved | None]:
    """The consultation one move on, and the event that tells of it (none for a note).

    `id_`: for the message or the event. Raises `ForbiddenMove`, `NotTheirMove`, `TooLong`.
    """
    move, who = MOVES[request.move], request.who
    status = after(consultation.status, request.move, who.actor)
    if request.move == "rate" and consultation.rating is not None:
        raise ForbiddenMove("rate", consultation.status, possible(consultation, who.actor))
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
    entry = Entry(move.event.name, now, who.actor, who.id)
    changed = replace(changed, timeline=(*changed.timeline, entry))
    return changed, move.event(
        id=id_,
        consultation=consultation.id,
        sequence=changed.version,
        region=Region(kecamatan=consultation.kecamatan, desa=consultation.desa),
        time=now,
        actor_role=who.actor,
        actor=who.id,
        **_codes(request.said),
    )


def _with_message(
    consultation: Consultation, said: NewMessage, who: Who, id_: UUID, now: datetime
) -> Consultation:
    if len(consultation.messages) >= MOST_MESSAGES:
        raise TooLong(f"at most {MOST_MESSAGES} messages")
    message = Message(str(id_), said.kind, said.body, now, who.actor, who.id)
    return replace(consultation, messages=(*consultation.messages, message))


def _codes(said: NewMessage | Rejection | Rating | None) -> dict[str, Any]:
    """What of it goes into the event: codes and figures, no text."""
    if isinstance(said, Rejection):
        return {"because": said.because}
    if isinstance(said, Rating):
        return {"rating": said.rating}
    return {}
