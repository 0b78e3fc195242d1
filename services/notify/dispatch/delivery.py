"""One alert that is in hand: the decision about it, the attempt, the record of how that went.

It waits twice: in line, until it is among the few about whom is decided, and for its turn. So what
was decided is fresh when its turn comes, however many are in hand, and nobody decides, which takes
as long as some questions to the store and to intake, while a turn is held.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from services.notify.channels.base import HELD_BACK, Channel, Moved, NotSent, Order
from services.notify.dispatch.address_limit import AddressLimit
from services.notify.dispatch.decider import DeliveryDecider
from services.notify.dispatch.work_queue import Slot
from services.notify.domain.alert import (
    NO_CHANNEL,
    Alert,
    Entry,
    held,
    lined_up,
    sent,
    suppressed,
    unreachable,
)
from services.notify.domain.delivery_decision import Deliver, GiveUp, Hold, Suppress
from services.notify.domain.recipients import LOG, LOG_ONLY
from services.notify.domain.retry_policy import Refusal, not_sent
from services.notify.messages.renderer import Renderer
from services.notify.ports import Alerts
from shared import metrics
from shared.errors import Conflict, KlikError, describe
from shared.events import Event
from shared.storage.retrying import retry_while_unavailable
from shared.times import new_id

log = logging.getLogger(__name__)

#: A decision that is older when its turn comes is made anew: who sent STOP meanwhile is not told.
DECISION_FRESH = timedelta(seconds=1)
#: How many are decided about at once, for each turn that there is: so many have theirs within a
#: second, where a provider takes less than an eighth of one.
DECIDED_PER_TURN = 8

Outcome = tuple[Alert, Event | None]
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _InHand:
    """An alert, and what was decided about it last, where it is to be sent."""

    alert: Alert
    decision: Deliver | None = None
    fresh_until: datetime = _LONG_AGO

    @property
    def channel(self) -> str:
        """That it is to go by."""
        return self.alert.channel or NO_CHANNEL

    @property
    def channels(self) -> int:
        """That there are to be tried, as far as it is known."""
        return self.decision.channels if self.decision else self.alert.step + 1


class Delivery:
    def __init__(
        self,
        alerts: Alerts,
        decider: DeliveryDecider,
        channels: Mapping[str, Channel],
        texts: Renderer,
        clock: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
        retry_scale: float = 1.0,
        by_address: AddressLimit | None = None,
    ) -> None:
        """`by_address`: how much requesters are told. `jitter`: from 0 to 1, by chance, for the
        waiting times; `retry_scale` multiplies them."""
        self.channels = channels
        self._alerts = alerts
        self._decider = decider
        self._texts = texts
        self._clock = clock
        self._jitter = jitter
        self._retry_scale = retry_scale
        self._by_address = by_address or AddressLimit()
        self._turns = {name: asyncio.Semaphore(one.at_once) for name, one in channels.items()}
        self._lines = {
            name: asyncio.Semaphore(one.at_once * DECIDED_PER_TURN)
            for name, one in channels.items()
        }

    async def run(self, alert: Alert, slot: Slot) -> None:
        """Raises nothing: what fails is looked at again when the lease runs out."""
        try:
            await self._save(alert, *await self._outcome(self._noticed(alert), slot))
        except Conflict:
            log.info("another process has the alert", extra={"alert": alert.id})
        except KlikError as error:
            # its lease runs out, and somebody looks at it again
            log.warning("alert waits", extra={"alert": alert.id, "error": describe(error)})
        except Exception as error:
            log.exception("alert failed", extra={"alert": alert.id, "error": describe(error)})

    def _noticed(self, alert: Alert) -> Alert:
        """A lease after a lease: its process died, perhaps after the provider took the message."""
        if alert.claims < 2:
            return alert
        metrics.TAKEOVERS.inc()
        log.warning("alert taken over", extra={"alert": alert.id, "claims": alert.claims})
        entry = Entry(self._clock(), "taken_over", channel=alert.channel)
        return replace(alert, log=(*alert.log, entry))

    async def _outcome(self, alert: Alert, slot: Slot) -> Outcome:
        """What became of it. Raises `Conflict` where somebody else took it over."""
        this = _InHand(alert)
        try:
            return await self._worked(this, slot)
        except NotSent as failure:
            refusal = Refusal(
                failure.reason,
                lasting=failure.permanent or failure.address_is_bad,
                retry_after=failure.retry_after,
                counts=failure.reason not in HELD_BACK,
            )
        except KlikError:
            raise
        except TimeoutError:
            refusal = Refusal("timeout", lasting=False)
        except Exception as error:
            # a text without a template, a sender with a fault: mended by a deployment, perhaps
            log.exception("attempt failed", extra={"alert": alert.id, "error": describe(error)})
            refusal = Refusal(f"error_{type(error).__name__}", lasting=False)
        return self._refused(this.alert, refusal, this.channels)

    async def _worked(self, this: _InHand, slot: Slot) -> Outcome:
        if this.alert.channel not in self.channels:
            decided = await self._decided(this)
            if not isinstance(decided, Deliver):
                return decided
        # again where it is to go another way than it was in line for
        while slot.move(this.channel):
            channel = this.channel
            async with self._lines[channel]:
                decided = await self._decided(this)
                if not isinstance(decided, Deliver):
                    return decided
                if this.channel == channel and (over := await self._in_turn(this, slot)):
                    return over
        return lined_up(this.alert, self._clock()), None

    async def _in_turn(self, this: _InHand, slot: Slot) -> Outcome | None:
        """None where it is to go another way now."""
        channel = this.channel
        async with self._turns[channel]:
            await slot.make_sure()
            decided = await self._decided(this)
            if not isinstance(decided, Deliver):
                return decided
            return await self._attempted(this.alert, decided) if this.channel == channel else None

    async def _decided(self, this: _InHand) -> Deliver | Outcome:
        """To send it, by a decision that is fresh now; what became of it where it is not sent."""
        if this.decision and self._clock() <= this.fresh_until:
            return this.decision
        this.alert, decision = await self._decider.decide(this.alert)
        if not isinstance(decision, Deliver):
            return self._without_attempt(this.alert, decision)
        this.decision, this.fresh_until = decision, self._clock() + DECISION_FRESH
        return decision

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

    async def _attempted(self, alert: Alert, decision: Deliver) -> Outcome:
        address = decision.address
        is_counted = alert.recipient_kind == "requester" and address.channel != LOG
        with self._by_address.counting(address) if is_counted else nullcontext():
            provider_id = await self._told(alert, decision)
        if address.channel == LOG:
            return suppressed(alert, LOG_ONLY, event_id=new_id(), now=self._clock())
        return sent(alert, provider_id=provider_id, event_id=new_id(), now=self._clock())

    async def _told(self, alert: Alert, decision: Deliver) -> str | None:
        """The provider's id for it."""
        message = self._texts.render(decision.facts, decision.language)
        order = Order(alert.order_id, decision.address.value, message, alert.thread)
        try:
            return await self._sent(decision.address.channel, order)
        except Moved as moved:
            await self._decider.moved(alert, decision.address, moved.address)
            order = replace(order, address=moved.address)
            return await self._sent(decision.address.channel, order)

    async def _sent(self, channel: str, order: Order) -> str | None:
        sender = self.channels[channel]
        async with asyncio.timeout(sender.timeout):
            return await sender.send(order)

    async def _save(self, before: Alert, after: Alert, event: Event | None) -> None:
        """Raises `Conflict` where another process has the alert by now.

        Nobody else knows what a provider said, so a database away is waited for.
        """
        try:
            await retry_while_unavailable(partial(self._alerts.save, before, after, event))
        except Conflict:
            # an earlier try got through although its answer was lost
            known = await retry_while_unavailable(partial(self._alerts.get, after.id))
            if known is None or (known.version, known.log) != (after.version, after.log):
                raise
