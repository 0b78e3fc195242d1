"""Requesters' tokens: JWTs that intake signs, each for one consultation and some weeks.

A key of their own signs them (HS256), derived from the master key that their `kid` names, so that
they outlive a change of the master key for as long as it is kept. Nothing of them is stored.
"""

import hmac
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_decode, base64url_encode

from shared.text.wording import Text
from shared.web.oidc import NOT_TRUSTED, unauthorized
from shared.web.permissions import Caller, Role

log = logging.getLogger(__name__)

#: What the signing key is derived for.
PURPOSE = "requester tokens"
#: The `typ` that tells these tokens from an issuer's, and the `aud` that they are for.
TYPE = "klik-requester+jwt"
AUDIENCE = "klikdesa/intake"
ALGORITHM = "HS256"
#: Ours have about 270; nothing much longer is read.
LONGEST_CHARACTERS = 1_000

_OVER = Text(
    "Token sudah kedaluwarsa; tiket dan PIN memberi token baru.",
    "The token has expired; ticket and PIN give another one.",
)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    expires_at: datetime


class RequesterTokens:
    def __init__(
        self,
        secrets: Mapping[str, bytes],
        lifetime: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        """`secrets`: by `kid`; the first signs, all of them verify."""
        self._secrets = secrets
        current, self._secret = next(iter(secrets.items()))
        self._header = _part({"alg": ALGORITHM, "kid": current, "typ": TYPE})
        self._lifetime = lifetime
        self._clock = clock

    def issue(self, consultation: UUID, since: datetime | None = None) -> Token:
        """For its requester. The same `since` gives the same token, as a repeated receipt needs."""
        since = (since or self._clock()).replace(microsecond=0)
        expires_at = since + self._lifetime
        claims = {
            "aud": AUDIENCE,
            "sub": str(consultation),
            "iat": int(since.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        # in the way of every post: `jwt.encode` makes the header and looks at the key each time
        signed = self._header + b"." + _part(claims)
        signature = base64url_encode(hmac.digest(self._secret, signed, "sha256"))
        return Token((signed + b"." + signature).decode(), expires_at)

    def identify(self, token: str) -> Caller | None:
        """The requester; None where it is a token of another kind.

        Raises `Problem`, `unauthorized`, where it does not hold.
        """
        if len(token) > LONGEST_CHARACTERS or (header := _header(token)).get("typ") != TYPE:
            return None
        try:
            claims = self._verified(token, header)
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            id_ = UUID(claims["sub"])
        except (
            PyJWTError,
            ArithmeticError,
            OSError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            log.info("token refused", extra={"reason": type(error).__name__})
            raise unauthorized(NOT_TRUSTED) from None
        if expires_at <= self._clock():
            raise unauthorized(_OVER)
        return Caller(f"requester:{id_}", Role.REQUESTER, consultation=id_)

    def _verified(self, token: str, header: Mapping[str, Any]) -> dict[str, Any]:
        """Its claims. What the header says beyond our own three words is not understood here, so
        that it is not signed by us either."""
        kid = header.get("kid")
        secret = self._secrets.get(kid) if isinstance(kid, str) else None
        if secret is None or set(header) != {"alg", "typ", "kid"}:
            raise ValueError("a header of nobody here")
        signature = token.rpartition(".")[2]
        if base64url_encode(base64url_decode(signature)).decode() != signature:
            raise ValueError("another spelling of the same bytes")
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            [ALGORITHM],
            audience=AUDIENCE,
            options={
                "require": ["exp", "iat", "aud", "sub"],
                # by our own clock, which drills may shift
                "verify_exp": False,
                "verify_iat": False,
            },
        )
        return claims


def _part(content: Mapping[str, Any]) -> bytes:
    return base64url_encode(json.dumps(content, separators=(",", ":")).encode())


def _header(token: str) -> Mapping[str, Any]:
    """As it is written, whoever wrote it; empty where it cannot be read."""
    try:
        return jwt.get_unverified_header(token)
    except (PyJWTError, RecursionError, ValueError):
        return {}
