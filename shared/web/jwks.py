"""The public keys of an OIDC issuer: fetched when they are needed, kept, fetched anew in time."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from shared.errors import KlikError, describe
from shared.text.origins import is_unread_on_its_way
from shared.web.responses import NO_ANSWER

log = logging.getLogger(__name__)

#: Seconds that the keys are used without asking again.
KEYS_FRESH_SECONDS = 600.0
#: Seconds between two fetches, however many tokens name an unknown key; less while there are none.
FETCH_PAUSE_SECONDS = 30.0
FIRST_FETCH_PAUSE_SECONDS = 5.0
#: Seconds for the issuer to answer.
ISSUER_SECONDS = 3.0

#: JWK type and curve → the one algorithm that its signatures are checked with. A token's own word
#: for it never counts: that is how a public key would be taken for a shared secret.
_ALGORITHMS: Mapping[str, str] = {"RSA": "RS256", "EC P-256": "ES256", "OKP Ed25519": "EdDSA"}

Fetch = Callable[[], Awaitable[str]]


class JwksUnavailable(KlikError):
    """The keys cannot be had, and none are kept from before."""


class Jwks:
    """An issuer's keys by their `kid`. Keys that cannot be fetched anew go on being used."""

    def __init__(self, fetch: Fetch, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`fetch`: the JWKS document; may raise what is in `NO_ANSWER`."""
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys: dict[str | None, PyJWK] | None = None
        self._fresh_until = self._may_fetch_at = -1.0
        self._fetching = asyncio.Lock()

    async def key(self, kid: str | None) -> PyJWK | None:
        """None where the issuer has no such key. Without a `kid`, its key if it has only one."""
        if self._monotonic() >= self._fresh_until:
            await self._refresh()
        if self._find(kid) is None:
            await self._refresh()  # the issuer may have changed its keys
        if self._keys is None:
            raise JwksUnavailable("the issuer's keys cannot be had")
        return self._find(kid)

    def _find(self, kid: str | None) -> PyJWK | None:
        keys = self._keys or {}
        if kid is None and len(keys) == 1:
            return next(iter(keys.values()))
        return keys.get(kid)

    async def _refresh(self) -> None:
        async with self._fetching:
            if self._monotonic() < self._may_fetch_at:
                return
            try:
                self._keys = parse_jwks(await self._fetch())
                self._fresh_until = self._monotonic() + KEYS_FRESH_SECONDS
            except NO_ANSWER as error:
                log.error("issuer's keys not fetched", extra={"error": describe(error)})
            pause = FIRST_FETCH_PAUSE_SECONDS if self._keys is None else FETCH_PAUSE_SECONDS
            self._may_fetch_at = self._monotonic() + pause


def parse_jwks(text: str) -> dict[str | None, PyJWK]:
    """The keys that signatures can be checked with; others are left out. Raises ValueError."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise ValueError("not a JWKS document") from None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWKS document")
    return dict(_usable(document["keys"]))


def _usable(keys: Iterable[Any]) -> Iterable[tuple[str | None, PyJWK]]:
    for key in keys:
        if not isinstance(key, dict) or key.get("use", "sig") != "sig":
            continue
        kid = key.get("kid")
        algorithm = _ALGORITHMS.get(f"{key.get('kty')} {key.get('crv', '')}".strip())
        if algorithm is None or key.get("alg", algorithm) != algorithm:
            continue
        try:
            yield None if kid is None else str(kid), PyJWK(key, algorithm)
        except PyJWTError as error:
            log.warning("issuer's key not usable", extra={"error": type(error).__name__})


def reader(address: str) -> Fetch:
    """How to fetch the JWKS at `address`: a web address, or the path of a file."""
    return _over_http(address) if is_unread_on_its_way(address) else _from_file(Path(address))


def _over_http(url: str) -> Fetch:
    async def fetch() -> str:
        # httpx's timeout is for each part of an answer, however many parts it comes in
        async with (
            asyncio.timeout(ISSUER_SECONDS),
            httpx.AsyncClient(timeout=ISSUER_SECONDS) as http,
        ):
            reply = await http.get(url)
        return reply.raise_for_status().text

    return fetch


def _from_file(path: Path) -> Fetch:
    async def fetch() -> str:
        return await asyncio.to_thread(path.read_text)

    return fetch
