"""Keys and tokens at the door of one service: each goes to whoever can tell whose it is."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from shared.web.app import create_http
from shared.web.auth import CallerOf, Keyring, Tokens
from shared.web.permissions import Caller, Role, Scope
from shared.web.problems import Problem
from tests.support.keys import KEYS, TERRITORY, bearer, keyring_text


class Issued(Tokens):
    """Tells tokens by what is written on them."""

    def __init__(self) -> None:
        """Without an issuer or its keys."""

    async def identify(self, token: str) -> Caller:
        name, _, kind = token.split(".")
        if kind != "ok":
            raise Problem(kind)
        return Caller(name, Role.OFFICER, TERRITORY)


async def opened(tokens: Tokens | None) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_http("any", "", Keyring.parse(keyring_text()), lambda: True, None, tokens)

    @app.get("/case")
    async def read_case(caller: CallerOf) -> dict[str, str | None]:
        return {"id": caller.key_id, "scope": caller.scope, "territory": caller.territory}

    @app.get("/calendar")
    async def read_calendar(caller: CallerOf) -> str:
        return caller.scope

    @app.get("/report")
    async def reconcile_counts(caller: CallerOf) -> str:
        return caller.scope

    @app.get("/unlisted")
    async def unlisted(caller: CallerOf) -> str:
        return caller.scope

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://any"
    ) as client:
        yield client


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async for client in opened(Issued()):
        yield client


@pytest.fixture
async def without_issuer() -> AsyncGenerator[httpx.AsyncClient]:
    async for client in opened(None):
        yield client


async def test_keys_and_tokens_are_both_let_in(client: httpx.AsyncClient) -> None:
    by_key = await client.get("/case", headers=bearer(KEYS[Role.OFFICER]))
    by_token = await client.get("/case", headers=bearer("siti.x.ok"))
    assert by_key.json() == {"id": "test-officer", "scope": "own", "territory": TERRITORY}
    assert by_token.json() == {"id": "siti", "scope": "own", "territory": TERRITORY}


async def test_reach_is_that_of_the_route(client: httpx.AsyncClient) -> None:
    assert (await client.get("/calendar", headers=bearer("siti.x.ok"))).json() == Scope.ALL
    dpmd = await client.get("/case", headers=bearer(KEYS[Role.DPMD]))
    assert dpmd.json()["scope"] == Scope.ALL


async def test_a_token_opens_no_more_than_its_role(client: httpx.AsyncClient) -> None:
    assert (await client.get("/report", headers=bearer("siti.x.ok"))).status_code == 403


@pytest.mark.parametrize("role", KEYS)
async def test_a_route_without_a_line_is_closed_to_everybody(
    client: httpx.AsyncClient, role: Role
) -> None:
    assert (await client.get("/unlisted", headers=bearer(KEYS[role]))).status_code == 403


@pytest.mark.parametrize(
    ("kind", "status"), [("unauthorized", 401), ("forbidden", 403), ("unavailable", 503)]
)
async def test_what_is_wrong_with_a_token_is_said(
    client: httpx.AsyncClient, kind: str, status: int
) -> None:
    reply = await client.get("/case", headers=bearer(f"siti.x.{kind}"))
    assert reply.status_code == status
    assert reply.json()["type"] == f"urn:klikdesa:problem:{kind}"


async def test_without_an_issuer_a_token_is_an_unknown_key(
    without_issuer: httpx.AsyncClient,
) -> None:
    reply = await without_issuer.get("/case", headers=bearer("siti.x.ok"))
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
