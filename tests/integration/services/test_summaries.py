"""Summaries on a real store and a real RabbitMQ: each told once, by whichever replica."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import aio_pika
import pytest

from klik.history.invented import lives
from services.reporting.domain.query import ReportQuery, without_complaints
from services.reporting.summaries.job import SummaryJob
from services.reporting.summaries.store import SummaryStore
from shared.errors import TryLater
from shared.events import ConsultationEvent, ReportSummarised
from shared.messaging import topology
from shared.messaging.envelope import events_in
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.reference import KABUPATEN
from shared.storage.mongo import Database
from shared.times import WITA
from tests.support.backends import Backends
from tests.support.fakes import Clock
from tests.support.keys import TEST_SIGNING
from tests.support.messaging import drained, ids_in, publishing
from tests.support.services.notify import at
from tests.support.services.reporting import Replica
from tests.support.system import until

pytestmark = pytest.mark.integration

FIRST, LAST = datetime(2026, 10, 26, tzinfo=WITA), datetime(2026, 11, 8, tzinfo=WITA)
MONDAY = at("2026-11-09", "07:30")
EACH_WEEK = 20


@pytest.fixture
async def publisher(backends: Backends) -> AsyncGenerator[Publisher, None]:
    """Reporting's own: what is told names who tells it."""
    async with publishing(backends.amqp_url, "reporting") as publisher:
        yield publisher


@dataclass
class Link:
    """A process's link to RabbitMQ, with the real depth of reporting's queue."""

    publisher: Publisher

    def connected(self) -> bool:
        return self.publisher.connected.is_set()

    async def waiting(self) -> int:
        return await self.publisher.depth(topology.main_queue("reporting"))


class Linked:
    """A link that went away a moment ago: nothing has noticed yet."""

    def connected(self) -> bool:
        return True

    async def waiting(self) -> int:
        return 0


class Policy:
    async def targets(self) -> Mapping[str, Any]:
        return {"answer_days": 5}


class Away:
    """routing's calendar, which it does not tell."""

    async def calendar(self, today: date) -> None:
        return None


@dataclass
class Process:
    """One replica of reporting with its summaries, whose loops are run by hand."""

    replica: Replica
    outbox: Outbox
    store: SummaryStore
    job: SummaryJob

    @classmethod
    async def on(
        cls,
        database: Database,
        clock: Clock,
        publisher: Publisher,
        link: Link | Linked | None = None,
    ) -> "Process":
        replica = await Replica.on(database, clock)
        collection = database.collection("summaries")
        outbox = Outbox(database, collection, "summaries", publisher)
        await outbox.prepare()
        store = SummaryStore(collection, outbox)
        await store.prepare()

        async def skew() -> timedelta:
            # the test's clock is the database's
            return timedelta()

        job = SummaryJob(
            store,
            replica.engine,
            replica.generations,
            replica.log,
            Policy(),
            Away(),
            link or Link(publisher),
            clock,
            skew,
        )
        return cls(replica, outbox, store, job)


def some_events() -> list[ConsultationEvent]:
    """What happened until Monday; the week before it has consultations that are still open."""
    return [event for life in lives(7, 60, FIRST, LAST) for event in life if event.time < MONDAY]


@pytest.fixture
async def clock(database: Database) -> Clock:
    """The first events were taken in last Monday; now it is Monday morning."""
    clock = Clock(at("2026-11-02", "08:00"))
    await (await Replica.on(database, clock)).take(some_events())
    clock.now = MONDAY
    return clock


class Spy:
    """A queue of one's own that gets a copy of every summary."""

    def __init__(self, queue: aio_pika.abc.AbstractQueue) -> None:
        self._queue = queue
        self.told: list[ReportSummarised] = []

    async def hears(self, number: int) -> list[ReportSummarised]:
        """All that came, once these are `number`."""

        async def enough() -> bool:
            while message := await self._queue.get(fail=False, no_ack=True):
                for one in events_in(message):
                    assert one.headers["cloudEvents_source"] == "klikdesa/reporting"
                    self.told.append(ReportSummarised.model_validate(json.loads(one.body)))
            return len(self.told) >= number

        await until(enough, 20, f"{number} summaries")
        assert len(self.told) == number
        assert len({event.subject for event in self.told}) == number
        return self.told


@pytest.fixture
async def spy(backends: Backends, publisher: Publisher) -> AsyncGenerator[Spy, None]:
    connection = await aio_pika.connect(backends.amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True, durable=False)
        await queue.bind(topology.EXCHANGE, f"{ReportSummarised.name}.#")
        yield Spy(queue)


