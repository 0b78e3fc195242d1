"""What intake listens to: what routing decided about a consultation."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from services.intake.domain import Consultation, assign, hold
from shared.errors import TryLater
from shared.events import CaseAssigned, CaseHeld, Event
from shared.messaging import Subscriptions


class Store(Protocol):
    async def get(self, id_: UUID) -> Consultation | None: ...
    async def save(self, changed: Consultation, event: Event | None = None) -> None: ...


class Handlers:
    """Idempotent: a known or outdated event changes nothing. A lost race is tried again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_case_assigned(self, event: CaseAssigned) -> None:
        await self._apply(event.consultation, lambda found: assign(found, event))

    async def on_case_held(self, event: CaseHeld) -> None:
        await self._apply(event.consultation, lambda found: hold(found, event))

    async def _apply(
        self, id_: UUID, decide: Callable[[Consultation], Consultation | None]
    ) -> None:
        found = await self._store.get(id_)
        if found is None:
            raise TryLater("no such consultation here")
        if changed := decide(found):
            await self._store.save(changed)

    def subscriptions(self) -> Subscriptions:
        return {
            CaseAssigned: self.on_case_assigned,
            CaseHeld: self.on_case_held,
        }
