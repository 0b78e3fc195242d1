"""The channels an alert can take: all behind one protocol, each at its provider's pace.

A channel is there where the deployment has its settings; its name is that of its settings:
`KLIK_<CHANNEL>_…`. `log` is always there.
"""

from collections.abc import Mapping

from services.notify.channels.base import HELD_BACK, Channel, NotSent, Order, Sender
from services.notify.channels.http import Http
from services.notify.channels.log import LogSender
from services.notify.channels.smtp import SmtpSender
from services.notify.channels.telegram import TelegramSender
from services.notify.channels.throttle import OPEN_SECONDS, Breaker, ThrottledSender
from services.notify.channels.whatsapp_cloud import WhatsAppCloudSender
from services.notify.channels.whatsapp_gateway import WhatsAppGatewaySender
from services.notify.settings import NotifySettings

__all__ = ["HELD_BACK", "Channel", "NotSent", "Order", "Sender", "make_senders"]


def make_senders(settings: NotifySettings) -> Mapping[str, Channel]:
    """The channels of this deployment by name, each at its provider's pace; close each once."""
    http = Http()
    found: list[Channel] = [LogSender()]

    def paced(sender: Sender, rate: float) -> ThrottledSender:
        return ThrottledSender(
            sender, rate=rate, breaker=Breaker(pause=OPEN_SECONDS * settings.retry_scale)
        )

    if settings.smtp_host:
        found.append(paced(_smtp(settings), settings.smtp_rate))
    if settings.telegram_token:
        telegram = TelegramSender(
            http, url=settings.telegram_url.rstrip("/"), token=settings.telegram_token
        )
        found.append(paced(telegram, settings.telegram_rate))
    if settings.whatsapp_token:
        cloud = WhatsAppCloudSender(
            http,
            url=settings.whatsapp_url.rstrip("/"),
            phone_number_id=settings.whatsapp_phone_number_id,
            token=settings.whatsapp_token,
        )
        found.append(paced(cloud, settings.whatsapp_rate))
    if settings.gateway_token:
        gateway = WhatsAppGatewaySender(
            http, url=settings.gateway_url.rstrip("/"), token=settings.gateway_token
        )
        found.append(paced(gateway, settings.gateway_rate))
    return {sender.channel: sender for sender in found}


def _smtp(settings: NotifySettings) -> SmtpSender:
    return SmtpSender(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
        ca_file=settings.smtp_ca_file,
    )
