"""Gives alerts to the one configured channel: the text made into a message, the id the order's."""

from services.notify.domain import Alert
from services.notify.message import Message
from services.notify.senders import NotSent, Order, Sender
from services.notify.texts import Texts


class AlertSender:
    def __init__(self, sender: Sender, texts: Texts) -> None:
        self.channel = sender.channel
        self._sender = sender
        self._texts = texts

    async def send(self, alert: Alert, address: str | None) -> str | None:
        """The provider's id for it. Raises `NotSent`."""
        if address is None and self.channel != "log":
            raise NotSent("no_address", permanent=True)
        text = self._texts.render(alert)
        message = Message(
            subject=text.subject,
            text=text.body,
            html=None,
            short=text.subject,
            template=alert.template.replace(".", "_"),
            language="id",
            parameters=(),
        )
        return await self._sender.send(Order(alert.id, address or "", message))

    async def close(self) -> None:
        await self._sender.close()
