"""Envelope encryption of what must not be readable at rest: AES-256-GCM, one data key each.

What a consultation holds in words is sealed with its data key, part by part. The data key is itself
encrypted ("wrapped") by a master key from the settings, so that deleting it makes the words of one
consultation unreadable, and master keys can be changed without touching them. Each ciphertext is
bound to its consultation's id and to its part.
"""

import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.encryption import decrypt, encrypt
from shared.errors import KlikError, TryLater
from shared.keys.named import parse_keys


class DecryptionFailed(KlikError):
    """What is kept of a consultation cannot be decrypted; the message names the key's id."""


class MasterKeyUnknown(DecryptionFailed, TryLater):
    """This process has not got the master key; another one has, or it will when started anew."""


class DataKey:
    """Seals and opens the parts of one consultation."""

    def __init__(self, consultation: str, key: bytes) -> None:
        self._consultation = consultation
        self._cipher = AESGCM(key)

    def seal(self, part: str, text: str) -> bytes:
        return encrypt(self._cipher, text.encode(), f"{self._consultation}/{part}")

    def open(self, part: str, sealed: bytes) -> str:
        return self._opened(sealed, f"{self._consultation}/{part}")

    def open_whole(self, sealed: bytes) -> str:
        """What was sealed until 2026-11, when there was one part only."""
        return self._opened(sealed, self._consultation)

    def _opened(self, sealed: bytes, bound_to: str) -> str:
        try:
            return decrypt(self._cipher, sealed, bound_to).decode()
        except InvalidTag:
            raise DecryptionFailed(f"this was not sealed as {bound_to}") from None


class EnvelopeEncryption:
    def __init__(self, master_keys: Mapping[str, bytes]) -> None:
        """Key id → 32 bytes; the first encrypts, all of them decrypt."""
        self._masters = {key_id: AESGCM(key) for key_id, key in master_keys.items()}
        self.current = next(iter(master_keys))
        self._secrets = dict(master_keys)

    @classmethod
    def parse(cls, text: str) -> "EnvelopeEncryption":
        """From `id:base64,…`; raises ValueError that names no key."""
        try:
            return cls(parse_keys(text))
        except ValueError as error:
            raise ValueError(f"KLIK_MASTER_KEYS: {error}") from None

    @property
    def known(self) -> frozenset[str]:
        """The ids of the master keys."""
        return frozenset(self._masters)

    def secret(self, purpose: str) -> bytes:
        """A key of its own for hashes of one kind; another one after a change of the master key."""
        return self.secrets(purpose)[self.current]

    def secrets(self, purpose: str) -> dict[str, bytes]:
        """That of each master key by its id, the current one first: for what outlives a change."""
        return {
            key_id: hmac.digest(secret, purpose.encode(), "sha256")
            for key_id, secret in self._secrets.items()
        }

    def check(self, key_id: str) -> str:
        """What tells a master key from others, and nothing of it."""
        return hmac.digest(self._secrets[key_id], b"check", "sha256").hex()

    def new_key(self, consultation: str) -> tuple[DataKey, dict[str, Any]]:
        """A data key, and `{key, wrapped}` to store: the master key's id, and what it encrypted."""
        key = AESGCM.generate_key(bit_length=256)
        return DataKey(consultation, key), self._wrapped(consultation, key)

    def unwrap(self, consultation: str, stored: Mapping[str, Any]) -> DataKey:
        """Raises `DecryptionFailed` where none of the master keys fits."""
        return DataKey(consultation, self._unwrapped(consultation, stored))

    def rewrap(self, consultation: str, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The same data key by the current master key. Raises as `unwrap`."""
        return self._wrapped(consultation, self._unwrapped(consultation, stored))

    def _wrapped(self, consultation: str, key: bytes) -> dict[str, Any]:
        wrapped = encrypt(self._masters[self.current], key, consultation)
        return {"key": self.current, "wrapped": wrapped}

    def _unwrapped(self, consultation: str, stored: Mapping[str, Any]) -> bytes:
        master = self._masters.get(stored["key"])
        if master is None:
            raise MasterKeyUnknown(
                f"KLIK_MASTER_KEYS lacks the key {stored['key']!r} of {consultation}:"
                " start this process anew, with the keys that all others have"
            )
        try:
            return decrypt(master, stored["wrapped"], consultation)
        except InvalidTag:
            raise DecryptionFailed(
                f"the key {stored['key']!r} in KLIK_MASTER_KEYS is not the one of {consultation}"
            ) from None
