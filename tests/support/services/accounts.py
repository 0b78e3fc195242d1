"""An OIDC issuer in memory, which behaves as a test says, also as none should; and what is kept of
the sessions that its accounts opened."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from services.intake.accounts.issuer import Issuer, registered
from services.intake.accounts.sessions import Kept
from services.intake.pages.site import PAGES
from shared.storage.mongo import EPOCH
from shared.web.jwks import Jwks
from shared.web.oidc import IssuedTokens
from shared.web.oidc import Issuer as Trusted
from tests.support.services.officer_pages import is_in, session_of

NAME, CLIENT = "https://login.example", "klik-halaman"
PUBLIC_URL = "http://i"
TOKEN, DESCRIPTION = "/token", "/.well-known/openid-configuration"


@cache
def signing_key(name: str = "k1") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def jwks(name: str = "k1") -> str:
    jwk = json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(signing_key(name).public_key()))
    return json.dumps({"keys": [{**jwk, "kid": name}]})


@dataclass
class Grant:
    """What a code, or a refresh token, is for."""

    nonce: str | None
    challenge: str = ""
    is_used: bool = False


@dataclass
class IssuerPeer:
    """`account`: the claims of who signs in; None closes it."""

    account: dict[str, Any] | None = field(
        default_factory=lambda: {
            "sub": "budi-1",
            "klik_role": "officer",
            "klik_territory": "64.02.06",
        }
    )
    claims: dict[str, Any] = field(default_factory=dict)
    """What is said otherwise in each ID token; None leaves a claim out."""
    key: str = "k1"
    is_down: bool = False
    gives_refresh_tokens: bool = True
    seconds: int = 600
    """That an ID token lasts."""
    now: float = 0.0
    """Seconds by intake's own count."""
    described: dict[str, Any] = field(default_factory=dict)
    """What is said otherwise in the description."""
    answers: dict[str, Callable[[], httpx.Response]] = field(default_factory=dict)
    """In place of its own, by path."""
    asked: list[httpx.Request] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)

    def issuer(self, secret: str = "") -> Issuer:
        """As intake has it."""

        async def keys() -> str:
            if self.is_down:
                raise httpx.ConnectError("away")
            return jwks()

        tokens = IssuedTokens(Trusted(NAME, CLIENT), Jwks(keys))
        ours = registered(NAME, CLIENT, secret, "openid", PUBLIC_URL)
        return Issuer(ours, tokens, httpx.MockTransport(self._answer), lambda: self.now)

    def authorize(self, address: str, **answered: str) -> str:
        """The person agrees at `address`: where their browser goes next, without its origin.
        `answered`: what is sent back otherwise."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{NAME}/auth"
        asked = {name: one for name, (one,) in parse_qs(parts.query).items()}
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == f"{PUBLIC_URL}/masuk/kembali"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.grants)}"
        self.grants[code] = Grant(asked["nonce"], asked["code_challenge"])
        said = {"code": code, "state": asked["state"], "iss": NAME, **answered}
        return f"/masuk/kembali?{urlencode({name: one for name, one in said.items() if one})}"

    def exchanges(self) -> list[dict[str, str]]:
        """What was asked of the token endpoint."""
        posts = [one for one in self.asked if one.url.path == TOKEN]
        return [
            {name: one for name, (one,) in parse_qs(post.content.decode()).items()}
            for post in posts
        ]

    def id_token(self, nonce: str | None = None) -> str:
        now = int(time.time())
        whole = {
            "iss": NAME, "aud": CLIENT, "iat": now, "exp": now + self.seconds,
            "nonce": nonce, **(self.account or {}), **self.claims,
        }  # fmt: skip
        said = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(said, signing_key(self.key), "ES256", {"kid": "k1"})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.is_down:
            raise httpx.ConnectError("away")
        if answer := self.answers.get(request.url.path):
            return answer()
        if request.url.path == DESCRIPTION:
            whole = {
                "issuer": NAME,
                "authorization_endpoint": f"{NAME}/auth",
                "token_endpoint": f"{NAME}{TOKEN}",
                "end_session_endpoint": f"{NAME}/logout",
                **self.described,
            }
            return httpx.Response(200, json={k: v for k, v in whole.items() if v is not None})
        asked = self.exchanges()[-1]
        grant = self.grants.get(asked.get("code") or asked.get("refresh_token") or "")
        if grant is None or grant.is_used or self.account is None or not _proved(grant, asked):
            return httpx.Response(400, json={"error": "invalid_grant"})
        grant.is_used = True  # also of a refresh token: each is for one time
        given: dict[str, Any] = {"access_token": "opaque", "id_token": self.id_token(grant.nonce)}
        if self.gives_refresh_tokens:
            given["refresh_token"] = f"refresh-{len(self.grants)}"
            self.grants[given["refresh_token"]] = Grant(None)
        return httpx.Response(200, json={**given, "token_type": "Bearer"})


def _proved(grant: Grant, asked: dict[str, str]) -> bool:
    if not grant.challenge:
        return True
    digest = sha256(asked["code_verifier"].encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == grant.challenge


async def begin(client: httpx.AsyncClient, target: str = "") -> str:
    """The issuer's address, to which the button leads."""
    reply = await client.get("/masuk/akun", params={"ke": target} if target else {})
    assert reply.status_code == 303
    return reply.headers["location"]


async def come_back(
    client: httpx.AsyncClient, peer: IssuerPeer, target: str = "", **answered: str
) -> httpx.Response:
    return await client.get(peer.authorize(await begin(client, target), **answered))


async def refused(client: httpx.AsyncClient, reply: httpx.Response, text: str, status: int) -> None:
    """`text`: the name of the one that says why; beside it a code may be typed."""
    assert (reply.status_code, PAGES.texts("id")[text] in reply.text) == (status, True), reply.text
    assert 'name="kode"' in reply.text
    assert not session_of(client)
    assert not await is_in(client)


@dataclass
class FakeAccountSessions:
    kept: dict[str, Kept] = field(default_factory=dict)
    asking: dict[str, datetime] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)

    async def add(self, session: str, kept: Kept, until: datetime) -> None:
        self.kept[session], self.asking[session], self.until[session] = kept, EPOCH, until

    async def get(self, session: str) -> Kept | None:
        return self.kept.get(session)

    async def claim(self, session: str, now: datetime, until: datetime) -> bool:
        kept = self.kept.get(session)
        if kept is None or kept.good_until > now or self.asking[session] > now:
            return False
        self.asking[session] = until
        return True

    async def renew(self, session: str, refresh_token: str, good_until: datetime) -> None:
        if kept := self.kept.get(session):
            changed = replace(kept, refresh_token=refresh_token, good_until=good_until)
            self.kept[session] = changed

    async def remove(self, session: str) -> None:
        self.kept.pop(session, None)

    async def forget(self, now: datetime) -> int:
        over = [session for session in self.kept if self.until[session] <= now]
        for session in over:
            del self.kept[session]
        return len(over)
