"""routing's own settings."""

from shared.settings import Settings


class RoutingSettings(Settings):
    http_port: int = 8002
