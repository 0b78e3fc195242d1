"""AES-256-GCM as it is used here: each ciphertext bound to an id."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


def encrypt(cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def decrypt(cipher: AESGCM, stored: bytes, bound_to: str) -> bytes:
    """Raises `InvalidTag` where the key or the id is another one."""
    return cipher.decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], bound_to.encode())
