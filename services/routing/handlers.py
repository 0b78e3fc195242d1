"""What routing listens to: a consultation to find an officer for, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime

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
from shared.ids import new_id
from shared.messaging.consumer import Subscriptions
from shared.times import local_day

#: Tries to get a change in between those of others.
TRIES = 10


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

    async def on_acknowledged(self, event: ConsultationAcknowledged) -> None:
        await self._hear(event)

    async def on_answered(self, event: ConsultationAnswered) -> None:
        await self._hear(event)

    async def on_question_asked(self, event: ConsultationQuestionAsked) -> None:
        await self._hear(event)

    async def on_reply_received(self, event: ConsultationReplyReceived) -> None:
        await self._hear(event)

    async def on_closed(self, event: ConsultationClosed) -> None:
        await self._hear(event)

    async def on_reopened(self, event: ConsultationReopened) -> None:
        await self._hear(event)

    async def on_withdrawn(self, event: ConsultationWithdrawn) -> None:
        await self._hear(event)

    async def on_rejected(self, event: ConsultationRejected) -> None:
        await self._hear(event)

    async def on_transfer_requested(self, event: ConsultationTransferRequested) -> None:
        await self._hear(event)

    async def on_escalation_requested(self, event: ConsultationEscalationRequested) -> None:
        await self._hear(event)

    async def _hear(self, event: ConsultationMoved) -> None:
        for _ in range(TRIES):
            case = await self._cases.get(event.consultation)
            if case is None:
                raise TryLater("no such case yet")
            changed = with_fact(case, event)
            if changed is None:
                metrics.DUPLICATES.labels(event.type()).inc()
                return
            try:
                return await self._keep(case, changed, event)
            except Conflict:
                continue
        raise TryLater("others kept changing the case")

    async def _keep(self, before: Case, changed: Case, event: ConsultationMoved) -> None:
        """Save what was heard, with an officer where one is wanted."""
        now, requested = self._clock(), list[Event]()
        if changed.state == "held":
            changed = await self._assigner.assign(changed, now)
        if isinstance(event, ConsultationEscalationRequested) and _goes_to_desk(before, changed):
            requested.append(events.escalation_event(before, changed, event, now, new_id))
        changed, decided = self._decided(before, changed)
        await self._cases.save(changed, [*requested, *decided])
        self._assigner.confirm(changed)
        await self._assigner.release(before, changed)

    def _decided(self, before: Case | None, after: Case) -> tuple[Case, list[Event]]:
        policy = self._rules.policy_of(after.policy_version)
        return events.decision_events(before, after, policy, self._rules.calendar, new_id)

    def subscriptions(self) -> Subscriptions:
        return {
            ConsultationSubmitted: self.on_consultation_submitted,
            ConsultationAcknowledged: self.on_acknowledged,
            ConsultationAnswered: self.on_answered,
            ConsultationQuestionAsked: self.on_question_asked,
            ConsultationReplyReceived: self.on_reply_received,
            ConsultationClosed: self.on_closed,
            ConsultationReopened: self.on_reopened,
            ConsultationWithdrawn: self.on_withdrawn,
            ConsultationRejected: self.on_rejected,
            ConsultationTransferRequested: self.on_transfer_requested,
            ConsultationEscalationRequested: self.on_escalation_requested,
        }


def _goes_to_desk(before: Case, changed: Case) -> bool:
    return before.attention != "dpmd" and changed.attention == "dpmd"
