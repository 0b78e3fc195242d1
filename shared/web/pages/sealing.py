"""Cookies that nobody can read or make but us."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jwt.utils import base64url_decode, base64url_encode

from shared.encryption import decrypt, encrypt

#: Ours have about 350; nothing much longer is read.
LONGEST_CHARACTERS = 1_000


class Seal:
    """Seals what JSON can say into the value of a cookie, and opens it again."""

    def __init__(self, secret_of: Mapping[str, bytes], purpose: str) -> None:
        """`secret_of`: 32 bytes by the id of their master key; the first seals, all of them open,
        so that cookies outlive a change. `purpose`: what each is bound to."""
        self._ciphers = [AESGCM(secret) for secret in secret_of.values()]
        self._purpose = purpose

    def sealed(self, content: Any) -> str:
        sealed = encrypt(self._ciphers[0], json.dumps(content).encode(), self._purpose)
        return base64url_encode(sealed).decode()

    def opened(self, text: str) -> Any:
        """None where it was not sealed here, or for something else."""
        if not text or len(text) > LONGEST_CHARACTERS or not text.isascii():
            return None
        try:
            sealed = base64url_decode(text)
        except ValueError:
            return None
        for cipher in self._ciphers:
            try:
                return json.loads(decrypt(cipher, sealed, self._purpose))
            except (InvalidTag, ValueError):
                continue
        return None
