"""What a consultation is, and what a post becomes. What happens to it later: case_updates.py for
routing's news, conversation.py for the moves of both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from unicodedata import normalize
from uuid import UUID

from services.intake.domain.lifecycle import AWAITING_ANSWER, MOVES_FIRST_ANSWER, Actor, Status
from services.intake.domain.submission import Submission
from services.intake.domain.timeline import Entry, Timeline
from shared import reference
from shared.events import ConsultationSubmitted, Region
from shared.reference import COMPLAINT
from shared.times import local_day, whole_milliseconds

#: A device's own time is believed up to this age; an offline post may be weeks old, a phone whose
#: clock was reset says 1970.
OLDEST_OFFLINE_POST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Private:
    """What is encrypted: who asked, how to reach them, and the PIN that follows the ticket."""

    pin: str
    name: str | None = None
    contact: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Something said about a consultation; `id_of_actor` is an officer's."""

    id: str
    kind: str
    body: str
    at: datetime
    actor: Actor
    id_of_actor: str | None = None


@dataclass(frozen=True, slots=True)
class Reachable:
    """How the requester of a consultation is reached, and what may be named to them."""

    consultation: UUID
    ticket: str
    status: Status
    anonymous: bool
    contact: Mapping[str, str] | None
    """None where it is kept, and cannot be decrypted now."""


@dataclass(frozen=True, slots=True)
class Latest:
    """A consultation with the end of its conversation; `complete`: whether that is all of it."""

    consultation: "Consultation"
    private: Private
    complete: bool


@dataclass(frozen=True, slots=True)
class Consultation:
    """A consultation without its private part; times are aware, regions are today's codes."""

    id: UUID
    version: int
    ticket: str
    status: Status
    title: str
    body: str
    topic: str
    kind: str
    desa: str
    kecamatan: str
    role: str
    channel: str
    anonymous: bool
    submitted_at: datetime
    received_at: datetime
    submitted_by: str | None = None
    """The id of the API key, or the token's subject; None where that was not kept yet."""
    sdgs_goal: int | None = None
    vulnerable: bool | None = None
    satgas: str | None = None
    officer: str | None = None
    level: Literal["satgas", "dpmd"] | None = None
    assigned_at: datetime | None = None
    answer_due: datetime | None = None
    """Until when the first answer is given, as routing said last; it does not know of pauses."""
    held_reason: str | None = None
    case_sequence: int = 0
    """The latest assignment, or news that there is none; older ones change nothing in that."""
    decided_at: datetime | None = None
    """When routing decided so."""
    transferred_to: tuple[str, ...] = ()
    """To which satgas it was ever to go, by the word of somebody who might say so."""
    said: Mapping[Actor, int] = field(default_factory=dict)
    """How many messages are by whom: known also where they themselves were not read."""
    characters: Mapping[Actor, int] = field(default_factory=dict)
    """How long those are together; of what was said until 2026-11 nothing is counted."""
    messages: tuple[Message, ...] = ()
    timeline: Timeline = ()
    rating: int | None = None
    comment: str | None = None
    erased: bool = False
    """Nobody can read its words any more, nor who asked: what is left are codes and times."""
    moves_done: dict[str, str] = field(default_factory=dict)
    """Hashed idempotency key → fingerprint of the move that it came with."""

    @property
    def is_confidential(self) -> bool:
        """A complaint may be about the very kecamatan that it comes from."""
        return self.kind == COMPLAINT

    @property
    def first_answer_due(self) -> datetime | None:
        """`answer_due` while that answer is still to come, and nothing has moved its time. Its
        timeline has to be read for it."""
        is_moved = any(entry.what in MOVES_FIRST_ANSWER for entry in self.timeline)
        return self.answer_due if self.status in AWAITING_ANSWER and not is_moved else None


def submit(
    post: Submission, *, id_: UUID, event_id: UUID, ticket: str, by: str, now: datetime
) -> tuple[Consultation, ConsultationSubmitted]:
    """A new consultation, posted with the key `by`, and the event that tells of it.

    Raises `reference.UnknownRegion` where `desa_code` is no desa or kelurahan of today, and
    `reference.RetiredTopic` where the topic is no longer one.
    """
    today = local_day(now)
    desa = reference.resolve_desa(post.desa_code, today)
    consultation = Consultation(
        id=id_,
        version=1,
        ticket=ticket,
        status="submitted",
        title=normalize("NFC", post.title),
        body=post.body,
        topic=reference.resolve_topic(post.topic, today).code,
        kind=post.kind,
        desa=desa.code,
        kecamatan=desa.parent,
        role=post.requester.role,
        channel=post.channel,
        anonymous=post.anonymous,
        submitted_at=plausible(post.submitted_at, now),
        received_at=now,
        submitted_by=by,
        sdgs_goal=post.sdgs_goal,
        vulnerable=post.vulnerable_group,
        timeline=(Entry(ConsultationSubmitted.name, now, "requester"),),
    )
    event = ConsultationSubmitted(
        id=event_id,
        consultation=id_,
        sequence=consultation.version,
        region=Region(kecamatan=consultation.kecamatan, desa=consultation.desa),
        time=now,
        topic=consultation.topic,
        kind=consultation.kind,
        role=consultation.role,
        channel=consultation.channel,
        sdgs_goal=consultation.sdgs_goal,
        vulnerable=consultation.vulnerable,
        reachable=post.requester.contact is not None,
        submitter=by,
        submitted_at=consultation.submitted_at,
        received_at=consultation.received_at,
    )
    return consultation, event


def plausible(claimed: datetime | None, now: datetime) -> datetime:
    """The device's time if it can be true, else the time of receipt.

    Refusing the post instead would punish a village for a phone's wrong clock.
    """
    if claimed is None or claimed > now or claimed < now - OLDEST_OFFLINE_POST:
        return now
    return whole_milliseconds(claimed)
