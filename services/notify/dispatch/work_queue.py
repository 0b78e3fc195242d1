"""The work queue of one channel: it takes as many due alerts as it has free slots.

A look at what is due follows when an alert was added, when slots are free again, and every second.
What finds no slot stays due: nothing is written down for it, whatever the length of the queue.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.notify.channels.base import IN_HAND
from services.notify.domain.alert import Alert
from services.notify.domain.retry_policy import LONGEST_DELAY
from services.notify.ports import Alerts
from shared.errors import Conflict
from shared.periodic import PeriodicTask

#: How long the lease on an alert holds: so what a dead process had is soon taken over.
LEASE = timedelta(seconds=30)
#: Leases are renewed after this long, for as long as their process lives: a provider may take its
#: time, and one renewal may fail.
RENEW_EVERY = LEASE / 3
#: Seconds between looks at what is due, where nothing calls for one.
POLL_SECONDS = 1.0
#: Seconds that a look waits for company: it costs three requests, for one alert or for many.
GATHER_SECONDS = 0.1
#: While the channel is left alone, what is a day old is looked at this often: it may have to move
#: to another channel.
OVERDUE_INTERVAL = timedelta(minutes=1)


class WorkQueue:
    def __init__(
        self,
        channel: str | None,
        capacity: Callable[[], int],
        alerts: Alerts,
        begin: Callable[["WorkQueue", Alert], None],
        clock: Callable[[], datetime],
    ) -> None:
        """`channel`: None for alerts whose channel is not known yet. `capacity`: slots that there
        are, as it is whenever that is asked; 0 while the channel is left alone. `begin` gets each
        alert that was taken, in a slot that it leaves at its end."""
        self.channel = channel
        self._capacity = capacity
        self._alerts = alerts
        self._begin = begin
        self._clock = clock
        self._taken = 0
        self._may_be_more = False
        self._called = asyncio.Event()
        self._overdue_at = datetime.min.replace(tzinfo=UTC)
        self._looking = PeriodicTask(f"alerts at {channel}", self.tick, self._rest)

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    def call(self) -> None:
        """Something is due."""
        self._called.set()

    async def tick(self) -> int:
        """Take what is due, as far as slots are free; how many."""
        self._called.clear()
        now, capacity = self._clock(), self._capacity()
        free = capacity - self._taken
        self._may_be_more = True
        if free > 0:
            taken = await self._take(free, now)
            self._may_be_more = len(taken) == free
        elif capacity == 0 and now >= self._overdue_at:
            self._overdue_at = now + OVERDUE_INTERVAL
            taken = await self._take(IN_HAND, now, created_before=now - LONGEST_DELAY)
        else:
            return 0
        for alert in taken:
            self._begin(self, alert)
        return len(taken)

    async def _take(
        self, slots: int, now: datetime, *, created_before: datetime | None = None
    ) -> list[Alert]:
        """As many as `slots`, which nobody else enters meanwhile."""
        self._taken += slots
        taken: list[Alert] = []
        try:
            taken = await self._alerts.take_due(
                self.channel, now, LEASE, slots, created_before=created_before
            )
        finally:
            self._taken -= slots - len(taken)
        return taken

    def enter(self) -> bool:
        """Take a slot, if one is free."""
        if self._capacity() <= self._taken:
            self._may_be_more = True
            return False
        self._taken += 1
        return True

    def leave(self) -> None:
        self._taken -= 1
        # by halves: a look for each slot by itself would cost more than the alert
        if self._may_be_more and self._taken <= self._capacity() // 2:
            self.call()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._called.wait()
        except TimeoutError:
            return
        if not self._may_be_more:
            await asyncio.sleep(GATHER_SECONDS)


class Leases:
    """Of one process on the alerts that it has in hand, renewed together."""

    def __init__(self, alerts: Alerts, clock: Callable[[], datetime]) -> None:
        self._alerts = alerts
        self._clock = clock
        self._held: dict[str, Alert] = {}
        self._renewing = PeriodicTask("leases", self.renew, RENEW_EVERY.total_seconds())

    async def start(self) -> None:
        await self._renewing.start()

    async def stop(self) -> None:
        await self._renewing.stop()

    @contextmanager
    def held(self, alert: Alert) -> Iterator[None]:
        """Renew the lease of `alert` until the block ends."""
        self._held[alert.id] = alert
        try:
            yield
        finally:
            if self._held.get(alert.id, alert).claimed_by == alert.claimed_by:
                self._held.pop(alert.id, None)

    async def renew(self) -> None:
        """All that are held and were not taken over, by one write."""
        held = list(self._held.values())
        if not held:
            return
        until = self._clock() + LEASE
        if await self._alerts.renew(held, until) == len(held):
            # else nobody knows whose was lost: each asks for itself when its turn comes
            self._held |= {
                one.id: replace(one, next_at=until) for one in held if one.id in self._held
            }

    async def make_sure(self, alert: Alert) -> None:
        """Returns where the lease will hold for a while, after however long in line.

        Raises `Conflict` where it ran out and somebody else has the alert.
        """
        now, known = self._clock(), self._held[alert.id]
        if known.claimed_by != alert.claimed_by:
            raise Conflict(f"alert {alert.id} was taken over by this process itself")
        if known.next_at is not None and known.next_at - now > LEASE - 2 * RENEW_EVERY:
            return
        if not await self._alerts.renew([alert], now + LEASE):
            raise Conflict(f"alert {alert.id} was taken over")
        self._held[alert.id] = replace(alert, next_at=now + LEASE)


class Slot:
    """The place of one alert in hand: at first in the queue that it was taken from."""

    def __init__(
        self,
        alert: Alert,
        queue: WorkQueue,
        queues: Mapping[str | None, WorkQueue],
        leases: Leases,
    ) -> None:
        self._alert = alert
        self._queue = queue
        self._queues = queues
        self._leases = leases

    def move(self, channel: str) -> bool:
        """Have a slot at `channel` instead; False, and nothing changes, where none is free."""
        to = self._queues[channel]
        if to is not self._queue:
            if not to.enter():
                return False
            self._queue.leave()
            self._queue = to
        return True

    async def make_sure(self) -> None:
        """Returns where the lease will hold for a while, after however long in line.

        Raises `Conflict` where another process has the alert.
        """
        await self._leases.make_sure(self._alert)

    def leave(self) -> None:
        self._queue.leave()
