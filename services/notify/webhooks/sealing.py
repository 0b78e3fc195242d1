"""Webhook secrets: made here, shown once, kept encrypted (AES-256-GCM).

Signing needs the secret itself, so that no hash will do. Each is bound to its subscription.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import KlikError

NONCE_BYTES = 12
KEY_BYTES = 32
#: Standard Webhooks asks for 24 to 64 bytes.
SECRET_BYTES = 32


class Unreadable(KlikError):
    """None of the keys in KLIK_WEBHOOK_KEYS opens this secret."""


def new_secret() -> str:
    """In the form of Standard Webhooks, `whsec_<base64>`."""
    return f"whsec_{b64encode(os.urandom(SECRET_BYTES)).decode()}"


class Sealer:
    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Key id → 32 bytes; the first seals, all of them open."""
        self._ciphers = [AESGCM(key) for key in keys.values()]

    @classmethod
    def parse(cls, text: str) -> "Sealer":
        """From `id:base64,…`; raises ValueError that shows no key."""
        keys: dict[str, bytes] = {}
        for entry in text.strip().split(","):
            key_id, _, encoded = entry.strip().partition(":")
            try:
                keys[key_id] = b64decode(encoded, validate=True)
            except ValueError:
                raise ValueError("not base64") from None
            if not key_id or len(keys[key_id]) != KEY_BYTES:
                raise ValueError("expected <id>:<base64 of 32 bytes>")
        return cls(keys)

    def seal(self, subscription: str, secret: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, secret.encode(), subscription.encode())

    def open(self, subscription: str, sealed: bytes) -> str:
        """Raises `Unreadable`."""
        nonce, secret = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, secret, subscription.encode()).decode()
            except InvalidTag:
                continue
        raise Unreadable(f"no key opens the secret of webhook {subscription}")
