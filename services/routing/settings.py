"""routing's own settings."""

from pydantic import Field, SecretStr

from shared.settings import Settings


class RoutingSettings(Settings):
    http_port: int = 8002
    roster_key: SecretStr = Field(min_length=24)
    """Signs what intake gives to who is signed in there, for the page of rosters: the same in all
    replicas of both. Made by `klik secrets`."""
