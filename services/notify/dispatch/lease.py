"""Holding on to an alert: a claim is short, and renewed for as long as its process lives.

So what a dead process had is soon taken over, and a provider may still take its time.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from services.notify.domain.alert import Alert
from shared.errors import Conflict, StoreUnavailable

log = logging.getLogger(__name__)

#: How long a claim holds.
LEASE = timedelta(seconds=30)
#: It is renewed after this long: one renewal may fail.
RENEW = LEASE / 3


class Alerts(Protocol):
    async def renew(self, alert: Alert, until: datetime) -> bool: ...


def claimed(alert: Alert, owner: str, now: datetime) -> Alert:
    """A new one, claimed by the process that makes it."""
    return replace(alert, state="claimed", claimed_by=owner, claims=1, next_at=now + LEASE)


async def secured(alerts: Alerts, alert: Alert, clock: Callable[[], datetime]) -> Alert:
    """The alert with a claim that is fresh, after however long in line.

    Raises `Conflict` where the claim ran out and somebody else has it.
    """
    now = clock()
    if alert.next_at is not None and alert.next_at - now > LEASE - RENEW:
        return alert
    if not await alerts.renew(alert, now + LEASE):
        raise Conflict(f"alert {alert.id} was taken over")
    return replace(alert, next_at=now + LEASE)


@contextlib.asynccontextmanager
async def kept(
    alerts: Alerts, alert: Alert, clock: Callable[[], datetime]
) -> AsyncGenerator[None, None]:
    """Renew the claim until the block ends, or what became of the alert is recorded."""
    keeping = asyncio.create_task(_keep(alerts, alert, clock))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


async def _keep(alerts: Alerts, alert: Alert, clock: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(RENEW.total_seconds())
        try:
            if not await alerts.renew(alert, clock() + LEASE):
                return
        except StoreUnavailable:
            log.warning("claim not renewed", extra={"alert": alert.id})
