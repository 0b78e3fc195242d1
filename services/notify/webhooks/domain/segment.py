"""What the event log is made of: events as they were published, some to a segment. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from shared.events import ConsultationEvent


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it was published: type and JSON."""

    id: UUID
    type: str
    kecamatan: str
    body: str

    @classmethod
    def of(cls, event: ConsultationEvent) -> Self:
        return cls(event.id, event.type(), event.region.kecamatan, event.model_dump_json())

    @property
    def name(self) -> str:
        """`case.assigned`."""
        return self.type.removeprefix("klikdesa.").rpartition(".v")[0]

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass(frozen=True, slots=True)
class Segment:
    number: int
    at: datetime
    """When it was written."""
    entries: tuple[Entry, ...]
