"""notify's own settings."""

from typing import Literal

from pydantic import Field, SecretStr

from shared.settings import Settings


class NotifySettings(Settings):
    http_port: int = 8003
    intake_url: str = "http://127.0.0.1:8001"
    """Where requesters' contacts are asked for when they are to be told."""
    routing_url: str = "http://127.0.0.1:8002"
    """Where the working calendar is asked for."""
    intake_key: SecretStr
    """An API key of the role `service`, for both."""
    alert_channel: Literal["log", "smtp"] = "log"
    """`smtp` sends e-mail; `log` writes the alert, without text or address, to the log."""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str = "Klik Desa Idaman <klik@klikdesa.example>"
