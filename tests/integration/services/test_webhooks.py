"""Webhooks on a real store, and from RabbitMQ to a strict endpoint."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

import pytest

from services.notify.store.cases import CaseViews
from services.notify.webhooks.client import Client, Delivery
from services.notify.webhooks.domain.ssrf_guard import Guard
from services.notify.webhooks.domain.subscription import (
    Cursor,
    Progress,
    Secret,
    Subscription,
    resumed,
)
from services.notify.webhooks.event_log import EventLog
from services.notify.webhooks.handlers import with_event_log
from services.notify.webhooks.secrets import new_secret
from services.notify.webhooks.store import Webhooks
from services.notify.webhooks.submitters import Submitters
from services.notify.webhooks.worker import PauseAlerts, WorkerContext
from services.notify.webhooks.worker_pool import WorkerPool
from shared.events import ConsultationEvent, ConsultationRated, ConsultationSubmitted
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Database
from shared.times import utc_now
from shared.web.permissions import Caller, Role
from tests.peers.webhook import WebhookPeer
from tests.support.backends import Backends
from tests.support.builders import NOON, assigned, moved, submitted
from tests.support.fakes import Clock
from tests.support.keys import TEST_SIGNING
from tests.support.services.notify import FakeAlerts
from tests.support.services.webhooks import SEALER, a_subscription
from tests.support.system import until

pytestmark = pytest.mark.integration

SECRET = new_secret()
LOCAL = Guard([ip_network("127.0.0.0/8")])


async def event_log_of(database: Database) -> EventLog:
    """Another process's, on the same collection."""
    event_log = EventLog(database.collection("journal"), utc_now)
    await event_log.prepare()
    return event_log


async def whole(event_log: EventLog) -> list[uuid.UUID]:
    await event_log.look()
    segments = [await event_log.segment(number) for number in range(1, event_log.last + 1)]
    assert None not in segments, "a segment is there only when all before it are"
    return [entry.id for segment in segments if segment for entry in segment.entries]


async def test_events_that_come_at_once_share_a_segment(database: Database) -> None:
    event_log = await event_log_of(database)
    events = [submitted() for _ in range(100)]
    await asyncio.gather(*(event_log.add(event) for event in events))
    assert (event_log.last, await whole(event_log)) == (1, [event.id for event in events])
    segment = await (await event_log_of(database)).segment(1)
    assert segment is not None
    assert [one.body for one in segment.entries] == [event.model_dump_json() for event in events]
    assert segment.entries[0].kecamatan == "64.02.06"


async def test_of_many_writers_none_loses_or_doubles_a_segment(database: Database) -> None:
    event_logs = [await event_log_of(database) for _ in range(4)]
    events = [submitted() for _ in range(200)]

    async def write(n: int, event: ConsultationEvent) -> None:
        await event_logs[n % 4].add(event)
        # delivered again, to another process
        await event_logs[(n + 1) % 4].add(event)

    for start in range(0, 200, 20):
        await asyncio.gather(*(write(n, events[n]) for n in range(start, start + 20)))
    found = await whole(await event_log_of(database))
    assert sorted(found) == sorted(event.id for event in events)


async def test_a_cursor_is_stored_under_the_names_of_the_first_version(database: Database) -> None:
    collection = database.collection("webhooks")
    one = a_subscription(progress=Progress(Cursor(7, 3), failing_from=Cursor(5)))
    await Webhooks(collection).add(one)
    document = await collection.get(str(one.id))
    assert document is not None
    assert document["progress"]["position"] == {"page": 7, "index": 3}
    assert document["progress"]["failing_from"] == {"page": 5, "index": 0}
    assert document["turn"] == 0


async def test_a_write_whose_answer_was_lost_is_not_repeated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection, event, late = database.collection("journal"), submitted(), submitted()
    event_log, insert = EventLog(collection, utc_now), collection.insert
    await event_log.prepare()

    async def lost(document: dict[str, object]) -> None:
        await insert(document)
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(collection, "insert", lost)
        with pytest.raises(ConnectionError):
            await event_log.add(event)
    await asyncio.gather(event_log.add(event), event_log.add(late))
    assert await whole(event_log) == [event.id, late.id]


async def test_a_day_begins_with_its_first_segment_and_old_segments_go(database: Database) -> None:
    clock = Clock(NOON)
    event_log = EventLog(database.collection("journal"), clock)
    await event_log.prepare()
    for _ in range(3):
        await event_log.add(submitted())
        clock.now += timedelta(days=1)
    assert await event_log.since(NOON + timedelta(hours=1)) == 2
    assert await event_log.since(NOON + timedelta(days=9)) == 4
    assert await event_log.forget(NOON + timedelta(days=1)) == 1
    assert await event_log.first() == 2
    assert await event_log.forget(NOON + timedelta(days=9)) == 1
    assert await event_log.first() == 3
    fresh = EventLog(database.collection("journal"), clock)
    await fresh.add(submitted())
    assert fresh.last == 4, "numbers go on, however much is dropped"


