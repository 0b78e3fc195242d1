"""What notify listens to: somebody got a case and must be told."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from services.notify.domain import Alert, claim_again, first_claim, is_over, not_sent, sent
from services.notify.senders import NotSent, Sender
from shared import metrics
from shared.errors import Conflict, TryLater
from shared.events import CaseAssigned, Event
from shared.ids import new_id
from shared.messaging import Subscriptions


class Alerts(Protocol):
    async def get(self, id_: str) -> Alert | None: ...
    async def add(self, alert: Alert) -> bool: ...
    async def save(self, alert: Alert, event: Event | None) -> None: ...


class Recipients(Protocol):
    async def address(self, recipient: str, channel: str) -> str | None: ...


class Handlers:
    """Claim, send, record. The claim is a document, so that of many deliveries one sends."""

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

    async def on_case_assigned(self, event: CaseAssigned) -> None:
        alert = await self._claim(event)
        if alert is None:
            metrics.DUPLICATES.labels(event.type()).inc()
            return
        after, told = await self._attempt(alert)
        await self._alerts.save(after, told)
        if told is None:
            raise TryLater(f"not sent: {after.because}")

    async def _claim(self, event: CaseAssigned) -> Alert | None:
        """The alert, ours to send now; None where that is over. Somebody else's: `TryLater`."""
        alert = first_claim(event, self._sender.channel, self._clock())
        if await self._alerts.add(alert):
            return alert
        known = await self._alerts.get(alert.id)
        if known is not None and is_over(known):
            return None
        again = claim_again(known, self._clock()) if known else None
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

    def subscriptions(self) -> Subscriptions:
        return {
            CaseAssigned: self.on_case_assigned,
        }
