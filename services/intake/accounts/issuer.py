"""The OIDC issuer, as people sign in with it: where they are sent, and what they come back with.

Addresses, PKCE and the rules of an ID token are Authlib's; its own HTTP clients are not used, which
want another HTTP library than ours (docs/decisions/0057). A token is verified by the same code as
those that the APIs are sent, for our client's id in place of the APIs' audience.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote, urlencode

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError
from pydantic import BaseModel, Field

from services.intake.accounts.attempts import Attempt
from shared.errors import KlikError, describe
from shared.text.origins import is_unread_on_its_way
from shared.web.jwks import ISSUER_SECONDS
from shared.web.oidc import LEEWAY, IssuedTokens
from shared.web.permissions import Caller
from shared.web.problems import Problem
from shared.web.responses import NO_ANSWER, NoCookies, read

log = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"
#: Seconds for which the issuer's own description is believed without looking; so soon is noticed,
#: before anybody is sent there, that it is away.
DESCRIPTION_SECONDS = 10.0
#: Seconds for which it is not asked again that did not answer: many may want to sign in meanwhile.
AWAY_SECONDS = 5.0
#: What it says where a code or a refresh token opens nothing any more.
_OVER = "invalid_grant"
#: What else it may say, all of it of how the two are set up (RFC 6749, 5.2).
_KNOWN_ERRORS = (
    "invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope",
)  # fmt: skip


class IssuerUnavailable(KlikError):
    """The issuer does not answer, or not as one."""


class NotAdmitted(KlikError):
    """Whoever comes from the issuer is not let in."""

    def __init__(self, why: Literal["again", "untrusted", "no_role"]) -> None:
        """`why`: `again`, what they came with is used or over; `untrusted`, the token does not
        hold; `no_role`, it names none of ours."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Registration:
    """What the issuer knows of us."""

    issuer: str
    client_id: str
    client_secret: str
    """Empty where it gave none."""
    scope: str
    back: str
    """Where people come back to, signed in."""
    after: str
    """And signed out."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who signed in, as the issuer says."""

    caller: Caller
    expires_at: datetime
    """Until when it says so."""
    refresh_token: str
    """Asks it again; empty where it gives none."""


