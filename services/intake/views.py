"""What intake answers: the shapes of its replies."""

from dataclasses import asdict
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.intake.acceptance import Accepted
from services.intake.domain import Consultation, Private, Status
from shared import reference
from shared.problems import ProblemBody
from shared.times import local


class Links(BaseModel):
    self: str
    track: str


class Kept(BaseModel):
    """What both receipts say: keep ticket and PIN to follow the consultation."""

    id: UUID
    ticket: str
    pin: str
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    links: Links

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        consultation = accepted.consultation
        return cls(
            id=consultation.id,
            ticket=consultation.ticket,
            pin=accepted.pin,
            submitted_at=local(consultation.submitted_at),
            received_at=local(consultation.received_at),
            links=Links(
                self=f"/v1/consultations/{consultation.id}",
                track=f"/v1/track/{consultation.ticket}",
            ),
        )


class Receipt(Kept):
    """What a front-end shows the requester: keep ticket and PIN to follow the consultation."""

    status: Literal["submitted"] = "submitted"


class BatchReceipt(Kept):
    """The receipt of one post of a batch, with the HTTP status of a single one."""

    status: Literal[202] = 202


class BatchReply(BaseModel):
    """One result an item, in order: its receipt, or its problem."""

    results: list[BatchReceipt | ProblemBody]


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
    name: str | None = None
    contact: dict[str, str] | None = None


class ConsultationView(BaseModel):
    id: str
    version: int
    ticket: str
    status: Status
    title: str
    body: str
    topic: str
    kind: str
    desa: Place
    kecamatan: Place
    channel: str
    sdgs_goal: int | None
    vulnerable_group: bool | None
    anonymous: bool
    requester: RequesterView
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    satgas: str | None
    officer: str | None
    assigned_at: AwareDatetime | None
    held_because: str | None

    @classmethod
    def of(cls, found: Consultation, private: Private | None) -> "ConsultationView":
        """`private` is given only for those who may see the requester."""
        shown = private if private and not found.anonymous else None
        return cls(
            id=str(found.id),
            version=found.version,
            ticket=found.ticket,
            status=found.status,
            title=found.title,
            body=found.body,
            topic=found.topic,
            kind=found.kind,
            desa=Place.of(found.desa),
            kecamatan=Place.of(found.kecamatan),
            channel=found.channel,
            sdgs_goal=found.sdgs_goal,
            vulnerable_group=found.vulnerable,
            anonymous=found.anonymous,
            requester=RequesterView(
                role=found.role,
                name=shown.name if shown else None,
                contact=shown.contact if shown else None,
            ),
            submitted_at=local(found.submitted_at),
            received_at=local(found.received_at),
            satgas=found.satgas,
            officer=found.officer,
            assigned_at=local(found.assigned_at) if found.assigned_at else None,
            held_because=found.held_because,
        )


class TrackView(BaseModel):
    """What the requester sees: where it is, nobody's name."""

    ticket: str
    status: Status
    topic: str
    topic_name: str
    desa: Place
    kecamatan: Place
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    assigned_at: AwareDatetime | None

    @classmethod
    def of(cls, found: Consultation) -> "TrackView":
        return cls(
            ticket=found.ticket,
            status=found.status,
            topic=found.topic,
            topic_name=reference.topics()[found.topic].name_id,
            desa=Place.of(found.desa),
            kecamatan=Place.of(found.kecamatan),
            submitted_at=local(found.submitted_at),
            received_at=local(found.received_at),
            assigned_at=local(found.assigned_at) if found.assigned_at else None,
        )


class AcceptedCount(BaseModel):
    day: str
    kecamatan: str
    accepted: int


class AcceptedCounts(BaseModel):
    rows: list[AcceptedCount]


class ReferenceName(StrEnum):
    REGIONS = "regions"
    TOPICS = "topics"
    ROLES = "roles"
    SDGS = "sdgs"
    KINDS = "kinds"
    CHANNELS = "channels"


class ReferenceView(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    name: ReferenceName
    version: str
    items: list[dict[str, Any]]
    aliases: dict[str, str] | None = None
    """For regions: superseded code → today's."""

    @classmethod
    def of(cls, name: ReferenceName) -> "ReferenceView":
        rows = getattr(reference, name)().values()
        return cls(
            name=name,
            version=reference.REFERENCE_VERSION,
            items=[asdict(row) for row in rows],
            aliases=dict(reference.region_aliases()) if name is ReferenceName.REGIONS else None,
        )
