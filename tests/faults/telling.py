"""Events that a test tells by itself, as their owners would."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel

from shared import topology
from shared.events import ConsultationSubmitted, Event
from shared.publisher import Letter
from tests.builders import submitted
from tests.faults.town import Town


@asynccontextmanager
async def channel_of(town: Town) -> AsyncGenerator[AbstractChannel, None]:
    connection = await aio_pika.connect(town.system.rabbit.url)
    async with connection:
        yield await connection.channel()


def message_of(event: Event, **headers: int) -> aio_pika.Message:
    letter = Letter.of(event, "")
    return aio_pika.Message(
        letter.body.encode(),
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=letter.id,
        headers={**letter.headers("klikdesa/test"), **headers},
    )


async def tell(channel: AbstractChannel, *events: Event) -> None:
    """Publish events as their owners would, one after the other."""
    exchange = await channel.get_exchange(topology.EXCHANGE)
    for event in events:
        await exchange.publish(message_of(event), event.routing_key, mandatory=True)


def a_submission(town: Town) -> ConsultationSubmitted:
    """One of now, that intake does not know; the town reckons with it."""
    now = town.now()
    event = submitted(time=now, submitted_at=now, received_at=now)
    told(town, event)
    return event


def told(town: Town, event: ConsultationSubmitted) -> None:
    """Reckon with a consultation that intake does not know."""
    town.accepted.add(str(event.consultation))
    town.told_by_test.add(str(event.consultation))
