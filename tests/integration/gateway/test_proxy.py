"""The proxy of `make run` without nginx: what it passes on, how, and what it says itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from klik.gateway.node import Gateway
from klik.gateway.proxy import BODY_LIMIT, Proxy
from klik.nodes import free_port
from shared.messaging.topology import SERVICES
from tests.peers.raw import RawPeer
from tests.support.system import until

pytestmark = pytest.mark.integration


class Peer(RawPeer):
    """A service of few words: what it was asked, or pieces, each when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.left = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        if head.startswith("GET /v1/reports/"):
            await self._in_pieces(reader, writer)
        elif "chunked" in head:
            while not (chunk := await reader.read(65_536)).endswith(b"0\r\n\r\n"):
                if not chunk:
                    raise OSError("broken off")
        body = json.dumps(head.split("\r\n")[:-2]).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close, X-Own\r\nX-Own: 1\r\nKeep-Alive: timeout=1\r\n"
            b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )
        await writer.drain()

    async def _in_pieces(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        gone = asyncio.create_task(reader.read())
        gone.add_done_callback(lambda _: self.left.set())
        try:
            while (piece := await self.pieces.get()) is not None:
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
        finally:
            gone.cancel()
        writer.close()
        raise OSError("broken off")


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[Peer]:
    async with Peer() as peer:
        yield peer


@pytest.fixture(scope="module")
async def http(
    peer: Peer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    urls = dict.fromkeys(SERVICES, peer.url) | {"routing": f"http://127.0.0.1:{free_port()}"}
    node = Gateway(tmp_path_factory.mktemp("gateway"), urls, nginx=None)
    await asyncio.to_thread(node.start)
    try:
        async with httpx.AsyncClient(base_url=node.url, timeout=10) as http:
            yield http
    finally:
        await asyncio.to_thread(node.stop)


async def test_request_is_passed_on_as_it_came_but_for_what_is_of_one_connection(
    http: httpx.AsyncClient,
) -> None:
    reply = await http.post(
        "/",
        extensions={"target": b"/v1/consultations/a%2Fb?x=%20&x=2"},
        content=b"{}",
        headers={
            "Connection": "keep-alive, X-Hop, Content-Length", "X-Hop": "1", "TE": "trailers",
            "Upgrade": "h2c", "Proxy-Authorization": "Basic x", "Host": "desa.example",
            "Authorization": "Bearer key", "X-Forwarded-For": "203.0.113.5",
        },
    )  # fmt: skip
    first, *lines = reply.json()
    said = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    assert first == "POST /v1/consultations/a%2Fb?x=%20&x=2 HTTP/1.1"
    assert (said["host"], said["x-forwarded-host"]) == ("desa.example", "desa.example")
    assert (said["authorization"], said["content-length"]) == ("Bearer key", "2")
    # whom a proxy on this host names is who asks
    assert said["x-forwarded-for"] == "203.0.113.5, 203.0.113.5"
    assert said["x-forwarded-proto"] == "http"
    assert not {"x-hop", "te", "upgrade", "proxy-authorization", "transfer-encoding"} & said.keys()


async def test_answer_is_passed_on_but_for_what_is_of_one_connection(
    http: httpx.AsyncClient,
) -> None:
    reply = await http.get("/v1/consultations")
    assert reply.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert not {"x-own", "keep-alive", "server"} & reply.headers.keys()


async def test_source_is_the_neighbour_when_nobody_named_one(http: httpx.AsyncClient) -> None:
    assert "X-Forwarded-For: 127.0.0.1".lower() in [
        line.lower() for line in (await http.get("/v1/consultations")).json()
    ]


async def test_pieces_of_a_stream_come_one_by_one_and_the_service_hears_when_the_reader_goes(
    http: httpx.AsyncClient, peer: Peer
) -> None:
    peer.left.clear()
    async with http.stream("GET", "/v1/reports/stream") as reply:
        chunks = reply.aiter_raw()
        for piece in (b"data: 1\n\n", b":\n\n"):
            peer.pieces.put_nowait(piece)
            assert await anext(chunks) == piece
    async with asyncio.timeout(5):
        await peer.left.wait()
    peer.pieces.put_nowait(None)


async def test_answer_is_not_whole_when_the_service_broke_it_off(
    http: httpx.AsyncClient, peer: Peer
) -> None:
    peer.pieces.put_nowait(b"half")
    peer.pieces.put_nowait(None)
    with pytest.raises(httpx.RemoteProtocolError):
        await http.get("/v1/reports/consultations")


@pytest.mark.parametrize("announced", [True, False])
async def test_body_is_refused_when_it_is_too_large(
    http: httpx.AsyncClient, announced: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 65_536 + 1):
            yield bytes(65_536)

    content = b"x" * (BODY_LIMIT + 1) if announced else pieces()
    reply = await http.post("/v1/consultations:batch", content=content)
    assert (reply.status_code, reply.json()["type"]) == (413, "urn:klikdesa:problem:too_large")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/consultations HTTP/1.1",
        b"GET /v1/consultations HTTP/1.0",
        b"GET /v1/consultations HTTP/1.1\r\nHost: a\r\nHost: b",
        # what comes after an upgrade is no body to who reads it
        b"POST /v1/consultations HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
        b"Content-Length: 4",
    ],
)
async def test_request_is_malformed_when_its_host_or_its_length_is_none(
    http: httpx.AsyncClient, head: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", http.base_url.port)
    writer.write(head + b"\r\n\r\nabcd")
    async with asyncio.timeout(10):
        answer = await reader.readuntil(b"}")
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"urn:klikdesa:problem:malformed" in answer


async def test_chunked_body_is_passed_on_when_it_is_small(http: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        yield b"}"

    reply = await http.post("/v1/consultations", content=pieces())
    assert "transfer-encoding: chunked" in [line.lower() for line in reply.json()]


async def test_problem_says_to_come_again_when_the_service_is_away(
    http: httpx.AsyncClient,
) -> None:
    reply = await http.get("/v1/cases/1", headers={"Accept-Language": "en"})
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert reply.json()["title"] == "Not available now, try again"
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_problem_says_too_slow_when_a_body_does_not_go_on() -> None:
    sent = []

    async def nothing() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def send(message: object) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/consultations", "scheme": "http",
        "raw_path": b"/v1/consultations", "query_string": b"", "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"x"), (b"content-length", b"5")], "server": ("127.0.0.1", 2),
    }  # fmt: skip
    async with RawPeer() as listening:
        proxy = Proxy(dict.fromkeys(SERVICES, listening.url), body_pause_seconds=0.05)
        async with asyncio.timeout(5):
            await proxy(scope, nothing, send)
    assert sent[0]["status"] == 408  # type: ignore[index]


async def test_process_sleeps_when_nobody_asks(peer: Peer, tmp_path: Path) -> None:
    node = Gateway(tmp_path, dict.fromkeys(SERVICES, peer.url), nginx=None)
    await asyncio.to_thread(node.start)
    loop = asyncio.get_running_loop()
    try:
        before, began = _times_woken(node.pid), loop.time()

        async def long_enough() -> bool:
            return loop.time() > began + 3

        await until(long_enough, 10, "three seconds of nothing")
        # once a second; uvicorn by itself ten times
        assert _times_woken(node.pid) - before <= 9
    finally:
        await asyncio.to_thread(node.stop)


def _times_woken(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
