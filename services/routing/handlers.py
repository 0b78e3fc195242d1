"""What routing listens to: a consultation to find an officer for, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from services.routing.assigner import Assigner
from services.routing.domain import events
from services.routing.domain.case import Case, opened, with_fact
from services.routing.ports import Cases
from services.routing.rules import Rules
from shared import metrics
from shared.errors import Conflict, TryLater
from shared.events import (
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationErased,
    ConsultationEscalationRequested,
    ConsultationMoved,
    ConsultationQuestionAsked,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationSubmitted,
    ConsultationTransferRequested,
    ConsultationWithdrawn,
    Event,
)
from shared.messaging.consumer import Subscriptions
from shared.storage.retrying import retry_on_conflict
from shared.times import local_day, new_id


class Handlers:
    """Idempotent: a case is opened once, and a fact that it has heard changes nothing."""

    def __init__(
        self, cases: Cases, assigner: Assigner, rules: Rules, clock: Callable[[], datetime]
    ) -> None:
        self._cases = cases
        self._assigner = assigner
        self._rules = rules
        self._clock = clock

    async def on_consultation_submitted(self, event: ConsultationSubmitted) -> None:
        if await self._cases.exists(event.consultation):
            metrics.DUPLICATES.labels(event.type()).inc()
            return
        now = self._clock()
        case = await self._assigner.assign(opened(event, now, local_day(now)), now)
        case, decided = self._decided(None, case)
        if await self._cases.add(case, decided):
            self._assigner.confirm(case)

    async def on_consultation_moved(self, event: ConsultationMoved) -> None:
        try:
            await retry_on_conflict(partial(self._apply, event))
        except Conflict:
            raise TryLater("others kept changing the case") from None

    async def _apply(self, event: ConsultationMoved) -> None:
        case = await self._cases.get(event.consultation)
        if case is None:
            raise TryLater("no such case yet")
        changed = with_fact(case, event)
        if changed is None:
            metrics.DUPLICATES.labels(event.type()).inc()
            return
        await self._keep(case, changed, event)

    async def _keep(self, before: Case, changed: Case, event: ConsultationMoved) -> None:
        """Save the case with the new fact, and with an officer where one is wanted."""
        now, requested = self._clock(), list[Event]()
        if changed.state == "held":
            changed = await self._assigner.assign(changed, now)
        if isinstance(event, ConsultationEscalationRequested) and _goes_to_desk(before, changed):
            requested.append(events.escalation_event(before, changed, event, now, new_id))
        changed, decided = self._decided(before, changed)
        await self._cases.save(before, changed, [*requested, *decided])
        self._assigner.confirm(changed)
        await self._assigner.release(before, changed)

    def _decided(self, before: Case | None, after: Case) -> tuple[Case, list[Event]]:
        policy = self._rules.policy_of(after.policy_version)
        return events.decision_events(before, after, policy, self._rules.calendar, new_id)

    def subscriptions(self) -> Subscriptions:
        return {
            ConsultationSubmitted: self.on_consultation_submitted,
            ConsultationAcknowledged: self.on_consultation_moved,
            ConsultationAnswered: self.on_consultation_moved,
            ConsultationQuestionAsked: self.on_consultation_moved,
            ConsultationReplyReceived: self.on_consultation_moved,
            ConsultationClosed: self.on_consultation_moved,
            ConsultationReopened: self.on_consultation_moved,
            ConsultationWithdrawn: self.on_consultation_moved,
            ConsultationRejected: self.on_consultation_moved,
            ConsultationErased: self.on_consultation_moved,
            ConsultationTransferRequested: self.on_consultation_moved,
            ConsultationEscalationRequested: self.on_consultation_moved,
        }


def _goes_to_desk(before: Case, changed: Case) -> bool:
    return before.attention != "dpmd" and changed.attention == "dpmd"
