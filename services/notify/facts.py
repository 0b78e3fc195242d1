"""What a text may say: codes, times and a ticket; never a title, a body or a person. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events import RecipientKind, Region


@dataclass(frozen=True, slots=True)
class Facts:
    """`event`: the name of the cause, or `digest`, whose `items` are the cases it lists."""

    event: str
    consultation: UUID | None
    region: Region | None
    topic: str | None
    kind: str | None
    satgas: str | None
    level: str | None
    clock: str | None
    due: datetime | None
    ticket: str | None
    recipient_kind: RecipientKind
    items: tuple["Facts", ...] = ()
    count: int = 1
