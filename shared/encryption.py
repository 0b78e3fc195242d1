"""AES-256-GCM as it is used here: each ciphertext bound to an id."""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


def encrypt(cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def decrypt(cipher: AESGCM, stored: bytes, bound_to: str) -> bytes:
    """Raises `InvalidTag` where the key or the id is another one."""
    return cipher.decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], bound_to.encode())


class Ciphers:
    """Several keys as one: the first seals, all of them open, so that what is sealed outlives a
    change of them."""

    def __init__(self, secret_of: Mapping[str, bytes]) -> None:
        """Key id → 32 bytes."""
        self._ciphers = [AESGCM(secret) for secret in secret_of.values()]

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        return encrypt(self._ciphers[0], plain, bound_to)

    def open(self, sealed: bytes, bound_to: str) -> bytes | None:
        """None where no key does."""
        for cipher in self._ciphers:
            try:
                return decrypt(cipher, sealed, bound_to)
            except (InvalidTag, ValueError):  # of another key or id, or too short to be one
                continue
        return None
