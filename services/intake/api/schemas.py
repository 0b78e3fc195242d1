"""What intake answers: the shapes of its replies."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.intake.acceptance import Accepted
from services.intake.domain.consultation import Consultation, Reachable
from services.intake.domain.lifecycle import NO_LINK
from services.intake.link_tokens import LinkTokens
from services.intake.requester_tokens import Token
from shared import reference
from shared.text.wording import Language
from shared.times import local
from shared.web.problems import ProblemBody

LAPOR_URL = "https://www.lapor.go.id"
_TEXTS: Mapping[Language, str] = {
    "id": "Pengaduan ini diterima DPMD secara rahasia, bukan oleh kecamatan. "
    "Pengaduan juga dapat disampaikan lewat kanal nasional SP4N-LAPOR!",
    "en": "This complaint goes to DPMD in confidence, not to the kecamatan. "
    "Complaints can also be made through the national channel, SP4N-LAPOR!",
}


class Notice(BaseModel):
    """A pointer to SP4N-LAPOR!, the national channel for complaints."""

    text: str
    url: str = LAPOR_URL

    @classmethod
    def of(cls, consultation: Consultation, language: Language) -> Self | None:
        """None for what is no complaint."""
        return cls(text=_TEXTS[language]) if consultation.is_confidential else None


class Links(BaseModel):
    self: str
    track: str


class TokenView(BaseModel):
    """A token with which the requester reads, replies, closes, reopens, withdraws and rates."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: UUID
    """The consultation that it is for, and for no other."""
    token: str
    """Sent as `Authorization: Bearer …`, to intake alone."""
    token_expires_at: AwareDatetime
    """Afterwards ticket and PIN give another one: `POST /v1/track/{ticket}/token`."""

    @classmethod
    def of(cls, consultation: Consultation, token: Token) -> Self:
        return cls(id=consultation.id, token=token.text, token_expires_at=local(token.expires_at))


class Kept(BaseModel):
    """What both receipts say: keep ticket and PIN to follow the consultation."""

    id: UUID
    ticket: str
    pin: str
    token: str
    token_expires_at: AwareDatetime
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    links: Links
    notice: Notice | None = None

    @classmethod
    def of(cls, accepted: Accepted, token: Token, language: Language, **more: Any) -> Self:
        consultation = accepted.consultation
        return cls(
            id=consultation.id,
            ticket=consultation.ticket,
            pin=accepted.pin,
            token=token.text,
            token_expires_at=local(token.expires_at),
            submitted_at=local(consultation.submitted_at),
            received_at=local(consultation.received_at),
            links=Links(
                self=f"/v1/consultations/{consultation.id}",
                track=f"/v1/track/{consultation.ticket}",
            ),
            notice=Notice.of(consultation, language),
            **more,
        )


class Receipt(Kept):
    """What a front-end shows the requester: keep ticket and PIN to follow the consultation."""

    status: Literal["submitted"] = "submitted"
    status_name: str

    @classmethod
    def of(cls, accepted: Accepted, token: Token, language: Language, **more: Any) -> Self:
        name = reference.label("statuses", "submitted", language)
        return super().of(accepted, token, language, status_name=name, **more)


class BatchReceipt(Kept):
    """The receipt of one post of a batch, with the HTTP status of a single one."""

    status: Literal[202] = 202


class BatchReply(BaseModel):
    """One result an item, in order: its receipt, or its problem."""

    results: list[BatchReceipt | ProblemBody]


class AcceptedCount(BaseModel):
    day: str
    kecamatan: str
    accepted: int


class AcceptedCounts(BaseModel):
    rows: list[AcceptedCount]


class ContactsAsked(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    consultations: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    """Their ids; one that is given twice is answered once."""


class ContactView(BaseModel):
    """How a requester is reached, and what an alert to them may name."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    consultation: UUID
    channel: Literal["whatsapp", "telegram", "email", "phone"]
    address: str
    ticket: str
    link_token: str | None
    """Opens the page of this consultation for some days, in the link of an alert: it goes to the
    requester alone. None of what was withdrawn or rejected, which ticket and PIN alone open."""
    link_expires_at: AwareDatetime | None
    """Until when `link_token` does."""
    anonymous: bool
    """The satgas is not shown the contact; the requester is told all the same."""


class ContactsView(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    contacts: list[ContactView]
    """In no order; of those that left one."""
    unreadable: list[UUID]
    """Of these it is kept, and cannot be decrypted: ask again when intake has its master key."""

    @classmethod
    def of(cls, found: Sequence[Reachable], links: LinkTokens) -> Self:
        contacts = list[dict[str, object]]()
        for one in found:
            if one.contact is None:
                continue
            link = links.issue(one.consultation) if one.status not in NO_LINK else None
            contacts.append(
                {
                    **one.contact,
                    "consultation": one.consultation,
                    "ticket": one.ticket,
                    "link_token": link and link.text,
                    "link_expires_at": link and link.expires_at,
                    "anonymous": one.anonymous,
                }
            )
        unreadable = [one.consultation for one in found if one.contact is None]
        return cls.model_validate({"contacts": contacts, "unreadable": unreadable})


class ReferenceName(StrEnum):
    REGIONS = "regions"
    TOPICS = "topics"
    ROLES = "roles"
    SDGS = "sdgs"
    KINDS = "kinds"
    CHANNELS = "channels"
    STATUSES = "statuses"
    MOVES = "moves"
    MESSAGES = "messages"
    HAPPENINGS = "happenings"
    REASONS = "reasons"
    CLOCKS = "clocks"
    LEVELS = "levels"
    CASE_STATES = "case_states"
    ALERT_STATES = "alert_states"


class ReferenceView(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    name: ReferenceName
    version: str
    items: list[dict[str, Any]]
    aliases: dict[str, str] | None = None
    """For regions: superseded code → today's."""

    @classmethod
    def of(cls, name: ReferenceName) -> "ReferenceView":
        rows = _table(name).values()
        return cls(
            name=name,
            version=reference.REFERENCE_VERSION,
            items=[asdict(row) for row in rows],
            aliases=dict(reference.region_aliases()) if name is ReferenceName.REGIONS else None,
        )


def _table(name: ReferenceName) -> Mapping[Any, Any]:
    of = next((one for one in reference.LABEL_LISTS if one == name), None)
    table: Mapping[Any, Any] = reference.labels(of) if of else getattr(reference, name)()
    return table
