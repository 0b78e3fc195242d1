"""The lease on an alert: it is short, and renewed for as long as its process lives.

So what a dead process had is soon taken over, and a provider may still take its time.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from services.notify.domain.alert import Alert
from services.notify.ports import Alerts
from shared.errors import Conflict, StoreUnavailable

log = logging.getLogger(__name__)

#: How long it holds.
LEASE = timedelta(seconds=30)
#: It is renewed after this long: one renewal may fail.
RENEW_EVERY = LEASE / 3


def leased(alert: Alert, owner: str, now: datetime) -> Alert:
    """A new one, leased by the process that makes it."""
    return replace(alert, state="claimed", claimed_by=owner, claims=1, next_at=now + LEASE)


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
