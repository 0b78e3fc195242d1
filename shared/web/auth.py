"""Who is calling, and whether that may be: what every guarded route depends on.

The caller sends `Authorization: Bearer …` with an API key (`api_keys.py`) or, where the
deployment has an OIDC issuer, with a token of it (`oidc.py`); a requester, to intake alone, with a
token for one consultation; the dashboard's page, to reporting alone, with one for who is signed in.
What the role may then do is one table, `ACCESS` in `permissions.py`.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Protocol

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.audit.trail import open_trail
from shared.limits.callers import CallerLimits
from shared.settings import Settings
from shared.text.wording import Text
from shared.web.api_keys import Keyring, KeyringFile, Keys
from shared.web.permissions import ACCESS, Caller, Role, Scope
from shared.web.problems import Problem
from shared.web.unknown_parameters import only_known

if TYPE_CHECKING:
    from shared.web.oidc import IssuedTokens

__all__ = [
    "ACCESS", "ELSEWHERE", "AddressTokens", "Caller", "CallerOf", "Keyring", "OwnTokens", "Role",
    "Scope", "Tokens", "authorize", "bearer", "is_still", "let_in", "open_keys",
    "open_tokens", "reach", "take_refused", "without_key",
]  # fmt: skip


class Tokens(Protocol):
    """What tells who sends a token of the issuer."""

    async def identify(self, token: str) -> Caller: ...


class OwnTokens(Protocol):
    """What tells who sends a token that this deployment gave out by itself: a requester, for one
    consultation, or a page, for who is signed in to it."""

    def identify(self, token: str) -> Caller | None:
        """None where it is a token of another kind. Raises `Problem`, `unauthorized`."""


class AddressTokens(Protocol):
    """Tokens in the address, `?token=…`, of one route: for who can send no header there."""

    route: str
    """Its name."""

    def identify(self, token: str) -> Caller:
        """Raises `Problem`, `unauthorized`."""

    def is_still(self, caller: Caller) -> bool:
        """Whether whom a token let in is still to be."""


#: For 403 where it is the place, not the role.
ELSEWHERE = Text("Kunci ini untuk kecamatan lain.", "This key is for another kecamatan.")

bearer = HTTPBearer(
    auto_error=False,
    description="An API key, a token of the deployment's OIDC issuer, or a requester's token",
    scheme_name="ApiKey",
)


async def authorize(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller:
    """The caller of a guarded route, with its reach there.

    Opens what the audit is to say of it. Raises `Problem`: 401 without a valid key or token, 403
    where the role may not; and 422, to who may, for what the route does not know. `TooMany` in
    place of 401, from a source of many.
    """
    credential = credentials.credentials if credentials else ""
    tokens, token = (None, "") if credential else _in_address(request)
    try:
        caller = tokens.identify(token) if tokens else await _identify(request, credential)
    except Problem as problem:
        if problem.kind == "unauthorized":
            take_refused(request, credential or token)
        raise
    reaching = let_in(request, caller, request.scope["route"].name)
    await only_known(request)
    return reaching


def let_in(request: Request, caller: Caller, operation: str) -> Caller:
    """`caller` with its reach in `operation`: of the route itself, or that a page carries out.

    Opens what the audit is to say of it. Raises `Problem`, `forbidden`.
    """
    # a requester's id would name the consultation; the trail does so itself
    key = caller.role if caller.role is Role.REQUESTER else caller.key_id
    open_trail(request.scope, key, caller.role, caller.territory, operation)
    return reach(caller, operation)


def reach(caller: Caller, operation: str) -> Caller:
    """`caller` with its reach in `operation`. Raises `Problem`, `forbidden`."""
    scope = ACCESS.get(operation, {}).get(caller.role)
    if scope is None:
        said = Text(
            f"Peran '{caller.role}' tidak berwenang untuk tindakan ini.",
            f"The role '{caller.role}' may not do this.",
        )
        raise Problem("forbidden", detail=said)
    if scope is Scope.OWN and caller.territory is None:
        said = Text("Kunci ini tidak untuk kecamatan mana pun.", "This key is for no kecamatan.")
        raise Problem("forbidden", detail=said)
    return replace(caller, scope=scope)


#: What a guarded route takes its caller by.
CallerOf = Annotated[Caller, Depends(authorize)]


def _in_address(request: Request) -> tuple[AddressTokens | None, str]:
    """Where the route takes a token so, and one is there."""
    tokens: AddressTokens | None = request.app.state.address_tokens
    if tokens is None or request.scope["route"].name != tokens.route:
        return None, ""
    token = request.query_params.get("token", "")
    return (tokens, token) if token else (None, "")


async def _identify(request: Request, credential: str) -> Caller:
    keys: Keys = request.app.state.keyring
    tokens: Tokens | None = request.app.state.tokens
    own: OwnTokens | None = request.app.state.own_tokens
    if looks_like_token(credential):
        if own is not None and (found := own.identify(credential)):
            return found
        if tokens is not None:
            return await tokens.identify(credential)
    caller = keys.identify(credential)
    if caller is None:
        raise Problem("unauthorized", headers={"WWW-Authenticate": "Bearer"})
    return caller


async def is_still(caller: Caller, request: Request) -> bool:
    """Whether `request`, which stays open, would be let in now, as the same caller."""
    given = await bearer(request)
    if given is None and (tokens := _in_address(request)[0]):
        return tokens.is_still(caller)
    try:
        now = await _identify(request, given.credentials if given else "")
    except Problem as problem:
        return problem.status == 503  # the issuer's keys cannot be had: nothing speaks against it
    return replace(now, scope=caller.scope) == caller


def take_refused(request: Request, credential: str) -> None:
    """Only what was found to be wrong counts: a right key is let in, whatever others with its
    address do. Raises `TooMany`."""
    limits: CallerLimits = request.app.state.limits
    host = request.client.host if request.client else None
    if credential:
        limits.take_wrong_key(host)
    else:
        limits.take_anonymous(host)


async def without_key(request: Request) -> None:
    """What an open route depends on that costs something to answer. Raises `TooMany`."""
    take_refused(request, "")


def looks_like_token(credential: str) -> bool:
    """A JWT has three parts; an API key begins with `klik_` and has no dot."""
    return credential.count(".") == 2 and not credential.startswith("klik_")


def open_keys(settings: Settings) -> Keys:
    """The API keys; those in a file are followed when it changes. Raises ValueError."""
    if path := settings.file_of("keyring"):
        return KeyringFile(path)
    return Keyring.parse(settings.keyring.get_secret_value())


def open_tokens(settings: Settings, audience: str | None = None) -> "IssuedTokens | None":
    """None where there is no OIDC issuer. `audience`: another one than that of the APIs."""
    if not settings.oidc_issuer:
        return None
    # only here: 11 MB of every process that has no issuer
    from shared.web.jwks import Jwks, reader
    from shared.web.oidc import IssuedTokens, Issuer

    issuer = Issuer(
        settings.oidc_issuer,
        audience or settings.oidc_audience,
        settings.oidc_role_claim,
        settings.oidc_territory_claim,
    )
    return IssuedTokens(issuer, Jwks(reader(settings.oidc_jwks)))
