"""Stream tokens: what one opens, for how long, and for whom no more."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.reporting.live.sse import HEARTBEAT_SECONDS
from services.reporting.live.tokens import LIFETIME, StreamTokens
from shared.web.auth import Keyring
from shared.web.permissions import Caller, Role
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import KEYS, bearer, key_row, keyring_text
from tests.support.services.dashboard import Scene

STREAM, TOKEN = "/v1/reports/stream", "/v1/reports/stream-token"
READER = bearer(KEYS[Role.ANALYST])
OWN = Caller("test-officer", Role.OFFICER, "64.02.06")


@pytest.fixture
def scene() -> Scene:
    return Scene(20, heartbeat=0.05)


@pytest.fixture
async def http(scene: Scene) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with scene.served() as url, httpx.AsyncClient(base_url=url, timeout=10) as http:
        yield http


async def token_of(http: httpx.AsyncClient) -> str:
    reply = await http.post(TOKEN, headers=READER)
    assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-store")
    token: str = reply.json()["token"]
    return token


async def refused(http: httpx.AsyncClient, token: str, path: str = STREAM) -> Any:
    reply = await http.get(path, params={"token": token}, headers={"Accept-Language": "en"})
    assert reply.status_code == 401, reply.text
    return reply.json().get("detail")


async def test_token_opens_the_stream_in_place_of_a_key(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    token = await token_of(http)
    for _ in range(2):  # the browser's EventSource comes again with the same address
        async with http.stream("GET", STREAM, params={"token": token}) as reply:
            assert reply.status_code == 200
            lines = reply.aiter_lines()
            assert [await anext(lines) for _ in range(2)] == ["retry: 2000", ""]
    reply = await http.get(STREAM, params={"token": token, "last_event": "x", "else": "1"})
    assert reply.status_code == 422


async def test_reader_is_told_to_read_anew_when_its_place_in_the_address_is_unknown(
    http: httpx.AsyncClient,
) -> None:
    params = {"token": await token_of(http), "last_event": "9-9"}
    async with http.stream("GET", STREAM, params=params) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("event: "):
                assert line == "event: reset"
                break


async def test_token_is_refused_when_its_minute_is_over(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    token = await token_of(http)
    scene.clock.now += LIFETIME
    assert await refused(http, token) == "The stream token has expired; ask for another one."


async def test_token_is_refused_when_one_character_is_another(http: httpx.AsyncClient) -> None:
    token = await token_of(http)
    for at in range(0, len(token), 7):
        changed = "A" if token[at] != "A" else "B"
        wrong = token[:at] + changed + token[at + 1 :]
        assert await refused(http, wrong) == "The stream token is not valid."


@pytest.mark.parametrize("token", ["x", "..", "a.b.c", "é.é.é", "e30.e30.", "x" * 990])
async def test_token_is_refused_when_it_is_none(http: httpx.AsyncClient, token: str) -> None:
    assert await refused(http, token) == "The stream token is not valid."


async def test_token_opens_nothing_else(http: httpx.AsyncClient) -> None:
    token = await token_of(http)
    for path in ("/v1/reports/overview", "/v1/reports/stream-token"):
        assert (await http.get(path, params={"token": token})).status_code in (401, 405)
    assert (await http.post(TOKEN, params={"token": token})).status_code == 401
    assert (await http.get(STREAM, headers=bearer(token))).status_code == 401


async def test_token_is_refused_when_its_key_was_revoked_meanwhile(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    token = await token_of(http)
    row = key_row("test-analyst", KEYS[Role.ANALYST], Role.ANALYST, revoked_at=NOON.isoformat())
    scene.keys.now = Keyring.parse(keyring_text(row))
    assert await refused(http, token) == "The stream token is not valid."


async def test_stream_goes_on_after_the_minute_and_ends_when_its_key_is_revoked(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    async with http.stream("GET", STREAM, params={"token": await token_of(http)}) as reply:
        lines = reply.aiter_lines()
        scene.clock.now += 2 * LIFETIME
        for _ in range(2):
            while await anext(lines) != ":":
                pass
        row = key_row("test-analyst", KEYS[Role.ANALYST], Role.DPMD)
        scene.keys.now = Keyring.parse(keyring_text(row))
        async with asyncio.timeout(5):
            async for _ in lines:
                pass


def by_issuer(scene: Scene, lasts: timedelta) -> str:
    """A token of the stream, for who showed one of the issuer."""
    tokens = StreamTokens(b"of all replicas", scene.keys, scene.clock)
    caller = Caller("budi-1", Role.DPMD, is_by_token=True, until=scene.clock.now + lasts)
    return tokens.issue(caller).text


async def test_stream_ends_when_the_token_of_the_issuer_ends_that_opened_it(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    params = {"token": by_issuer(scene, timedelta(minutes=5))}
    async with http.stream("GET", STREAM, params=params) as reply:
        lines = reply.aiter_lines()
        scene.clock.now += timedelta(minutes=4)
        for _ in range(2):
            while await anext(lines) != ":":
                pass
        scene.clock.now += timedelta(minutes=1)
        async with asyncio.timeout(5):
            async for _ in lines:
                pass


async def test_stream_waits_for_no_heartbeat_when_its_token_ends() -> None:
    scene = Scene(20)
    params = {"token": by_issuer(scene, timedelta(seconds=1))}
    async with scene.served() as url, httpx.AsyncClient(base_url=url) as http:
        async with asyncio.timeout(HEARTBEAT_SECONDS - 5):
            async with http.stream("GET", STREAM, params=params, timeout=None) as reply:
                async for _ in reply.aiter_lines():
                    pass


async def test_who_may_not_read_the_stream_gets_no_token(http: httpx.AsyncClient) -> None:
    for role in (Role.FRONTEND, Role.OFFICER):
        assert (await http.post(TOKEN, headers=bearer(KEYS[role]))).status_code == 403
    assert (await http.post(TOKEN)).status_code == 401


def keys(**fields: Any) -> Keyring:
    return Keyring.parse(keyring_text(key_row("test-officer", "k", Role.OFFICER, **fields)))


def test_token_keeps_the_kecamatan_of_who_asked_for_it() -> None:
    clock = Clock(NOON)
    made = StreamTokens(b"one", keys(territory="64.02.06"), clock).issue(OWN)
    assert StreamTokens(b"one", keys(territory="64.02.06"), clock).identify(made.text) == OWN
    assert made.expires_at == NOON + timedelta(seconds=60)
    for elsewhere in (
        StreamTokens(b"one", keys(territory="64.02.05"), clock),
        StreamTokens(b"two", keys(territory="64.02.06"), clock),
    ):
        with pytest.raises(Exception, match="unauthorized"):
            elsewhere.identify(made.text)


def test_token_of_who_came_by_the_issuer_needs_no_key() -> None:
    tokens = StreamTokens(b"one", Keyring.parse("[]"), Clock(NOON))
    caller = Caller("budi-1", Role.DPMD, is_by_token=True)
    assert tokens.identify(tokens.issue(caller).text) == caller
    ends = replace(caller, until=NOON + timedelta(hours=1))
    assert tokens.identify(tokens.issue(ends).text).until == ends.until
    with pytest.raises(Exception, match="unauthorized"):
        tokens.identify(tokens.issue(Caller("budi-1", Role.DPMD)).text)
