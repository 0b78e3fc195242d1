"""Which of the services' paths the gateway passes on: those for people and front-ends.

The table says so, nginx's file is made of it, and both gateways, as they run, do as it says.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from klik.gateway import routes
from klik.gateway.node import DEPLOY, Gateway, installed_nginx
from klik.gateway.routes import Redirect, Route, find
from shared.messaging.topology import SERVICES
from tests.contract.test_access import ROUTES
from tests.peers.raw import RawPeer
from tests.support.backends import unavailable

#: What only services and machinery ask.
INSIDE = {"/v1/contacts", "/v1/accepted", "/livez", "/readyz", "/metrics", "/openapi.json"}


def asked(path: str, service: str) -> str:
    """The path outside of a path of the service, with something for what it leaves open."""
    path = re.sub(r"\{\w+(:path)?\}", "a", path)
    return f"/docs/{service}{path.removeprefix('/docs')}" if path.startswith("/docs") else path


EVERY = sorted({(route.service, route.path) for route in ROUTES})
OUTSIDE = [one for one in EVERY if one[1] not in INSIDE]
UNKNOWN = [
    *sorted(INSIDE), "/nothing", "/v1", "/v1/contacts/", "/v1/contacts/1",
    "/v1/consultations-of-all", "/v1/consultations/../contacts", "/v1//contacts", "/docs/nobody/",
]  # fmt: skip


@pytest.mark.parametrize(("service", "path"), OUTSIDE)
def test_path_reaches_its_service_when_it_is_for_the_outside(service: str, path: str) -> None:
    found = find(asked(path, service))
    assert found is not None, "a line in klik/gateway/routes.py, or INSIDE above"
    if isinstance(found.line, Redirect):
        found = find(found.to or "")
    assert found is not None
    assert isinstance(found.line, Route)
    assert found.line.service == service


@pytest.mark.parametrize("path", UNKNOWN)
def test_path_reaches_nobody_when_only_services_ask_it(path: str) -> None:
    assert find(path) is None


def test_what_is_for_the_inside_is_there() -> None:
    assert {path for _, path in EVERY} >= INSIDE - {"/openapi.json"}


def test_stream_is_passed_on_as_one_when_it_is_one() -> None:
    streams = {
        asked(route.path, route.service) for route in ROUTES if route.name == "stream_changes"
    }
    assert {path for path in streams if (found := find(path)) and found.line.streams} == streams  # type: ignore[union-attr]


def test_nginxs_file_is_what_the_table_makes() -> None:
    assert (DEPLOY / routes.CONF).read_text() == routes.conf(routes.in_docker), "run `make docs`"


class Named(RawPeer):
    """Answers with its name, and the line that it was asked by."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        target = head.split(b" ", 2)[1].decode()
        body = f"{self._name} {target}".encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        writer.write(body)
        await writer.drain()


@pytest.fixture(scope="module", params=["nginx", "proxy"])
async def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    """Before servers that say who they are."""
    nginx: str | None = None
    if request.param == "nginx" and (nginx := installed_nginx()) is None:
        unavailable("nginx is not on this host: apt-get install nginx-light")
    folder: Path = tmp_path_factory.mktemp("gateway")
    async with AsyncExitStack() as stack:
        peers = {name: await stack.enter_async_context(Named(name)) for name in SERVICES}
        node = Gateway(folder, {name: peer.url for name, peer in peers.items()}, nginx=nginx)
        await asyncio.to_thread(node.start)
        stack.push_async_callback(asyncio.to_thread, node.stop)
        yield await stack.enter_async_context(httpx.AsyncClient(base_url=node.url))


async def test_gateway_as_it_runs_does_what_the_table_says(gateway: httpx.AsyncClient) -> None:
    for service, path in OUTSIDE:
        reply = await gateway.get(asked(path, service), follow_redirects=True)
        own = re.sub(r"\{\w+(:path)?\}", "a", path)
        own = "/docs/" if own == "/docs" else own
        assert reply.text == f"{service} {own}", path


async def test_gateway_as_it_runs_passes_on_nothing_else(gateway: httpx.AsyncClient) -> None:
    around = ("/v1/consultations/..%2fcontacts", "/v1/reference/%2e%2e/contacts", "/v1/%63ontacts")
    for path in (*UNKNOWN, *around):
        for method in ("GET", "POST"):
            # as it stands: the client would clean it up
            reply = await gateway.request(method, "/", extensions={"target": path.encode()})
            assert reply.status_code == 404, path
            assert reply.json()["type"] == "urn:klikdesa:problem:not_found"
            assert reply.headers["access-control-allow-origin"] == "*"
