"""Stream tokens: for a browser's own EventSource, which can send no header.

Who may read the stream gets one by key, and puts it into the stream's address. It opens that one
stream, for a minute, as its caller: with the same role and territory, and for as long as the key
holds. Nothing of it is stored. It is a JWT, of which only what we write is understood.
"""

import hmac
import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.text.wording import Text
from shared.web.api_keys import Keys
from shared.web.permissions import Caller, Role
from shared.web.problems import Problem

log = logging.getLogger(__name__)

#: From giving a token out until it was used; a connection that it opened goes on.
LIFETIME = timedelta(seconds=60)
#: The route that it opens, by its name.
ROUTE = "stream_changes"
#: Ours have about 300; nothing longer is read.
LONGEST_CHARACTERS = 1_000

_OVER = Text(
    "Token aliran sudah kedaluwarsa; minta yang baru.",
    "The stream token has expired; ask for another one.",
)
_WRONG = Text("Token aliran ini tidak berlaku.", "The stream token is not valid.")


@dataclass(frozen=True, slots=True)
class StreamToken:
    text: str
    expires_at: datetime


class StreamTokens:
    """Gives them out, and tells whose one is."""

    route = ROUTE

    def __init__(
        self,
        secret: bytes,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        lifetime: timedelta = LIFETIME,
    ) -> None:
        """`secret`: the same in all replicas."""
        self._secret = secret
        self._keys = keys
        self._clock = clock
        self._lifetime = lifetime

    def issue(self, caller: Caller) -> StreamToken:
        expires_at = self._clock().replace(microsecond=0) + self._lifetime
        claims = {
            "aud": ROUTE,
            "sub": caller.key_id,
            "role": caller.role,
            "territory": caller.territory,
            "of_issuer": caller.is_by_token,
            "exp": int(expires_at.timestamp()),
        }
        signed = f"{_HEADER}.{_part(claims)}"
        return StreamToken(f"{signed}.{self._signature(signed)}", expires_at)

    def identify(self, token: str) -> Caller:
        """Whose it is. Raises `Problem`, `unauthorized`, where it does not hold."""
        signed, _, signature = token[:LONGEST_CHARACTERS].rpartition(".")
        # as text: another spelling of the same bytes is not ours
        ours = self._signature(signed).encode()
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), ours):
            raise _refused("signature", _WRONG)
        claims = _read(signed)
        if claims["aud"] != ROUTE:
            raise _refused("audience", _WRONG)
        if datetime.fromtimestamp(claims["exp"], UTC) <= self._clock():
            raise _refused("expired", _OVER)
        caller = Caller(
            claims["sub"],
            Role(claims["role"]),
            claims["territory"],
            is_by_token=claims["of_issuer"],
        )
        if not self.is_still(caller):
            raise _refused("key", _WRONG)
        return caller

    def is_still(self, caller: Caller) -> bool:
        """Whether a key lets `caller` in now as it did when the token was given out. Of who has a
        token of the issuer nothing more is known: the connection ends by itself."""
        if caller.is_by_token:
            return True
        owner = self._keys.owner(caller.key_id)
        return isinstance(owner, Caller) and (owner.role, owner.territory) == (
            caller.role,
            caller.territory,
        )

    def _signature(self, signed: str) -> str:
        digest = hmac.digest(self._secret, signed.encode("utf-8", "replace"), "sha256")
        return _base64(digest)


def _base64(content: bytes) -> str:
    # PyJWT has the same, and 11 MB that reporting does without
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _part(content: Mapping[str, Any]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode())


_HEADER = _part({"alg": "HS256", "typ": "klik-stream+jwt"})


def _read(signed: str) -> dict[str, Any]:
    """What we wrote, since we signed it."""
    claims = signed.partition(".")[2]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return read


def _refused(reason: str, said: Text) -> Problem:
    log.info("stream token refused", extra={"reason": reason})
    return Problem("unauthorized", detail=said, headers={"WWW-Authenticate": "Bearer"})