async def test_of_four_replicas_at_once_each_summary_is_told_once_with_the_reports_numbers(
    database: Database, publisher: Publisher, spy: Spy, clock: Clock
) -> None:
    processes = [await Process.on(database, clock, publisher) for _ in range(4)]
    for _ in range(3):
        await asyncio.gather(*(one.job.tick() for one in processes))
    told = await spy.hears(EACH_WEEK)
    ask = processes[0].replica.ask
    for summary in (event.summary for event in told):
        where = {"kecamatan": (summary.area,), **without_complaints()}
        query = ReportQuery((), summary.first, summary.last, where)
        row = (await ask(query)).get((), {})
        for name in ("submitted", "answered", "closed", "backlog", "overdue"):
            assert getattr(summary, name) == row.get(name, 0), summary
        assert summary.answer_p50_s == row.get("first_answer_office_p50_s")
        ever = (await ask(ReportQuery((), filters=where))).get((), {})
        assert summary.open_in_all == ever.get("backlog", 0)
    assert sum(event.summary.submitted for event in told) > 10
    # both who listen to it have got it
    async with await publisher.channel() as channel:
        for service in ("notify", "reporting"):
            assert len(await ids_in(channel, topology.main_queue(service))) == EACH_WEEK
    # and what was told can be read
    kept = await processes[1].store.within(date(2026, 11, 4), date(2026, 11, 4), "week")
    assert sorted(kept, key=lambda one: one.subject) == sorted(told, key=lambda one: one.subject)
    assert await processes[1].store.within(date(2026, 11, 9), date(2026, 12, 4), None) == []
    assert await processes[1].store.within(date(2026, 11, 4), date(2026, 11, 4), "month") == []


async def test_what_is_kept_while_rabbitmq_is_away_is_told_by_another_process(
    database: Database, publisher: Publisher, spy: Spy, clock: Clock
) -> None:
    nowhere = Publisher("amqp://127.0.0.1:1/", "reporting", TEST_SIGNING)
    cut_off = await Process.on(database, clock, nowhere, Linked())
    await cut_off.job.tick()
    await cut_off.job.tick()
    told = await cut_off.store.within(date(2026, 11, 2), date(2026, 11, 8), "week")
    assert len(told) == EACH_WEEK
    other = await Process.on(database, clock, publisher)
    await other.job.tick()
    await other.job.tick()
    await spy.hears(0)
    assert await drained(database, other.outbox, collection="summaries") == len(told)
    await spy.hears(EACH_WEEK)
    assert {event.id for event in spy.told} == {event.id for event in told}
    found = await database.collection("summaries").find({})
    assert [one["outbox"] for one in found] == [[]] * EACH_WEEK


async def test_after_three_weeks_only_the_last_week_and_the_month_are_told(
    database: Database, publisher: Publisher, spy: Spy, clock: Clock
) -> None:
    first = await Process.on(database, clock, publisher)
    await first.job.tick()
    await first.job.tick()
    await spy.hears(EACH_WEEK)
    clock.now = at("2026-12-01", "10:00")
    async with await publisher.channel() as channel:
        await (await channel.get_queue(topology.main_queue("reporting"))).purge()
    again = await Process.on(database, clock, publisher)
    await again.job.tick()
    await again.job.tick()
    told = await spy.hears(2 * EACH_WEEK + 1)
    assert {(one.summary.every, str(one.summary.first)) for one in told} == {
        ("week", "2026-11-02"),
        ("week", "2026-11-23"),
        ("month", "2026-11-01"),
    }
    (month,) = [one.summary for one in told if one.summary.every == "month"]
    assert month.area == KABUPATEN
    in_all = await again.replica.ask(ReportQuery((), date(2026, 11, 1), date(2026, 11, 30)))
    assert (month.submitted, month.overdue) == (in_all[()]["submitted"], in_all[()]["overdue"])


async def test_while_the_queue_holds_events_nothing_is_told(
    database: Database, publisher: Publisher, spy: Spy, clock: Clock
) -> None:
    process = await Process.on(database, clock, publisher)
    late = some_events()[0]
    message = aio_pika.Message(late.model_dump_json().encode())
    await publisher.send(message, "", topology.main_queue("reporting"))
    for _ in range(2):
        with pytest.raises(TryLater, match="1 events wait"):
            await process.job.tick()
    assert await process.store.within(date(2026, 1, 1), date(2026, 12, 31), None) == []
    async with await publisher.channel() as channel:
        await (await channel.get_queue(topology.main_queue("reporting"))).purge()
    await process.job.tick()
    await process.job.tick()
    await spy.hears(EACH_WEEK)


async def test_events_that_are_logged_and_not_counted_are_waited_for(
    database: Database, publisher: Publisher, spy: Spy, clock: Clock
) -> None:
    process = await Process.on(database, clock, publisher)
    await process.replica.log.append(some_events()[0])
    clock.now += timedelta(seconds=6)
    with pytest.raises(TryLater, match="not counted yet"):
        await process.job.tick()
    await process.replica.projector.carry_on()
    await process.job.tick()
    await process.job.tick()
    await spy.hears(EACH_WEEK)
