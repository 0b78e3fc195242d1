"""notify's own settings: its channels. One that is set by half ends the start, with the name."""

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from services.notify.webhooks.domain.ssrf_guard import parse_networks
from shared.keys.named import parse_keys
from shared.limits.buckets import Rate
from shared.settings import Limit, Settings

#: Below, whoever has one link could find the key, and with it every other link.
OPT_OUT_KEY_CHARACTERS = 16


@dataclass(frozen=True, slots=True, repr=False)
class CallbackSecrets:
    """What providers prove themselves by; what is empty lets nobody in."""

    whatsapp_phone_number_id: str
    whatsapp_app_secret: str
    whatsapp_verify_token: str
    gateway_callback_token: str


class NotifySettings(Settings):
    # Compose passes on a variable that is there and empty: no channel is meant by it
    model_config = SettingsConfigDict(env_ignore_empty=True)

    http_port: int = 8003
    intake_url: str = "http://127.0.0.1:8001"
    """Where requesters' contacts are asked for when they are to be told."""
    routing_url: str = "http://127.0.0.1:8002"
    """Where the working calendar is asked for."""
    intake_key: SecretStr
    """An API key of the role `notify`, for both."""
    opt_out_key: SecretStr
    """Requesters who want no messages are known by a hash under this key, and the links by which
    they say so hold under it: keep it."""

    dashboard_url: str = ""
    """Where the dashboard is, for links to it; `public_url` where this is empty."""

    receipt_wait: float = Field(default=60, ge=0, le=3600)
    """Seconds that the receipt of a consultation waits for its assignment, so that one message
    tells the requester of both; 0 tells of the receipt at once."""

    retry_scale: float = Field(default=1, gt=0, le=10)
    """Multiplies our waiting times between attempts. Below 1 for measurements only: refused where
    `public_url` says that others use this system."""

    limit_resends: Limit = Rate(20 / 86_400, 20)
    """Alerts that are told again to one person: twenty at once, and twenty a day."""

    limit_messages_by_address: Limit = Rate(100 / 86_400, 100)
    """Messages to one address of requesters, about whatever: a hundred at once, and a hundred a
    day."""

    smtp_host: str = ""
    """E-mail is a channel where this is set."""
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_ca_file: Path | None = None
    """Who signs the server's certificate, where that is no known authority (PEM)."""
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str = "Klik Desa Idaman <klik@klikdesa.example>"
    smtp_rate: float = Field(default=5, gt=0, le=1000)
    """E-mails a second; likewise for the others."""

    telegram_token: SecretStr | None = None
    """The bot's. Telegram is a channel where this is set."""
    telegram_url: str = "https://api.telegram.org"
    telegram_rate: float = Field(default=25, gt=0, le=1000)

    whatsapp_token: SecretStr | None = None
    """Of the Cloud API; goes together with `whatsapp_phone_number_id`."""
    whatsapp_phone_number_id: str = ""
    whatsapp_app_secret: SecretStr | None = None
    """Meta signs its callbacks with it; goes together with `whatsapp_verify_token`."""
    whatsapp_verify_token: SecretStr | None = None
    """Any word; Meta is given the same."""
    whatsapp_url: str = "https://graph.facebook.com/v23.0"
    whatsapp_rate: float = Field(default=40, gt=0, le=1000)

    gateway_token: SecretStr | None = None
    """Of a WhatsApp gateway with Fonnte's interface; goes together with `gateway_url`."""
    gateway_url: str = ""
    gateway_callback_token: SecretStr | None = None
    """The end of the address that the gateway is given for its callbacks."""
    gateway_rate: float = Field(default=1, gt=0, le=1000)

    webhook_keys: SecretStr
    """What webhooks' secrets are encrypted with: `<id>:<base64 of 32 bytes>`, comma separated, the
    newest first. Losing them silences every webhook until its secret is rotated."""
    webhook_allow: str = ""
    """Networks that webhooks may go to though they are not public, and without TLS:
    `10.1.0.0/16, fd00::/8`."""
    webhook_journal_days: int = Field(default=30, ge=1, le=365)
    """How long events are kept for webhooks: so far back goes `from`."""

    @model_validator(mode="after")
    def _links_cannot_be_guessed(self) -> Self:
        is_long = len(_plain(self.opt_out_key).strip()) >= OPT_OUT_KEY_CHARACTERS
        said = f"fewer than {OPT_OUT_KEY_CHARACTERS} characters; `klik secrets` makes one"
        _need(is_long, "opt_out_key", said)
        return self

    @model_validator(mode="after")
    def _webhooks_can_run(self) -> Self:
        for name, parse in (("webhook_keys", parse_keys), ("webhook_allow", parse_networks)):
            try:
                parse(_plain(getattr(self, name)))
            except ValueError as error:
                # what is wrong with a network names it; what is wrong with a key does not
                raise PydanticCustomError("webhooks", f"KLIK_{name.upper()}: {error}") from None
        return self

    @property
    def callbacks(self) -> CallbackSecrets:
        return CallbackSecrets(
            self.whatsapp_phone_number_id,
            _plain(self.whatsapp_app_secret).strip(),
            _plain(self.whatsapp_verify_token).strip(),
            _plain(self.gateway_callback_token),
        )

    @model_validator(mode="after")
    def _channels_are_whole(self) -> Self:
        for one, other in _TOGETHER:
            for name, its in ((one, other), (other, one)):
                if _plain(getattr(self, its)):
                    _need(getattr(self, name), name, f"missing: KLIK_{its.upper()} is set")
        if self.smtp_user:
            _need(self.smtp_host, "smtp_host", "missing: KLIK_SMTP_USER is set")
            # else the password would travel in the clear
            _need(self.smtp_security != "none", "smtp_security", "a login needs starttls or tls")
        if self.whatsapp_app_secret:
            _need(self.whatsapp_token, "whatsapp_token", "missing: KLIK_WHATSAPP_APP_SECRET is set")
        if self.smtp_ca_file:
            _need(self.smtp_ca_file.is_file(), "smtp_ca_file", "no such file")
        _need(
            _is_one_sender(self.smtp_from), "smtp_from", "not one address at a host of the internet"
        )
        return self

    @model_validator(mode="after")
    def _providers_are_left_alone(self) -> Self:
        here = urlsplit(self.public_url).hostname in ("127.0.0.1", "localhost", "::1")
        _need(self.retry_scale >= 1 or here, "retry_scale", "below 1 in a system that others use")
        return self

    @model_validator(mode="after")
    def _values_can_be_sent(self) -> Self:
        """Tokens and URLs as they can stand in a request; the values themselves are not shown."""
        for name, pattern, said in _FORMS:
            value = _plain(getattr(self, name))
            if value:
                _need(re.fullmatch(pattern, value), name, said)
        for name in ("telegram_url", "whatsapp_url", "gateway_url", "public_url", "dashboard_url"):
            url = getattr(self, name)
            _need(
                _is_base(url) or (name in ("gateway_url", "dashboard_url") and not url),
                name,
                "not an http or https address without user and query",
            )
        return self


