"""What notify listens to: somebody got a case and must be told."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from services.notify.domain import (
    Alert,
    alert_id,
    claim_again,
    first_claim,
    is_over,
    not_sent,
    sent,
)
from services.notify.senders.base import NotSent
from shared import metrics
from shared.errors import Conflict, StoreUnavailable, TryLater
from shared.events import CaseAssigned, Event
from shared.ids import new_id
from shared.messaging import Subscriptions


class Alerts(Protocol):
    async def get(self, id_: str) -> Alert | None: ...
    async def add(self, alert: Alert) -> bool: ...
    async def save(self, alert: Alert, event: Event | None) -> None: ...


class Recipients(Protocol):
    async def address(self, recipient: str, channel: str) -> str | None: ...


class Sender(Protocol):
    channel: str

    async def send(self, alert: Alert, address: str | None) -> str | None: ...


#: Seconds between attempts to record what a provider said, and how long to go on trying.
RECORD_INTERVAL = 0.5
RECORD_AT_MOST = 300.0
#: Seconds that a stop waits for them.
FINISH_AT_MOST = 5.0


class Handlers:
    """Claim, send, record. The claim is a document, so that of many deliveries one sends.

    RabbitMQ may take a message back in mid-handling, when its link breaks, and deliver it again.
    So the three moves are a task of their own, which goes on, and which a second delivery joins.
    """

    def __init__(
        self,
        alerts: Alerts,
        recipients: Recipients,
        sender: Sender,
        clock: Callable[[], datetime],
    ) -> None:
        self._alerts = alerts
        self._recipients = recipients
        self._sender = sender
        self._clock = clock
        self._owner = new_id().hex
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def on_case_assigned(self, event: CaseAssigned) -> None:
        id_ = alert_id(event.id, event.officer, self._sender.channel)
        task = self._under_way.get(id_)
        if task is None:
            task = asyncio.create_task(self._deliver(event))
            self._under_way[id_] = task
            task.add_done_callback(lambda _: self._under_way.pop(id_, None))
        await asyncio.shield(task)

    async def _deliver(self, event: CaseAssigned) -> None:
        alert = await self._claim(event)
        if alert is None:
            metrics.DUPLICATES.labels(event.type()).inc()
            return
        after, told = await self._attempt(alert)
        await self._record(after, told)
        if told is None:
            raise TryLater(f"not sent: {after.because}")

    async def _claim(self, event: CaseAssigned) -> Alert | None:
        """The alert, ours to send now; None where that is over. Another's: `TryLater`."""
        alert = first_claim(event, self._sender.channel, self._owner, self._clock())
        if await self._alerts.add(alert):
            return alert
        known = await self._alerts.get(alert.id)
        if known is not None and is_over(known):
            return None
        again = claim_again(known, self._owner, self._clock()) if known else None
        if again is None:
            raise TryLater("another process is sending this alert")
        try:
            await self._alerts.save(again, None)
        except Conflict:
            raise TryLater("another process took this alert") from None
        return again

    async def _attempt(self, alert: Alert) -> tuple[Alert, Event | None]:
        try:
            address = await self._recipients.address(alert.recipient, alert.channel)
            provider_id = await self._sender.send(alert, address)
        except NotSent as failure:
            return not_sent(
                alert,
                because=failure.because,
                permanent=failure.permanent,
                event_id=new_id(),
                now=self._clock(),
            )
        return sent(alert, provider_id=provider_id, event_id=new_id(), now=self._clock())

    async def _record(self, alert: Alert, event: Event | None) -> None:
        """Write what the provider said; nobody else knows it, so a database away is waited for."""
        give_up = time.monotonic() + RECORD_AT_MOST
        while True:
            try:
                return await self._alerts.save(alert, event)
            except StoreUnavailable:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(RECORD_INTERVAL)
            except Conflict:
                # an earlier try got through although its answer was lost
                known = await self._alerts.get(alert.id)
                if known is None or known.version != alert.version:
                    raise
                return None

    async def finish(self) -> None:
        """Wait for alerts being sent whose delivery was taken back; each has its own timeout."""
        if self._under_way:
            await asyncio.wait(list(self._under_way.values()), timeout=FINISH_AT_MOST)

    def subscriptions(self) -> Subscriptions:
        return {
            CaseAssigned: self.on_case_assigned,
        }
