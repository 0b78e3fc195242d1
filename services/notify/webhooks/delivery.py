"""One delivery: the subscription's secrets opened, the event signed with them and posted."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from services.notify.domain.alert import Alert, Entry, alert_id, code_of
from services.notify.webhooks import event_log
from services.notify.webhooks.domain.subscription import Outcome, Subscription
from shared.errors import describe
from shared.events import Event
from shared.ids import new_id
from shared.times import local

log = logging.getLogger(__name__)

TEST_TYPE = "klikdesa.webhook.test.v1"
PAUSED = "webhook_paused"


class Client(Protocol):
    async def send(
        self, url: str, secrets: Sequence[str], entry: event_log.Entry, now: datetime
    ) -> Outcome: ...


class Sealer(Protocol):
    def open(self, subscription: str, sealed: bytes) -> str: ...


class Alerts(Protocol):
    async def add(self, alert: Alert, event: Event | None = None) -> bool: ...


class Delivery:
    def __init__(self, client: Client, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        """`clock`: the wall's, since receivers compare the time in the signature with theirs."""
        self._client = client
        self._sealer = sealer
        self._clock = clock

    async def deliver(self, subscription: Subscription, entry: event_log.Entry) -> Outcome:
        """Raises `sealing.Unreadable`; whatever the endpoint does is in the outcome."""
        now = self._clock()
        secrets = [
            self._sealer.open(str(subscription.id), one.sealed) for one in subscription.signing(now)
        ]
        try:
            return await self._client.send(subscription.url, secrets, entry, now)
        except Exception as error:
            # a fault of ours, which this endpoint or event brings out: it holds up nobody else
            log.exception(
                "webhook attempt failed",
                extra={"webhook": str(subscription.id), "error": describe(error)},
            )
            return Outcome(code_of(f"error_{type(error).__name__}"))

    async def test(self, subscription: Subscription) -> Outcome:
        """Send something that tells of nothing, in the form of an event."""
        return await self.deliver(subscription, a_test(subscription.id, new_id(), self._clock()))


def a_test(subscription: UUID, id_: UUID, now: datetime) -> event_log.Entry:
    body = f'{{"id":"{id_}","webhook":"{subscription}","time":"{local(now).isoformat()}"}}'
    return event_log.Entry(id_, TEST_TYPE, "", body)


class PauseAlerts:
    """Tells the owner's contact of a pause that nobody asked for."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    async def tell(self, subscription: Subscription, now: datetime) -> None:
        if subscription.contact is not None:
            await self._alerts.add(paused_alert(subscription, subscription.contact, new_id(), now))


def paused_alert(subscription: Subscription, contact: str, order: UUID, now: datetime) -> Alert:
    """One for each pause, however often a process dies while it is written down: resuming raises
    the version."""
    progress = subscription.progress
    at = f"{progress.position.page}.{progress.position.index}"
    name = f"klikdesa:webhook:{subscription.id}:{subscription.version}:{progress.because}:{at}"
    cause = uuid5(NAMESPACE_URL, name)
    return Alert(
        id=alert_id(cause, contact),
        order=str(order),
        version=1,
        state="queued",
        event=PAUSED,
        cause=cause,
        cause_sequence=1,
        caused_at=now,
        consultation=None,
        region=None,
        recipient=contact,
        recipient_kind="owner",
        rule="owns_the_webhook",
        created_at=now,
        next_at=now,
        log=(Entry(now, "queued", code="owns_the_webhook"),),
    )
