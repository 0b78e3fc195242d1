"""intake's own settings."""

from pydantic import Field, SecretStr

from shared.settings import Settings


class IntakeSettings(Settings):
    http_port: int = 8001
    master_keys: SecretStr
    """`<id>:<base64 of 32 bytes>`, comma separated, newest first: the first one encrypts, all of
    them decrypt. Losing them loses every name, contact, PIN and word."""
    retention_contact_days: int = Field(default=365, ge=1)
    """Days after which `klik privacy retention` takes names and contacts out of what has ended."""
    retention_words_days: int = Field(default=730, ge=1)
    """And all that was said."""
