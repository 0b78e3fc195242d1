"""Tokens in the links of alerts to requesters: each opens the page of one consultation for a while.

In the place of a PIN, which nobody but the requester has. They are no requester's tokens: at the
API they open nothing. 36 bytes: the consultation's id, until when, and a MAC over both by a key
that is derived from a master key. Nothing of them is stored.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.errors import KlikError

#: What the key is derived for.
PURPOSE = "link tokens"
ID_BYTES, UNTIL_BYTES, MAC_BYTES = 16, 4, 16
#: Without padding, since it is a multiple of three bytes.
CHARACTERS = (ID_BYTES + UNTIL_BYTES + MAC_BYTES) // 3 * 4


class LinkRefused(KlikError):
    """The token does not hold; `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class IssuedLink:
    text: str = field(repr=False)
    expires_at: datetime


class LinkTokens:
    def __init__(
        self, secrets: Mapping[str, bytes], lifetime: timedelta, clock: Callable[[], datetime]
    ) -> None:
        """`secrets`: the first signs, all of them verify."""
        self._secrets = tuple(secrets.values())
        self._lifetime = lifetime
        self._clock = clock

    def issue(self, consultation: UUID) -> IssuedLink:
        until = int((self._clock() + self._lifetime).timestamp())
        signed = consultation.bytes + until.to_bytes(UNTIL_BYTES)
        text = urlsafe_b64encode(signed + _mac(self._secrets[0], signed)).decode()
        return IssuedLink(text, datetime.fromtimestamp(until, UTC))

    def consultation(self, token: str) -> UUID:
        """The one that it opens. Raises `LinkRefused`."""
        if len(token) != CHARACTERS or not token.isascii():
            raise LinkRefused("malformed")
        try:
            plain = urlsafe_b64decode(token)
        except ValueError:
            raise LinkRefused("malformed") from None
        # the decoder passes over what is not of its alphabet
        if urlsafe_b64encode(plain).decode() != token:
            raise LinkRefused("malformed")
        signed, mac = plain[:-MAC_BYTES], plain[-MAC_BYTES:]
        if not any(hmac.compare_digest(_mac(secret, signed), mac) for secret in self._secrets):
            raise LinkRefused("not_signed_here")
        until = datetime.fromtimestamp(int.from_bytes(signed[ID_BYTES:]), UTC)
        if until <= self._clock():
            raise LinkRefused("expired")
        return UUID(bytes=signed[:ID_BYTES])


def _mac(secret: bytes, signed: bytes) -> bytes:
    return hmac.digest(secret, signed, "sha256")[:MAC_BYTES]
