"""Sends alerts: a work queue for each channel, and one for alerts whose channel is to be found.

Runs in every replica. An alert is leased for a while, tried, and recorded together with the event
that tells how it ended. RabbitMQ has no part in it: an attempt may be a day after the message.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from services.notify.dispatch.delivery import Delivery
from services.notify.dispatch.work_queue import Leases, Slot, WorkQueue
from services.notify.domain.alert import Alert
from services.notify.ports import Alerts
from shared.periodic import PeriodicTask

#: Alerts in hand at once whose channel is to be found: those to requesters, as many as one question
#: to intake may be about.
TO_BE_FOUND = 200
#: Seconds between looks for alerts at channels that this deployment does not have.
ADOPT_INTERVAL_SECONDS = 60.0
#: Seconds that a stop waits for attempts under way.
STOP_TIMEOUT_SECONDS = 5.0


class Dispatcher:
    def __init__(self, alerts: Alerts, delivery: Delivery, clock: Callable[[], datetime]) -> None:
        self._alerts = alerts
        self._delivery = delivery
        self._clock = clock
        self._leases = Leases(alerts, clock)
        self._in_hand: set[asyncio.Task[None]] = set()
        capacities: dict[str | None, Callable[[], int]] = {
            name: one.capacity for name, one in delivery.channels.items()
        }
        capacities[None] = lambda: TO_BE_FOUND
        self._queues = {
            name: WorkQueue(name, capacity, alerts, self._begin, clock)
            for name, capacity in capacities.items()
        }
        self._adopting = PeriodicTask("alerts of others", self._adopt, ADOPT_INTERVAL_SECONDS)

    @property
    def channels(self) -> Collection[str]:
        """Those of this deployment."""
        return self._delivery.channels

    def added(self, alert: Alert) -> None:
        """A new alert was kept."""
        if alert.state == "queued":
            self._queues[alert.channel].call()

    async def start(self) -> None:
        await self._leases.start()
        await self._adopting.start()
        for queue in self._queues.values():
            await queue.start()

    async def stop(self) -> None:
        """Attempts under way are finished; what is not is taken over when its lease runs out."""
        await self._adopting.stop()
        for queue in self._queues.values():
            await queue.stop()
        if self._in_hand:
            await asyncio.wait(list(self._in_hand), timeout=STOP_TIMEOUT_SECONDS)
        await self._leases.stop()

    async def tick(self) -> int:
        """A look at each queue; how many alerts were taken. For tests, as the next."""
        return sum([await queue.tick() for queue in self._queues.values()])

    async def settle(self) -> None:
        """Until nothing is in hand."""
        while self._in_hand:
            await asyncio.wait(list(self._in_hand))

    async def _adopt(self) -> None:
        """What waits for a channel that is not there any more finds another one."""
        if await self._alerts.adopt(list(self._delivery.channels), self._clock()):
            self._queues[None].call()

    def _begin(self, queue: WorkQueue, alert: Alert) -> None:
        slot = Slot(alert, queue, self._queues, self._leases)
        task = asyncio.create_task(self._run(slot, alert), name=alert.id)
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def _run(self, slot: Slot, alert: Alert) -> None:
        try:
            with self._leases.held(alert):
                await self._delivery.run(alert, slot)
        finally:
            slot.leave()
