"""intake's own settings."""

from pydantic import SecretStr

from shared.settings import Settings


class IntakeSettings(Settings):
    http_port: int = 8001
    master_keys: SecretStr
    """`<id>:<base64 of 32 bytes>`, comma separated, newest first: the first one encrypts, all of
    them decrypt. Losing them loses every name, contact and PIN."""
