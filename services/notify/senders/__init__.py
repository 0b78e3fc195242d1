"""The channels an alert can take."""

from collections.abc import Mapping

from services.notify.senders.base import Sender
from services.notify.senders.log import LogSender
from services.notify.senders.smtp import SmtpSender
from services.notify.settings import NotifySettings


def make_senders(settings: NotifySettings) -> Mapping[str, Sender]:
    """By channel. `log` alone: for trying the system out, it takes every alert."""
    if settings.alert_channel == "log":
        return {"log": LogSender()}
    return {"smtp": SmtpSender(settings)}
