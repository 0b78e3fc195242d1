"""What notify listens to: whatever somebody is told of. It only queues; the dispatcher sends."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from cachetools import LRUCache

from services.notify.domain.alert import Alert, forgotten, joined, receipt_id, with_receipt
from services.notify.domain.audience import (
    REQUESTER,
    audience,
    needs_case,
    queued,
    readers,
    summarised,
    takes_away,
)
from services.notify.domain.delivery_decision import is_assignment, is_receipt, may_be_joined
from services.notify.domain.recipients import Directory, first_channel
from services.notify.ports import Alerts, CaseViews, Dispatcher, Recipients
from shared import metrics
from shared.errors import Conflict, TryLater
from shared.events import (
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationErased,
    ConsultationEvent,
    ConsultationLinkRequested,
    ConsultationQuestionAsked,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationSubmitted,
    ConsultationWithdrawn,
    ReportSummarised,
)
from shared.messaging.consumer import Subscriptions
from shared.storage.retrying import retry_on_conflict
from shared.times import new_id

#: Consultations of which the handlers remember that their requesters left no contact.
IDS_CACHED = 20_000
#: Receipts that the handlers remember as they kept them, for the assignment: of some seconds.
RECEIPTS_CACHED = 2_000


class Handlers:
    def __init__(
        self,
        alerts: Alerts,
        cases: CaseViews,
        recipients: Recipients,
        dispatcher: Dispatcher,
        clock: Callable[[], datetime],
        receipt_wait: timedelta,
    ) -> None:
        """`receipt_wait`: how long a receipt waits for the assignment, to be told with it."""
        self._alerts = alerts
        self._cases = cases
        self._recipients = recipients
        self._dispatcher = dispatcher
        self._clock = clock
        self._receipt_wait = receipt_wait
        self._unreachable: LRUCache[UUID, None] = LRUCache(IDS_CACHED)
        self._receipts: LRUCache[str, Alert] = LRUCache(RECEIPTS_CACHED)

    async def tell_of_submission(self, event: ConsultationSubmitted) -> None:
        """As `tell`. Of whom nothing reaches no alert is kept: most of the store's work.

        Only a short cut: what another replica heard, or this one forgot, the dispatcher finds out
        and keeps as suppressed.
        """
        if event.reachable is False:
            self._unreachable[event.consultation] = None
        if event.consultation not in self._unreachable:
            await self.tell(event)

    async def tell(self, event: ConsultationEvent) -> None:
        """Note what `event` says of the case, then queue an alert for each of its audience."""
        # what it changes is noted last where it says who is told: a crash repeats all of it
        case = await self._cases.get(event.consultation) if takes_away(event) else None
        if case is None:
            await self._cases.note(event)
        if needs_case(event):
            case = await self._cases.get(event.consultation)
            if case is None or case.case_sequence == 0:
                raise TryLater("whose case it is has not been told yet")
        now = self._clock()
        directory = await self._recipients.directory()
        await asyncio.gather(
            *(
                self._queue(queued(event, one, case, new_id(), now, self._receipt_wait), directory)
                for one in audience(event, case, directory)
            )
        )
        if takes_away(event):
            await self._cases.note(event)

    async def forget(self, event: ConsultationErased) -> None:
        """Nobody is told of the case any more, and nothing leads to who asked."""
        await self._cases.note(event)
        for alert in await self._alerts.of_consultation(event.consultation):
            if alert.state == "claimed":
                raise TryLater("an alert of it is on its way")
            after, told = forgotten(alert, event_id=new_id(), now=self._clock())
            if after == alert:
                continue
            try:
                await self._alerts.save(alert, after, told)
            except Conflict:
                raise TryLater("an alert of it was taken up") from None

    async def tell_summary(self, event: ReportSummarised) -> None:
        now = self._clock()
        directory = await self._recipients.directory()
        for one in readers(event.summary, directory):
            await self._queue(summarised(event, one, new_id(), now), directory)

    async def _queue(self, alert: Alert, directory: Directory) -> None:
        if alert.recipient == REQUESTER and alert.consultation in self._unreachable:
            return
        channel = first_channel(alert, directory, self._dispatcher.channels)
        alert = replace(alert, channel=channel)
        kept = await (self._join(alert) if is_assignment(alert) else self._add(alert))
        if kept is None:
            metrics.DUPLICATES.labels(alert.event).inc()
            return
        if is_receipt(kept):
            self._receipts[kept.id] = kept
        self._dispatcher.added(kept)

    async def _add(self, alert: Alert) -> Alert | None:
        """What is kept; None where another delivery of its cause was first."""
        return alert if await self._alerts.add(alert) else None

    async def _join(self, assignment: Alert) -> Alert | None:
        """As `_add`: in the place of the receipt, where that was not heard of or still waits."""
        id_ = receipt_id(assignment.consultation)
        known = self._receipts.pop(id_, None)

        async def join(known: Alert | None = None) -> Alert | None:
            receipt = known or await self._alerts.get(id_)
            if receipt is None:
                return await self._add(with_receipt(assignment, id_)) or await join()
            if receipt.cause == assignment.cause:
                return None
            if not may_be_joined(receipt):
                return await self._add(assignment)
            after = joined(receipt, assignment, self._clock())
            await self._alerts.save(receipt, after, None)
            return after

        try:
            return await join(known)
        except Conflict:  # it was taken up meanwhile, or joined by another delivery
            return await retry_on_conflict(join)

    def subscriptions(self) -> Subscriptions:
        return {
            ConsultationSubmitted: self.tell_of_submission,
            ConsultationAnswered: self.tell,
            ConsultationQuestionAsked: self.tell,
            ConsultationReplyReceived: self.tell,
            ConsultationClosed: self.tell,
            ConsultationReopened: self.tell,
            ConsultationWithdrawn: self.tell,
            ConsultationRejected: self.tell,
            ConsultationErased: self.forget,
            ConsultationLinkRequested: self.tell,
            CaseAssigned: self.tell,
            CaseHeld: self.tell,
            CaseReminderDue: self.tell,
            CaseDeadlineMissed: self.tell,
            CaseEscalated: self.tell,
            ReportSummarised: self.tell_summary,
        }
