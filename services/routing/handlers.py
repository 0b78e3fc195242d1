"""What routing listens to: a consultation to find an officer for."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.routing.calendar import Calendar
from services.routing.domain import DPMD, Case, Destination, Satgas, assign, destination, hold
from services.routing.policy import Policy, deadlines
from shared import metrics
from shared.events import ConsultationSubmitted, Event
from shared.ids import new_id
from shared.messaging import Subscriptions
from shared.times import local_day


class Cases(Protocol):
    async def exists(self, id_: UUID) -> bool: ...
    async def add(self, case: Case, event: Event) -> bool: ...


class Roster(Protocol):
    async def take_turn(self, satgas: str) -> Satgas | None: ...


class Handlers:
    """Idempotent by the case's id: a second delivery finds the case and takes nobody's turn."""

    def __init__(
        self,
        cases: Cases,
        roster: Roster,
        policy: Policy,
        calendar: Calendar,
        clock: Callable[[], datetime],
    ) -> None:
        self._cases = cases
        self._roster = roster
        self._policy = policy
        self._calendar = calendar
        self._clock = clock

    async def on_consultation_submitted(self, event: ConsultationSubmitted) -> None:
        if await self._cases.exists(event.consultation):
            metrics.DUPLICATES.labels(event.type()).inc()
            return
        now = self._clock()
        case, told = await self._decide(event, destination(event.region, local_day(now)), now)
        await self._cases.add(case, told)

    async def _decide(
        self, event: ConsultationSubmitted, where: Destination, now: datetime
    ) -> tuple[Case, Event]:
        """First the satgas it belongs to, then the DPMD desk, then nobody: held."""
        desk = Destination(DPMD, "dpmd", where.because or "no_officer")
        due = deadlines(self._policy, self._calendar, event.kind, now)
        for attempt in (where, desk):
            satgas = await self._roster.take_turn(attempt.satgas)
            if decided := assign(event, attempt, satgas, due, event_id=new_id(), now=now):
                return decided
        return hold(event, desk.because or "no_officer", event_id=new_id(), now=now)

    def subscriptions(self) -> Subscriptions:
        return {
            ConsultationSubmitted: self.on_consultation_submitted,
        }
