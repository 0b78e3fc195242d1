"""What is on its way to a service: taken out of its queue, changed, put in again."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractMessage

from shared.events import Event
from shared.messaging import topology
from shared.messaging.envelope import Envelope, copy_of, events_in
from tests.faults.rig.town import Town
from tests.support.keys import signed

#: Who hears of consultations.
LISTENERS = ("routing", "notify", "reporting")


@asynccontextmanager
async def channel_of(town: Town) -> AsyncGenerator[AbstractChannel, None]:
    connection = await aio_pika.connect(town.system.rabbit.url)
    async with connection:
        yield await connection.channel()


async def take(channel: AbstractChannel, service: str) -> list[AbstractMessage]:
    """All that is in the queue of a service that is away, each event by itself."""
    queue = await channel.get_queue(topology.main_queue(service))
    taken: list[AbstractMessage] = []
    while (message := await queue.get(fail=False, no_ack=True)) is not None:
        taken.extend(events_in(message))
    return taken


async def put(
    town: Town, channel: AbstractChannel, service: str, messages: Iterable[aio_pika.Message]
) -> None:
    """As their publishers had signed them; what is no event of theirs, as it is."""
    for message in messages:
        signed(message, service, town.system.signing)
        await channel.default_exchange.publish(message, topology.main_queue(service))


def again(message: AbstractMessage, body: bytes | None = None) -> aio_pika.Message:
    """The same message, with another `body` where one is given."""
    copy = copy_of(message, message.headers)
    if body is not None:
        copy.body, copy.body_size = body, len(body)
    return copy


def message_of(event: Event, **headers: int) -> aio_pika.Message:
    """An event as its owner would publish it, with headers besides."""
    message = Envelope.of(event, "").message("test")
    message.headers |= headers
    return message
