"""Parts of RabbitMQ's topology deleted while services run: nothing is lost, nothing is restarted.

What was *in* a queue that somebody deletes is gone with it; see docs/operations.md.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aio_pika
import pytest
from aiormq.exceptions import ChannelNotFoundEntity
from prometheus_client import REGISTRY

from klik.local.broker_users import declare_topology
from klik.nodes import NodeUnavailable, Rabbit
from klik.nodes.rabbitmq import CONFIG
from shared.errors import PublishFailed
from shared.events import ConsultationSubmitted
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.in_flight import InFlight
from shared.messaging.monitor import TOPOLOGY_CHECK_SECONDS, TopologyMonitor
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.messaging.retry import DELAYS
from shared.storage.mongo import Database
from tests.support.backends import Backends, unavailable
from tests.support.builders import assigned, submitted
from tests.support.keys import TEST_SIGNING
from tests.support.messaging import Listener, consuming, ids_in, keep, pending
from tests.support.system import until

pytestmark = pytest.mark.integration

#: Who handles `consultation.submitted`.
CONCERNED = ("routing", "notify", "reporting")


@asynccontextmanager
async def minded(
    backends: Backends,
    publisher: Publisher,
    *services: str,
    consumer: Consumer | None = None,
    check_seconds: float = TOPOLOGY_CHECK_SECONDS,
) -> AsyncGenerator[None, None]:
    """Topology monitors of these services, and of `consumer`."""
    monitors = [
        TopologyMonitor(backends.amqp_url, name, publisher, consumer, check_seconds=check_seconds)
        for name in services
    ]
    for monitor in monitors:
        await monitor.start()
    try:
        yield
    finally:
        for monitor in monitors:
            await monitor.stop()


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def repairs(missing: str) -> float:
    return value("klik_topology_repairs_total", missing=missing) or 0.0


async def test_a_consumer_whose_queue_is_deleted_comes_back_by_itself(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """A zombie consumer: the process runs, the link is up, and no message comes."""
    listener, before = Listener(), repairs("klik.routing")
    async with consuming(backends, publisher, listener.on_consultation_submitted) as consumer:
        assert await consumer.consuming()
        await channel.queue_delete("klik.routing")

        async def cancelled() -> bool:
            return not await consumer.consuming()

        await until(cancelled, 10.0, "the consumer to know that it gets nothing")
        async with minded(backends, publisher, "routing", consumer=consumer):
            await until(consumer.consuming, 10.0, "the consumer to be back")
            event = submitted()
            await publisher.publish(Envelope.of(event, traceparent()))

            async def handled() -> bool:
                return listener.handled == [event]

            await until(handled, 10.0, "the event after the repair")
        assert repairs("klik.routing") == before + 1


async def test_the_end_of_a_consumer_sets_off_the_repair_at_once(
    backends: Backends,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    listener = Listener()
    async with (
        consuming(backends, publisher, listener.on_consultation_submitted) as consumer,
        minded(backends, publisher, "routing", consumer=consumer, check_seconds=3600.0),
    ):
        for number in range(3):
            event, before = submitted(), repairs("klik.routing")
            await channel.queue_delete("klik.routing")

            async def mended(before: float = before) -> bool:
                return repairs("klik.routing") > before

            await until(mended, 10.0, "the queue to be there, sooner than the next look")
            await publisher.publish(Envelope.of(event, traceparent()))

            async def handled(number: int = number) -> bool:
                return len(listener.handled) > number

            await until(handled, 10.0, "the event after the repair")


async def test_all_replicas_are_back_at_work_after_their_queue_was_deleted(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """One of them declares it; the other finds it there again, and RabbitMQ may not know it."""
    replicas = [Listener() for _ in range(2)]
    async with AsyncExitStack() as stack:
        for replica in replicas:
            consumer = await stack.enter_async_context(
                consuming(backends, publisher, replica.on_consultation_submitted)
            )
            await stack.enter_async_context(
                minded(backends, publisher, "routing", consumer=consumer)
            )
        sent: set[str] = set()

        async def both_work() -> bool:
            event = submitted()
            sent.add(str(event.id))
            await publisher.publish(Envelope.of(event, traceparent()))
            return all(replica.handled for replica in replicas)

        await until(both_work, 20.0, "both to be given events")
        await until(lambda: handled(replicas, sent), 20.0, "all events to be handled")
        await channel.queue_delete("klik.routing")

        async def both_are_there() -> bool:
            try:
                queue = await (await connection.channel()).get_queue("klik.routing")
            except ChannelNotFoundEntity:
                return False
            return queue.declaration_result.consumer_count == 2

        connection = await stack.enter_async_context(await aio_pika.connect(backends.amqp_url))
        await until(both_are_there, 20.0, "two consumers")
        for replica in replicas:
            replica.handled.clear()
        sent.clear()
        await until(both_work, 20.0, "both to be given events again")
        await until(lambda: handled(replicas, sent), 20.0, "all events to be handled again")


async def test_a_consumer_that_is_given_nothing_while_messages_wait_begins_anew(
    backends: Backends,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    """RabbitMQ has forgotten it, and counts another one, whose hands are full."""
    listener = Listener()
    async with consuming(backends, publisher, listener.on_consultation_submitted) as consumer:
        await channel.set_qos(1)
        await (await channel.get_queue("klik.routing")).consume(keep_in_hand)
        link = await consumer.channel()
        assert link is not None
        ((tag, callback),) = link.consumers.items()
        await link.basic_cancel(tag)
        link.consumers[tag] = callback
        for _ in range(3):
            await publisher.publish(Envelope.of(submitted(), traceparent()))
        assert await consumer.consuming(), "it believes so"

        async with minded(backends, publisher, "routing", consumer=consumer, check_seconds=1.0):

            async def is_given_some() -> bool:
                return len(listener.handled) == 2

            await until(is_given_some, 15.0, "what the busy one could not take")


async def keep_in_hand(_: object) -> None:
    """Neither acknowledged nor given back."""


async def test_a_consumer_with_its_hands_full_is_left_alone(
    backends: Backends,
    publisher: Publisher,
) -> None:
    listener, release = Listener(), asyncio.Event()

    async def slowly(event: ConsultationSubmitted) -> None:
        await release.wait()
        await listener.on_consultation_submitted(event)

    async with consuming(backends, publisher, slowly, prefetch=1) as consumer:
        for _ in range(3):
            await publisher.publish(Envelope.of(submitted(), traceparent()))
        monitor = TopologyMonitor(
            backends.amqp_url, "routing", publisher, consumer, check_seconds=0.0
        )
        try:
            for _ in range(4):
                await monitor.tick()
            assert consumer.in_flight.given == 1, "begun anew, it would be given it again"
            release.set()

            async def all_handled() -> bool:
                return len(listener.handled) == 3

            await until(all_handled, 10.0, "the others")
        finally:
            release.set()
            await monitor.stop()


async def handled(replicas: list[Listener], sent: set[str]) -> bool:
    return {str(one.id) for replica in replicas for one in replica.handled} == sent


class Believing(Consumer):
    """A consumer of which RabbitMQ knows nothing."""

    def __init__(self) -> None:
        self.renewed = 0
        self.cancelled = False
        self.in_flight = InFlight()

    async def consuming(self) -> bool:
        return True

    async def renew(self) -> None:
        self.renewed += 1


async def test_a_consumer_that_rabbitmq_does_not_know_of_begins_anew(
    backends: Backends, publisher: Publisher
) -> None:
    consumer = Believing()
    here = TopologyMonitor(backends.amqp_url, "routing", publisher, consumer)
    try:
        await here.tick()
        assert consumer.renewed == 0, "it may have begun this moment"
        assert value("klik_consuming") == 0.0
        await here.tick()
        assert consumer.renewed == 1
    finally:
        await here.stop()


async def test_a_consumer_goes_on_over_a_new_link_when_it_has_finished(
    backends: Backends, publisher: Publisher
) -> None:
    started, go_on, handled = asyncio.Event(), asyncio.Event(), []

    async def slow(event: ConsultationSubmitted) -> None:
        started.set()
        await go_on.wait()
        handled.append(event.id)

    first, second = submitted(), submitted()
    async with consuming(backends, publisher, slow) as consumer:
        await publisher.publish(Envelope.of(first, traceparent()))
        await asyncio.wait_for(started.wait(), 10)
        renewing = asyncio.create_task(consumer.renew())
        go_on.set()
        await asyncio.wait_for(renewing, 10)
        await until(consumer.consuming, 10.0, "the consumer on its new link")
        await publisher.publish(Envelope.of(second, traceparent()))

        async def both() -> bool:
            return handled[:1] == [first.id] and second.id in handled

        await until(both, 10.0, "both events, the first one finished")


async def delete_exchange(channel: aio_pika.abc.AbstractChannel, name: str) -> None:
    await channel.exchange_delete(name)


async def delete_binding_of_the_door(channel: aio_pika.abc.AbstractChannel, name: str) -> None:
    events = await channel.get_exchange(name)
    await events.unbind(topology.PUBLISH_EXCHANGE, "#")


Damage = Callable[[aio_pika.abc.AbstractChannel], Awaitable[None]]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda channel: delete_exchange(channel, topology.EXCHANGE), id="exchange"),
        pytest.param(
            lambda channel: delete_exchange(channel, topology.PUBLISH_EXCHANGE), id="publish"
        ),
        pytest.param(
            lambda channel: delete_binding_of_the_door(channel, topology.EXCHANGE), id="way between"
        ),
    ],
)
async def test_an_exchange_deleted_under_load_costs_no_service_an_event(
    backends: Backends,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
    database: Database,
    eager_outbox: Outbox,
    damage: Damage,
) -> None:
    """Nor is any of them left out while the bindings are made again, one after the other."""
    sent: set[str] = set()
    over = asyncio.Event()

    async def publish_on_and_on() -> None:
        while not over.is_set():
            event = submitted()
            sent.add(str(event.id))
            eager_outbox.offer(*await keep(database, eager_outbox, event))
            await asyncio.sleep(0.002)

    async with minded(backends, publisher, "routing", "notify"):
        await eager_outbox.start()
        publishing = asyncio.create_task(publish_on_and_on())
        for _ in range(3):
            enough = len(sent) + 30

            async def flows(enough: int = enough) -> bool:
                return len(sent) >= enough

            await until(flows, 20.0, "events to flow")
            await damage(channel)
        over.set()
        await publishing

        async def emptied() -> bool:
            return await pending(database) == 0

        await until(emptied, 30.0, "all events to be published")
        await eager_outbox.stop(timeout=5)
    for service in CONCERNED:
        assert set(await ids_in(channel, topology.main_queue(service))) == sent, service


async def test_a_binding_that_was_deleted_is_made_again(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    queue = await channel.get_queue("klik.intake")
    await queue.unbind(topology.EXCHANGE, "case.assigned.#")
    await publisher.publish(Envelope.of(assigned(), traceparent()))
    assert await ids_in(channel, "klik.intake") == [], "others have it, so it is not refused"
    async with minded(backends, publisher, "intake"):

        async def arrives() -> bool:
            event = assigned()
            await publisher.publish(Envelope.of(event, traceparent()))
            return str(event.id) in await ids_in(channel, "klik.intake")

        await until(arrives, 10.0, "an event to reach intake again")


async def test_a_queue_of_a_service_that_is_away_is_declared_by_who_runs_into_it(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """A retry queue that is gone: what would be put into it stays, and goes there afterwards."""
    queue = topology.retry_queue("reporting", DELAYS[0])
    await channel.queue_delete(queue)
    async with minded(backends, publisher, "routing"):

        async def passes() -> bool:
            try:
                await publisher.hand_over(queue, aio_pika.Message(b"{}", message_id="x"), {})
            except PublishFailed:
                return False
            return True

        await until(passes, 10.0, "the queue to be there again")


async def test_the_gauges_say_how_full_the_queues_are_and_nothing_while_nobody_knows(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    parked = topology.parked_queue("routing")
    await publisher.hand_over(parked, aio_pika.Message(b"{}"), {})
    listener = Listener()
    async with consuming(backends, publisher, listener.on_consultation_submitted) as consumer:
        here = TopologyMonitor(backends.amqp_url, "routing", publisher, consumer)

        async def seen() -> bool:
            await here.tick()
            return value("klik_queue_messages", queue=parked) == 1.0

        await until(seen, 10.0, "the parked message to be counted")
        assert value("klik_queue_consumers", queue="klik.routing") == 1.0
        assert value("klik_queue_messages", queue="klik.routing.retry.5s") == 0.0
        assert value("klik_consuming") == 1.0
        assert value("klik_connection_blocked") == 0.0
        assert value("klik_confirm_oldest_seconds") == 0.0
        await here.stop()

    away = TopologyMonitor("amqp://127.0.0.1:1/", "routing", publisher, None)
    await away.tick()
    assert value("klik_queue_messages", queue=parked) is None


async def test_a_node_short_of_memory_shows_as_blocked_and_publishing_goes_on_afterwards(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.mktemp("short")
    little_memory = f"{CONFIG}vm_memory_high_watermark.absolute = 1MB\n"
    try:
        rabbit = Rabbit(data, config=little_memory)
    except NodeUnavailable as missing:
        unavailable(str(missing))
    publisher = Publisher(rabbit.url, "test", TEST_SIGNING, confirm_seconds=1.0)
    envelope = Envelope.of(submitted(), traceparent())
    here = TopologyMonitor(rabbit.url, "routing", publisher, None)
    try:
        await asyncio.to_thread(rabbit.start)
        await declare_topology(rabbit.url)
        await publisher.start()
        await publisher.connected_within(15)

        async def refused() -> bool:
            try:
                await publisher.publish(envelope)
            except PublishFailed:
                return True
            return False

        await until(refused, 30.0, "RabbitMQ to notice that it is short")
        await here.tick()
        assert value("klik_connection_blocked") == 1.0
        oldest = value("klik_confirm_oldest_seconds")
        assert oldest is not None
        assert oldest > 0
        assert value("klik_queue_messages", queue="klik.routing") == 0.0, "seen all the same"

        await asyncio.to_thread(rabbit.stop)
        rabbit = Rabbit(data, rabbit.port)
        await asyncio.to_thread(rabbit.start)

        async def published() -> bool:
            await here.tick()
            return not await refused()

        await until(published, 30.0, "the event to be published", poll=1.0)
        await here.tick()
        assert value("klik_connection_blocked") == 0.0
        assert value("klik_confirm_oldest_seconds") == 0.0
    finally:
        await here.stop()
        await publisher.close()
        await asyncio.to_thread(rabbit.stop)
