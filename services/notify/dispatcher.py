"""Sends alerts: at once those that this process just wrote, and whatever else is due.

Runs in every replica. An alert is claimed for a while, tried, and recorded together with the event
that tells how it ended. RabbitMQ has no part in it: an attempt may be a day after the message.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from services.notify import claims, domain, recording
from services.notify.admission import Admission
from services.notify.alert import Alert, Entry
from services.notify.claims import LEASE
from services.notify.directory import Directory
from services.notify.domain import Refusal
from services.notify.message import Message
from services.notify.planning import GiveUp, Go, Hold, Planner, Suppress
from services.notify.recording import record
from services.notify.senders.base import HELD_BACK, NotSent, Order, Sender
from services.notify.texts import Texts
from services.notify.ways import first_channel
from shared import metrics
from shared.errors import Conflict, KlikError, describe
from shared.events import Event
from shared.ids import new_id
from shared.repeating import Repeating

log = logging.getLogger(__name__)

#: Seconds between looks at what is due.
INTERVAL = 1.0
#: Seconds that a stop waits for attempts under way.
FINISH_AT_MOST = 5.0

Outcome = tuple[Alert, Event | None]


class Alerts(recording.Alerts, claims.Alerts, Protocol):
    async def take_due(
        self,
        now: datetime,
        lease: timedelta,
        limit: int,
        at: Mapping[str | None, int] | None = None,
    ) -> list[Alert]: ...


class Dispatcher:
    def __init__(
        self,
        alerts: Alerts,
        planner: Planner,
        senders: Mapping[str, Sender],
        texts: Texts,
        clock: Callable[[], datetime],
        luck: Callable[[], float] = random.random,
        retry_scale: float = 1.0,
    ) -> None:
        """`luck`: from 0 to 1, by chance, for the waiting times; `retry_scale` multiplies them."""
        self._alerts = alerts
        self._planner = planner
        self._senders = senders
        self._texts = texts
        self._clock = clock
        self._luck = luck
        self._retry_scale = retry_scale
        self._in_hand: set[asyncio.Task[None]] = set()
        at_once = {name: sender.at_once for name, sender in senders.items()}
        self._admission = Admission(at_once, self._in_hand)
        self._looking = Repeating("alerts", self.look, INTERVAL)
        self._owner = new_id().hex

    # what handlers use

    def claimed(self, alert: Alert, directory: Directory) -> Alert:
        """A new alert, claimed by this process where it has room for it.

        What would have to wait at its channel is to be looked at when its turn comes.
        """
        alert = replace(alert, channel=first_channel(alert, directory, self._senders))
        if wait := self._admission.put_off(alert.channel):
            return replace(alert, next_at=self._clock() + wait)
        if not self._looking.running:
            return alert
        self._admission.bind(alert.channel)
        return claims.claimed(alert, self._owner, self._clock())

    def offer(self, alert: Alert) -> None:
        """Send what was just written, where it was claimed above."""
        if alert.state == "claimed":
            self._take_in_hand(alert)

    def recall(self, alert: Alert) -> None:
        """Send what this process had written and claimed without ever hearing that it had."""
        in_hand = {task.get_name() for task in self._in_hand}
        if (alert.state, alert.claimed_by) == ("claimed", self._owner) and alert.id not in in_hand:
            self._take_in_hand(alert)

    # the loop

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        """Attempts under way are finished; what is not is taken over when its claim runs out."""
        await self._looking.stop()
        if self._in_hand:
            await asyncio.wait(list(self._in_hand), timeout=FINISH_AT_MOST)

    async def look(self) -> int:
        """Take in hand what is due, as far as there is room; how many alerts that were."""
        most, at = self._admission.places()
        if not most:
            return 0
        taken = await self._alerts.take_due(self._clock(), LEASE, most, at)
        for alert in taken:
            self._admission.bind(alert.channel)
            self._take_in_hand(self._noticed(alert))
        return len(taken)

    async def settle(self) -> None:
        """Until nothing is in hand; for tests."""
        while self._in_hand:
            await asyncio.wait(list(self._in_hand))

    def _noticed(self, alert: Alert) -> Alert:
        """A claim after a claim: its process died, perhaps after the provider took the message."""
        if alert.claims < 2:
            return alert
        metrics.TAKEOVERS.inc()
        log.warning("alert taken over", extra={"alert": alert.id, "claims": alert.claims})
        entry = Entry(self._clock(), "taken_over", channel=alert.channel)
        return replace(alert, log=(*alert.log, entry))

    def _take_in_hand(self, alert: Alert) -> None:
        task = asyncio.create_task(self._deliver(alert), name=alert.id)
        self._in_hand.add(task)
        task.add_done_callback(self._let_go)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self._admission.count()

    # one alert

    async def _deliver(self, alert: Alert) -> None:
        try:
            # the turn ends when the outcome is recorded: a crash doubles no more than was under way
            async with AsyncExitStack() as turn:
                await record(self._alerts, *await self._outcome(alert, turn))
        except Conflict:
            log.info("another process has the alert", extra={"alert": alert.id})
        except KlikError as error:
            # its claim runs out, and somebody looks at it again
            log.warning("alert waits", extra={"alert": alert.id, "error": describe(error)})
        except Exception as error:
            log.exception("alert failed", extra={"alert": alert.id, "error": describe(error)})

    async def _outcome(self, alert: Alert, turn: AsyncExitStack) -> Outcome:
        """What became of it. Raises `Conflict` where somebody else took it over."""
        steps = alert.step + 1
        try:
            alert, plan = await self._planner.plan(alert)
            if not isinstance(plan, Go):
                return self._without_attempt(alert, plan)
            steps = plan.steps
            message = self._texts.render(plan.facts, plan.language)
            return await self._attempted(alert, plan, message, turn)
        except NotSent as failure:
            refusal = Refusal(
                failure.because,
                lasting=failure.permanent or failure.address_is_bad,
                retry_after=failure.retry_after,
                counts=failure.because not in HELD_BACK,
            )
        except KlikError:
            raise
        except TimeoutError:
            refusal = Refusal("timeout", lasting=False)
        except Exception as error:
            # a text without a template, a sender with a fault: mended by a deployment, perhaps
            log.exception("attempt failed", extra={"alert": alert.id, "error": describe(error)})
            refusal = Refusal(f"error_{type(error).__name__}", lasting=False)
        return self._refused(alert, refusal, steps)

    def _without_attempt(self, alert: Alert, plan: Hold | Suppress | GiveUp) -> Outcome:
        now = self._clock()
        if isinstance(plan, Hold):
            return domain.held(alert, plan.until, now), None
        if isinstance(plan, Suppress):
            return domain.suppressed(alert, plan.because, event_id=new_id(), now=now)
        return domain.unreachable(alert, plan.because, event_id=new_id(), now=now)

    def _refused(self, alert: Alert, refusal: Refusal, steps: int) -> Outcome:
        return domain.not_sent(
            alert,
            refusal,
            steps=steps,
            luck=self._luck(),
            scale=self._retry_scale,
            event_id=new_id(),
            now=self._clock(),
        )

    async def _attempted(
        self, alert: Alert, plan: Go, message: Message, turn: AsyncExitStack
    ) -> Outcome:
        await turn.enter_async_context(self._admission.lanes[plan.way.channel].turn())
        alert = await claims.secured(self._alerts, alert, self._clock)
        await turn.enter_async_context(claims.kept(self._alerts, alert, self._clock))
        sender = self._senders[plan.way.channel]
        order = Order(alert.order_id, plan.way.address, message)
        async with asyncio.timeout(sender.timeout):
            provider_id = await sender.send(order)
        return domain.sent(alert, provider_id=provider_id, event_id=new_id(), now=self._clock())
