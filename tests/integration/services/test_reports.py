"""Reports on a real store: the same figures as counted by hand, in whatever order events come."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from klik.history.invented import lives
from services.reporting.domain.cubes import serving
from services.reporting.domain.periods import coarsest_for
from services.reporting.domain.query import GROUPS, ReportQuery
from services.reporting.projection.generations import Deriving
from services.reporting.projection.pages import PageMaker
from services.reporting.projection.projector import ABANDONED_AFTER, Projector
from services.reporting.projection.rebuild import rebuild as build_anew
from services.reporting.projection.verify import Verdict, verify
from shared.errors import Conflict, StoreUnavailable
from shared.events import ConsultationEvent
from shared.storage.mongo import Collection, Database
from shared.times import WITA
from tests.support.backends import Backends
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.reporting import Replica, assert_same, by_hand
from tests.support.system import until

pytestmark = pytest.mark.integration

FIRST, LAST = datetime(2026, 10, 26, tzinfo=WITA), datetime(2026, 11, 6, tzinfo=WITA)


#: Of a rebuild: nobody here has to ask for the state first.
rebuild = partial(build_anew, announce_seconds=0.05)


@pytest.fixture
async def other_database(backends: Backends) -> AsyncGenerator[Database, None]:
    database = Database(backends.mongo_url, f"test_{uuid.uuid4().hex[:12]}")
    yield database
    await database.drop()
    await database.close()


def some_events(count: int = 150) -> list[ConsultationEvent]:
    return [event for life in lives(11, count, FIRST, LAST) for event in life]


def queries(number: int) -> list[ReportQuery]:
    """Queries of all kinds, the same in every run."""
    chance = Random(5)  # noqa: S311
    return [_question(chance) for _ in range(number)]


def _question(chance: Random) -> ReportQuery:
    keys = tuple(chance.sample(GROUPS, chance.choice((1, 1, 1, 2, 2, 3))))
    days = sorted(FIRST.date() + timedelta(days=chance.randrange(-2, 14)) for _ in range(2))
    first = chance.choice((None, days[0], date(2026, 10, 1)))
    last = chance.choice((None, days[1], date(2026, 11, 30)))
    if first and last and first > last:
        first, last = last, first
    filters: dict[str, tuple[Any, ...]] = {}
    if chance.random() < 0.4:
        filters["kecamatan"] = tuple(f"64.02.{n:02}" for n in chance.sample(range(1, 19), 4))
    if chance.random() < 0.2:
        filters["vulnerable"] = (chance.choice((True, None)),)
    return ReportQuery(keys, first, last, filters)


async def test_every_figure_is_the_one_that_is_counted_by_hand(database: Database) -> None:
    events = some_events()
    replica = await Replica.on(database, Clock(NOON))
    await replica.take(events)
    sources = set()
    for cubes_are_there in (False, True):
        if cubes_are_there:
            await replica.roll_up()
        for query in queries(50):
            assert_same(await replica.ask(query), by_hand(events, query))
            cube = serving(query.needs, coarsest_for(frozenset(query.group_by)))
            sources.add(cube.name if cube else "projection")
    assert len(sources) > 5  # cubes as well as the projection


async def test_office_time_is_known_when_years_have_passed(database: Database) -> None:
    replica = await Replica.on(database, Clock(NOON))
    await replica.take(some_events(20))
    later = datetime(2032, 3, 1, tzinfo=WITA)
    events = [event for life in lives(12, 40, later, later + (LAST - FIRST)) for event in life]
    await replica.take(events)
    asked = ReportQuery(("kecamatan",), later.date())
    assert_same(await replica.ask(asked), by_hand(events, asked))
    assert (await verified(replica)).holds


async def verified(replica: Replica) -> Verdict:
    live = await replica.generations.live()
    assert live is not None
    return await verify(replica.log, live, lambda *_: None)


async def test_shuffled_doubled_and_from_four_replicas_it_is_the_same(
    database: Database, other_database: Database
) -> None:
    events = some_events(40)
    alone = await Replica.on(database, Clock(NOON))
    await alone.take(events[:-1])
    less = (await verified(alone)).live
    await alone.take(events[-1:])
    expected = await verified(alone)

    chance = Random(2)  # noqa: S311
    delivered = events + chance.sample(events, len(events) // 10)
    chance.shuffle(delivered)
    replicas = [await Replica.on(other_database, Clock(NOON)) for _ in range(4)]
    for at in range(0, len(delivered), 80):
        batch = delivered[at : at + 80]
        await asyncio.gather(*(one.take(batch[n::4]) for n, one in enumerate(replicas)))

    verdict = await verified(replicas[0])
    assert verdict.holds
    assert verdict.live == expected.live != less
    assert verdict.rows_live == 40


async def test_what_a_dead_replica_logged_is_carried_on_by_another(database: Database) -> None:
    events, clock = some_events(5), Clock(NOON)
    dead, other = await Replica.on(database, clock), await Replica.on(database, clock)
    await asyncio.gather(*(dead.log.append(event) for event in events))
    clock.now += ABANDONED_AFTER / 2
    await other.projector.take_over()
    assert await other.ask(ReportQuery(("kind",))) == {}
    assert await other.log.waiting_since() > 0
    clock.now += ABANDONED_AFTER
    await other.projector.take_over()
    assert_same(await other.ask(ReportQuery(("kind",))), by_hand(events, ReportQuery(("kind",))))
    assert await other.log.waiting_since() == 0


async def test_pages_are_complete_when_a_round_is_larger_than_the_cache(
    database: Database,
) -> None:
    events, asked = some_events(20), ReportQuery(("kind",))
    replica = await Replica.on(database, Clock(NOON))
    replica.projector = Projector(
        replica.log,
        replica.generations,
        replica.rollups,
        PageMaker(cached_consultations=3),
    )
    replica.log.on_written(replica.projector.written)
    await replica.take(events)
    assert_same(await replica.ask(asked), by_hand(events, asked))


async def test_what_failed_is_carried_on_although_nothing_more_comes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, asked = some_events(5), ReportQuery(("kind",))
    replica = await Replica.on(database, Clock(NOON))
    writing, away = replica.generations.writing, [StoreUnavailable("away")]

    async def refusing(until: date | None = None) -> list[Deriving]:
        if away:
            raise away.pop()
        return await writing(until)

    monkeypatch.setattr(replica.generations, "writing", refusing)
    await replica.projector.start()
    try:
        await asyncio.gather(*(replica.log.append(event) for event in events))

        async def carried_on() -> bool:
            return not await replica.log.left_open(timedelta(seconds=-1))

        await until(carried_on, 10, "nothing is open in the log")
    finally:
        await replica.projector.stop()
    assert_same(await replica.ask(asked), by_hand(events, asked))


async def test_a_report_of_then_says_what_was_known_then(database: Database) -> None:
    events, clock = some_events(40), Clock(NOON)
    chance = Random(4)  # noqa: S311
    chance.shuffle(events)
    replica, third = await Replica.on(database, clock), len(events) // 3
    moments = []
    for number in range(3):
        await replica.take(events[number * third : (number + 1) * third])
        if number == 1:
            await replica.roll_up()
        moments.append(clock.now)
        clock.now += timedelta(hours=1)
    for number, moment in enumerate(moments, start=1):
        for keys in (("kecamatan",), ("topic", "month"), ("role", "channel")):
            asked = ReportQuery(keys, as_of=moment)
            known = events[: number * third]
            assert_same(await replica.ask(asked), by_hand(known, asked))
    before = ReportQuery(("kecamatan",), as_of=NOON - timedelta(hours=1))
    assert await replica.ask(before) == {}


async def test_a_rebuilt_generation_is_the_same_and_takes_over_without_a_gap(
    database: Database,
) -> None:
    events, query = some_events(60), ReportQuery(("kecamatan",))
    replica = await Replica.on(database, Clock(NOON))
    await replica.take(events[:-40])
    before, seen, over = await verified(replica), list[int](), asyncio.Event()

    async def read_on() -> None:
        while not over.is_set():
            found = await replica.ask(query)
            seen.append(sum(row["submitted"] for row in found.values()))

    async def bring_more() -> None:
        for at in range(len(events) - 40, len(events), 10):
            await replica.take(events[at : at + 10])

    reading = asyncio.create_task(read_on())
    built, _ = await asyncio.gather(
        rebuild(replica.log, replica.generations, lambda *_: None), bring_more()
    )
    over.set()
    await reading

    assert built.generation.number == 2
    assert seen == sorted(seen)  # never less than a moment before
    after = await verified(replica)
    assert after.holds
    assert after.live != before.live
    assert_same(await replica.ask(query), by_hand(events, query))


async def test_what_does_not_fit_into_memory_is_rebuilt_in_passes(database: Database) -> None:
    events, query = some_events(40), ReportQuery(("kecamatan",))
    replica, steps = await Replica.on(database, Clock(NOON)), list[tuple[str, int, int]]()
    await replica.take(events)
    await rebuild(
        replica.log, replica.generations, lambda *step: steps.append(step), events_per_pass=50
    )
    parts = [of for what, done, of in steps if (what, done) == ("writing facts", 0)]
    assert (len(parts), sum(parts)) == (len(events) // 50 + 1, 40)
    read = [done for what, done, _ in steps if what == "reading the log"]
    assert (sorted(read), read[-1]) == (read, len(events)), "each event is decoded once"
    assert (await verified(replica)).holds
    assert_same(await replica.ask(query), by_hand(events, query))


async def test_a_rebuild_waits_for_a_store_that_is_away_and_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, query = some_events(40), ReportQuery(("kecamatan",))
    replica, calls = await Replica.on(database, Clock(NOON)), Counter[str]()
    await replica.take(events)
    begun = asyncio.Event()

    def away_at_times(name: str) -> None:
        answered = getattr(Collection, name)

        async def asked(self: Collection, *args: Any, **more: Any) -> Any:
            calls[name] += begun.is_set()
            if begun.is_set() and calls[name] == 1:
                raise StoreUnavailable("away")
            found = await answered(self, *args, **more)
            if begun.is_set() and calls[name] == 3:
                raise StoreUnavailable("the answer was lost")
            return found

        monkeypatch.setattr(Collection, name, asked)

    methods = ("find", "get", "insert_each", "write_each", "update")
    for name in methods:
        away_at_times(name)
    built = await rebuild(replica.log, replica.generations, lambda *_: begun.set())
    begun.clear()
    assert set(calls) == set(methods)
    assert built.generation.number == 2
    assert (await verified(replica)).holds
    assert_same(await replica.ask(query), by_hand(events, query))


async def test_a_rebuild_that_another_overtakes_leaves_what_is_read_alone(
    database: Database,
) -> None:
    events, query = some_events(20), ReportQuery(("kecamatan",))
    replica, other = [await Replica.on(database, Clock(NOON)) for _ in range(2)]
    await replica.take(events)
    begun = asyncio.Event()
    first = asyncio.create_task(rebuild(replica.log, replica.generations, lambda *_: begun.set()))
    await begun.wait()
    await other.generations.build()
    with pytest.raises(Conflict, match="another rebuild has begun"):
        await first
    assert_same(await other.ask(query), by_hand(events, query))
    built = await rebuild(other.log, other.generations, lambda *_: None)
    assert built.generation.number > 2
    assert (await verified(replica)).holds


@pytest.mark.parametrize(
    "query",
    [
        ReportQuery(("kecamatan",)),
        ReportQuery(("role", "channel")),
        ReportQuery(("kecamatan",), as_of=NOON - timedelta(hours=1)),
        ReportQuery(("kecamatan",), FIRST.date(), LAST.date()),
    ],
    ids=["cubes", "pages", "facts", "days"],
)
async def test_a_report_that_a_rebuild_overtakes_is_refused_and_never_too_small(
    database: Database, query: ReportQuery
) -> None:
    events, clock = some_events(40), Clock(NOON - timedelta(hours=2))
    replica = await Replica.on(database, clock)
    await replica.take(events[:-20])
    clock.now = NOON
    await replica.take(events[-20:])
    await replica.roll_up()
    scope = await replica.engine.scope(query)
    await rebuild(replica.log, replica.generations, lambda *_: None)
    with pytest.raises(StoreUnavailable, match="generation 1 was replaced"):
        await replica.engine.answer(scope)
    known = events[:-20] if query.as_of else events
    assert_same(await replica.ask(query), by_hand(known, query))


async def test_what_is_asked_at_once_of_a_new_system_is_answered(database: Database) -> None:
    replica, asked = await Replica.on(database, Clock(NOON)), ReportQuery(("kecamatan",))
    await replica.generations.writing()
    fresh = await Replica.on(database, Clock(NOON))  # has read nothing of the state yet
    assert await asyncio.gather(*(fresh.ask(asked) for _ in range(20))) == [{}] * 20


async def test_members_are_those_who_are_counted(database: Database) -> None:
    replica, asked = await Replica.on(database, Clock(NOON)), ReportQuery((), None, None)
    events = some_events(30)
    await replica.take(events)
    scope = await replica.engine.scope(asked)
    for of in ("submitted", "answered", "sla_met"):
        members = await replica.engine.members(scope, of)
        assert len(members) == by_hand(events, asked)[()][of]
        assert set(members["id"].to_pylist()) <= {str(event.consultation) for event in events}
