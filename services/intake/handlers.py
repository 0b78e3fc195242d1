"""What intake listens to: what routing decided about a consultation, and what became due."""

from collections.abc import Callable
from datetime import datetime

from services.intake.domain.case_updates import assign, close_after_silence, hold, note
from services.intake.domain.consultation import Consultation
from services.intake.ports import Updating
from shared.errors import TryLater
from shared.events import (
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    CaseSilenceElapsed,
    ConsultationEvent,
)
from shared.messaging.consumer import Subscriptions
from shared.times import new_id


class Handlers:
    """Idempotent: a known or outdated event changes nothing. A lost race is tried again."""

    def __init__(self, store: Updating, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def on_case_assigned(self, event: CaseAssigned) -> None:
        found = await self._find(event)
        await self._keep(found, assign(found, event, self._clock()))

    async def on_case_held(self, event: CaseHeld) -> None:
        found = await self._find(event)
        await self._keep(found, hold(found, event, self._clock()))

    async def on_case_noted(
        self, event: CaseReminderDue | CaseDeadlineMissed | CaseEscalated
    ) -> None:
        await self._keep(found := await self._find(event), note(found, event))

    async def on_case_silence_elapsed(self, event: CaseSilenceElapsed) -> None:
        found = await self._find(event)
        if closed := close_after_silence(found, event, id_=new_id(), now=self._clock()):
            await self._store.save(found, *closed)

    async def _find(self, event: ConsultationEvent) -> Consultation:
        found = await self._store.for_update(event.consultation)
        if found is None:
            raise TryLater("no such consultation here")
        return found

    async def _keep(self, found: Consultation, changed: Consultation | None) -> None:
        if changed:
            await self._store.save(found, changed)

    def subscriptions(self) -> Subscriptions:
        return {
            CaseAssigned: self.on_case_assigned,
            CaseHeld: self.on_case_held,
            CaseReminderDue: self.on_case_noted,
            CaseDeadlineMissed: self.on_case_noted,
            CaseEscalated: self.on_case_noted,
            CaseSilenceElapsed: self.on_case_silence_elapsed,
        }
