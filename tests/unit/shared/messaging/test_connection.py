"""Connections to RabbitMQ that were not closed as they should."""

import asyncio
from typing import Any

import pytest
from aio_pika import Connection
from aio_pika.connection import make_url
from aio_pika.exceptions import AMQPConnectionError

from klik.nodes.ports import free_port
from shared.messaging import connection
from shared.messaging.connection import close_link, open_link

Made = list[Connection]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Every connection that is made."""
    made: Made = []

    def make(*args: Any, **more: Any) -> Connection:
        made.append(Connection(*args, **more))
        return made[-1]

    monkeypatch.setattr(connection, "Connection", make)
    return made


async def test_one_that_is_refused_is_closed(made: Made) -> None:
    with pytest.raises(AMQPConnectionError):
        await open_link(f"amqp://127.0.0.1:{free_port()}/", "a test")
    assert [one.is_closed for one in made] == [True]


async def test_one_that_is_given_up_while_it_connects_is_closed(made: Made) -> None:
    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        hung_up.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await open_link(f"amqp://127.0.0.1:{port}/", "a test")
        await asyncio.wait_for(hung_up.wait(), 5)
    assert [one.is_closed for one in made] == [True]


async def test_one_whose_other_side_does_not_answer_is_let_go() -> None:
    class Silent:
        async def close(self, _: object) -> None:
            await asyncio.Event().wait()

    connection = Connection(make_url("amqp://127.0.0.1/"))
    connection.transport = Silent()  # type: ignore[assignment]
    await close_link(connection, within=0.01)
    assert connection.is_closed
