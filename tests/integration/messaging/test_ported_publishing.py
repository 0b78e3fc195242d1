"""What other messaging libraries test, on our components: publishing, retrying and parking.

The scenarios go on from test_ported_scenarios.py. Held by tests that were there before:

11  poison goes aside (Watermill TestPoisonQueue_handler_failing), and neighbours pass:
    e2e/test_promises.py::test_garbage_is_parked_once_with_its_reason_and_neighbours_pass
11  poison by filter (Watermill TestPoisonQueueWithFilter_poison_queue), 13 TestRetry_should_retry:
    unit/shared/messaging/test_retry.py::test_what_cannot_heal_is_parked_at_once_with_its_own_reason
12  requeue (Watermill TestRequeue), 20 retrying from the error queue with headers in any letters:
    test_parked_commands.py::test_replay_starts_anew_and_keeps_the_message_as_it_was
13  max retries (Watermill TestRetry_max_retries):
    test_messaging.py::test_a_message_out_of_attempts_is_parked_with_everything_an_operator_needs
16  a crash before dispatch (NServiceBus When_blowing_up_just_after_dispatch, its other half):
    test_messaging.py::test_the_sweep_finds_what_a_crash_left_behind
18  without starting the bus (MassTransit Should_work_without_starting_the_bus):
    test_messaging.py::test_what_cannot_be_published_stays_and_goes_out_later
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aio_pika
import pytest

from klik.parked.lot import ParkingLot
from shared.errors import (
    Duplicate,
    InvalidEvent,
    PublishFailed,
    StoreUnavailable,
    TryLater,
)
from shared.events import CaseAssigned, ConsultationSubmitted
from shared.logs import traceparent
from shared.messaging import reliability, retry, topology
from shared.messaging.connection import HEARTBEAT_SECONDS
from shared.messaging.envelope import Envelope, events_in
from shared.messaging.outbox import SWEEP_DOCUMENTS, Outbox
from shared.messaging.publisher import Publisher
from shared.messaging.reliability import ATTEMPT
from shared.storage.mongo import Database
from tests.peers.wire import wire_to
from tests.support.backends import Backends
from tests.support.builders import assigned, submitted
from tests.support.keys import TEST_SIGNING, signed
from tests.support.messaging import (
    Listener,
    arrived,
    consuming,
    drained,
    ids_in,
    keep,
    pending,
    publish_all,
    spy_on,
)
from tests.support.system import until

pytestmark = pytest.mark.integration

ROUTING = topology.main_queue("routing")
PARKED = topology.parked_queue("routing")
FIRST_RETRY = topology.retry_queue("routing", retry.DELAYS[0])


@pytest.fixture
def outbox(eager_outbox: Outbox) -> Outbox:
    return eager_outbox


def eager(database: Database, publisher: Publisher) -> Outbox:
    """One with another publisher."""
    things = database.collection("things")
    return Outbox(database, things, "things", publisher, grace=timedelta())


@asynccontextmanager
async def relaying(
    database: Database,
    url: str,
    *,
    confirm_seconds: float,
    heartbeat_seconds: int = HEARTBEAT_SECONDS,
) -> AsyncGenerator[tuple[Publisher, Outbox], None]:
    """An outbox with a link of its own, as a service has it: what an offer could not publish in
    time is taken up by the sweep."""
    publisher = Publisher(
        url,
        "here",
        TEST_SIGNING,
        confirm_seconds=confirm_seconds,
        heartbeat_seconds=heartbeat_seconds,
    )
    outbox = eager(database, publisher)
    await outbox.prepare()
    await publisher.start()
    try:
        await publisher.connected_within(10)
        await outbox.start()
        yield publisher, outbox
    finally:
        await outbox.stop(timeout=5)
        await publisher.close()


async def a_letter(publisher: Publisher, **headers: Any) -> tuple[ConsultationSubmitted, str]:
    """An event put straight into routing's queue, with headers besides."""
    event = submitted()
    message = Envelope.of(event, traceparent()).message("intake")
    message.headers |= headers
    await publisher.send(signed(message, "routing"), "", ROUTING)
    return event, str(event.id)


