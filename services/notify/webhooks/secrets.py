"""Webhook secrets: made here, shown once, kept encrypted (AES-256-GCM).

Signing needs the secret itself, so that no hash will do. Each is bound to its subscription.
"""

import os
from base64 import b64encode
from collections.abc import Mapping

from shared.encryption import Ciphers
from shared.errors import KlikError
from shared.keys.named import parse_keys

#: Standard Webhooks asks for 24 to 64 bytes.
SECRET_BYTES = 32


class Unreadable(KlikError):
    """None of the keys in KLIK_WEBHOOK_KEYS opens this secret."""


def new_secret() -> str:
    """In the form of Standard Webhooks, `whsec_<base64>`."""
    return f"whsec_{b64encode(os.urandom(SECRET_BYTES)).decode()}"


class Sealer:
    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Key id → 32 bytes, as `Ciphers` takes them."""
        self._ciphers = Ciphers(keys)

    @classmethod
    def parse(cls, text: str) -> "Sealer":
        """From `id:base64,…`; raises ValueError that shows no key."""
        return cls(parse_keys(text))

    def seal(self, subscription: str, secret: str) -> bytes:
        return self._ciphers.seal(secret.encode(), subscription)

    def open(self, subscription: str, sealed: bytes) -> str:
        """Raises `Unreadable`."""
        secret = self._ciphers.open(sealed, subscription)
        if secret is None:
            raise Unreadable(f"no key opens the secret of webhook {subscription}")
        return secret.decode()
