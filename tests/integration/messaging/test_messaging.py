"""Outbox, relay, retry ladder and parking on a real RabbitMQ and a real store."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import aio_pika
import pytest

from klik.parked.lot import ParkingLot
from shared.errors import PublishFailed, StoreUnavailable, TryLater
from shared.events import CaseAssigned, ConsultationSubmitted
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.messaging.reliability import ATTEMPT, ERROR, FIRST_FAILED, LAST_FAILED, QUEUE, REASON
from shared.storage.mongo import Database
from tests.support.backends import Backends
from tests.support.builders import assigned, submitted
from tests.support.keys import TEST_SIGNING, signed
from tests.support.messaging import Listener, arrived, consuming, drained, keep, pending, spy_on
from tests.support.system import until

pytestmark = pytest.mark.integration


# --- publishing


async def test_an_event_travels_as_a_cloudevent_in_binary_mode(
    publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    spy, event = await spy_on(channel), submitted()
    await publisher.publish(Envelope.of(event, traceparent()))
    (message,) = await arrived(spy, 1)
    assert message.routing_key == "consultation.submitted.64.02.06"
    assert message.headers["cloudEvents_specversion"] == "1.0"
    assert message.headers["cloudEvents_id"] == str(event.id) == message.message_id
    assert message.headers["cloudEvents_type"] == "klikdesa.consultation.submitted.v1"
    assert message.headers["cloudEvents_source"] == "klikdesa/test"
    assert message.headers["cloudEvents_subject"] == str(event.consultation)
    assert message.content_type == "application/json"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert ConsultationSubmitted.model_validate_json(message.body) == event


async def test_what_no_queue_takes_is_not_called_published(publisher: Publisher) -> None:
    message = aio_pika.Message(b"{}")
    with pytest.raises(PublishFailed):
        await publisher.send(message, "", f"no-such-queue-{uuid.uuid4()}")
    await publisher.publish(Envelope.of(submitted(), traceparent()))  # and the next one passes


async def test_a_channel_that_was_closed_for_good_is_opened_again(publisher: Publisher) -> None:
    await publisher.publish(Envelope.of(submitted(), traceparent()))
    with pytest.raises(PublishFailed):
        await publisher.send(aio_pika.Message(b"{}"), f"no-such-exchange-{uuid.uuid4()}", "x")
    await publisher.publish(Envelope.of(submitted(), traceparent()))


async def test_a_publisher_without_a_link_says_so_at_once() -> None:
    with pytest.raises(PublishFailed):
        await Publisher("amqp://127.0.0.1:1/", "test", TEST_SIGNING).publish(
            Envelope.of(submitted(), traceparent())
        )


# --- outbox and relay


async def test_the_fast_path_publishes_at_once_and_empties_the_outbox(
    database: Database, outbox: Outbox, channel: aio_pika.abc.AbstractChannel
) -> None:
    spy = await spy_on(channel)
    for _ in range(20):
        outbox.offer(*await keep(database, outbox, submitted()))
    await arrived(spy, 20)

    async def emptied() -> bool:
        return await pending(database) == 0

    await until(emptied, 15.0, "the outboxes to be emptied")
    document = await database.collection("things").find_one({})
    assert document is not None
    assert "outbox_due" not in document


async def test_the_sweep_finds_what_a_crash_left_behind(
    database: Database,
    eager_outbox: Outbox,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    spy = await spy_on(channel)
    left = [submitted() for _ in range(30)]
    for event in left:
        await keep(database, eager_outbox, event)  # and the process dies before it offers
    assert await drained(database, eager_outbox) == 30
    ids = {message.message_id for message in await arrived(spy, 30)}
    assert ids == {str(event.id) for event in left}
    assert await eager_outbox.sweep() == 0


async def test_the_sweep_leaves_what_is_young_to_its_writer(
    database: Database, outbox: Outbox
) -> None:
    await keep(database, outbox, submitted())
    assert await outbox.sweep() == 0


async def test_the_letters_of_one_document_keep_their_order(
    database: Database, outbox: Outbox, channel: aio_pika.abc.AbstractChannel
) -> None:
    spy = await spy_on(channel)
    events = [assigned(sequence=n) for n in range(1, 11)]
    outbox.offer(*await keep(database, outbox, *events))
    messages = await arrived(spy, 10)
    assert [CaseAssigned.model_validate_json(m.body).sequence for m in messages] == list(
        range(1, 11)
    )


async def test_removing_confirmed_letters_keeps_one_that_was_added_meanwhile(
    database: Database, outbox: Outbox, channel: aio_pika.abc.AbstractChannel
) -> None:
    things, first, second = database.collection("things"), submitted(), submitted()
    id_, envelopes = await keep(database, outbox, first)
    added = outbox.changes([second])
    await things.update({"_id": id_}, {**added, "$set": {"version": 2, **added["$set"]}})
    spy = await spy_on(channel)
    outbox.offer(id_, envelopes)
    await arrived(spy, 1)

    async def first_is_gone() -> bool:
        document = await things.get(id_)
        return document is not None and [x["id"] for x in document["outbox"]] == [str(second.id)]

    await until(first_is_gone, 15.0, "the confirmed envelope to be removed")
    assert await pending(database) == 1


async def test_what_cannot_be_published_stays_and_goes_out_later(
    database: Database,
    backends: Backends,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    publisher = Publisher(backends.amqp_url, "test", TEST_SIGNING)
    things = database.collection("things")
    outbox = Outbox(database, things, "things", publisher, grace=timedelta())
    await outbox.prepare()
    spy = await spy_on(channel)
    outbox.offer(*await keep(database, outbox, submitted()))
    assert await outbox.sweep() == 0
    assert await pending(database) == 1
    await publisher.start()
    await asyncio.wait_for(publisher.connected.wait(), 10)
    await drained(database, outbox)
    await arrived(spy, 1)
    await publisher.close()


# --- consuming: retry, hold, park


async def test_a_failure_comes_back_after_the_first_delay_to_this_service_only(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    spy, event = await spy_on(channel), submitted()
    listener = Listener(failures=[TryLater("not yet")])
    async with consuming(backends, publisher, listener.on_consultation_submitted):
        await publisher.publish(Envelope.of(event, traceparent()))

        async def handled() -> bool:
            return listener.handled == [event]

        await until(handled, 15.0, "the second attempt")
    assert listener.deliveries == 2
    await arrived(spy, 1)


async def test_while_the_database_is_away_a_message_is_held_and_counts_no_attempt(
    backends: Backends, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_over: list[Any] = []

    async def note(*args: Any) -> None:
        handed_over.append(args)

    monkeypatch.setattr(publisher, "hand_over", note)
    event = submitted()
    listener = Listener(failures=[StoreUnavailable("away")] * 8)
    handler = listener.on_consultation_submitted
    async with consuming(backends, publisher, handler, pause_seconds=0.05):
        await publisher.publish(Envelope.of(event, traceparent()))

        async def handled() -> bool:
            return listener.handled == [event]

        await until(handled, 15.0, "the held message")
    assert listener.deliveries == 9
    assert handed_over == [], "it never left for a retry queue"


async def test_a_message_out_of_attempts_is_parked_with_everything_an_operator_needs(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    event = submitted()
    listener = Listener(failures=[RuntimeError("NAMARAHASIA")])
    envelope = Envelope.of(event, traceparent())
    last_try = aio_pika.Message(
        envelope.body.encode(),
        content_type="application/json",
        message_id=envelope.id,
        headers={
            **envelope.headers("klikdesa/intake"),
            ATTEMPT: 5,
            FIRST_FAILED: "2026-11-24T00:00Z",
        },
    )
    async with consuming(backends, publisher, listener.on_consultation_submitted):
        await publisher.send(signed(last_try, "routing"), "", topology.main_queue("routing"))
        parked = await channel.get_queue(topology.parked_queue("routing"))
        (message,) = await arrived(parked, 1)
    assert message.body == last_try.body
    assert message.headers[REASON] == "attempts_exhausted"
    assert message.headers[ATTEMPT] == 5
    assert message.headers[FIRST_FAILED] == "2026-11-24T00:00Z"
    assert message.headers[LAST_FAILED] > "2026"
    assert message.headers[QUEUE] == "klik.routing"
    assert message.headers[ERROR].startswith("RuntimeError")
    assert "NAMARAHASIA" not in repr(message.headers)


async def test_a_message_that_can_neither_be_handled_nor_handed_on_goes_back_to_its_queue(
    backends: Backends, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "hand_over", _failing_once(publisher.hand_over))
    event = submitted()
    listener = Listener(failures=[TryLater("not yet")])
    handler = listener.on_consultation_submitted
    async with consuming(backends, publisher, handler, pause_seconds=0.05):
        await publisher.publish(Envelope.of(event, traceparent()))

        async def handled() -> bool:
            return listener.handled == [event]

        await until(handled, 10.0, "the redelivered message")


def _failing_once(hand_over: Any) -> Any:
    failures = [PublishFailed("no link")]

    async def sometimes(*args: Any, **kwargs: Any) -> None:
        if failures:
            raise failures.pop()
        await hand_over(*args, **kwargs)

    return sometimes


async def test_a_message_rejected_or_returned_too_often_is_parked_by_rabbitmq_itself(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """The net under reliability: the queue's own dead-lettering and delivery limit."""
    queue = await channel.get_queue(topology.main_queue("routing"))
    event = submitted()
    await publisher.publish(Envelope.of(event, traceparent()))
    message = await queue.get()
    await message.reject(requeue=False)
    async with ParkingLot.open(backends.amqp_url) as lot:

        async def is_parked() -> bool:
            return [one.id for one in await lot.look(lambda _: True)] == [str(event.id)]

        await until(is_parked, 10.0, "the rejected message to be parked")
        (parked,) = await lot.discard(lambda _: True)
        assert parked.reason == "rabbitmq_rejected"


async def test_stopping_finishes_what_is_in_hand(backends: Backends, publisher: Publisher) -> None:
    started, handled = asyncio.Event(), []

    async def slow(event: ConsultationSubmitted) -> None:
        started.set()
        await asyncio.sleep(0.5)
        handled.append(event)

    async with consuming(backends, publisher, slow):
        await publisher.publish(Envelope.of(submitted(), traceparent()))
        await asyncio.wait_for(started.wait(), 15)
    assert len(handled) == 1
