"""What a client may send before anybody reads it: heads of any size, in any number of pieces."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from shared.connection import HEAD_BYTES, HEAD_SECONDS, Connection, cut_slow
from tests.support.system import until

LINE = b"POST / HTTP/1.1\r\nHost: x\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads nothing, as an answer to what is refused by its headers."""
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def status(self) -> int:
        return int((await asyncio.wait_for(self.reader.readline(), 5)).split()[1])

    async def rest(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(), 5)


class Server:
    def __init__(self, running: uvicorn.Server, port: int) -> None:
        self.running, self.port = running, port
        self._opened: list[asyncio.StreamWriter] = []

    async def open(self, first: bytes = b"") -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._opened.append(writer)
        writer.write(first)
        return Client(reader, writer)

    async def receive(self, clients: int) -> None:
        """Until that many are connected, and what they sent was read."""

        async def there() -> bool:
            return len(self.running.server_state.connections) >= clients

        await until(there, 5, "the connections", poll=0.01)
        await asyncio.sleep(0.01)

    def look(self, after: float) -> None:
        """As the server does each second; `after`: seconds from now."""
        cut_slow(self.running.server_state.connections, asyncio.get_running_loop().time() + after)

    def close(self) -> None:
        for writer in self._opened:
            writer.close()


@asynccontextmanager
async def served() -> AsyncGenerator[Server, None]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(answer, http=Connection, ws="none", lifespan="off", log_config=None)
    running = uvicorn.Server(config)
    serving = asyncio.create_task(running.serve(sockets=[listening]))
    server = Server(running, listening.getsockname()[1])
    try:
        yield server
    finally:
        server.close()
        running.should_exit = True
        await serving


@pytest.mark.parametrize("piece", [8 * 1024, 300_000], ids=["in pieces", "at once"])
async def test_head_is_refused_when_it_is_too_large(piece: int) -> None:
    async with served() as server:
        client = await server.open(LINE + b"X-Besar: ")
        answered = asyncio.create_task(client.status())
        async with asyncio.timeout(5):
            # one that never ends
            while not answered.done():
                client.writer.write(b"x" * piece + b"\r\nX-Besar: ")
                await asyncio.sleep(0.005)
        assert await answered == 431
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        assert b"content-type: application/problem+json" in head
        assert json.loads(body)["type"] == "urn:klikdesa:problem:head_too_large"


async def test_head_is_refused_when_it_is_too_large_and_whole() -> None:
    async with served() as server:
        client = await server.open(LINE + b"X-Besar: " + b"x" * 2 * HEAD_BYTES + b"\r\n\r\n")
        assert await client.status() == 431


async def test_head_is_taken_when_it_is_as_large_as_the_gateway_passes_on() -> None:
    async with served() as server:
        client = await server.open(LINE + b"X-Besar: " + b"x" * 40_000 + b"\r\n\r\n")
        assert await client.status() == 200


async def test_request_that_is_none_gets_a_problem() -> None:
    async with served() as server:
        client = await server.open(b"HALO DESA\r\n\r\n")
        assert await client.status() == 400
        assert b"urn:klikdesa:problem:malformed" in await client.rest()


async def test_half_a_head_is_answered_and_cut_when_its_time_is_over() -> None:
    async with served() as server:
        client = await server.open(LINE)
        await server.receive(1)
        server.look(after=HEAD_SECONDS - 1)
        client.writer.write(b"X-Pelan: x")
        await asyncio.sleep(0.01)
        # what comes meanwhile gives it no more time
        server.look(after=HEAD_SECONDS)
        assert await client.status() == 408
        await client.rest()


async def test_connection_is_cut_when_nothing_comes_by_it() -> None:
    async with served() as server:
        client = await server.open()
        await server.receive(1)
        server.look(after=HEAD_SECONDS)
        assert await client.rest() == b""


async def test_rest_of_a_body_is_not_waited_for_when_the_answer_was_given() -> None:
    async with served() as server:
        client = await server.open(LINE + b"Content-Length: 1000\r\n\r\n{")
        assert await client.status() == 200
        client.writer.write(b" ")
        await asyncio.sleep(0.01)
        server.look(after=HEAD_SECONDS)
        assert (await client.rest()).endswith(b"ok")


async def test_connection_is_kept_when_its_requests_are_whole() -> None:
    async with served() as server:
        client = await server.open(LINE + b"Content-Length: 2\r\n\r\n{}")
        assert await client.status() == 200
        server.look(after=HEAD_SECONDS * 2)
        client.writer.write(LINE + b"Content-Length: 0\r\n\r\n")
        await client.reader.readuntil(b"ok")
        assert await client.status() == 200
