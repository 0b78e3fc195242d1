"""Sends alerts: at once those that this process just wrote, and whatever else is due.

Runs in every replica. An alert is leased for a while, tried, and recorded together with the event
that tells how it ended. RabbitMQ has no part in it: an attempt may be a day after the message.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from services.notify.channels.base import (
    BUSY,
    CIRCUIT_OPEN,
    HELD_BACK,
    Channel,
    Moved,
    NotSent,
    Order,
)
from services.notify.dispatch.decider import DeliveryDecider
from services.notify.dispatch.lanes import Admission, Lane
from services.notify.domain.alert import Alert, Entry, held, sent, suppressed, unreachable
from services.notify.domain.delivery_decision import Deliver, GiveUp, Hold, Suppress
from services.notify.domain.message import Message
from services.notify.domain.recipients import LOG, LOG_ONLY, Directory, first_channel
from services.notify.domain.retry_policy import Refusal, not_sent
from services.notify.messages.renderer import Renderer
from services.notify.ports import Alerts
from shared import metrics
from shared.errors import Conflict, KlikError, StoreUnavailable, describe
from shared.events import Event
from shared.periodic import PeriodicTask
from shared.storage.retrying import retry_while_unavailable
from shared.times import new_id

log = logging.getLogger(__name__)

#: How long the lease on an alert holds: so what a dead process had is soon taken over.
LEASE = timedelta(seconds=30)
#: It is renewed after this long, for as long as its process lives: a provider may take its time,
#: and one renewal may fail.
RENEW_EVERY = LEASE / 3
#: Seconds between looks at what is due.
SWEEP_INTERVAL_SECONDS = 1.0
#: Seconds that a stop waits for attempts under way.
STOP_TIMEOUT_SECONDS = 5.0

Outcome = tuple[Alert, Event | None]


class Delivery:
    """One leased alert: the decision about it, the attempt, the record of how that went."""

    def __init__(
        self,
        alerts: Alerts,
        decider: DeliveryDecider,
        senders: Mapping[str, Channel],
        texts: Renderer,
        clock: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
        retry_scale: float = 1.0,
    ) -> None:
        """`jitter`: from 0 to 1, by chance, for the waiting times; `retry_scale` multiplies
        them."""
        self._alerts = alerts
        self._decider = decider
        self._senders = senders
        self._texts = texts
        self._clock = clock
        self._jitter = jitter
        self._retry_scale = retry_scale
        self.lanes = {name: _lane(sender) for name, sender in senders.items()}

    async def run(self, alert: Alert) -> None:
        """Raises nothing: what fails is looked at again when the lease runs out."""
        try:
            # the turn ends when the outcome is recorded: a crash doubles no more than was under way
            async with AsyncExitStack() as turn:
                await save_outcome(self._alerts, *await self._outcome(alert, turn))
        except Conflict:
            log.info("another process has the alert", extra={"alert": alert.id})
        except KlikError as error:
            # its lease runs out, and somebody looks at it again
            log.warning("alert waits", extra={"alert": alert.id, "error": describe(error)})
        except Exception as error:
            log.exception("alert failed", extra={"alert": alert.id, "error": describe(error)})

    async def _outcome(self, alert: Alert, turn: AsyncExitStack) -> Outcome:
        """What became of it. Raises `Conflict` where somebody else took it over."""
        channels = alert.step + 1
        try:
            alert, decision = await self._decider.decide(alert)
            if not isinstance(decision, Deliver):
                return self._without_attempt(alert, decision)
            channels = decision.channels
            message = self._texts.render(decision.facts, decision.language)
            return await self._attempted(alert, decision, message, turn)
        except NotSent as failure:
            refusal = Refusal(
                failure.reason,
                lasting=failure.permanent or failure.address_is_bad,
                retry_after=failure.retry_after,
                counts=failure.reason not in HELD_BACK,
                in_line=failure.reason in (BUSY, CIRCUIT_OPEN),
            )
        except KlikError:
            raise
        except TimeoutError:
            refusal = Refusal("timeout", lasting=False)
        except Exception as error:
            # a text without a template, a sender with a fault: mended by a deployment, perhaps
            log.exception("attempt failed", extra={"alert": alert.id, "error": describe(error)})
            refusal = Refusal(f"error_{type(error).__name__}", lasting=False)
        return self._refused(alert, refusal, channels)

    def _without_attempt(self, alert: Alert, decision: Hold | Suppress | GiveUp) -> Outcome:
        now = self._clock()
        if isinstance(decision, Hold):
            return held(alert, decision.until, now, decision.reason), None
        if isinstance(decision, Suppress):
            return suppressed(alert, decision.reason, event_id=new_id(), now=now)
        return unreachable(alert, decision.reason, event_id=new_id(), now=now)

    def _refused(self, alert: Alert, refusal: Refusal, channels: int) -> Outcome:
        return not_sent(
            alert,
            refusal,
            channels=channels,
            jitter=self._jitter(),
            scale=self._retry_scale,
            event_id=new_id(),
            now=self._clock(),
        )

    async def _attempted(
        self, alert: Alert, decision: Deliver, message: Message, turn: AsyncExitStack
    ) -> Outcome:
        await turn.enter_async_context(self.lanes[decision.address.channel].turn())
        alert = await refreshed(self._alerts, alert, self._clock)
        await turn.enter_async_context(renewing(self._alerts, alert, self._clock))
        order = Order(alert.order_id, decision.address.value, message, alert.thread)
        try:
            provider_id = await self._sent(decision.address.channel, order)
        except Moved as moved:
            await self._decider.moved(alert, decision.address, moved.address)
            order = replace(order, address=moved.address)
            provider_id = await self._sent(decision.address.channel, order)
        if decision.address.channel == LOG:
            return suppressed(alert, LOG_ONLY, event_id=new_id(), now=self._clock())
        return sent(alert, provider_id=provider_id, event_id=new_id(), now=self._clock())

    async def _sent(self, channel: str, order: Order) -> str | None:
        sender = self._senders[channel]
        async with asyncio.timeout(sender.timeout):
            return await sender.send(order)


def _lane(sender: Channel) -> Lane:
    return Lane(sender.at_once, lambda: sender.rest)


async def save_outcome(alerts: Alerts, alert: Alert, event: Event | None) -> None:
    """Save it with its event. Raises `Conflict` where another process has the alert by now.

    Nobody else knows what a provider said, so a database away is waited for.
    """
    try:
        await retry_while_unavailable(partial(alerts.save, alert, event))
    except Conflict:
        # an earlier try got through although its answer was lost
        known = await retry_while_unavailable(partial(alerts.get, alert.id))
        if known is None or (known.version, known.log) != (alert.version, alert.log):
            raise


async def refreshed(alerts: Alerts, alert: Alert, clock: Callable[[], datetime]) -> Alert:
    """The alert with a lease that is fresh, after however long in line.

    Raises `Conflict` where the lease ran out and somebody else has it.
    """
    now = clock()
    if alert.next_at is not None and alert.next_at - now > LEASE - RENEW_EVERY:
        return alert
    if not await alerts.renew(alert, now + LEASE):
        raise Conflict(f"alert {alert.id} was taken over")
    return replace(alert, next_at=now + LEASE)


@contextlib.asynccontextmanager
async def renewing(
    alerts: Alerts,
    alert: Alert,
    clock: Callable[[], datetime],
    every: timedelta = RENEW_EVERY,
) -> AsyncGenerator[None, None]:
    """Renew the lease until the block ends, or what became of the alert is recorded."""
    renewals = asyncio.create_task(_renew(alerts, alert, clock, every))
    try:
        yield
    finally:
        renewals.cancel()
        await asyncio.wait([renewals])


async def _renew(
    alerts: Alerts, alert: Alert, clock: Callable[[], datetime], every: timedelta
) -> None:
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            if not await alerts.renew(alert, clock() + LEASE):
                return
        except StoreUnavailable:
            log.warning("lease not renewed", extra={"alert": alert.id})


class Dispatcher:
    """Which alerts: those that handlers offer, and in a loop those that are due."""

    def __init__(self, alerts: Alerts, delivery: Delivery, clock: Callable[[], datetime]) -> None:
        self._alerts = alerts
        self._delivery = delivery
        self._clock = clock
        self._in_flight: set[asyncio.Task[None]] = set()
        self._admission = Admission(delivery.lanes, self._in_flight)
        self._looking = PeriodicTask("alerts", self.tick, SWEEP_INTERVAL_SECONDS)
        self._owner = new_id().hex

    # what handlers use

    def leased(self, alert: Alert, directory: Directory) -> Alert:
        """A new alert, leased by this process where it has room for it.

        What would have to wait at its channel is called when there is room, or comes in its time;
        so does what has a time of its own.
        """
        if alert.state == "waiting":
            return alert
        alert = replace(alert, channel=first_channel(alert, directory, self._delivery.lanes))
        if wait := self._admission.put_off(alert.channel):
            return replace(alert, next_at=self._clock() + wait)
        if not self._looking.running:
            return alert
        self._admission.bind(alert.channel)
        until = self._clock() + LEASE
        return replace(alert, state="claimed", claimed_by=self._owner, claims=1, next_at=until)

    def offer(self, alert: Alert) -> None:
        """Send what was just written, where it was leased above."""
        if alert.state == "claimed":
            self._take_on(alert)

    def recall(self, alert: Alert) -> None:
        """Send what this process had written and leased without ever hearing that it had."""
        in_flight = {task.get_name() for task in self._in_flight}
        if (alert.state, alert.claimed_by) == (
            "claimed",
            self._owner,
        ) and alert.id not in in_flight:
            self._take_on(alert)

    # the loop

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        """Attempts under way are finished; what is not is taken over when its lease runs out."""
        await self._looking.stop()
        if self._in_flight:
            await asyncio.wait(list(self._in_flight), timeout=STOP_TIMEOUT_SECONDS)

    async def tick(self) -> int:
        """Take in hand what is due, and where there is room then, who waits for that; how many."""
        most, at = self._admission.places()
        if not most:
            return 0
        now = self._clock()
        taken = await self._alerts.take_due(now, LEASE, most, at)
        self._take_up(taken)
        number = len(taken)
        for channel, waiting, places in self._admission.calls():
            taken, last = await self._alerts.call(channel, waiting.ahead, now, LEASE, places)
            waiting.called(last)
            self._take_up(taken)
            number += len(taken)
        return number

    async def settle(self) -> None:
        """Until nothing is in hand; for tests."""
        while self._in_flight:
            await asyncio.wait(list(self._in_flight))

    def _take_up(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            self._admission.bind(alert.channel)
            self._take_on(self._noticed(alert))

    def _noticed(self, alert: Alert) -> Alert:
        """A lease after a lease: its process died, perhaps after the provider took the message."""
        if alert.claims < 2:
            return alert
        metrics.TAKEOVERS.inc()
        log.warning("alert taken over", extra={"alert": alert.id, "claims": alert.claims})
        entry = Entry(self._clock(), "taken_over", channel=alert.channel)
        return replace(alert, log=(*alert.log, entry))

    def _take_on(self, alert: Alert) -> None:
        task = asyncio.create_task(self._delivery.run(alert), name=alert.id)
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
