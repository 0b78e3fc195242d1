"""The satgas's inbox: consultations, a line each."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.intake.consultation_views import Place
from services.intake.domain import Consultation
from services.intake.lifecycle import STATUSES, Status
from shared.characters import shown
from shared.times import local


class InboxItem(BaseModel):
    """One line of an inbox."""

    id: str
    ticket: str
    status: Status
    title: str
    topic: str
    kind: str
    desa: Place
    satgas: str | None
    officer: str | None
    submitted_at: AwareDatetime
    received_at: AwareDatetime

    @classmethod
    def of(cls, found: Consultation) -> "InboxItem":
        return cls(
            id=str(found.id),
            ticket=found.ticket,
            status=found.status,
            title=shown(found.title),
            topic=found.topic,
            kind=found.kind,
            desa=Place.of(found.desa),
            satgas=found.satgas,
            officer=found.officer,
            submitted_at=local(found.submitted_at),
            received_at=local(found.received_at),
        )


class InboxView(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[InboxItem]
    counts: dict[str, int]
    """By status, over all pages and whatever `status` was asked for."""
    next: UUID | None
    """The `cursor` of the next page."""

    @classmethod
    def of(
        cls, page: list[Consultation], counts: dict[str, int], following: UUID | None
    ) -> "InboxView":
        return cls(
            items=[InboxItem.of(found) for found in page],
            counts={status: counts.get(status, 0) for status in STATUSES},
            next=following,
        )
