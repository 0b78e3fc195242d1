"""Front-ends that cost next to nothing: plain connections that stay open, no HTTP library."""

import asyncio
import time
from collections.abc import Awaitable, Callable

Request = Callable[[int], bytes]
"""The whole request of a number, head and body."""
OnAnswer = Callable[[int, float, bytes], None]
"""Gets the number, when it was due by `time.perf_counter`, and the body of the answer."""

END = b"\r\n\r\n"


class Refused(RuntimeError):
    """Something else than 202 was answered, or the connection was closed."""


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answered: asyncio.Future[bytes] | None = None

    async def post(self, request: bytes) -> bytes:
        """The body of the answer."""
        assert self._transport is not None  # noqa: S101 - connected
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a client
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self._end(Refused("the connection was closed"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(END)
        if not found or len(body) < _length(head):
            return
        self._buffer = b""
        accepted = head.startswith(b"HTTP/1.1 202 ")
        self._end(body if accepted else Refused(f"{head[:40]!r} {body[:300]!r}"))

    def _end(self, outcome: bytes | Refused) -> None:
        if self._answered is None or self._answered.done():
            return
        if isinstance(outcome, bytes):
            self._answered.set_result(outcome)
        else:
            self._answered.set_exception(outcome)


def _length(head: bytes) -> int:
    _, _, after = head.lower().partition(b"\r\ncontent-length:")
    return int(after.partition(b"\r\n")[0])


async def post_all(port: int, request: Request, numbers: range, clients: int) -> list[float]:
    """As fast as they are answered, one at a time on each connection; sorted seconds of each.

    Raises `Refused`.
    """
    left = iter([request(number) for number in numbers])
    took: list[float] = []

    async def client(connection: Connection) -> None:
        for one in left:
            began = time.perf_counter()
            await connection.post(one)
            took.append(time.perf_counter() - began)

    await _by_each(port, clients, client)
    return sorted(took)


async def post_paced(
    port: int,
    request: Request,
    numbers: range,
    clients: int,
    rate: float,
    on_answer: OnAnswer = lambda number, due, body: None,
) -> list[float]:
    """So many a second, whether or not they are answered in time; sorted seconds from the moment
    at which each was due.

    Raises `Refused`.
    """
    due = iter([(number, at / rate, request(number)) for at, number in enumerate(numbers)])
    began, took = time.perf_counter(), list[float]()

    async def client(connection: Connection) -> None:
        for number, after, one in due:
            at = began + after
            await asyncio.sleep(at - time.perf_counter())
            body = await connection.post(one)
            took.append(time.perf_counter() - at)
            on_answer(number, at, body)

    await _by_each(port, clients, client)
    return sorted(took)


async def _by_each(
    port: int, clients: int, client: Callable[[Connection], Awaitable[None]]
) -> None:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Connection, "127.0.0.1", port) for _ in range(clients)]
    connections = [protocol for _, protocol in made]
    try:
        await asyncio.gather(*(client(connection) for connection in connections))
    finally:
        for connection in connections:
            connection.close()


def request_of(body: bytes, bearer: str = "") -> bytes:
    """A post of a consultation."""
    head = [
        b"POST /v1/consultations HTTP/1.1",
        b"Host: bench",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
    ]
    if bearer:
        head.append(b"Authorization: Bearer " + bearer.encode())
    return b"\r\n".join(head) + END + body
