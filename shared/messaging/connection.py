"""A connection to RabbitMQ that is closed whatever happens: also where RabbitMQ does not answer.

One that is not closed is what aio-pika begins to close when it is collected, in any thread, perhaps
where no loop runs.
"""

import asyncio
import contextlib

from aio_pika import Connection
from aio_pika.abc import AbstractConnection
from aio_pika.connection import make_url

#: Seconds between heartbeats: a link that went silent is declared dead after three of them.
HEARTBEAT_SECONDS = 10


async def open_link(url: str, name: str) -> Connection:
    """Connect; `name` is what RabbitMQ's operators see. Raises as aio-pika does."""
    connection = Connection(
        make_url(url, heartbeat=HEARTBEAT_SECONDS), client_properties={"connection_name": name}
    )
    try:
        await connection.connect()
    except BaseException:
        await connection.close()
        raise
    return connection


async def close_link(connection: AbstractConnection, within: float) -> None:
    """Close it, or let go of it after `within` seconds."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.close(), within)
    # the link is given up by now in any case, and this only notes it
    with contextlib.suppress(Exception):
        await connection.close()
