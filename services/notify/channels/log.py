"""The channel that tells nobody: it writes that there is an alert, for trying the system out."""

import logging

from services.notify.channels.base import IN_HAND, SENDS_AT_ONCE, Order

log = logging.getLogger(__name__)


class LogSender:
    channel = "log"
    timeout = 1.0
    at_once = SENDS_AT_ONCE

    def capacity(self) -> int:
        return IN_HAND

    async def send(self, order: Order) -> str | None:
        """Write a line with neither text nor address."""
        log.info("alert", extra={"alert": order.id, "template": order.message.template})
        return None

    async def close(self) -> None:
        """Nothing is open."""