async def test_a_publisher_closed_under_load_leaves_the_rest_in_the_outbox(
    backends: Backends,
    database: Database,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    """6. Watermill `TestPublisherClose`."""
    closing = Publisher(backends.amqp_url, "closing", TEST_SIGNING)
    await closing.start()
    await asyncio.wait_for(closing.connected.wait(), 10)
    outbox = eager(database, closing)
    await outbox.prepare()
    events = [submitted() for _ in range(300)]
    for number, event in enumerate(events):
        outbox.offer(*await keep(database, outbox, event))
        if number == 150:
            await closing.close()
    await outbox.stop(timeout=10)
    assert await pending(database) >= 149

    await drained(database, eager(database, publisher))
    assert set(await ids_in(channel, ROUTING)) == {str(event.id) for event in events}


async def test_poison_whose_parking_fails_stays_and_is_parked_later(
    backends: Backends,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """11. Watermill `TestPoisonQueue_handler_failing_publisher_failing`."""
    failures, hand_over = [PublishFailed("no link")] * 3, publisher.hand_over

    async def failing(*args: Any) -> None:
        if failures:
            raise failures.pop()
        await hand_over(*args)

    monkeypatch.setattr(publisher, "hand_over", failing)
    listener = Listener(failures=[InvalidEvent("poison")] * 10)
    handler = listener.on_consultation_submitted
    async with consuming(backends, publisher, handler, pause_seconds=0.05):
        _, id_ = await a_letter(publisher)
        parked = await channel.get_queue(PARKED)
        (message,) = await arrived(parked, 1)
    assert (message.message_id, message.headers[reliability.REASON]) == (id_, "invalid_event")
    assert listener.deliveries == 4
    assert await ids_in(channel, ROUTING) == []


async def test_what_was_parked_is_handled_after_the_cause_is_mended(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """12, 20. NServiceBus `When_retrying_message_from_error_queue`: replayed, handled once."""
    listener = Listener(failures=[InvalidEvent("not yet known here")])
    async with (
        consuming(backends, publisher, listener.on_consultation_submitted),
        ParkingLot.open(backends.amqp_url) as lot,
    ):
        event, id_ = await a_letter(publisher)

        async def is_parked() -> bool:
            return [one.id for one in await lot.look(lambda _: True)] == [id_]

        await until(is_parked, 10.0, "the message to be parked")
        assert len(await lot.replay(lambda one: one.id == id_)) == 1

        async def handled() -> bool:
            return listener.handled == [event]

        await until(handled, 10.0, "the replayed message")
        assert await lot.look(lambda _: True) == []
    assert await ids_in(channel, ROUTING) == []


async def test_a_message_held_for_too_long_goes_round_and_counts_no_attempt(
    backends: Backends,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    """13. Watermill `TestRetry_max_elapsed`: RabbitMQ would take the channel away."""
    listener = Listener(failures=[StoreUnavailable("away")])
    handler = listener.on_consultation_submitted
    async with consuming(backends, publisher, handler, hold_at_most=timedelta()):
        event, _ = await a_letter(publisher, **{ATTEMPT: 3})
        waiting = await channel.get_queue(FIRST_RETRY)
        seen: list[Any] = []

        async def goes_round() -> bool:
            if not seen and (message := await waiting.get(fail=False)) is not None:
                seen.append(message.headers[ATTEMPT])
                await message.nack()
            return listener.handled == [event]

        await until(goes_round, 20.0, "the message to come back")
    assert seen == [3]


async def test_each_attempt_goes_one_step_up_the_ladder(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """13. Watermill `TestRetry_retry`, `TestRetry_max_interval`: and at its end it is parked."""
    listener = Listener(failures=[TryLater("not yet")] * 5)
    steps = [topology.retry_queue("routing", delay) for delay in retry.DELAYS] + [PARKED]
    async with consuming(backends, publisher, listener.on_consultation_submitted):
        for attempt, step in enumerate(steps, start=1):
            _, id_ = await a_letter(publisher, **{ATTEMPT: attempt})
            (message,) = await arrived(await channel.get_queue(step), 1)
            assert message.message_id == id_
            assert message.headers[ATTEMPT] == (attempt if step == PARKED else attempt + 1)


async def test_a_crash_between_confirmation_and_removal_repeats_the_event_under_its_id(
    database: Database,
    publisher: Publisher,
    outbox: Outbox,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    """16. NServiceBus `When_blowing_up_just_after_dispatch`: who is idempotent sees it once."""
    spy, event = await spy_on(channel), submitted()
    await keep(database, outbox, event)
    await publish_all(publisher, [event])  # confirmed, and the process dies
    await drained(database, outbox)
    assert [message.message_id for message in await arrived(spy, 2)] == [str(event.id)] * 2


async def test_a_write_that_is_refused_publishes_nothing(
    database: Database, outbox: Outbox, channel: aio_pika.abc.AbstractChannel
) -> None:
    """17. MassTransit `Should_not_send_when_transaction_aborted`."""
    spy, things = await spy_on(channel), database.collection("things")
    first = submitted()
    id_, _ = await keep(database, outbox, first)
    with pytest.raises(Duplicate):
        await things.insert({"_id": id_, **outbox.fields([submitted()])})
    refused = outbox.changes([submitted()])
    assert not await things.update({"_id": id_, "version": 99}, refused)
    await drained(database, outbox)
    assert {message.message_id for message in await arrived(spy, 1)} == {str(first.id)}


async def test_an_outbox_filled_without_rabbitmq_is_drained_when_it_is_there(
    backends: Backends, database: Database, channel: aio_pika.abc.AbstractChannel
) -> None:
    """18. MassTransit `Fill_up_the_outbox`: more than one sweep takes."""
    late = Publisher(backends.amqp_url, "late", TEST_SIGNING)
    outbox = eager(database, late)
    await outbox.prepare()
    events = [submitted() for _ in range(SWEEP_DOCUMENTS + 100)]
    documents = [{"_id": str(one.id), **outbox.fields([one])} for one in events]
    assert await database.collection("things").insert_each(documents) == [None] * len(events)
    assert await outbox.sweep() == 0
    await late.start()
    try:
        await asyncio.wait_for(late.connected.wait(), 10)
        await drained(database, outbox)
    finally:
        await late.close()
    assert set(await ids_in(channel, ROUTING)) == {str(event.id) for event in events}


async def test_a_fault_while_the_outbox_is_delivered_is_tried_again_in_order(
    database: Database,
    publisher: Publisher,
    outbox: Outbox,
    channel: aio_pika.abc.AbstractChannel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """19. MassTransit `When_a_send_faults_in_the_outbox`: the rest waits behind what failed."""
    spy, send, tries = await spy_on(channel), publisher.send, Counter[str]()

    async def faulty(message: aio_pika.Message, exchange: str, key: str) -> None:
        tries[str(message.message_id)] += 1
        if tries.total() in (3, 9, 17):
            raise PublishFailed("now and then")
        await send(message, exchange, key)

    monkeypatch.setattr(publisher, "send", faulty)
    events = [assigned(sequence=n) for n in range(1, 11)]
    await keep(database, outbox, *events)
    await drained(database, outbox)
    seen: dict[int, None] = {}
    while (message := await spy.get(fail=False, no_ack=True)) is not None:
        for one in events_in(message):
            seen.setdefault(CaseAssigned.model_validate_json(one.body).sequence)
    assert list(seen) == list(range(1, 11)), "each for the first time after those before it"
    assert tries.total() > 10


async def test_headers_in_any_letters_go_up_the_ladder_and_come_back(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """20. NServiceBus, special characters in headers. 21. Dapr, time to live: what has outlived it
    in the retry queue is back because it expired there, and nowhere else does anything expire."""
    strange = {"x-desa": "Ünïcode ✓ \x01 'a\";--", "x-number": 2**40, "x-list": ["a", 1]}
    listener = Listener(failures=[TryLater("not yet"), InvalidEvent("give up")])
    async with consuming(backends, publisher, listener.on_consultation_submitted):
        _, id_ = await a_letter(publisher, **strange)
        (message,) = await arrived(await channel.get_queue(PARKED), 1)
    assert message.message_id == id_
    assert {name: message.headers[name] for name in strange} == strange
    assert [(one["queue"], one["reason"]) for one in message.headers["x-death"]] == [
        (FIRST_RETRY, "expired")
    ]


async def test_a_wire_too_slow_for_a_confirmation_costs_time_and_no_event(
    backends: Backends,
    database: Database,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    """22. Dapr's network delay: first while the channel for publishing is opened, then with it
    open. The link is not given up for it, and publishing goes on over it."""
    sent: set[str] = set()
    async with (
        wire_to(backends.amqp_url) as wire,
        relaying(database, wire.url, confirm_seconds=1.0) as (here, outbox),
    ):
        for _ in range(2):
            wire.freeze()
            for event in [submitted() for _ in range(20)]:
                sent.add(str(event.id))
                outbox.offer(*await keep(database, outbox, event))

            async def given_up() -> bool:
                return here.confirms.oldest() > 2.0

            await until(given_up, 20.0, "the first publish to be given up")
            wire.mend()

            async def emptied() -> bool:
                return await pending(database) == 0

            await until(emptied, 30.0, "the sweep to publish what was late")
        assert wire.connections == 1, "the same link all the time"
    assert set(await ids_in(channel, ROUTING)) == sent


async def test_a_dead_wire_is_noticed_and_nothing_is_lost(
    backends: Backends,
    database: Database,
    publisher: Publisher,
) -> None:
    """22. Dapr's network interruption: nothing gets through, and nobody is told. It lasts until the
    heartbeats miss it, which with the product's ten seconds takes half a minute."""
    listener = Listener()
    handler = listener.on_consultation_submitted
    before, during = ([submitted() for _ in range(20)] for _ in range(2))

    async def handled(events: list[ConsultationSubmitted]) -> bool:
        return {one.id for one in listener.handled} >= {one.id for one in events}

    async with (
        wire_to(backends.amqp_url) as wire,
        relaying(database, wire.url, confirm_seconds=1.0, heartbeat_seconds=1) as (here, outbox),
        consuming(backends, publisher, handler, url=wire.url, heartbeat_seconds=1) as consumer,
    ):
        for event in before:
            outbox.offer(*await keep(database, outbox, event))
        await until(lambda: handled(before), 30.0, "the events before")
        wire.freeze()
        for event in during:
            outbox.offer(*await keep(database, outbox, event))

        async def noticed() -> bool:
            return not here.connected.is_set() and not await consumer.connected()

        await until(noticed, 40.0, "both links to be given up")
        assert await pending(database) >= len(during)
        wire.mend()
        wire.cut()
        await here.connected_within(20)
        await until(lambda: handled(during), 30.0, "the events of the interruption")
