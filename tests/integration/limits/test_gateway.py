"""The gateway's limits, in a real nginx, before a server that answers everything."""

import asyncio
import resource
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from klik.gateway.node import Gateway, installed_nginx
from shared.messaging.topology import SERVICES
from tests.peers.raw import RawPeer
from tests.support.backends import unavailable
from tests.support.system import until

pytestmark = pytest.mark.integration

#: More than two workers could have open before there were limits.
SLOW_CLIENTS = 4500
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@asynccontextmanager
async def gateway(
    folder: Path, changed: dict[str, str] | None = None
) -> AsyncGenerator[httpx.AsyncClient]:
    """`changed`: patterns in its configuration, and what is put in their place."""
    if (nginx := installed_nginx()) is None:
        unavailable("nginx is not on this host: apt-get install nginx-light")
    async with RawPeer() as upstream:
        upstream.reply = ANSWER
        urls = dict.fromkeys(SERVICES, upstream.url)
        # as many as are allowed here
        several = {"worker_processes 1;": "worker_processes 2; worker_rlimit_nofile 65536;"}
        node = Gateway(folder, urls, nginx=nginx, changed=several | (changed or {}))
        await asyncio.to_thread(node.start)
        try:
            async with httpx.AsyncClient(base_url=node.url, timeout=10) as http:
                yield http
        finally:
            await asyncio.to_thread(node.stop)


def port_of(http: httpx.AsyncClient) -> int:
    assert http.base_url.port is not None
    return http.base_url.port


def expect_problem(reply: httpx.Response, status: int, kind: str) -> None:
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == f"urn:klikdesa:problem:{kind}"
    assert reply.json()["status"] == status


async def test_others_are_answered_when_thousands_of_requests_are_half_sent(tmp_path: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # each has two ends, in this process and in nginx
    assert most > SLOW_CLIENTS + 500, "this host allows too few open files"
    async with gateway(tmp_path) as http:
        opened: list[asyncio.StreamWriter] = []
        try:
            for _ in range(SLOW_CLIENTS):
                _, writer = await asyncio.open_connection("127.0.0.1", port_of(http))
                opened.append(writer)
                writer.write(b"POST /v1/consultations HTTP/1.1\r\nHost: x\r\nX-Pelan: ")
            async with httpx.AsyncClient(base_url=http.base_url, timeout=5) as another:
                for _ in range(20):
                    reply = await another.post("/v1/consultations", json={})
                    assert reply.status_code == 200
        finally:
            for writer in opened:
                writer.transport.abort()


async def test_half_sent_request_is_cut_when_its_time_is_over(tmp_path: Path) -> None:
    async with gateway(tmp_path, {"client_header_timeout 10s": "client_header_timeout 1s"}) as http:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(http))
        writer.write(b"GET /v1/consultations HTTP/1.1\r\nHost: x\r\nX-Pelan: ")

        async def cut() -> bool:
            # a byte now and then gives it no more time
            writer.write(b"x")
            return reader.exception() is not None

        await until(cut, 5, "the connection to be reset", poll=0.05)
        writer.close()


async def test_head_is_refused_when_it_is_too_large(tmp_path: Path) -> None:
    async with gateway(tmp_path) as http:
        reply = await http.get("/v1/consultations", headers={"X-Besar": "x" * 40_000})
        expect_problem(reply, 431, "head_too_large")
        reply = await http.get("/v1/consultations?" + "x" * 40_000)
        expect_problem(reply, 431, "head_too_large")


async def test_body_is_refused_when_it_is_too_large(tmp_path: Path) -> None:
    async with gateway(tmp_path) as http:
        reply = await http.post("/v1/consultations:batch", content=b"x" * 3 * 2**20)
        expect_problem(reply, 413, "too_large")


async def test_key_is_refused_when_it_asks_too_often_and_no_other(tmp_path: Path) -> None:
    few = {
        r"zone=by_key:10m rate=\d+r/s": "zone=by_key:10m rate=1r/s",
        r"zone=by_key burst=\d+": "zone=by_key burst=5",
    }
    async with gateway(tmp_path, few) as http:

        async def ask(key: str | None, language: str = "id") -> httpx.Response:
            headers = {"Accept-Language": language}
            if key:
                headers["Authorization"] = f"Bearer {key}"
            return await http.get("/v1/reference/topics", headers=headers)

        first, second = "klik_" + "a" * 43, "klik_" + "b" * 43
        replies = [await ask(first, "en") for _ in range(20)]
        assert [reply.status_code for reply in replies[:6]] == [200] * 6
        expect_problem(replies[-1], 429, "too_many")
        assert replies[-1].headers["retry-after"] == "1"
        assert replies[-1].json()["title"] == "Too many requests, try again later"
        assert (await ask(second)).status_code == 200
        assert (await ask(None)).status_code == 200


async def test_address_is_that_of_the_client_when_a_proxy_names_it(tmp_path: Path) -> None:
    few = {
        r"zone=without_key:10m rate=\d+r/s": "zone=without_key:10m rate=1r/s",
        r"zone=without_key burst=\d+": "zone=without_key burst=3",
    }
    async with gateway(tmp_path, few) as http:

        async def ask(client: str) -> int:
            headers = {"X-Forwarded-For": f"198.51.100.1, {client}"}
            return (await http.get("/v1/open/overview", headers=headers)).status_code

        assert [await ask("203.0.113.5") for _ in range(10)].count(429) > 3
        assert await ask("203.0.113.6") == 200
