"""AES-256-GCM as it is used here: named keys from the settings, each ciphertext bound to an id."""

import os
from base64 import b64decode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32


def parse_keys(text: str) -> dict[str, bytes]:
    """`id:base64,…` as key id → 32 bytes, in its order. Raises ValueError that shows no key."""
    keys: dict[str, bytes] = {}
    for entry in text.strip().split(","):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            keys[key_id] = b64decode(encoded, validate=True)
        except ValueError:
            raise ValueError("not base64") from None
        if not key_id or len(keys[key_id]) != KEY_BYTES:
            raise ValueError("expected <id>:<base64 of 32 bytes>")
    return keys


def encrypt(cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def decrypt(cipher: AESGCM, stored: bytes, bound_to: str) -> bytes:
    """Raises `InvalidTag` where the key or the id is another one."""
    return cipher.decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], bound_to.encode())