class Description(BaseModel):
    """Of the issuer, by itself (OpenID Connect Discovery); what is left out here is not needed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = Field(default=["client_secret_basic"])


class _Tokens(BaseModel):
    id_token: str
    refresh_token: str = ""


class Issuer:
    def __init__(
        self,
        registration: Registration,
        tokens: IssuedTokens,
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tokens`: verify what is for our client's id."""
        self._ours = registration
        self._tokens = tokens
        self._http = httpx.AsyncClient(
            timeout=ISSUER_SECONDS, cookies=NoCookies(), transport=transport
        )
        self._monotonic = monotonic
        self._description: Description | None = None
        self._believed_until = self._away_until = -1.0
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        await self._http.aclose()

    async def sign_in_address(self, attempt: Attempt, language: str) -> str:
        """Where the person is sent. Raises `IssuerUnavailable`: nobody is sent to who is away."""
        described = await self._described()
        address: str = prepare_grant_uri(
            described.authorization_endpoint,
            self._ours.client_id,
            "code",
            self._ours.back,
            self._ours.scope,
            attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
            ui_locales=language,
        )
        return address

    async def sign_out_address(self) -> str | None:
        """Where the person signs out of the issuer too; None where that cannot be done."""
        try:
            end = (await self._described()).end_session_endpoint
        except IssuerUnavailable:
            return None
        if end is None:
            return None
        # no `id_token_hint`: a token in an address gets into histories and logs; without it the
        # issuer may ask the person whether it is meant
        asked = {"client_id": self._ours.client_id, "post_logout_redirect_uri": self._ours.after}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}"

    @property
    def name(self) -> str:
        """Its `iss`."""
        return self._ours.issuer

    async def by_code(self, code: str, attempt: Attempt) -> Account:
        """Who came back. Raises `IssuerUnavailable` and `NotAdmitted`."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._ours.back,
            "code_verifier": attempt.verifier,
        }
        return await self._account(await self._exchanged(asked), attempt.nonce)

    async def refreshed(self, refresh_token: str) -> tuple[str, str]:
        """Another ID token, and the refresh token to ask by next. Raises as `by_code`."""
        asked = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        given = await self._exchanged(asked)
        return given.id_token, given.refresh_token or refresh_token

    async def again(self, id_token: str, refresh_token: str) -> Account:
        """Whom the account is now, by what `refreshed` gave. Raises as `by_code`."""
        return await self._account(_Tokens(id_token=id_token, refresh_token=refresh_token), None)

    async def _account(self, given: _Tokens, nonce: str | None) -> Account:
        try:
            claims = await self._tokens.verified(given.id_token)
            # at a refresh there is none: what it was drawn for is over
            params = {"client_id": self._ours.client_id, **({"nonce": nonce} if nonce else {})}
            rules = CodeIDToken(dict(claims), {}, params=params)
            rules.validate(leeway=LEEWAY)
            caller = self._tokens.caller_of(claims)
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except JoseError as error:
            # its text may quote the token
            log.warning("sign-in refused", extra={"reason": type(error).__name__})
            raise NotAdmitted("untrusted") from None
        except Problem as problem:
            if problem.kind == "unavailable":
                raise IssuerUnavailable("the issuer's keys cannot be had") from None
            log.warning("sign-in refused", extra={"reason": problem.kind})
            why: Literal["no_role", "untrusted"]
            why = "no_role" if problem.kind == "forbidden" else "untrusted"
            raise NotAdmitted(why) from None
        except (TypeError, ValueError, OverflowError, OSError) as error:
            log.warning("sign-in refused", extra={"reason": type(error).__name__})
            raise NotAdmitted("untrusted") from None
        return Account(caller, expires_at, given.refresh_token)

    async def _exchanged(self, asked: Mapping[str, str]) -> _Tokens:
        described = await self._described(also_older=True)
        auth, known = self._credentials(described.token_endpoint_auth_methods_supported)
        try:
            # httpx's timeout is for each part of an answer
            async with asyncio.timeout(ISSUER_SECONDS):
                reply = await self._http.post(
                    described.token_endpoint, data={**asked, **known}, auth=auth
                )
            if reply.status_code != HTTPStatus.OK:
                raise self._refused(reply)
            return read(reply, _Tokens)
        except NO_ANSWER as error:
            log.error("issuer does not answer", extra={"error": describe(error)})
            raise IssuerUnavailable("the issuer does not answer") from None

    def _credentials(self, methods: list[str]) -> tuple[httpx.Auth, Mapping[str, str]]:
        """What shows the issuer that it is us who ask: as a header, and as fields."""
        ours = self._ours
        if not ours.client_secret:
            return httpx.Auth(), {"client_id": ours.client_id}
        if "client_secret_basic" in methods:
            # each by itself as a form writes it (RFC 6749, 2.3.1)
            named, secret = (quote(one, safe="") for one in (ours.client_id, ours.client_secret))
            return httpx.BasicAuth(named, secret), {}
        return httpx.Auth(), {"client_id": ours.client_id, "client_secret": ours.client_secret}

    @staticmethod
    def _refused(reply: httpx.Response) -> Exception:
        try:
            said = reply.json()["error"] if reply.status_code < 500 else None
        except (KeyError, TypeError, ValueError, RecursionError):
            said = None
        if said == _OVER:
            return NotAdmitted("again")
        # what an issuer says of itself is not put into a log, where it is none of the known words
        error = said if said in _KNOWN_ERRORS else f"HTTP {reply.status_code}"
        log.error("issuer refuses us", extra={"error": error})
        return IssuerUnavailable("the issuer refuses us")

    async def _described(self, *, also_older: bool = False) -> Description:
        """Raises `IssuerUnavailable`. `also_older`: what was read before will do."""
        if also_older and self._description:
            return self._description
        async with self._asking:
            if self._description and self._monotonic() < self._believed_until:
                return self._description
            if self._monotonic() < self._away_until:
                raise IssuerUnavailable("the issuer did not answer just now")
            try:
                self._description = await self._asked()
            except IssuerUnavailable:
                self._away_until = self._monotonic() + AWAY_SECONDS
                raise
            self._believed_until = self._monotonic() + DESCRIPTION_SECONDS
            return self._description

    async def _asked(self) -> Description:
        url = self._ours.issuer.rstrip("/") + WELL_KNOWN
        try:
            async with asyncio.timeout(ISSUER_SECONDS):
                reply = (await self._http.get(url)).raise_for_status()
            found = read(reply, Description)
            _check(found, self._ours.issuer)
            return found
        except NO_ANSWER as error:
            log.error("issuer does not answer", extra={"error": describe(error)})
            raise IssuerUnavailable("the issuer does not answer") from None


def _check(found: Description, issuer: str) -> None:
    """Raises ValueError where it is of another issuer, or sends us where others read along."""
    if found.issuer != issuer:
        raise ValueError("the description is of another issuer")
    ends = (found.authorization_endpoint, found.token_endpoint, found.end_session_endpoint)
    if not all(is_unread_on_its_way(end) for end in ends if end is not None):
        raise ValueError("an endpoint is not an https address")


def registered(
    issuer: str, client_id: str, client_secret: str, scope: str, public_url: str
) -> Registration:
    """As the settings say; with the two addresses that the issuer has to know."""
    here = public_url.rstrip("/")
    return Registration(
        issuer, client_id, client_secret.strip(), scope, f"{here}/masuk/kembali", f"{here}/masuk"
    )
