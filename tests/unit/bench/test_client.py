"""The client of the comparisons speaks as much HTTP as it must."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from bench.compared.client import END, Refused, post_all, post_paced, request_of
from bench.compared.record import percentile


@asynccontextmanager
async def answering(*parts: bytes) -> AsyncGenerator[tuple[int, list[bytes]]]:
    """A server that answers each request by these parts, one after the other; what it was sent."""
    sent = list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(END):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            sent.append(await reader.readexactly(length))
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], sent


def numbered(number: int) -> bytes:
    return request_of(b"%d" % number, "key")


@pytest.mark.parametrize(
    "post",
    [
        lambda port: post_all(port, numbered, range(10), 3),
        lambda port: post_paced(port, numbered, range(10), 3, 1000.0),
    ],
)
async def test_every_number_is_posted_once_when_answers_come_in_parts(
    post: Callable[[int], "asyncio.Future[list[float]]"],
) -> None:
    parts = b"HTTP/1.1 202 Accepted\r\nContent-Le", b"ngth: 4\r\n\r\n{}", b"\r\n"
    async with answering(*parts) as (port, sent):
        took = await post(port)
        assert sorted(map(int, sent)) == list(range(10))
        assert len(took) == 10
        assert took == sorted(took)


async def test_client_raises_when_something_else_is_answered() -> None:
    async with answering(b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n") as (port, _):
        with pytest.raises(Refused, match="503"):
            await post_all(port, numbered, range(3), 1)


@pytest.mark.parametrize(("share", "value"), [(0.5, 3.0), (0.99, 4.0), (0.0, 1.0)])
def test_percentile_is_by_the_nearest_rank_when_there_are_values(
    share: float, value: float
) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], share) == value
