"""Envelope encryption of what must not be readable at rest: AES-256-GCM, one data key each.

The data key is itself encrypted ("wrapped") by a master key from the settings, so that deleting it
makes one person's data unreadable everywhere, backups included, and master keys can be changed
without touching the data. Each ciphertext is bound to its consultation's id.
"""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.intake.domain.consultation import Private
from shared.encryption import decrypt, encrypt, parse_keys
from shared.errors import KlikError
from shared.storage.documents import fields_of


class DecryptionFailed(KlikError):
    """The private part of a consultation cannot be decrypted; the message names its key's id."""


class EnvelopeEncryption:
    def __init__(self, master_keys: Mapping[str, bytes]) -> None:
        """Key id → 32 bytes; the first encrypts, all of them decrypt."""
        self._masters = {key_id: AESGCM(key) for key_id, key in master_keys.items()}
        self._current = next(iter(master_keys))
        self._secrets = tuple(master_keys.values())

    @classmethod
    def parse(cls, text: str) -> "EnvelopeEncryption":
        """From `id:base64,…`; raises ValueError that names no key."""
        try:
            return cls(parse_keys(text))
        except ValueError as error:
            raise ValueError(f"KLIK_MASTER_KEYS: {error}") from None

    def secret(self, purpose: str) -> bytes:
        """A key of its own for hashes of one kind; another one after a change of the master key."""
        return self.secrets(purpose)[0]

    def secrets(self, purpose: str) -> list[bytes]:
        """The same of each master key, for what is recognised after a change of it, too."""
        return [hmac.digest(secret, purpose.encode(), "sha256") for secret in self._secrets]

    def encrypt(self, consultation: str, private: Private) -> dict[str, Any]:
        """A sub-document `{key, wrapped, sealed}` to store."""
        data_key = AESGCM.generate_key(bit_length=256)
        plain = json.dumps(fields_of(private)).encode()
        return {
            "key": self._current,
            "wrapped": encrypt(self._masters[self._current], data_key, consultation),
            "sealed": encrypt(AESGCM(data_key), plain, consultation),
        }

    def decrypt(self, consultation: str, stored: Mapping[str, Any]) -> Private:
        """Raises `DecryptionFailed` where none of the master keys fits."""
        master = self._masters.get(stored["key"])
        if master is None:
            raise DecryptionFailed(
                f"KLIK_MASTER_KEYS lacks the key {stored['key']!r} of {consultation}"
            )
        try:
            data_key = decrypt(master, stored["wrapped"], consultation)
            plain = decrypt(AESGCM(data_key), stored["sealed"], consultation)
        except InvalidTag:
            raise DecryptionFailed(
                f"the key {stored['key']!r} in KLIK_MASTER_KEYS is not the one of {consultation}"
            ) from None
        return Private(**json.loads(plain))
