"""Events of one moment in one message: who gets it, and that each event has an end of its own."""

import asyncio
from collections import Counter

import aio_pika
import pytest

from klik.parked.lot import ParkingLot
from shared.events import ConsultationSubmitted, Region
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.envelope import BATCH, Envelope, events_in, message_of
from shared.messaging.publisher import EVENTS_IN_MESSAGE, Publisher
from shared.messaging.reliability import APART_AFTER, REASON
from shared.messaging.retry import DELAYS
from tests.support.backends import Backends
from tests.support.builders import submitted
from tests.support.keys import signed
from tests.support.messaging import arrived, consuming, ids_in, publish_all, spy_on
from tests.support.system import until

pytestmark = pytest.mark.integration

HERE = Region(kecamatan="64.02.06", desa="64.02.06.2001")
ELSEWHERE = Region(kecamatan="64.02.07", desa="64.02.07.2001")


def some(number: int) -> list[ConsultationSubmitted]:
    return [submitted(region=(HERE, ELSEWHERE)[n % 2]) for n in range(number)]


async def test_what_is_published_in_one_moment_shares_messages(
    publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    spy, events = await spy_on(channel), some(EVENTS_IN_MESSAGE + 8)
    await publish_all(publisher, events)
    first, second = [await spy.get(no_ack=True) for _ in range(2)]
    assert (first.content_type, second.content_type) == (BATCH, BATCH)
    told = [str(one.message_id) for one in (*events_in(first), *events_in(second))]
    assert told == [str(event.id) for event in events]
    assert await spy.get(fail=False) is None


async def test_a_queue_for_one_kecamatan_is_sent_what_has_an_event_of_it_once(
    publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    queues = {}
    for kecamatan in (HERE.kecamatan, ELSEWHERE.kecamatan, "64.02.08"):
        queues[kecamatan] = await channel.declare_queue(exclusive=True, durable=False)
        await queues[kecamatan].bind(topology.EXCHANGE, f"consultation.submitted.{kecamatan}")
    events = some(6)
    await publish_all(publisher, events)
    ids = {str(event.id) for event in events}
    for kecamatan in (HERE.kecamatan, ELSEWHERE.kecamatan):
        assert {one.message_id for one in await arrived(queues[kecamatan], 6)} == ids
    assert await queues["64.02.08"].get(fail=False) is None


async def test_one_of_them_that_fails_is_tried_again_alone(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    events, told = some(5), Counter[str]()

    async def handle(event: ConsultationSubmitted) -> None:
        told[str(event.id)] += 1
        if event == events[2]:
            raise RuntimeError("not this one")

    async with consuming(backends, publisher, handle):
        await publish_all(publisher, events)

        async def all_were() -> bool:
            return len(told) == len(events)

        await until(all_were, 15.0, "every event to be handled")
    waiting = await ids_in(channel, topology.retry_queue("routing", DELAYS[0]))
    assert waiting == [str(events[2].id)]
    assert set(told.values()) == {1}


async def test_one_of_them_that_is_invalid_is_parked_alone(
    backends: Backends, publisher: Publisher
) -> None:
    good, bad = submitted(), submitted()
    envelope = Envelope.of(bad, traceparent())
    broken = Envelope(**{**envelope.document(), "body": '{"id": "no event"}'})
    handled: list[ConsultationSubmitted] = []

    async def handle(event: ConsultationSubmitted) -> None:
        handled.append(event)

    async with consuming(backends, publisher, handle), ParkingLot.open(backends.amqp_url) as lot:
        await asyncio.gather(
            *(publisher.publish(one) for one in (Envelope.of(good, traceparent()), broken))
        )

        async def is_parked() -> bool:
            found = await lot.look(lambda _: True)
            return [one.id for one in found] == [str(bad.id)]

        await until(is_parked, 15.0, "the invalid one to be parked")
        (parked,) = await lot.discard(lambda _: True)
    assert parked.headers[REASON] == "invalid_event"
    assert handled == [good]


async def test_a_batch_that_is_none_is_parked_whole(
    backends: Backends, publisher: Publisher
) -> None:
    async def handle(event: ConsultationSubmitted) -> None:
        raise AssertionError(event)

    async with consuming(backends, publisher, handle), ParkingLot.open(backends.amqp_url) as lot:
        message = aio_pika.Message(
            b"[{}]", content_type=BATCH, type=ConsultationSubmitted.type(), headers={}
        )
        await publisher.send(signed(message, "routing"), "", topology.main_queue("routing"))

        async def is_parked() -> bool:
            return len(await lot.look(lambda one: one.reason == "invalid_event")) == 1

        await until(is_parked, 15.0, "it to be parked")
        (parked,) = await lot.discard(lambda _: True)
    assert "batch" in parked.error


async def test_what_was_delivered_in_vain_is_put_back_one_by_one(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """One of them may be what ends the process each time: RabbitMQ parks it without the others."""
    events = some(4)
    queue = await channel.get_queue(topology.main_queue("routing"))
    together = message_of([Envelope.of(one, traceparent()) for one in events], "intake")
    await publisher.send(signed(together, "routing"), "", queue.name)
    for _ in range(APART_AFTER + 1):
        message = await queue.get(timeout=10)
        assert len(events_in(message)) == 4
        await message.nack(requeue=True)
    alone: list[ConsultationSubmitted] = []

    async def handle(event: ConsultationSubmitted) -> None:
        alone.append(event)

    async with consuming(backends, publisher, handle, prefetch=1) as consumer:

        async def all_are() -> bool:
            return len(alone) == 4

        await until(all_are, 15.0, "each to be handled")
        assert consumer.in_flight.given == 1 + 4
    assert {one.id for one in alone} == {one.id for one in events}
