"""Rosters on a real server: replicas that race, processes that die, and what heals them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.routing.domain.assignment import Nobody, Wanted
from services.routing.domain.roster import Choice, Leave, Officer, Roster, Satgas
from services.routing.store.rosters import Rosters
from shared.errors import Conflict
from shared.storage.mongo import Collection, Database

pytestmark = pytest.mark.integration

TODAY = date(2026, 11, 24)
SATGAS = "64.02.06"
REPLICAS = 4


def wanted(key: object, asked_for: str | None = None) -> Wanted:
    return Wanted(str(key), "KEU-DD", "round_robin", asked_for)


def replica(database: Database) -> Rosters:
    return Rosters(database.collection("satgas"), grace=0)


async def seeded(database: Database, *officers: Officer) -> Rosters:
    """A satgas of `officers`, or of the three of a first start."""
    rosters = replica(database)
    await rosters.prepare()
    if officers:
        await rosters.put(SATGAS, Roster(officers), 1)
    return rosters


async def now(database: Database) -> Satgas:
    found = await replica(database).get(SATGAS)
    assert found is not None
    return found


def officers_of(choices: Sequence[Choice | Nobody]) -> list[str]:
    return [one.officer if isinstance(one, Choice) else one for one in choices]


async def nothing_recorded(keys: Sequence[str]) -> set[str]:
    return set()


async def nothing_open(satgas: str) -> dict[str, int]:
    return {}


async def test_a_first_start_seeds_every_satgas_once(database: Database) -> None:
    rosters = replica(database)
    await asyncio.gather(*(replica(database).prepare() for _ in range(3)))
    await rosters.put(SATGAS, Roster((Officer("a"),)), 1)
    await rosters.prepare()  # a second start leaves what was edited alone
    found = {one.code: one for one in await rosters.all()}
    assert len(found) == 21
    assert (found["64.02.01"].coordinator, found["64.02.01"].camat) == (
        "petugas-64.02.01-1",
        "camat-64.02.01",
    )
    assert (found["dpmd"].coordinator, found["dpmd"].camat) == ("petugas-dpmd-1", None)
    assert found[SATGAS].officers == (Officer("a"),)


async def test_what_is_kept_is_what_is_read(database: Database) -> None:
    leave = (Leave(TODAY, TODAY + timedelta(days=3)),)
    officers = (Officer("a.b-1", ("KEU", "PBJ-DESA"), 3, False, leave), Officer("c", capacity=1))
    rosters = await seeded(database, *officers)
    choice = await rosters.assign(SATGAS, wanted("k.1"), TODAY)
    kept = await now(database)
    assert (kept.officers, kept.edition, kept.turn, kept.last) == (officers, 2, 1, "c")
    assert kept.load == {"a.b-1": 0, "c": 1}
    assert kept.reservations == {"k.1": choice}


async def test_replicas_give_every_turn_once_and_evenly(database: Database) -> None:
    """Each key is asked for twice, by different replicas, at the same time."""
    await seeded(database, *map(Officer, "abcde"))
    replicas = [replica(database) for _ in range(REPLICAS)]
    cases = range(2000)
    answers = await asyncio.gather(
        *(
            replicas[(key + again) % REPLICAS].assign(SATGAS, wanted(key), TODAY)
            for again in range(2)
            for key in cases
        )
    )
    assert answers[:2000] == answers[2000:]
    choices = [one for one in answers[:2000] if isinstance(one, Choice)]
    assert sorted(one.turn for one in choices) == list(cases)
    assert Counter(officers_of(choices)) == dict.fromkeys("abcde", 400)
    by_turn = [one.officer for one in sorted(choices, key=lambda one: one.turn)]
    assert by_turn == list("abcde") * 400  # so max - min <= 1 at every moment
    assert (await now(database)).load == dict.fromkeys("abcde", 400)


class Counted:
    """The collection, and how often a satgas was read."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        self.reads += name == "get"
        return getattr(self._collection, name)


async def test_replica_reads_a_satgas_again_only_when_another_one_wrote(
    database: Database,
) -> None:
    await seeded(database, *map(Officer, "abc"))
    counted: Any = Counted(database.collection("satgas"))
    one, other = Rosters(counted, grace=0), replica(database)
    alone = [await one.assign(SATGAS, wanted(key), TODAY) for key in range(3)]
    await one.release(SATGAS, "a")
    assert counted.reads == 1
    between = await other.assign(SATGAS, wanted("other"), TODAY)
    after = [await one.assign(SATGAS, wanted(key), TODAY) for key in ("x", "y")]
    assert counted.reads == 2
    assert officers_of([*alone, between, *after]) == list("abcabc")
    assert (await now(database)).turn == 6


async def test_replica_gives_no_answer_out_of_date_when_nothing_is_to_be_written(
    database: Database,
) -> None:
    await seeded(database, Officer("a", capacity=1))
    one, other = replica(database), replica(database)
    await one.assign(SATGAS, wanted("k"), TODAY)
    assert officers_of([await one.assign(SATGAS, wanted("l"), TODAY)]) == ["nobody_available"]
    await one.release(SATGAS, "a")
    await other.assign(SATGAS, wanted("m"), TODAY)
    assert officers_of([await one.assign(SATGAS, wanted("l"), TODAY)]) == ["nobody_available"]
    await other.release(SATGAS, "a")
    assert officers_of([await one.assign(SATGAS, wanted("l"), TODAY)]) == ["a"]


