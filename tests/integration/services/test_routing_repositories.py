"""One suite for routing's stores: the fakes of unit tests promise what the real ones do."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from services.routing.domain.assignment import Wanted
from services.routing.domain.case import Case, Destination, assigned, opened
from services.routing.domain.clocks import Fact
from services.routing.domain.roster import Choice, Officer, Roster, Satgas
from services.routing.ports import Cases
from services.routing.ports import Rosters as RostersPort
from services.routing.store.cases import CaseStore
from services.routing.store.rosters import Rosters
from shared.errors import Conflict
from tests.support.builders import NOON, submitted
from tests.support.fakes import FakeCases, FakeRosters
from tests.support.repositories import MEMORY, PLACES, empty_database, outbox

pytestmark = pytest.mark.integration

SATGAS = "64.02.06"
TODAY = date(2026, 11, 24)


@pytest.fixture(params=PLACES)
async def rosters(request: pytest.FixtureRequest) -> AsyncGenerator[RostersPort]:
    """With one satgas of `a` and `b`, at its second edition."""
    if request.param == MEMORY:
        fake = FakeRosters(**{"64_02_06": ("x",)})
        await fake.put(SATGAS, Roster(tuple(map(Officer, "ab"))), 1)
        yield fake
        return
    async with empty_database(request.getfixturevalue("backends"), request.param) as database:
        real = Rosters(database.collection("satgas"), grace=0)
        await real.prepare()
        await real.put(SATGAS, Roster(tuple(map(Officer, "ab"))), 1)
        yield real


@pytest.fixture(params=PLACES)
async def cases(request: pytest.FixtureRequest) -> AsyncGenerator[Cases]:
    if request.param == MEMORY:
        yield FakeCases()
        return
    async with empty_database(request.getfixturevalue("backends"), request.param) as database:
        real = CaseStore(database.collection("cases"), outbox(database, "cases"))
        await real.prepare()
        yield real


def wanted(key: str) -> Wanted:
    return Wanted(key, "KEU-DD", "round_robin")


async def now(rosters: RostersPort) -> Satgas:
    found = await rosters.get(SATGAS)
    assert found is not None
    return found


async def assign(rosters: RostersPort, keys: str) -> list[str]:
    choices = [await rosters.assign(SATGAS, wanted(key), TODAY) for key in keys]
    return [one.officer if isinstance(one, Choice) else one for one in choices]


async def none_recorded(keys: Sequence[str]) -> set[str]:
    return set()


async def none_open(satgas: str) -> dict[str, int]:
    return {}


async def test_rosters_give_the_same_officer_when_a_key_is_asked_for_again(
    rosters: RostersPort,
) -> None:
    assert await assign(rosters, "klkm") == ["a", "b", "a", "a"]
    found = await now(rosters)
    assert (found.turn, found.load) == (3, {"a": 2, "b": 1})
    assert set(found.reservations) == set("klm")


async def test_rosters_have_no_officer_when_the_satgas_is_unknown(rosters: RostersPort) -> None:
    assert await rosters.get("64.02.99") is None
    assert await rosters.assign("64.02.99", wanted("k"), TODAY) == "no_officer"
    await rosters.release("64.02.99", "a")
    assert not await rosters.recount("64.02.99", none_recorded, none_open)
    with pytest.raises(Conflict):
        await rosters.put("64.02.99", Roster((Officer("a"),)), 1)


async def test_rosters_drop_a_reservation_with_the_next_write_when_it_is_confirmed(
    rosters: RostersPort,
) -> None:
    await assign(rosters, "kl")
    before = await now(rosters)
    rosters.confirm(SATGAS, "k")
    assert await now(rosters) == before
    await assign(rosters, "l")  # known: nothing to write
    assert await now(rosters) == before
    await assign(rosters, "m")
    assert set((await now(rosters)).reservations) == {"l", "m"}


async def test_rosters_keep_loads_at_none_when_more_is_released_than_was_assigned(
    rosters: RostersPort,
) -> None:
    await assign(rosters, "k")
    for _ in range(3):
        await rosters.release(SATGAS, "a")
    assert (await now(rosters)).load_of("a") == 0


async def test_rosters_refuse_an_edit_when_it_is_of_another_edition_or_drops_open_cases(
    rosters: RostersPort,
) -> None:
    await assign(rosters, "klm")
    before = await now(rosters)
    with pytest.raises(Conflict):
        await rosters.put(SATGAS, Roster(tuple(map(Officer, "abc"))), 1)
    with pytest.raises(Conflict):
        await rosters.put(SATGAS, Roster((Officer("a"),)), 2)
    assert await now(rosters) == before
    put = await rosters.put(SATGAS, Roster(tuple(map(Officer, "cba")), "c", "camat"), 2)
    assert put == await now(rosters)
    assert (put.edition, put.turn, put.reservations, put.last) == (3, 3, before.reservations, "a")
    assert put.load == {"a": 2, "b": 1, "c": 0}


async def test_rosters_heal_loads_and_reservations_when_they_are_recounted(
    rosters: RostersPort,
) -> None:
    await assign(rosters, "klmn")

    async def recorded(keys: Sequence[str]) -> set[str]:
        assert set(keys) == set("klmn")
        return {"k", "l"}

    async def open_by_officer(satgas: str) -> dict[str, int]:
        return {"b": 1}

    assert await rosters.recount(SATGAS, recorded, open_by_officer)
    after = await now(rosters)
    assert (set(after.reservations), after.load) == (set("mn"), {"a": 1, "b": 2})
    assert await rosters.recount(SATGAS, none_recorded, open_by_officer)
    assert await now(rosters) == after


async def test_rosters_write_nothing_when_the_satgas_changes_during_a_recount(
    rosters: RostersPort,
) -> None:
    await assign(rosters, "k")

    async def somebody_is_quicker(satgas: str) -> dict[str, int]:
        await assign(rosters, "l")
        return {"a": 5}

    assert not await rosters.recount(SATGAS, none_recorded, somebody_is_quicker)
    assert (await now(rosters)).load == {"a": 1, "b": 1}


def a_case(**changes: object) -> Case:
    return replace(opened(submitted(), NOON, NOON.date()), **changes)  # type: ignore[arg-type]


async def test_cases_keep_one_when_it_is_added_twice(cases: Cases) -> None:
    case = a_case()
    assert not await cases.exists(case.id)
    assert await cases.get(case.id) is None
    assert await cases.add(case, [])
    assert not await cases.add(replace(case, topic="KEU-APBDES"), [])
    assert await cases.exists(case.id)
    assert await cases.get(case.id) == case


async def test_cases_refuse_a_change_when_the_version_before_is_gone(cases: Cases) -> None:
    case = a_case()
    await cases.add(case, [])
    changed = replace(case, version=2, state="over")
    await cases.save(case, changed, [])
    with pytest.raises(Conflict):
        await cases.save(case, replace(changed, topic="KEU-APBDES"), [])
    assert await cases.get(case.id) == changed


async def test_cases_are_read_as_they_were_saved_when_every_part_of_one_changed(
    cases: Cases,
) -> None:
    case = a_case()
    await cases.add(case, [])
    choice = Choice("a", "round_robin", ("a",), (0,), (), False, 0)
    facts = (Fact(2, "acknowledged", NOON), Fact(4, "answered", NOON))
    steps: list[Case | dict[str, Any]] = [
        assigned(replace(case, version=2, facts=facts), case.wanted, choice, NOON),
        {"facts": (*facts, Fact(5, "reply_received", NOON)), "fired": ("0.answer.missed",)},
        # an earlier fact that came late is in its place
        {"facts": (*facts[:1], Fact(3, "question_asked", NOON), *facts[1:])},
        {"wanted": Destination("dpmd", "escalation", "x"), "officer": None, "state": "held"},
        {"next_timer": NOON, "policy_version": "p", "calendar_version": "c", "fired": ("a", "b")},
    ]
    for version, step in enumerate(steps, start=2):
        changed = step if isinstance(step, Case) else replace(case, version=version, **step)
        await cases.save(case, changed, [])
        assert await cases.get(case.id) == changed
        case = changed


async def test_cases_leave_one_alone_when_it_changed_before_its_timers_are_saved(
    cases: Cases,
) -> None:
    changed, quiet = a_case(next_timer=NOON), a_case(next_timer=NOON + timedelta(hours=1))
    for case in (changed, quiet):
        await cases.add(case, [])
    await cases.save(changed, replace(changed, version=2), [])
    late = NOON + timedelta(days=1)
    await cases.save_timers(
        [(replace(case, version=2, next_timer=late), ()) for case in (changed, quiet)]
    )
    assert [one.id for one in await cases.due(NOON, limit=10)] == [changed.id]
    assert [one.id for one in await cases.due(late, limit=10)] == [changed.id, quiet.id]


async def test_cases_find_open_ones_when_another_calendar_reckoned_them(cases: Cases) -> None:
    for state in ("held", "assigned", "over"):
        for version in ("2026-1", "2026-2", "2026-3", None):
            await cases.add(a_case(id=uuid4(), state=state, calendar_version=version), [])
    found = await cases.by_another_calendar("2026-2", limit=10)
    assert Counter((one.state, one.calendar_version) for one in found) == Counter(
        product(("held", "assigned"), ("2026-1", "2026-3"))
    )
    assert len(await cases.by_another_calendar("2026-2", limit=3)) == 3


async def test_cases_count_open_ones_by_officer_when_they_are_of_the_satgas(cases: Cases) -> None:
    for officer, state in (("a", "assigned"), ("a", "assigned"), ("b", "assigned"), ("a", "over")):
        await cases.add(a_case(satgas=SATGAS, officer=officer, state=state), [])
    await cases.add(a_case(satgas="dpmd", officer="d", state="assigned"), [])
    assert await cases.open_by_officer(SATGAS) == {"a": 2, "b": 1}
