"""Fixtures of tests that publish and consume. Nothing is imported from here."""

import uuid
from collections.abc import AsyncGenerator

import aio_pika
import pytest

from shared import topology
from shared.mongo import Database
from shared.outbox import Outbox
from shared.publisher import Publisher
from tests.backends import Backends


@pytest.fixture
async def publisher(backends: Backends) -> AsyncGenerator[Publisher, None]:
    publisher = Publisher(backends.amqp_url, "test")
    await publisher.start()
    async with await publisher.channel() as channel:
        await topology.declare(channel)
        for service in topology.SERVICES:
            for queue in topology.queues(service):
                await (await channel.get_queue(queue.name)).purge()
    yield publisher
    await publisher.close()


@pytest.fixture
async def channel(
    backends: Backends, publisher: Publisher
) -> AsyncGenerator[aio_pika.abc.AbstractChannel, None]:
    connection = await aio_pika.connect(backends.amqp_url)
    async with connection:
        yield await connection.channel()


@pytest.fixture
async def outbox(database: Database, publisher: Publisher) -> Outbox:
    outbox = Outbox(database, database.collection("things"), "things", publisher)
    await outbox.prepare()
    return outbox


@pytest.fixture
def env(backends: Backends) -> dict[str, str]:
    """What an operator's commands are told, with databases of their own."""
    return {
        "KLIK_AMQP_URL": backends.amqp_url,
        "KLIK_MONGO_URL": backends.mongo_url,
        "KLIK_MONGO_PREFIX": f"test_{uuid.uuid4().hex[:8]}",
        "COLUMNS": "300",
        "TERM": "dumb",
    }
