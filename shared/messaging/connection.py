"""A connection to RabbitMQ that is closed whatever happens: also where RabbitMQ does not answer.

One that is not closed is what aio-pika begins to close when it is collected, in any thread, perhaps
where no loop runs.
"""

import asyncio
import contextlib

from aio_pika import Connection
from aio_pika.abc import AbstractConnection
from aio_pika.connection import make_url
from aiormq.exceptions import (
    AMQPError,
    ChannelAccessRefused,
    ConnectionNotAllowed,
    InvalidFrameError,
    ProbableAuthenticationError,
)

#: Seconds between heartbeats: a link that went silent is declared dead after three of them.
HEARTBEAT_SECONDS = 10

#: What a user hears who is not known, has another password, or lacks a right: waiting helps nobody.
REFUSALS = (ChannelAccessRefused, ConnectionNotAllowed, ProbableAuthenticationError)
#: Of a link that is lost or cannot be had; the last is aiormq's where one ends while it is made.
LINK_ERRORS = (AMQPError, OSError, RuntimeError, TimeoutError, StopAsyncIteration)


async def open_link(url: str, name: str) -> Connection:
    """Connect; `name` is what RabbitMQ's operators see. Raises as aio-pika does."""
    connection = Connection(
        make_url(url, heartbeat=HEARTBEAT_SECONDS), client_properties={"connection_name": name}
    )
    try:
        await connection.connect()
    except BaseException as error:
        await connection.close()
        # aiormq knows no such answer, though RabbitMQ gives it to a user without rights there
        if isinstance(error, InvalidFrameError) and "Connection.Close " in str(error):
            raise ConnectionNotAllowed("no entry to the virtual host") from None
        raise
    return connection


async def close_link(connection: AbstractConnection, within: float) -> None:
    """Close it, or let go of it after `within` seconds."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.close(), within)
    # the link is given up by now in any case, and this only notes it
    with contextlib.suppress(Exception):
        await connection.close()
