"""Tokens in the links of alerts to requesters: each opens the page of one consultation for a while.

In the place of a PIN, which nobody but the requester has. They are no requester's tokens: at the
API they open nothing. They hold the consultation's id and until when, under a key that is derived
from a master key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.keys import link_tokens
from shared.keys.link_tokens import LinkRefused

#: What the key is derived for.
PURPOSE = "link tokens"
ID_BYTES, UNTIL_BYTES = 16, 4
CHARACTERS = link_tokens.characters(ID_BYTES + UNTIL_BYTES)


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
        plain = consultation.bytes + until.to_bytes(UNTIL_BYTES)
        text = link_tokens.write(self._secrets[0], plain)
        return IssuedLink(text, datetime.fromtimestamp(until, UTC))

    def consultation(self, token: str) -> UUID:
        """The one that it opens. Raises `LinkRefused`."""
        plain = link_tokens.read(self._secrets, token, ID_BYTES + UNTIL_BYTES)
        until = datetime.fromtimestamp(int.from_bytes(plain[ID_BYTES:]), UTC)
        if until <= self._clock():
            raise LinkRefused("expired")
        return UUID(bytes=plain[:ID_BYTES])
