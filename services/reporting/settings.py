"""reporting's own settings."""

from pydantic import Field, SecretStr

from shared.settings import Settings


class ReportingSettings(Settings):
    http_port: int = 8004
    intake_url: str = "http://127.0.0.1:8001"
    """Where intake's count of accepted consultations is asked for (reconciliation)."""
    routing_url: str = "http://127.0.0.1:8002"
    """Where the working calendar is asked for, by which office time is reckoned."""
    intake_key: SecretStr
    """An API key of the role `reporting`, for both."""
    stream_key: SecretStr = Field(min_length=24)
    """Signs stream tokens, and what intake gives to the dashboard of who is signed in there: the
    same in all replicas of both. Made by `klik secrets`."""
    open_data: bool = True
    """Whether anybody sees the open edition of the quarter at `/`, without a key."""
