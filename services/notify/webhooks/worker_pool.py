"""Deals the subscriptions out: each has one worker, in one of the replicas, at a time.

Every replica looks once a second, takes what nobody holds and is due, and lets go of what was taken
from it or changed by its owner. A replica that dies holds its subscriptions for one lease more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.notify.webhooks.domain.subscription import SubscriptionLease
from services.notify.webhooks.worker import LEASE, Worker, WorkerContext
from shared import metrics
from shared.errors import KlikError, describe
from shared.periodic import PeriodicTask
from shared.times import whole_milliseconds

log = logging.getLogger(__name__)

#: Seconds between looks.
SWEEP_INTERVAL_SECONDS = 1.0
#: Subscriptions that one replica takes care of.
MOST_SUBSCRIPTIONS_HELD = 200
#: Seconds that a stop waits for attempts under way.
STOP_TIMEOUT_SECONDS = 3.0
#: How often segments that are too old are dropped.
FORGET_EVERY = timedelta(hours=1)


class WorkerPool:
    def __init__(
        self,
        context: WorkerContext,
        *,
        kept: timedelta,
        clock_offset: Callable[[], Awaitable[timedelta]],
    ) -> None:
        """`kept`: how long the event log keeps a segment. `clock_offset`: the database's clock
        minus that of `context`."""
        self._offset = timedelta()
        self._context = replace(
            context, clock=lambda: whole_milliseconds(context.clock() + self._offset)
        )
        self._kept = kept
        self._clock_offset = clock_offset
        self._forgot: datetime | None = None
        self._workers: dict[UUID, Worker] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._looking = PeriodicTask("webhooks", self.tick, SWEEP_INTERVAL_SECONDS)

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        """Attempts under way are finished, and the subscriptions handed back."""
        await self._looking.stop()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
                await self.rest()
        except TimeoutError:
            for task in list(self._tasks.values()):
                task.cancel()

    async def tick(self) -> None:
        """Take what is due, let go of what is not ours any more."""
        self._offset = await self._clock_offset()
        now = self._context.clock()
        leases = {one.id: one for one in await self._context.webhooks.leases()}
        for id_, held in self._workers.items():
            if id_ not in leases or leases[id_].fencing_token != held.fencing_token:
                held.end()
        for lease in leases.values():
            if (
                lease.is_due(now)
                and lease.id not in self._tasks
                and len(self._tasks) < MOST_SUBSCRIPTIONS_HELD
            ):
                await self._take(lease, now)
        if self._tasks:
            await self._context.event_log.look()
        self._measure(list(leases.values()), now)
        if self._forgot is None or now - self._forgot >= FORGET_EVERY:
            self._forgot = now
            if dropped := await self._context.event_log.forget(now - self._kept):
                log.info("journal pages dropped", extra={"pages": dropped})

    @property
    def at_work(self) -> int:
        """Subscriptions that this process holds."""
        return len(self._tasks)

    async def rest(self) -> None:
        """Let every worker finish its attempt and hand its subscription back."""
        for one in self._workers.values():
            one.end()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def _take(self, lease: SubscriptionLease, now: datetime) -> None:
        held = await self._context.webhooks.take(lease, now + LEASE)
        if held is None:
            return
        self._workers[lease.id] = one = Worker(self._context, held)
        self._tasks[lease.id] = task = asyncio.create_task(self._carry(lease.id, one))
        task.add_done_callback(lambda _: self._drop(lease.id))

    def _drop(self, id_: UUID) -> None:
        del self._tasks[id_], self._workers[id_]

    async def _carry(self, id_: UUID, one: Worker) -> None:
        """What goes wrong here ends this worker; when its lease runs out, another one tries."""
        try:
            await one.run()
        except KlikError as error:
            log.warning("webhook waits", extra={"webhook": str(id_), "error": describe(error)})
        except Exception as error:
            log.exception("webhook failed", extra={"webhook": str(id_), "error": describe(error)})

    def _measure(self, leases: list[SubscriptionLease], now: datetime) -> None:
        for state in ("active", "paused"):
            number = sum(one.state == state for one in leases)
            metrics.WEBHOOK_SUBSCRIPTIONS.labels(state).set(number)
        waiting = [one.waits_since for one in self._workers.values() if one.waits_since]
        lag = (now - min(waiting)).total_seconds() if waiting else 0.0
        metrics.WEBHOOK_LAG.set(max(lag, 0.0))