# --- from RabbitMQ to the endpoint


def replica(database: Database, event_log: EventLog, client: Client) -> WorkerPool:
    cases = CaseViews(database.collection("cases"))
    context = WorkerContext(
        event_log=event_log,
        webhooks=Webhooks(database.collection("webhooks")),
        cases=cases,
        delivery=Delivery(client, SEALER, utc_now),
        on_pause=PauseAlerts(FakeAlerts()).tell,
        submitters=Submitters(cases),
        owner=lambda key: Caller(key, Role.DPMD),
        clock=utc_now,
        jitter=lambda: 0.5,
    )
    return WorkerPool(context, kept=timedelta(days=30), clock_offset=database.clock_offset)


def signed(url: str, **changes: object) -> Subscription:
    id_ = uuid4()
    sealed = Secret(SEALER.seal(str(id_), SECRET))
    return a_subscription(id=id_, url=url, secrets=(sealed,), **changes)


async def test_two_replicas_deliver_each_event_once_from_rabbitmq_to_the_endpoints(
    backends: Backends, database: Database, publisher: Publisher
) -> None:
    """As published, also where nobody but front-ends is told."""
    client = Client(LOCAL)
    webhooks = Webhooks(database.collection("webhooks"))
    event_logs = [await event_log_of(database) for _ in range(2)]
    replicas = [replica(database, event_log, client) for event_log in event_logs]

    async def handled(event: ConsultationSubmitted) -> None: ...

    consumers = [
        Consumer(
            backends.amqp_url,
            "notify",
            publisher,
            with_event_log(event_log, {ConsultationSubmitted: handled}),
            TEST_SIGNING,
            prefetch=100,
            stop_timeout=5,
        )
        for event_log in event_logs
    ]
    some = [submitted() for _ in range(40)]
    rated = [moved(ConsultationRated, event.consultation, 2, NOON, rating=5) for event in some[:10]]
    events: list[ConsultationEvent] = [*some, *rated]
    async with WebhookPeer(SECRET) as well, WebhookPeer(SECRET) as ratings:
        await webhooks.add(signed(well.at("127.0.0.1")))
        await webhooks.add(signed(ratings.at("127.0.0.1"), events=("consultation.rated",)))
        await asyncio.gather(*(one.start() for one in consumers))
        await asyncio.gather(*(one.start() for one in replicas))
        letters = [
            Envelope.of(event, "00-" + "a" * 32 + "-" + "b" * 16 + "-01") for event in events
        ]
        # each is delivered twice, as after a crash
        await asyncio.gather(*(publisher.publish(letter) for letter in letters * 2))

        async def all_there() -> bool:
            return len(well.taken) >= 50 and len(ratings.taken) >= 10

        await until(all_there, 30, "every event at its endpoints")
        for each in replicas:
            await each.stop()
        for consumer in consumers:
            await consumer.stop()
    await client.close()
    assert sorted(well.ids) == sorted(str(event.id) for event in events)
    assert sorted(ratings.ids) == sorted(str(event.id) for event in rated)
    published = {str(event.id): event.model_dump_json() for event in events}
    assert all(one["body"] in published.values() for one in well.taken)
    assert well.ids == [str(id_) for id_ in await whole(event_logs[0])], "in the event log's order"


async def test_what_one_replica_held_another_takes_over(database: Database) -> None:
    client, event_log = Client(LOCAL), await event_log_of(database)
    webhooks = Webhooks(database.collection("webhooks"))
    events = [submitted() for _ in range(5)]
    for event in events:
        await event_log.add(event)
    first, second = (replica(database, event_log, client) for _ in range(2))
    async with WebhookPeer(SECRET) as peer:
        one = signed(peer.at("127.0.0.1"))
        await webhooks.add(one)
        await first.start()

        async def taken() -> bool:
            return len(peer.taken) == 5

        await until(taken, 15, "five events")
        await first.stop()  # hands it back with how far it has come
        kept = await webhooks.get(one.id)
        assert kept is not None
        assert kept.progress.cursor == Cursor(event_log.last + 1)
        peer.fail("error")
        late = assigned()
        await event_log.add(late)
        await second.start()

        async def failing() -> bool:
            found = await webhooks.get(one.id)
            return found is not None and found.progress.attempts == 1

        await until(failing, 15, "a failed attempt")
        peer.heal()
        known = await webhooks.get(one.id)
        assert known is not None
        assert known.progress.next_at
        await webhooks.change(known, replace(known, progress=resumed(known.progress, None)))

        async def delivered() -> bool:
            return len(peer.taken) == 6

        await until(delivered, 15, "the late event, at once after it was resumed")
        await second.stop()
    await client.close()
    assert peer.ids == [str(event.id) for event in (*events, late)]