async def test_replicas_together_never_exceed_a_capacity(database: Database) -> None:
    officers = Officer("a", capacity=50), Officer("b", capacity=7), Officer("c", available=False)
    await seeded(database, *officers)
    replicas = [replica(database) for _ in range(REPLICAS)]
    answers = await asyncio.gather(
        *(replicas[key % REPLICAS].assign(SATGAS, wanted(key), TODAY) for key in range(300))
    )
    assert Counter(officers_of(answers)) == {"a": 50, "b": 7, "nobody_available": 243}
    await replicas[0].release(SATGAS, "b")
    more = [await one.assign(SATGAS, wanted(f"more {n}"), TODAY) for n, one in enumerate(replicas)]
    assert officers_of(more) == ["b", *["nobody_available"] * 3]


async def test_who_dies_before_the_case_is_written_is_given_the_same_officer(
    database: Database,
) -> None:
    first = await (await seeded(database)).assign(SATGAS, wanted("k"), TODAY)
    between = await replica(database).assign(SATGAS, wanted("other"), TODAY)
    again = await replica(database).assign(SATGAS, wanted("k"), TODAY)
    assert again == first != between
    assert (await now(database)).turn == 2
    assert sum((await now(database)).load.values()) == 2


async def test_loads_go_up_and_down_and_never_below_none(database: Database) -> None:
    rosters = await seeded(database, Officer("a"))
    await rosters.assign(SATGAS, wanted("k"), TODAY)
    await asyncio.gather(*(replica(database).release(SATGAS, "a") for _ in range(5)))
    assert (await now(database)).load == {"a": 0}


async def test_a_recount_writes_nothing_over_what_changed_meanwhile(database: Database) -> None:
    rosters = await seeded(database, *map(Officer, "ab"))
    await rosters.assign(SATGAS, wanted("k"), TODAY)

    async def somebody_is_quicker(satgas: str) -> dict[str, int]:
        await replica(database).assign(SATGAS, wanted("l"), TODAY)
        return {"a": 5}

    assert not await rosters.recount(SATGAS, nothing_recorded, somebody_is_quicker)
    assert (await now(database)).load == {"a": 1, "b": 1}


async def test_a_recount_waits_for_a_release_under_way(database: Database) -> None:
    await seeded(database, Officer("a"))
    for key in "kl":
        await replica(database).assign(SATGAS, wanted(key), TODAY)
    patient = Rosters(database.collection("satgas"), grace=0.5)

    async def both_recorded(keys: Sequence[str]) -> set[str]:
        return set(keys)

    async def one_just_closed(satgas: str) -> dict[str, int]:
        closed.set()
        return {"a": 1}

    closed = asyncio.Event()
    recount = asyncio.create_task(patient.recount(SATGAS, both_recorded, one_just_closed))
    await closed.wait()
    await replica(database).release(SATGAS, "a")
    assert not await recount
    assert (await now(database)).load == {"a": 1}


async def test_of_two_edits_of_one_edition_one_is_kept(database: Database) -> None:
    await seeded(database)
    edits = [Roster((Officer(f"new-{n}"),)) for n in range(REPLICAS)]
    done = await asyncio.gather(
        *(replica(database).put(SATGAS, edit, 1) for edit in edits), return_exceptions=True
    )
    (kept,) = [one for one in done if isinstance(one, Satgas)]
    assert sum(isinstance(one, Conflict) for one in done) == REPLICAS - 1
    assert await now(database) == kept


async def test_a_roster_of_the_older_shape_goes_on_where_it_was(database: Database) -> None:
    officers = [f"petugas-{SATGAS}-{number}" for number in (1, 2, 3)]
    await database.collection("satgas").insert(
        {"_id": SATGAS, "name": "Satgas", "officers": officers, "turn": 2}
    )
    rosters = await seeded(database)
    assert (await now(database)).coordinator == f"petugas-{SATGAS}-1"
    choice = await rosters.assign(SATGAS, wanted("k"), TODAY)
    assert isinstance(choice, Choice)
    assert (choice.officer, choice.turn) == (f"petugas-{SATGAS}-3", 2)
    kept = await now(database)
    assert (kept.edition, kept.camat, kept.turn) == (1, f"camat-{SATGAS}", 3)
    again = replace(kept, coordinator=None)
    assert await rosters.put(SATGAS, Roster(again.officers), 1)


async def test_on_leave_today_means_assigned_to_again_tomorrow(database: Database) -> None:
    rosters = await seeded(database, Officer("a", leave=(Leave(TODAY, TODAY),)), Officer("b"))
    first = await rosters.assign(SATGAS, wanted("k", asked_for="a"), TODAY)
    then = await rosters.assign(SATGAS, wanted("l", asked_for="a"), TODAY + timedelta(days=1))
    assert officers_of([first, then]) == ["b", "a"]
