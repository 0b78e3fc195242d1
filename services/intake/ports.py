"""What intake asks of its store, by who asks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.intake.domain.consultation import Consultation, Latest, Private, Reachable, Tracked
from shared.events import Event


class Accepting(Protocol):
    async def add(
        self,
        consultation: Consultation,
        private: Private,
        event: Event,
        *,
        idempotency: str,
        fingerprint: str,
    ) -> None:
        """Raises `Duplicate` where its idempotency key or its ticket exists."""

    async def by_idempotency(self, key: str) -> tuple[Consultation, Private, str] | None: ...


class Saving(Protocol):
    async def save(
        self, before: Consultation, changed: Consultation, event: Event | None = None
    ) -> None:
        """Raises `Conflict` where the version before is gone."""


class Moving(Saving, Protocol):
    async def for_move(self, id_: UUID, key: str | None) -> Consultation | None:
        """Without what was said and done; of the keys of its moves, this one."""


class Updating(Saving, Protocol):
    async def for_update(self, id_: UUID) -> Consultation | None:
        """Without what was said."""


class Reading(Protocol):
    async def latest(self, id_: UUID) -> Latest | None: ...
    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None: ...
    async def contacts(self, ids: Sequence[UUID]) -> list[Reachable]:
        """Of those that exist and left a contact."""

    async def by_ticket(self, ticket: str) -> Tracked | None: ...
    async def note_pin_miss(self, id_: UUID, now: datetime) -> None: ...
    async def inbox(
        self, query: dict[str, Any], *, before: UUID | None, limit: int
    ) -> list[Consultation]: ...
    async def count_by_status(self, query: dict[str, Any]) -> dict[str, int]: ...
    async def count_accepted(self, first_day: str, last_day: str) -> list[dict[str, Any]]: ...
