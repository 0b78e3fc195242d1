"""Tokens of an OIDC issuer: JWTs that it signed for us, with the caller's role as a claim."""

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt import PyJWK
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    MissingRequiredClaimError,
    PyJWTError,
)

from shared import reference
from shared.text.wording import Text
from shared.web.jwks import Jwks, JwksUnavailable
from shared.web.permissions import OF_A_KEY, OF_ONE_KECAMATAN, Caller, Role
from shared.web.problems import Problem

log = logging.getLogger(__name__)

#: Seconds by which the issuer's clock and ours may differ.
LEEWAY = 30
#: Seconds since 1970, in the year 5138.
_FAR = 10**11
#: A subject that can be an actor in events as it is (`Code` in shared/events.py).
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")

_WHY: Mapping[type[Exception], Text] = {
    ExpiredSignatureError: Text("Token sudah kedaluwarsa.", "The token has expired."),
    ImmatureSignatureError: Text("Token belum berlaku.", "The token is not valid yet."),
    InvalidAudienceError: Text(
        "Token ditujukan untuk sistem lain.", "The token is for another audience."
    ),
    InvalidIssuerError: Text("Token dari penerbit lain.", "The token is of another issuer."),
    MissingRequiredClaimError: Text(
        "Token kurang lengkap: perlu exp, iss, aud, dan sub.",
        "The token lacks a claim: exp, iss, aud and sub are needed.",
    ),
}
NOT_TRUSTED = Text("Token ini tidak dapat dipercaya.", "The token is not one that can be trusted.")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens count: its `iss`, our `aud`, and the claims that tell role and territory."""

    issuer: str
    audience: str
    role_claim: str = "klik_role"
    territory_claim: str = "klik_territory"


class IssuedTokens:
    """Tells who sends a token."""

    def __init__(self, issuer: Issuer, keys: Jwks) -> None:
        self._issuer = issuer
        self._keys = keys

    async def identify(self, token: str) -> Caller:
        """The caller, by its subject. Raises `Problem`, as the two below."""
        return self.caller_of(await self.verified(token))

    async def verified(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that holds.

        Raises `Problem`: `unauthorized` where it does not, `unavailable` where the issuer's keys
        cannot be had.
        """
        try:
            key = await self._key_of(token)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key=key,
                algorithms=[key.algorithm_name],
                audience=self._issuer.audience,
                issuer=self._issuer.issuer,
                leeway=LEEWAY,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "enforce_minimum_key_length": True,
                },
            )
        except (PyJWTError, RecursionError, OverflowError) as error:  # an `exp` of 1e999
            log.info("token refused", extra={"reason": type(error).__name__})
            why = _WHY.get(type(error), NOT_TRUSTED)
            raise unauthorized(why) from None
        return claims

    async def _key_of(self, token: str) -> PyJWK:
        kid = jwt.get_unverified_header(token).get("kid")
        try:
            key = await self._keys.key(kid)
        except JwksUnavailable:
            said = Text("Token belum dapat diperiksa.", "The token cannot be checked now.")
            raise Problem("unavailable", detail=said) from None
        if key is None:
            raise unauthorized(
                Text(
                    "Token ditandatangani dengan kunci yang tidak dimiliki penerbitnya.",
                    "The token is signed with a key that its issuer does not have.",
                )
            )
        return key

    def caller_of(self, claims: Mapping[str, Any]) -> Caller:
        """Raises `Problem`, `forbidden`, where they name no role of ours, or not the kecamatan that
        the role needs."""
        id_ = subject_id(self._issuer.issuer, claims["sub"])
        role, territory = (
            claims.get(name) for name in (self._issuer.role_claim, self._issuer.territory_claim)
        )
        if not isinstance(role, str) or role not in OF_A_KEY:
            claim = self._issuer.role_claim
            said = Text(f"'{claim}' pada token bukan peran.", f"The token's '{claim}' is no role.")
            raise Problem("forbidden", detail=said)
        if role not in OF_ONE_KECAMATAN:
            return Caller(id_, Role(role), is_by_token=True, until=_end(claims["exp"]))
        if not isinstance(territory, str) or not reference.is_kecamatan(territory):
            claim = self._issuer.territory_claim
            said = Text(
                f"'{claim}' pada token bukan kecamatan.",
                f"The token's '{claim}' is no kecamatan.",
            )
            raise Problem("forbidden", detail=said)
        return Caller(id_, Role(role), territory, is_by_token=True, until=_end(claims["exp"]))


def _end(exp: int) -> datetime:
    """No year that a calendar has not; what is years away does not matter."""
    return datetime.fromtimestamp(min(int(exp), _FAR), UTC)


def subject_id(issuer: str, subject: str) -> str:
    """`subject` where it can be an actor, else a hash: an e-mail address is nobody's business."""
    if _CODE.fullmatch(subject):
        return subject
    return (
        "oidc-"
        + hashlib.sha256(f"{issuer}\n{subject}".encode(errors="surrogatepass")).hexdigest()[:16]
    )


def unauthorized(detail: Text) -> Problem:
    return Problem("unauthorized", detail=detail, headers={"WWW-Authenticate": "Bearer"})
