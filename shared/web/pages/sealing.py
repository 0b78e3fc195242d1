"""Cookies that nobody can read or make but us."""

import json
from collections.abc import Mapping
from typing import Any

from jwt.utils import base64url_decode, base64url_encode

from shared.encryption import Ciphers

#: Ours have about 350; nothing much longer is read.
LONGEST_CHARACTERS = 1_000


class Seal:
    """Seals what JSON can say into the value of a cookie, and opens it again."""

    def __init__(self, secret_of: Mapping[str, bytes], purpose: str) -> None:
        """`secret_of`: 32 bytes by the id of their master key, as `Ciphers` takes them; `purpose`:
        what each is bound to."""
        self._ciphers = Ciphers(secret_of)
        self._purpose = purpose

    def sealed(self, content: Any) -> str:
        sealed = self._ciphers.seal(json.dumps(content).encode(), self._purpose)
        return base64url_encode(sealed).decode()

    def opened(self, text: str) -> Any:
        """None where it was not sealed here, or for something else."""
        if not text or len(text) > LONGEST_CHARACTERS or not text.isascii():
            return None
        try:
            sealed = base64url_decode(text)
        except ValueError:
            return None
        content = self._ciphers.open(sealed, self._purpose)
        return None if content is None else json.loads(content)
