"""The satgas's inbox: consultations, a line each."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.intake.api.consultation_schemas import Place, words
from services.intake.domain.consultation import Consultation
from services.intake.domain.lifecycle import STATUSES, Status
from services.intake.ports import Position
from shared.reference import label, satgas_label
from shared.text.wording import Language
from shared.times import local, milliseconds, moment


class InboxItem(BaseModel):
    """One line of an inbox."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    ticket: str
    status: Status
    status_name: str
    title: str
    topic: str
    topic_name: str
    kind: str
    kind_name: str
    desa: Place
    satgas: str | None
    satgas_name: str | None
    officer: str | None
    submitted_at: AwareDatetime
    received_at: AwareDatetime
    answer_due: AwareDatetime | None = None
    """Until when the first answer is given; told with `order=due` alone."""

    @classmethod
    def of(cls, found: Consultation, language: Language, *, is_due: bool = False) -> "InboxItem":
        return cls(
            id=str(found.id),
            ticket=found.ticket,
            status=found.status,
            status_name=label("statuses", found.status, language),
            title=words(found.title, found, language),
            topic=found.topic,
            topic_name=label("topics", found.topic, language),
            kind=found.kind,
            kind_name=label("kinds", found.kind, language),
            desa=Place.of(found.desa),
            satgas=found.satgas,
            satgas_name=satgas_label(found.satgas, language) if found.satgas else None,
            officer=found.officer,
            submitted_at=local(found.submitted_at),
            received_at=local(found.received_at),
            answer_due=local(found.answer_due) if is_due and found.answer_due else None,
        )


CURSOR = r"^([0-9]{1,13}\.)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: all that the next one goes by. No other consultation is asked for it, so
    that a made-up one tells nothing of any."""

    id: UUID
    due: datetime | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for what `CURSOR` does not fit."""
        if not re.fullmatch(CURSOR, text):
            raise ValueError("no cursor")
        due, _, id_ = text.rpartition(".")
        return cls(UUID(id_), moment(int(due)) if due else None)

    def __str__(self) -> str:
        due = f"{milliseconds(self.due)}." if self.due else ""
        return f"{due}{self.id}"

    @property
    def position(self) -> Position | None:
        """None where it is of another order."""
        return (self.due, self.id) if self.due else None


class InboxView(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[InboxItem]
    counts: dict[str, int]
    """By status, over all pages and whatever `status` was asked for."""
    next: str | None
    """The `cursor` of the next page."""
    searched: int | None = None
    """With `q`: how many were looked through for this page."""

    @classmethod
    def of(
        cls,
        page: list[Consultation],
        counts: dict[str, int],
        following: str | None,
        language: Language,
        *,
        is_due: bool = False,
        searched: int | None = None,
    ) -> "InboxView":
        return cls(
            items=[InboxItem.of(found, language, is_due=is_due) for found in page],
            counts={status: counts.get(status, 0) for status in STATUSES},
            next=following,
            searched=searched,
        )
