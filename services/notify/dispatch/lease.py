"""The leases of one process on the alerts that it has in hand, renewed together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from services.notify.domain.alert import Alert
from services.notify.ports import Alerts
from shared.errors import Conflict
from shared.periodic import PeriodicTask

#: How long the lease on an alert holds: so what a dead process had is soon taken over.
LEASE = timedelta(seconds=30)
#: Leases are renewed after this long, for as long as their process lives: a provider may take its
#: time, and one renewal may fail.
RENEW_EVERY = LEASE / 3


class Leases:
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
