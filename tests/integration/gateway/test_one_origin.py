"""The whole system by one address, whichever program it is: post, follow, guess, listen."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from klik.gateway.node import Gateway, installed_nginx
from klik.nodes import NodeUnavailable
from tests.support.backends import unavailable
from tests.support.builders import a_post
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

#: Seconds for a post to be counted and told, on a busy machine.
TOLD = 60.0


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[System, None]:
    try:
        async with running_system(tmp_path_factory.mktemp("system")) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


@dataclass
class Origin:
    system: System
    http: httpx.AsyncClient
    node: Gateway

    def lines(self) -> str:
        """All that the gateway and the services have written."""
        logs = (*self.node.data.glob("*.log"), *(self.system.folder / "logs").glob("*.log"))
        return "".join(log.read_text() for log in logs)

    async def post(self) -> Any:
        reply = await self.http.post(
            "/v1/consultations", json=a_post(), headers=self.system.bearer("frontend")
        )
        assert reply.status_code == 202
        return reply.json()

    async def track(self, ticket: str, pin: str, source: str) -> int:
        headers = {"X-Pin": pin, "X-Forwarded-For": source}
        return (await self.http.get(f"/v1/track/{ticket}", headers=headers)).status_code


@pytest.fixture(params=["nginx", "proxy"])
async def origin(
    system: System, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Origin, None]:
    nginx: str | None = None
    if request.param == "nginx" and (nginx := installed_nginx()) is None:
        unavailable("nginx is not on this host: apt-get install nginx-light")
    urls = {name: system.url(name) for name in system.services}
    node = Gateway(tmp_path_factory.mktemp("gateway"), urls, nginx=nginx)
    await asyncio.to_thread(node.start)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, node.stop)
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=node.url, timeout=30))
        yield Origin(system, http, node)


async def test_reader_of_the_stream_is_told_when_somebody_posts_by_the_same_address(
    origin: Origin,
) -> None:
    headers = origin.system.bearer("analyst")
    overview = (await origin.http.get("/v1/reports/overview", headers=headers)).json()
    headers["Last-Event-ID"] = overview["position"]
    async with (
        asyncio.timeout(TOLD),
        origin.http.stream("GET", "/v1/reports/stream", headers=headers) as stream,
    ):
        lines = stream.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        await origin.post()
        async for line in lines:
            if line == "event: reset":  # the first of all
                await origin.post()
            if line.startswith("data: ") and json.loads(line[6:]).get("rows"):
                break


async def test_who_guesses_is_counted_by_the_source_that_asks_and_nobody_else_is(
    origin: Origin,
) -> None:
    sent = await origin.post()
    ticket, pin = sent["ticket"], sent["pin"]
    wrong = "000000" if pin != "000000" else "000001"
    for _ in range(5):
        assert await origin.track(ticket, wrong, "203.0.113.5") == 404
    assert await origin.track(ticket, pin, "203.0.113.5") == 404
    # a source of the caller's making, before the one that the proxy in front saw
    assert await origin.track(ticket, pin, "198.51.100.1, 203.0.113.5") == 404
    assert await origin.track(ticket, pin, "203.0.113.6") == 200


async def test_lines_of_all_logs_are_without_the_token_when_a_stream_is_opened_by_one(
    origin: Origin,
) -> None:
    headers = origin.system.bearer("analyst")
    made = (await origin.http.post("/v1/reports/stream-token", headers=headers)).json()
    url, token = "/v1/reports/stream", made["token"]
    async with (
        asyncio.timeout(TOLD),
        origin.http.stream("GET", url, params={"token": token}) as stream,
    ):
        assert await anext(stream.aiter_lines()) == "retry: 2000"
    for wrong in (token + "x", token[:-1], f"{token}%00"):
        reply = await origin.http.get(url, params={"token": wrong})
        assert reply.status_code == 401
    for path in ("/v1/nothing", "/nothing"):
        assert (await origin.http.get(path, params={"token": token})).status_code == 404

    async def written() -> bool:
        return origin.lines().count('"stream token refused"') >= 3

    await until(written, 10, "the refusals to be in the log")
    assert token[:60] not in origin.lines()


@pytest.mark.parametrize("path", ["/", "/kirim", "/lacak", "/masuk", "/satgas", "/docs/intake/"])
async def test_head_of_a_page_has_the_head_of_get_and_no_body(origin: Origin, path: str) -> None:
    got, looked = await origin.http.get(path), await origin.http.head(path)
    assert got.status_code < 400
    assert looked.status_code == got.status_code
    assert looked.headers.get("content-length") == got.headers.get("content-length")
    assert looked.content == b""
    # the connection is still good for what comes next
    assert (await origin.http.get("/healthz")).text == "ok\n"
