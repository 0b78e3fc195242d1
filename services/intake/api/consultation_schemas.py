"""A consultation as each side may see it; what it has in common with inbox and tracking."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from services.intake.domain.consultation import Consultation, Message, Private
from services.intake.domain.conversation import possible
from services.intake.domain.lifecycle import Actor, MoveName, Status
from services.intake.domain.timeline import for_requester
from shared import reference
from shared.reference import detail_label, label, satgas_label
from shared.text import contacts
from shared.text.characters import shown
from shared.text.wording import Language, Text
from shared.times import local

_ERASED = Text("(dihapus)", "(erased)")


def words(said: str, found: Consultation, language: Language) -> str:
    """What was said; of an erased consultation that it was."""
    return _ERASED.said_in(language) if found.erased else shown(said)


class Place(BaseModel):
    code: str
    name: str

    @classmethod
    def of(cls, code: str) -> "Place":
        region = reference.region(code)
        return cls(code=code, name=region.name if region else code)


class RequesterView(BaseModel):
    """Name and contact only for the satgas, and not where the requester asked for anonymity."""

    role: str
    role_name: str
    name: str | None = None
    contact: dict[str, str] | None = None


class MessageView(BaseModel):
    """Something said; `by` names the officer's key only to the satgas."""

    id: str
    kind: str
    kind_name: str
    body: str
    at: AwareDatetime
    actor: Actor
    by: str | None = None

    @classmethod
    def of(
        cls, message: Message, found: Consultation, language: Language, *, for_satgas: bool
    ) -> "MessageView":
        return cls(
            id=message.id,
            kind=message.kind,
            kind_name=label("messages", message.kind, language),
            body=words(message.body, found, language),
            at=local(message.at),
            actor=message.actor,
            by=message.id_of_actor if for_satgas else None,
        )


class EntryView(BaseModel):
    """One line of the timeline: an event's name, when, and which side did it.

    Only the satgas is told `by` whom, and the `detail`: a clock, a level or a reason.
    """

    what: str
    what_name: str
    at: AwareDatetime
    actor: Actor | None
    by: str | None = None
    detail: str | None = None
    detail_name: str | None = None


class ConsultationView(BaseModel):
    id: str
    version: int
    ticket: str
    status: Status
    status_name: str
    title: str
    body: str
    topic: str
    topic_name: str
    kind: str
    kind_name: str
    desa: Place
    kecamatan: Place
    channel: str
    channel_name: str
    sdgs_goal: int | None
    vulnerable_group: bool | None
    anonymous: bool
    erased: bool
    requester: RequesterView
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    satgas: str | None
    satgas_name: str | None
    officer: str | None
    level: Literal["satgas", "dpmd"] | None = None
    assigned_at: AwareDatetime | None
    held_reason: str | None
    held_reason_name: str | None
    rating: int | None
    rating_comment: str | None
    messages: list[MessageView]
    timeline: list[EntryView]
    complete: bool
    """False: of messages and timeline it has the latest; read the consultation for all of them."""
    possible: list[MoveName]
    """What the caller's side may do now."""

    @classmethod
    def of(
        cls,
        found: Consultation,
        private: Private | None,
        language: Language = "id",
        *,
        complete: bool = True,
    ) -> "ConsultationView":
        """`private` is given only for the satgas, who may see the requester and its own notes."""
        satgas = private is not None
        requester = private if private and not found.anonymous else None
        return cls(
            id=str(found.id),
            version=found.version,
            ticket=found.ticket,
            status=found.status,
            status_name=label("statuses", found.status, language),
            title=words(found.title, found, language),
            body=words(found.body, found, language),
            topic=found.topic,
            topic_name=label("topics", found.topic, language),
            kind=found.kind,
            kind_name=label("kinds", found.kind, language),
            desa=Place.of(found.desa),
            kecamatan=Place.of(found.kecamatan),
            channel=found.channel,
            channel_name=label("channels", found.channel, language),
            sdgs_goal=found.sdgs_goal,
            vulnerable_group=found.vulnerable,
            anonymous=found.anonymous,
            erased=found.erased,
            requester=RequesterView(
                role=found.role,
                role_name=label("roles", found.role, language),
                name=shown(requester.name) if requester and requester.name else None,
                contact=_one_form(requester.contact) if requester else None,
            ),
            submitted_at=local(found.submitted_at),
            received_at=local(found.received_at),
            satgas=found.satgas,
            satgas_name=satgas_label(found.satgas, language) if found.satgas else None,
            officer=found.officer if satgas else None,
            level=found.level,
            assigned_at=local(found.assigned_at) if found.assigned_at else None,
            held_reason=found.held_reason,
            held_reason_name=label("reasons", found.held_reason, language)
            if found.held_reason
            else None,
            rating=found.rating,
            rating_comment=shown(found.comment) if found.comment else None,
            messages=messages_of(found, language, for_satgas=satgas),
            timeline=timeline_of(found, language, for_satgas=satgas),
            complete=complete,
            possible=possible(found, "officer" if satgas else "requester"),
        )


def _one_form(contact: dict[str, str] | None) -> dict[str, str] | None:
    """Of a contact that was kept before addresses were read, too."""
    if contact is None:
        return None
    return {**contact, "address": shown(contacts.meant(contact["channel"], contact["address"]))}


def messages_of(found: Consultation, language: Language, *, for_satgas: bool) -> list[MessageView]:
    """What was said; notes are among officers."""
    return [
        MessageView.of(message, found, language, for_satgas=for_satgas)
        for message in found.messages
        if for_satgas or message.kind != "note"
    ]


def timeline_of(found: Consultation, language: Language, *, for_satgas: bool) -> list[EntryView]:
    return [
        EntryView(
            what=entry.what,
            what_name=label("happenings", entry.what, language),
            at=local(entry.at),
            actor=entry.actor,
            by=entry.id_of_actor if for_satgas else None,
            detail=entry.detail if for_satgas else None,
            detail_name=detail_label(entry.detail, language)
            if for_satgas and entry.detail
            else None,
        )
        for entry in (found.timeline if for_satgas else for_requester(found.timeline))
    ]
