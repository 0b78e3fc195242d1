"""Writes down what a provider said. Nobody else knows it, so a database away is waited for."""

from functools import partial
from typing import Protocol

from services.notify.domain.alert import Alert
from shared.errors import Conflict
from shared.events import Event
from shared.storage.retrying import retry_while_unavailable


class Alerts(Protocol):
    async def get(self, id_: str) -> Alert | None: ...
    async def save(self, alert: Alert, event: Event | None) -> None: ...


async def record(alerts: Alerts, alert: Alert, event: Event | None) -> None:
    """Save it with its event. Raises `Conflict` where another process has the alert by now."""
    try:
        await retry_while_unavailable(partial(alerts.save, alert, event))
    except Conflict:
        # an earlier try got through although its answer was lost
        known = await retry_while_unavailable(partial(alerts.get, alert.id))
        if known is None or (known.version, known.log) != (alert.version, alert.log):
            raise
