"""The headers of OWASP's list for REST, on every answer of every route of every service."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest

from shared.web.auth import ACCESS
from shared.web.openapi.page import POLICY
from tests.contract.test_access import ROUTES, Route
from tests.support.keys import bearer, keyring_text
from tests.support.storeless import credential, open_storeless

#: What may be kept: files of pages, the open edition, and what has no personal data.
KEPT = {
    "docs_file",
    "page_file",
    "dashboard",
    "dashboard_file",
    "read_open_overview",
    "read_overview",
    "read_reference",
}


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Each service's app, open, but with no store: what is not refused gets 503."""
    async with open_storeless(keyring_text()) as found:
        yield found


def expect_safe(reply: httpx.Response, *, may_be_kept: bool = False) -> None:
    for name in ("x-content-type-options", "content-security-policy", "cache-control"):
        assert len(reply.headers.get_list(name)) == 1, f"{name}: {reply.headers}"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "server" not in reply.headers
    if reply.status_code >= 400 or not may_be_kept:
        assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("route", ROUTES, ids=lambda one: f"{one.service}-{one.method}-{one.name}")
async def test_answer_has_safe_headers_whoever_asks(
    clients: dict[str, httpx.AsyncClient], route: Route
) -> None:
    roles = sorted(ACCESS.get(route.name, ()))
    path = re.sub(r"{name}", "swagger-ui.css", route.path)
    path = re.sub(r"{\w+}", "019aa000-0000-7000-8000-000000000001", path)
    for headers in ({}, bearer(credential(roles[0])) if roles else {"X-Pin": "123456"}):
        for body in (None, {"not": "known"}):
            reply = await clients[route.service].request(
                route.method, path, headers=headers, json=body
            )
            expect_safe(reply, may_be_kept=route.name in KEPT)


async def test_refusal_has_safe_headers_when_no_route_gave_it(
    clients: dict[str, httpx.AsyncClient],
) -> None:
    for client in clients.values():
        for reply in (
            await client.get("/nothing"),
            await client.request("TRACE", "/docs/"),
            await client.post("/v1/nothing", content=b"{"),
            await client.post("/v1/nothing", content=b"x" * 70_000),
        ):
            assert reply.status_code >= 400
            expect_safe(reply)


async def test_page_of_an_api_may_run_what_it_has_and_nothing_else(
    clients: dict[str, httpx.AsyncClient],
) -> None:
    for client in clients.values():
        page = await client.get("/docs/")
        assert page.headers["content-security-policy"] == POLICY
        scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
        assert len(scripts) == 1
        for script in scripts:
            digest = b64encode(sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in POLICY
        assert not re.search(r"https?://|\son\w+=", page.text)
        for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png", "openapi.json"):
            assert (await client.get(f"/docs/{name}")).status_code == 200
    assert "http" not in POLICY
