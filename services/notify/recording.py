"""Writes down what a provider said. Nobody else knows it, so a database away is waited for."""

import asyncio
import time
from typing import Protocol

from services.notify.alert import Alert
from shared.errors import Conflict, StoreUnavailable
from shared.events import Event

#: Seconds between tries to record what a provider said, and how long to go on trying.
RECORD_INTERVAL = 0.5
RECORD_AT_MOST = 300.0


class Alerts(Protocol):
    async def get(self, id_: str) -> Alert | None: ...
    async def save(self, alert: Alert, event: Event | None) -> None: ...


async def record(alerts: Alerts, alert: Alert, event: Event | None) -> None:
    """Save it with its event. Raises `Conflict` where another process has the alert by now."""
    give_up = time.monotonic() + RECORD_AT_MOST
    while True:
        try:
            return await alerts.save(alert, event)
        except StoreUnavailable:
            if time.monotonic() > give_up:
                raise
            await asyncio.sleep(RECORD_INTERVAL)
        except Conflict:
            # an earlier try got through although its answer was lost
            known = await alerts.get(alert.id)
            if known is None or (known.version, known.log) != (alert.version, alert.log):
                raise
            return None
