"""Sends alerts: at once those that this process just wrote, and whatever else is due.

Runs in every replica. An alert is leased for a while, tried, and recorded together with the event
that tells how it ended. RabbitMQ has no part in it: an attempt may be a day after the message.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from services.notify.dispatch.attempt import LEASE, Delivery, leased
from services.notify.dispatch.lanes import Admission
from services.notify.domain.alert import Alert, Entry
from services.notify.domain.recipients import Directory, first_channel
from services.notify.ports import Alerts
from shared import metrics
from shared.periodic import PeriodicTask
from shared.times import new_id

log = logging.getLogger(__name__)

#: Seconds between looks at what is due.
SWEEP_INTERVAL_SECONDS = 1.0
#: Seconds that a stop waits for attempts under way.
STOP_TIMEOUT_SECONDS = 5.0


class Dispatcher:
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
        return leased(alert, self._owner, self._clock())

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