_TOGETHER = (
    ("smtp_user", "smtp_password"),
    ("whatsapp_token", "whatsapp_phone_number_id"),
    ("gateway_token", "gateway_url"),
    ("whatsapp_app_secret", "whatsapp_verify_token"),
)
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_HOST = rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}"
_TOKEN = r"[!-~]+", "has characters that no header may hold"
_FORMS = (
    (
        "telegram_token",
        r"[0-9]+:[A-Za-z0-9_\-]+",
        "not a bot's token: digits, a colon and the rest",
    ),
    (
        "whatsapp_phone_number_id",
        r"[0-9]+",
        "not a number: Meta's id of the number, not the number",
    ),
    ("whatsapp_token", *_TOKEN),
    ("gateway_token", *_TOKEN),
    (
        "gateway_callback_token",
        r"[A-Za-z0-9_\-]{16,200}",
        "not 16 to 200 letters, digits, - and _",
    ),
)


def _plain(value: SecretStr | str | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""


def _need(condition: object, name: str, said: str) -> None:
    if isinstance(condition, SecretStr):
        condition = condition.get_secret_value()
    if not condition:
        raise PydanticCustomError("channel", f"KLIK_{name.upper()}: {said}")


def _is_base(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_web and plain and re.fullmatch(r"[!-;=?-~]+", url) is not None


def _is_one_sender(line: str) -> bool:
    message = EmailMessage()
    try:
        message["From"] = line
        (address,) = message["From"].addresses
    except (ValueError, MessageError):
        return False
    # the host is that of each Message-ID, too: without a dot it looks like spam
    is_host = re.fullmatch(_HOST, address.domain) and len(address.domain) <= 253
    return not message["From"].defects and bool(address.username and is_host)
