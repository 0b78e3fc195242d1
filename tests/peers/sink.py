"""All of notify's providers in one place, which fail as told; what they take is counted by ids.

What tells a message from its double, and whether the provider would refuse the second:

- e-mail: the Message-ID, which is the alert's. Servers take it again; mail programs fold the two.
- WhatsApp Cloud API: `biz_opaque_callback_data`, likewise the alert's. The API has no key against
  doubles.
- Telegram and Fonnte's gateway: nothing. Neither takes an id of the caller's; here the ticket in
  the text stands for the alert.

So none of them can prevent a double. It is prevented by us, or only counted.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from email.parser import BytesHeaderParser
from itertools import product
from typing import Any, Self
from uuid import UUID

from klik.preview import made_up, wanted
from services.notify.domain.message import Language
from services.notify.messages.renderer import Renderer
from tests.peers.http import HttpPeer
from tests.peers.intake import IntakePeer
from tests.peers.smtp import SmtpPeer
from tests.peers.telegram import TelegramPeer
from tests.peers.whatsapp_cloud import WhatsAppCloudPeer
from tests.peers.whatsapp_gateway import WhatsAppGatewayPeer

BOT = "123456:ABC-DEF_ghi"
TOKEN = "EAAG-token"
PHONE_NUMBER_ID = "106540352242922"
#: Channels that requesters are reached by here, in turn.
MESSENGERS = ("whatsapp", "telegram", "gateway")


class Sink:
    def __init__(self, *, seed: int = 1) -> None:
        self.mail = SmtpPeer(seed=seed)
        self.whatsapp = WhatsAppCloudPeer(TOKEN, PHONE_NUMBER_ID, seed=seed + 1)
        self.telegram = TelegramPeer(BOT, seed=seed + 2)
        self.gateway = WhatsAppGatewayPeer(TOKEN, seed=seed + 3)
        self.intake = IntakePeer()
        self._alerts: dict[str, str] = {}
        self._stack = AsyncExitStack()
        self._approve_templates()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.mail)
        for peer in (*self._messengers().values(), self.intake):
            await self._stack.enter_async_context(peer)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def settings(self) -> dict[str, str]:
        """notify's, so that all of it goes here, as fast as notify can."""
        rates = {f"KLIK_{name.upper()}_RATE": "1000" for name in ("smtp", *MESSENGERS)}
        return rates | {
            "KLIK_SMTP_HOST": "127.0.0.1",
            "KLIK_SMTP_PORT": str(self.mail.port),
            "KLIK_TELEGRAM_URL": self.telegram.url,
            "KLIK_TELEGRAM_TOKEN": BOT,
            "KLIK_WHATSAPP_URL": f"{self.whatsapp.url}/v23.0",
            "KLIK_WHATSAPP_TOKEN": TOKEN,
            "KLIK_WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
            "KLIK_GATEWAY_URL": self.gateway.url,
            "KLIK_GATEWAY_TOKEN": TOKEN,
            "KLIK_INTAKE_URL": self.intake.url,
        }

    def fail(self, share: float) -> None:
        """Fail this share of the calls: refused, put off, or broken off before, or in, the reply.

        A reply that was broken off had begun: the e-mail is taken, and so is the message.
        """
        self.mail.fail("error", "busy", "close", "cut", share=share)
        for peer in self._messengers().values():
            peer.retry_after = 1
            peer.fail("error", "busy", "close", "cut", share=share)

    def expect(self, number: int, consultation: UUID, alert: str) -> str:
        """Let intake know requester `number`, who is to get `alert`; the channel."""
        channel = MESSENGERS[number % len(MESSENGERS)]
        phone = f"62812{number:08}"
        addresses = {"telegram": str(10_000 + number)}
        self.telegram.chats[addresses["telegram"]] = "open"
        self.whatsapp.numbers.add(f"+{phone}")
        self.gateway.numbers.add(phone)
        ticket = f"KD-{number:08}"
        self._alerts[ticket] = alert
        self.intake.contacts[consultation] = {
            "channel": channel,
            "address": addresses.get(channel, f"+{phone}"),
            "ticket": ticket,
        }
        return channel

    def arrived(self) -> Mapping[str, list[tuple[str, float]]]:
        """Channel → alert and time of each message taken, in order."""
        ids = {
            "smtp": [alert_of_mail(one) for one in self.mail.taken],
            "whatsapp": [str(one["biz_opaque_callback_data"]) for one in self.whatsapp.taken],
            "telegram": [self._by_ticket(one["text"]) for one in self.telegram.taken],
            "gateway": [self._by_ticket(one["message"]) for one in self.gateway.taken],
        }
        at = {name: peer.taken_at for name, peer in self._messengers().items()}
        at["smtp"] = self.mail.taken_at
        return {name: list(zip(found, at[name], strict=True)) for name, found in ids.items()}

    @property
    def taken(self) -> int:
        """How many messages, doubles included."""
        return len(self.mail.taken) + sum(len(one.taken) for one in self._messengers().values())

    def taken_by(self, messenger: str) -> int:
        return len(self._messengers()[messenger].taken)

    def _messengers(self) -> dict[str, HttpPeer]:
        return {name: getattr(self, name) for name in MESSENGERS}

    def _by_ticket(self, text: str) -> str:
        return self._alerts[text.rstrip().rpartition("=")[2]]

    def _approve_templates(self) -> None:
        texts = Renderer("http://127.0.0.1")
        languages: tuple[Language, ...] = ("id", "en")
        for (event, recipient), language in product(wanted(None, None), languages):
            message = texts.render(made_up(event, recipient), language)
            self.whatsapp.templates[message.template, language] = len(message.parameters)


def alert_of_mail(envelope: Any) -> str:
    """Read from its headers alone: the whole of it takes thirty times as long."""
    headers = BytesHeaderParser().parsebytes(envelope.content)
    return str(headers["Message-ID"]).removeprefix("<").partition("@")[0]
