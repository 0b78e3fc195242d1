"""E-mail. One connection an alert: a satgas gets a handful a day."""

from email.message import EmailMessage

import aiosmtplib

from services.notify.senders.base import NotSent, Order
from services.notify.settings import NotifySettings


class SmtpSender:
    channel = "smtp"
    timeout = 15.0
    """For one e-mail, connection included."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings

    async def send(self, order: Order) -> str | None:
        message = self.compose(order)
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
                timeout=self.timeout,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusals = [one.code for one in error.recipients]
            lasting = all(code >= 500 for code in refusals)
            raise NotSent(
                f"smtp_{refusals[0]}", permanent=lasting, address_is_bad=lasting
            ) from None
        except aiosmtplib.SMTPAuthenticationError as error:
            # the operator's mistake, not the recipient's: it can be mended while we try again
            raise NotSent(f"smtp_auth_{error.code}", permanent=False) from None
        except aiosmtplib.SMTPResponseException as error:
            raise NotSent(f"smtp_{error.code}", permanent=error.code >= 500) from None
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as error:
            raise NotSent(f"smtp_{type(error).__name__}", permanent=False) from None
        return str(message["Message-ID"])

    def compose(self, order: Order) -> EmailMessage:
        """The e-mail; its Message-ID is the alert's, so that a repeated one is recognised."""
        message = EmailMessage()
        message["From"] = self._settings.smtp_from
        message["To"] = order.address
        message["Subject"] = order.message.subject
        message["Message-ID"] = f"<{order.id}@klikdesa>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(order.message.text)
        return message

    async def close(self) -> None:
        """Nothing stays open."""
