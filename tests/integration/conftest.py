"""Fixtures of tests that publish and consume, or browse. Nothing is imported from here."""

import uuid
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import aio_pika
import pytest
from playwright.async_api import Browser

from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Database
from tests.support.backends import Backends
from tests.support.keys import TEST_KEYS
from tests.support.messaging import publishing
from tests.support.services.dashboard import chromium
from tests.support.services.looks import artefacts


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser, None]:
    async with chromium() as found:
        yield found


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept."""
    return artefacts(tmp_path_factory)


@pytest.fixture
async def publisher(backends: Backends) -> AsyncGenerator[Publisher, None]:
    async with publishing(backends.amqp_url, "test") as publisher:
        yield publisher


@pytest.fixture
async def channel(
    backends: Backends, publisher: Publisher
) -> AsyncGenerator[aio_pika.abc.AbstractChannel, None]:
    connection = await aio_pika.connect(backends.amqp_url)
    async with connection:
        yield await connection.channel()


@pytest.fixture
async def outbox(database: Database, publisher: Publisher) -> AsyncGenerator[Outbox, None]:
    outbox = Outbox(database, database.collection("things"), "things", publisher)
    await outbox.prepare()
    yield outbox
    await outbox.stop(timeout=10)  # what is still on its way is not for the next test


@pytest.fixture
async def eager_outbox(database: Database, publisher: Publisher) -> AsyncGenerator[Outbox, None]:
    """One whose sweep takes up at once what a writer left."""
    outbox = Outbox(database, database.collection("things"), "things", publisher, grace=timedelta())
    await outbox.prepare()
    yield outbox
    await outbox.stop(timeout=10)


@pytest.fixture
def env(backends: Backends) -> dict[str, str]:
    """What an operator's commands are told, with databases of their own."""
    return {
        "KLIK_AMQP_URL": backends.amqp_url,
        "KLIK_MONGO_URL": backends.mongo_url,
        "KLIK_MONGO_PREFIX": f"test_{uuid.uuid4().hex[:8]}",
        "KLIK_EVENT_KEYS": TEST_KEYS.text(),
        "COLUMNS": "300",
        "TERM": "dumb",
    }
