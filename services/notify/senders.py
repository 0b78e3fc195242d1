"""The channels an alert can take. Each has a timeout and tells two kinds of failure apart."""

import logging
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib

from services.notify.alert_facts import facts_of
from services.notify.domain import Alert
from services.notify.settings import NotifySettings
from services.notify.texts import Texts

log = logging.getLogger(__name__)

#: Seconds for one e-mail, connection included; far below an alert's claim.
SMTP_TIMEOUT = 15.0


class NotSent(Exception):
    """The provider did not take it. `permanent`: trying again cannot help."""

    def __init__(self, because: str, *, permanent: bool) -> None:
        """`because`: a short stable code such as `no_address` or `smtp_550`."""
        super().__init__(because)
        self.because = because
        self.permanent = permanent


class Sender(Protocol):
    channel: str

    async def send(self, alert: Alert, address: str | None) -> str | None:
        """Hand the alert to the provider; the provider's id for it. Raises `NotSent`."""
        ...


class LogSender:
    """Writes that there is an alert, without text or address: for trying the system out."""

    channel = "log"

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    async def send(self, alert: Alert, address: str | None) -> str | None:
        self._texts.render(facts_of(alert), "id")
        log.info("alert", extra={"alert": alert.id, "recipient": alert.recipient})
        return None


class SmtpSender:
    """E-mail. One connection an alert: a satgas gets a handful a day."""

    channel = "smtp"

    def __init__(self, settings: NotifySettings, texts: Texts) -> None:
        self._settings = settings
        self._texts = texts

    async def send(self, alert: Alert, address: str | None) -> str | None:
        if address is None:
            raise NotSent("no_address", permanent=True)
        message = self.compose(alert, address)
        settings = self._settings
        try:
            await aiosmtplib.send(
                message,
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_user,
                password=settings.smtp_password.get_secret_value()
                if settings.smtp_password
                else None,
                use_tls=settings.smtp_security == "tls",
                start_tls=settings.smtp_security == "starttls",
                timeout=SMTP_TIMEOUT,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusals = [one.code for one in error.recipients]
            raise NotSent(
                f"smtp_{refusals[0]}", permanent=all(code >= 500 for code in refusals)
            ) from None
        except aiosmtplib.SMTPAuthenticationError as error:
            # the operator's mistake, not the recipient's: it can be mended while we try again
            raise NotSent(f"smtp_auth_{error.code}", permanent=False) from None
        except aiosmtplib.SMTPResponseException as error:
            raise NotSent(f"smtp_{error.code}", permanent=error.code >= 500) from None
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as error:
            raise NotSent(f"smtp_{type(error).__name__}", permanent=False) from None
        return str(message["Message-ID"])

    def compose(self, alert: Alert, address: str) -> EmailMessage:
        """The e-mail; its Message-ID is the alert's, so that a repeated one is recognised."""
        text = self._texts.render(facts_of(alert), "id")
        message = EmailMessage()
        message["From"] = self._settings.smtp_from
        message["To"] = address
        message["Subject"] = text.subject
        message["Message-ID"] = f"<{alert.id}@klikdesa>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.text)
        return message


def make_sender(settings: NotifySettings) -> Sender:
    texts = Texts(settings.public_url)
    return LogSender(texts) if settings.alert_channel == "log" else SmtpSender(settings, texts)
