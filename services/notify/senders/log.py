"""The channel for trying the system out: nobody is told, and nobody disturbed."""

import logging

from services.notify.senders.base import Order

log = logging.getLogger(__name__)


class LogSender:
    """Writes that there is an alert, without text or address."""

    channel = "log"
    timeout = 1.0

    async def send(self, order: Order) -> str | None:
        log.info("alert", extra={"alert": order.id, "template": order.message.template})
        return None

    async def close(self) -> None:
        """Nothing is open."""
