"""Tokens that stand for a caller for a moment: where a key cannot be sent, or is not at hand.

Each kind opens one thing, as its caller: with the same role and territory, and for as long as the
key holds. Nothing of it is stored. It is a JWT, of which only what we write is understood; no
library reads it, since PyJWT brings 11 MB along.
"""

import hmac
import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from shared.text.wording import Text
from shared.web.api_keys import Keys
from shared.web.permissions import Caller, Role
from shared.web.problems import Problem

log = logging.getLogger(__name__)

#: Ours have about 300; nothing longer is read.
LONGEST_CHARACTERS = 1_000

Reason = Literal["signature", "audience", "expired", "key"]


@dataclass(frozen=True, slots=True)
class CallerToken:
    text: str
    expires_at: datetime


class CallerTokens:
    """Gives out those of one kind, and tells whose one is."""

    def __init__(
        self,
        secret: bytes,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        kind: str,
        audience: str,
        lifetime: timedelta,
        called: str,
        over: Text,
        wrong: Text,
    ) -> None:
        """`secret`: the same in all replicas; `kind`: their `typ`; `audience`: what they open;
        `called`: in the log; `over`, `wrong`: what is said of one that expired, or does not hold.
        """
        self._secret = secret
        self._keys = keys
        self._clock = clock
        self._header = _part({"alg": "HS256", "typ": kind})
        self._audience = audience
        self._lifetime = lifetime
        self._called, self._over, self._wrong = called, over, wrong

    def issue(self, caller: Caller) -> CallerToken:
        expires_at = self._clock().replace(microsecond=0) + self._lifetime
        claims = {
            "aud": self._audience,
            "sub": caller.key_id,
            "role": caller.role,
            "territory": caller.territory,
            "of_issuer": caller.is_by_token,
            "until": caller.until and int(caller.until.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        signed = f"{self._header}.{_part(claims)}"
        return CallerToken(f"{signed}.{self._signature(signed)}", expires_at)

    def is_of_this_kind(self, token: str) -> bool:
        """Whether it says so; not whether it holds."""
        return token.startswith(f"{self._header}.")

    def caller_of(self, token: str) -> Caller:
        """Whose it is. Raises `Problem`, `unauthorized`, where it does not hold."""
        signed, _, signature = token[:LONGEST_CHARACTERS].rpartition(".")
        # as text: another spelling of the same bytes is not ours
        ours = self._signature(signed).encode()
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), ours):
            raise self._refused("signature")
        claims = _read(signed)
        if claims["aud"] != self._audience:
            raise self._refused("audience")
        if datetime.fromtimestamp(claims["exp"], UTC) <= self._clock():
            raise self._refused("expired")
        # a replica of before does not say
        until = claims.get("until")
        caller = Caller(
            claims["sub"],
            Role(claims["role"]),
            claims["territory"],
            is_by_token=claims["of_issuer"],
            until=None if until is None else datetime.fromtimestamp(until, UTC),
        )
        if not self.is_still(caller):
            raise self._refused("key")
        return caller

    def is_still(self, caller: Caller) -> bool:
        """Whether a key lets `caller` in now as it did when the token was given out. Of who came by
        the issuer, or a page, that lasts no longer than what said so."""
        if caller.until is not None and caller.until <= self._clock():
            return False
        if caller.is_by_token:
            return True
        owner = self._keys.owner(caller.key_id)
        return isinstance(owner, Caller) and (owner.role, owner.territory) == (
            caller.role,
            caller.territory,
        )

    def _refused(self, reason: Reason) -> Problem:
        log.info(f"{self._called} refused", extra={"reason": reason})
        said = self._over if reason == "expired" else self._wrong
        return Problem("unauthorized", detail=said, headers={"WWW-Authenticate": "Bearer"})

    def _signature(self, signed: str) -> str:
        digest = hmac.digest(self._secret, signed.encode("utf-8", "replace"), "sha256")
        return _base64(digest)


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _part(content: Mapping[str, Any]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _read(signed: str) -> dict[str, Any]:
    """What we wrote, since we signed it."""
    claims = signed.partition(".")[2]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return read
