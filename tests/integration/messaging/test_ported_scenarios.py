"""What other messaging libraries test, on our components: delivering and handling.

The scenarios are numbered as they were collected. Publishing, retrying and parking (6, 11-13 and
16-22) are in test_ported_publishing.py. Held by tests of test_messaging.py that were there before:

 4  resend on error (Watermill TestResendOnError):
    test_a_failure_comes_back_after_the_first_delay_to_this_service_only
 9  nack where publishing failed (Watermill TestRouter_nack_on_publishing_failure):
    test_a_message_that_can_neither_be_handled_nor_handed_on_goes_back_to_its_queue
 9  nack on panic (Watermill TestRouter_nack_on_panic), which with us goes up the ladder to its end:
    test_a_message_out_of_attempts_is_parked_with_everything_an_operator_needs
10  wait for handlers (Watermill TestRouter_wait_for_handlers_before_shutdown):
    test_stopping_finishes_what_is_in_hand
"""

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack

import aio_pika
import pytest

from shared.errors import Duplicate, TryLater
from shared.events import ConsultationSubmitted
from shared.messaging import topology
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Collection, Database
from tests.peers.wire import wire_to
from tests.support.backends import Backends
from tests.support.builders import assigned, submitted
from tests.support.messaging import arrived, consuming, ids_in, publish_all
from tests.support.system import until

pytestmark = pytest.mark.integration

#: Seconds for all of some hundred messages, the first retry queue's delay included.
SETTLE = 40.0


class Seen:
    """A handler that counts what it is given."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()

    async def __call__(self, event: ConsultationSubmitted) -> None:
        self.times[str(event.id)] += 1

    async def wait_for(self, ids: set[str], what: str = "all events to be handled") -> None:
        async def all_there() -> bool:
            return self.times.keys() >= ids

        await until(all_there, SETTLE, what)


def some(number: int) -> tuple[list[ConsultationSubmitted], set[str]]:
    events = [submitted() for _ in range(number)]
    return events, {str(event.id) for event in events}


async def test_every_one_of_a_thousand_is_handled_though_some_handlers_fail(
    backends: Backends, publisher: Publisher
) -> None:
    """1. Watermill `TestPublishSubscribe`; Dapr's thousand messages with periodic errors."""
    events, ids = some(1000)
    seen, deliveries = Seen(), 0

    async def failing_now_and_then(event: ConsultationSubmitted) -> None:
        nonlocal deliveries
        deliveries += 1
        if deliveries % 50 == 0:
            raise TryLater("every fiftieth")
        await seen(event)

    async with consuming(backends, publisher, failing_now_and_then):
        await publish_all(publisher, events)
        await seen.wait_for(ids)
    assert set(seen.times) == ids, "and nothing else"
    assert set(seen.times.values()) == {1}
    assert deliveries > 1000


async def test_consumers_of_one_queue_share_it(backends: Backends, publisher: Publisher) -> None:
    """2. Watermill `TestConcurrentSubscribe`; Dapr's consumers with the same id."""
    events, ids = some(300)
    replicas = [Seen() for _ in range(3)]
    async with AsyncExitStack() as stack:
        for replica in replicas:
            await stack.enter_async_context(consuming(backends, publisher, replica))
        await publish_all(publisher, events)

        async def all_handled() -> bool:
            return sum(replica.times.total() for replica in replicas) >= len(ids)

        await until(all_handled, SETTLE, "all events to be handled by some replica")
    together: Counter[str] = Counter()
    for replica in replicas:
        together += replica.times
        assert replica.times, "each has its share"
    assert together == Counter(dict.fromkeys(ids, 1))


async def test_each_service_gets_every_event(backends: Backends, publisher: Publisher) -> None:
    """3. NServiceBus `When_subscribers_handles_the_same_event`; Dapr's distinct consumer ids."""
    events, ids = some(50)
    services = {name: Seen() for name in ("routing", "notify", "reporting")}
    async with AsyncExitStack() as stack:
        for name, seen in services.items():
            await stack.enter_async_context(consuming(backends, publisher, seen, name))
        await publish_all(publisher, events)
        for name, seen in services.items():
            await seen.wait_for(ids, f"{name} to have handled all")
    for seen in services.values():
        assert seen.times == Counter(dict.fromkeys(ids, 1))


async def test_errors_of_some_do_not_stop_the_others(
    backends: Backends, publisher: Publisher
) -> None:
    """4. Watermill `TestContinueAfterErrors`: those behind a failing message do not wait for it."""
    bad, good = some(20)[0], some(20)
    failing, seen = {str(event.id) for event in bad}, Seen()

    async def handle(event: ConsultationSubmitted) -> None:
        if str(event.id) in failing:
            raise RuntimeError
        await seen(event)

    async with consuming(backends, publisher, handle):
        await publish_all(publisher, bad)
        await publish_all(publisher, good[0])
        await seen.wait_for(good[1])
        assert not failing & seen.times.keys()
        failing.clear()
        await seen.wait_for({str(event.id) for event in bad}, "the failed ones to come back")


async def test_a_consumer_that_closes_midway_loses_nothing(
    backends: Backends, publisher: Publisher
) -> None:
    """5. Watermill `TestContinueAfterSubscribeClose`, `TestConcurrentClose`."""
    events, ids = some(300)
    seen = Seen()

    async def slowly(event: ConsultationSubmitted) -> None:
        await asyncio.sleep(0.005)
        await seen(event)

    await publish_all(publisher, events)
    for share in (50, 150):
        async with consuming(backends, publisher, slowly):

            async def enough(share: int = share) -> bool:
                return len(seen.times) >= share

            await until(enough, SETTLE, f"{share} events", poll=0.01)
    assert len(seen.times) < 300, "it was closed midway"
    async with consuming(backends, publisher, slowly):
        await seen.wait_for(ids)
    assert set(seen.times.values()) == {1}, "what was in hand was finished, not repeated"


