"""What reporting listens to: everything."""

from typing import Protocol

from services.reporting.domain import Facts, facts
from shared.events import (
    AlertFailed,
    AlertSent,
    CaseAssigned,
    CaseHeld,
    ConsultationSubmitted,
    Event,
)
from shared.messaging import Subscriptions


class Store(Protocol):
    async def log(self, event: Event) -> None: ...
    async def project(self, event: Event, what: Facts) -> None: ...


class Handlers:
    """First the log, then the row. Both may be repeated: redelivery heals a crash in between."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_consultation_submitted(self, event: ConsultationSubmitted) -> None:
        await self._count(event)

    async def on_case_assigned(self, event: CaseAssigned) -> None:
        await self._count(event)

    async def on_case_held(self, event: CaseHeld) -> None:
        await self._count(event)

    async def on_alert_sent(self, event: AlertSent) -> None:
        await self._count(event)

    async def on_alert_failed(self, event: AlertFailed) -> None:
        await self._count(event)

    async def _count(self, event: Event) -> None:
        await self._store.log(event)
        await self._store.project(event, facts(event))

    def subscriptions(self) -> Subscriptions:
        return {
            ConsultationSubmitted: self.on_consultation_submitted,
            CaseAssigned: self.on_case_assigned,
            CaseHeld: self.on_case_held,
            AlertSent: self.on_alert_sent,
            AlertFailed: self.on_alert_failed,
        }
