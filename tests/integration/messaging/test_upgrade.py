"""A RabbitMQ of the version before is brought to this one while services run: nothing is lost."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika import ExchangeType
from aio_pika.abc import AbstractConnection
from aiormq.exceptions import AMQPError, ChannelPreconditionFailed

from klik.local.broker_users import declare_topology, node_with_users
from klik.nodes import NodeUnavailable, Rabbit
from klik.parked.lot import ParkingLot
from shared.errors import TryLater
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.connection import close_link, open_link
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.messaging.retry import DELAYS
from shared.storage.mongo import Database
from tests.support.backends import unavailable
from tests.support.builders import submitted
from tests.support.keys import TEST_SIGNING, signed
from tests.support.messaging import Listener, ids_in, keep, pending
from tests.support.system import until

pytestmark = pytest.mark.integration

#: Who handles `consultation.submitted`.
CONCERNED = ("routing", "notify", "reporting")

Node = tuple[Rabbit, dict[str, str]]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    try:
        rabbit, urls = node_with_users(tmp_path / "rabbitmq")
    except NodeUnavailable as missing:
        unavailable(str(missing))
    with rabbit:
        yield rabbit, urls


async def declare_as_before(connection: AbstractConnection) -> None:
    """Everything, in the version in which one user was all services'."""
    async with await connection.channel() as channel:
        events = await channel.declare_exchange(topology.EXCHANGE, ExchangeType.TOPIC, durable=True)
        for service in topology.SERVICES:
            for queue in topology.queues(service):
                arguments: dict[str, Any] = dict(queue.arguments_before or queue.arguments)
                declared = await channel.declare_queue(
                    queue.name, durable=True, arguments={"x-queue-type": "quorum", **arguments}
                )
                for pattern in queue.bindings:
                    await declared.bind(topology.EXCHANGE, pattern)
        publish = await channel.declare_exchange(
            topology.PUBLISH_EXCHANGE, ExchangeType.FANOUT, durable=True
        )
        await events.bind(publish)


@asynccontextmanager
async def mended_as_before(connection: AbstractConnection) -> AsyncGenerator[list[str], None]:
    """What the topology monitors of that version do, without a pause; what they were told."""
    told: list[str] = []

    async def go_on() -> None:
        while True:
            try:
                await declare_as_before(connection)
            except ChannelPreconditionFailed as differs:
                told.append(str(differs))
            except AMQPError:
                continue
            await asyncio.sleep(0)

    mending = asyncio.create_task(go_on())
    yield told
    mending.cancel()
    await asyncio.wait([mending])


async def test_exchange_is_replaced_under_load_and_every_event_reaches_every_queue(
    node: Node, database: Database
) -> None:
    """Beside services of the version before, which declare theirs again as soon as it is gone."""
    rabbit, _ = node
    publisher = Publisher(rabbit.url, "before", TEST_SIGNING)
    await publisher.start()
    outbox = Outbox(database, database.collection("things"), "things", publisher)
    await outbox.prepare()
    sent: set[str] = set()
    over = asyncio.Event()

    async def publish_on_and_on() -> None:
        while not over.is_set():
            event = submitted()
            sent.add(str(event.id))
            outbox.offer(*await keep(database, outbox, event))
            await asyncio.sleep(0.002)

    async def flows() -> bool:
        return len(sent) >= enough

    async with await aio_pika.connect(rabbit.url) as connection:
        await declare_as_before(connection)
        await outbox.start()
        publishing = asyncio.create_task(publish_on_and_on())
        async with mended_as_before(connection) as told:
            enough = 50
            await until(flows, 20.0, "events to flow")
            await declare_topology(rabbit.url)
            enough = len(sent) + 50
            await until(flows, 20.0, "events to flow on")
            assert any(topology.PUBLISH_EXCHANGE in word for word in told), "it was not replaced"
        over.set()
        await publishing

        async def emptied() -> bool:
            return await pending(database) == 0

        await until(emptied, 30.0, "all events to be published")
        await outbox.stop(timeout=5)
        await publisher.close()
        channel = await connection.channel()
        for service in CONCERNED:
            assert set(await ids_in(channel, topology.main_queue(service))) == sent, service
        # again, and nothing is to be replaced
        await topology.declare(connection)


async def test_queues_of_the_version_before_stay_with_what_waits_in_them(node: Node) -> None:
    rabbit, urls = node
    waiting, tried, failing, rejected = (submitted() for _ in range(4))
    async with await aio_pika.connect(rabbit.url) as connection:
        await declare_as_before(connection)
        channel = await connection.channel()
        for queue, event in (
            (topology.main_queue("routing"), waiting),
            (topology.retry_queue("routing", DELAYS[0]), tried),
        ):
            message = signed(Envelope.of(event, traceparent()).message("intake"), "routing")
            await channel.default_exchange.publish(message, queue, mandatory=True)
        await declare_topology(rabbit.url)

        publisher = Publisher(urls["routing"], "routing", TEST_SIGNING)
        await publisher.start()
        listener = Listener(failures=[TryLater("not yet")])
        consumer = Consumer(
            urls["routing"],
            "routing",
            publisher,
            {type(waiting): listener.on_consultation_submitted},
            TEST_SIGNING,
            prefetch=10,
            stop_timeout=5,
        )
        link = await open_link(urls["routing"], "a service of this version")
        await topology.begin(link, "routing")
        await close_link(link, within=5)
        await consumer.start()
        exchange = await channel.get_exchange(topology.PUBLISH_EXCHANGE)
        message = Envelope.of(failing, traceparent()).message("intake")
        TEST_SIGNING.sign(message)
        await exchange.publish(message, f"{failing.name}.64.02.06", mandatory=True)

        async def all_handled() -> bool:
            return {one.id for one in listener.handled} == {waiting.id, tried.id, failing.id}

        await until(all_handled, 30.0, "what waited, what was tried before, and what failed once")
        await consumer.stop()
        message = Envelope.of(rejected, traceparent()).message("intake")
        await channel.default_exchange.publish(message, "klik.routing", mandatory=True)
        taken = await (await channel.get_queue("klik.routing")).get()
        assert taken is not None
        await taken.reject(requeue=False)
        async with ParkingLot.open(rabbit.url) as lot:

            async def is_parked() -> bool:
                found = await lot.look(lambda one: one.service == "routing")
                return [one.id for one in found] == [str(rejected.id)]

            await until(is_parked, 10.0, "what was rejected")
        await publisher.close()
