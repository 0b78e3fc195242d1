"""What tests of outbox, publisher and consumer do on a real RabbitMQ and a real store."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aio_pika

from shared.events import ConsultationSubmitted, Event
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.connection import HEARTBEAT_SECONDS
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope, events_in
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.messaging.reliability import RECOVERY_PAUSE_SECONDS
from shared.messaging.retry import HOLD_AT_MOST
from shared.storage.mongo import Database
from tests.support.backends import Backends
from tests.support.keys import TEST_SIGNING
from tests.support.system import until


async def empty_queues(amqp_url: str) -> None:
    """Every queue of every service, declared where it is missing: a run shares one node.

    Again until nothing is found: a retry queue hands on what has waited long enough to a queue that
    may have been emptied a moment before.
    """
    names = [queue.name for service in topology.SERVICES for queue in topology.queues(service)]
    async with await aio_pika.connect(amqp_url) as connection:
        await topology.declare(connection)
        channel = await connection.channel()
        queues = [await channel.get_queue(name) for name in names]

        async def all_empty() -> bool:
            purged = [await queue.purge() for queue in queues]
            return not any(answer.message_count for answer in purged)

        await until(all_empty, 15.0, "no queue to hold anything")


@asynccontextmanager
async def publishing(amqp_url: str, service: str) -> AsyncGenerator[Publisher, None]:
    """A publisher with a link, before empty queues."""
    await empty_queues(amqp_url)
    publisher = Publisher(amqp_url, service, TEST_SIGNING)
    await publisher.start()
    await asyncio.wait_for(publisher.connected.wait(), 15)
    yield publisher
    await publisher.close()


async def spy_on(channel: aio_pika.abc.AbstractChannel) -> aio_pika.abc.AbstractQueue:
    queue = await channel.declare_queue(exclusive=True, durable=False)
    await queue.bind(topology.EXCHANGE, "#")
    return queue


async def arrived(queue: aio_pika.abc.AbstractQueue, number: int) -> list[Any]:
    """The next `number` events, each as a message of its own, and a proof that there are no
    more."""
    messages: list[Any] = []

    async def enough() -> bool:
        while (message := await queue.get(fail=False, no_ack=True)) is not None:
            messages.extend(events_in(message))
        return len(messages) >= number

    await until(enough, 15.0, f"{number} events")
    assert await queue.get(fail=False, no_ack=True) is None
    return messages


async def ids_in(channel: aio_pika.abc.AbstractChannel, queue: str) -> list[str]:
    """The ids of all events in a queue, which are taken out."""
    taken: list[str] = []
    declared = await channel.get_queue(queue)
    while (message := await declared.get(fail=False, no_ack=True)) is not None:
        taken.extend(str(event.message_id) for event in events_in(message))
    return taken


async def publish_all(publisher: Publisher, events: Iterable[Event]) -> None:
    """All at once, as a relay does it."""
    envelopes = [Envelope.of(event, traceparent()) for event in events]
    await asyncio.gather(*(publisher.publish(envelope) for envelope in envelopes))


async def pending(database: Database, collection: str = "things") -> int:
    return await database.collection(collection).count({"outbox_due": {"$exists": True}})


async def drained(
    database: Database, outbox: Outbox, within: float = 30.0, collection: str = "things"
) -> int:
    """Sweep until nothing is left to publish, since one sweep takes only what is due by then; how
    many documents that took."""
    taken = 0

    async def swept() -> bool:
        nonlocal taken
        taken += await outbox.sweep()
        return await pending(database, collection) == 0

    await until(swept, within, "the outboxes to be emptied")
    return taken


async def keep(database: Database, outbox: Outbox, *events: Any) -> tuple[str, list[Any]]:
    """A document with its events, as a store writes it."""
    id_, fields = uuid.uuid4().hex, outbox.fields(events)
    await database.collection("things").insert({"_id": id_, "version": 1, **fields})
    return id_, fields["outbox"]


@dataclass
class Listener:
    """A handler that raises what it is told to, then succeeds."""

    failures: list[Exception] = field(default_factory=list)
    handled: list[ConsultationSubmitted] = field(default_factory=list)
    deliveries: int = 0

    async def on_consultation_submitted(self, event: ConsultationSubmitted) -> None:
        self.deliveries += 1
        if self.failures:
            raise self.failures.pop(0)
        self.handled.append(event)


@asynccontextmanager
async def consuming(
    backends: Backends,
    publisher: Publisher,
    handler: Callable[[ConsultationSubmitted], Awaitable[None]],
    service: str = "routing",
    *,
    url: str = "",
    prefetch: int = 10,
    stop_timeout: float = 5,
    heartbeat_seconds: int = HEARTBEAT_SECONDS,
    pause_seconds: float = RECOVERY_PAUSE_SECONDS,
    hold_at_most: timedelta = HOLD_AT_MOST,
) -> AsyncGenerator[Consumer, None]:
    """A consumer of the service's queue, which listens to `consultation.submitted`."""
    consumer = Consumer(
        url or backends.amqp_url,
        service,
        publisher,
        {ConsultationSubmitted: handler},
        TEST_SIGNING,
        prefetch=prefetch,
        stop_timeout=stop_timeout,
        heartbeat_seconds=heartbeat_seconds,
        pause_seconds=pause_seconds,
        hold_at_most=hold_at_most,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