async def test_a_consumer_whose_link_is_cut_again_and_again_handles_all(
    backends: Backends, publisher: Publisher
) -> None:
    """7. Watermill `TestReconnect`; MassTransit `Reconnecting_Specs`."""
    events, ids = some(200)
    seen = Seen()

    async def slowly(event: ConsultationSubmitted) -> None:
        await asyncio.sleep(0.01)
        await seen(event)

    async with (
        wire_to(backends.amqp_url) as wire,
        consuming(backends, publisher, slowly, url=wire.url),
    ):
        await publish_all(publisher, events)
        for share in (20, 80):

            async def enough(share: int = share) -> bool:
                return len(seen.times) >= share

            await until(enough, SETTLE, f"{share} events", poll=0.01)
            wire.cut()
        await seen.wait_for(ids)


async def test_a_consumer_that_comes_later_gets_what_was_published_before(
    backends: Backends, publisher: Publisher
) -> None:
    """8. Watermill `TestNewSubscriberReceivesOldMessages`."""
    events, ids = some(30)
    await publish_all(publisher, events)
    seen = Seen()
    async with consuming(backends, publisher, seen):
        await seen.wait_for(ids)


async def test_a_handler_that_is_cancelled_gets_its_message_again(
    backends: Backends, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    """9. Watermill `TestRouter_nack_on_context_canceled`, `_ack_on_publishing_success`: what was
    not handled to its end is not acknowledged."""
    started, cancelled, seen = asyncio.Event(), asyncio.Event(), Seen()

    async def handle(event: ConsultationSubmitted) -> None:
        if not started.is_set():
            started.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise
        await seen(event)

    events, ids = some(1)
    async with (
        wire_to(backends.amqp_url) as wire,
        consuming(backends, publisher, handle, url=wire.url),
    ):
        await publish_all(publisher, events)
        await asyncio.wait_for(started.wait(), 10)
        wire.cut()
        await asyncio.wait_for(cancelled.wait(), 10)
        await seen.wait_for(ids, "the message to come again")
    assert await ids_in(channel, topology.main_queue("routing")) == [], "acknowledged afterwards"
    assert await ids_in(channel, topology.parked_queue("routing")) == []


async def test_a_handler_that_outlasts_the_stop_gives_its_message_back(
    backends: Backends, publisher: Publisher
) -> None:
    """10. Watermill `TestRouter_wait_for_handlers_before_shutdown_timeout`; NServiceBus
    `When_stopping_on_message`."""
    started, seen = asyncio.Event(), Seen()

    async def for_ever(_event: ConsultationSubmitted) -> None:
        started.set()
        await asyncio.Event().wait()

    events, ids = some(1)
    async with consuming(backends, publisher, for_ever, stop_timeout=0.2):
        await publish_all(publisher, events)
        await asyncio.wait_for(started.wait(), 10)
    async with consuming(backends, publisher, seen):
        await seen.wait_for(ids, "the message to be given to another")


class Cases:
    """A handler as routing's: one document a consultation, and in it the event that tells of it."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox

    async def __call__(self, event: ConsultationSubmitted) -> None:
        fields = self._outbox.fields([assigned(event.consultation)])
        id_ = str(event.consultation)
        try:
            await self._collection.insert({"_id": id_, **fields})
        except Duplicate:
            return
        self._outbox.offer(id_, fields["outbox"])


async def test_random_failures_and_duplicates_have_each_effect_once(
    backends: Backends, publisher: Publisher, database: Database, outbox: Outbox
) -> None:
    """14. Watermill's middlewares `randomfail` and `duplicator` before a handler."""
    chance = random.Random(7)  # noqa: S311
    things = database.collection("things")
    make_case = Cases(things, outbox)

    async def unlucky(event: ConsultationSubmitted) -> None:
        if chance.random() < 0.1:
            raise TryLater("before the effect")
        await make_case(event)
        if chance.random() < 0.1:
            raise TryLater("after the effect")

    events, _ = some(200)
    cases = [str(event.consultation) for event in events]
    async with consuming(backends, publisher, unlucky):
        await publish_all(publisher, [*events, *events])

        async def all_there() -> bool:
            return await things.count({"_id": {"$in": cases}}) == len(cases)

        await until(all_there, SETTLE, "all cases")
    assert await things.count({}) == len(cases), "and no others"


async def test_a_duplicate_has_no_effect_and_downstream_hears_once(
    backends: Backends,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
    database: Database,
    outbox: Outbox,
) -> None:
    """15. NServiceBus `When_a_duplicate_message_arrives`: one after the other and at once."""
    spy = await channel.declare_queue(exclusive=True, durable=False)
    await spy.bind(topology.EXCHANGE, "case.assigned.#")
    make_case, seen = Cases(database.collection("things"), outbox), Seen()

    async def handle(event: ConsultationSubmitted) -> None:
        await make_case(event)
        await seen(event)

    event = submitted()
    async with consuming(backends, publisher, handle):
        await publish_all(publisher, [event])
        await seen.wait_for({str(event.id)})
        await publish_all(publisher, [event] * 20)

        async def all_delivered() -> bool:
            return seen.times[str(event.id)] == 21

        await until(all_delivered, SETTLE, "all deliveries")
    (told,) = await arrived(spy, 1)
    assert told.headers["cloudEvents_subject"] == str(event.consultation)
