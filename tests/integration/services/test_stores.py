"""Every store on a real server: what a fake cannot promise."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.intake.acceptance import Acceptance
from services.intake.domain.submission import Submission
from services.intake.store.consultations import Consultations
from services.routing.assigner import Assigner
from services.routing.domain import events
from services.routing.domain.timers import ring
from services.routing.handlers import Handlers
from services.routing.rules import Rules
from services.routing.store.cases import CaseStore
from services.routing.store.rosters import Rosters
from services.routing.store.rules import RuleStore
from shared.errors import Duplicate, StoreUnavailable, WriteRefused
from shared.storage.mongo import Database
from tests.support.backends import Backends
from tests.support.builders import LOCAL, NOON, POLICY, TENGGARONG, a_post, submitted
from tests.support.fakes import Clock
from tests.support.repositories import intake_store, outbox

pytestmark = pytest.mark.integration


@pytest.fixture(params=["motor", "pymongo"])
async def database(
    backends: Backends, request: pytest.FixtureRequest
) -> AsyncGenerator[Database, None]:
    """Through both drivers (docs/decisions/0004): here it is `Database` that is tried."""
    database = Database(backends.mongo_url, f"test_{uuid4().hex[:12]}", request.param)
    yield database
    await database.drop()
    await database.close()


async def consultations(database: Database) -> Consultations:
    store = intake_store(database)
    await store.prepare()
    return store


async def test_intake_keeps_a_post_with_its_event_in_one_document(database: Database) -> None:
    store = await consultations(database)
    accepted = await Acceptance(store, Clock(NOON)).accept(
        Submission.model_validate(a_post()), caller="c", key="k"
    )
    document = await database.collection("consultations").get(str(accepted.consultation.id))
    assert document is not None
    assert [letter["type"] for letter in document["outbox"]] == [
        "klikdesa.consultation.submitted.v1"
    ]
    assert document["outbox_due"] > NOON
    found = await store.pin_of(accepted.consultation.ticket)
    assert found == (accepted.consultation.id, accepted.pin)
    assert await store.get(accepted.consultation.id) == accepted.consultation


async def test_intake_keeps_one_of_many_posts_under_one_key(database: Database) -> None:
    acceptance = Acceptance(await consultations(database), Clock(NOON))
    post = Submission.model_validate(a_post())
    answers = await asyncio.gather(
        *(acceptance.accept(post, caller="c", key="k") for _ in range(200))
    )
    assert len({(a.consultation.id, a.pin, a.consultation.received_at) for a in answers}) == 1
    assert await database.collection("consultations").size() == 1


async def test_intake_counts_what_it_accepted_by_day_and_kecamatan(database: Database) -> None:
    clock = Clock(NOON)
    acceptance = Acceptance(await consultations(database), clock)
    for days in (0, 0, 1):
        clock.now = NOON + timedelta(days=days)
        await acceptance.accept(Submission.model_validate(a_post()), caller="c", key=None)
    store = await consultations(database)
    assert await store.count_accepted("2026-11-24", "2026-11-24") == [
        {"day": "2026-11-24", "kecamatan": TENGGARONG.kecamatan, "accepted": 2}
    ]
    assert len(await store.count_accepted("2026-11-01", "2026-11-30")) == 2


async def test_routing_assigns_turns_fairly_to_many_at_once_and_keeps_a_case_once(
    database: Database,
) -> None:
    cases = CaseStore(database.collection("cases"), outbox(database, "cases"))
    rules = Rules(RuleStore(database.collection("rules")), POLICY, LOCAL)
    replicas = []
    for _ in range(4):
        rosters = Rosters(database.collection("satgas"))
        await asyncio.gather(rosters.prepare(), cases.prepare(), rules.prepare())
        replicas.append(Handlers(cases, Assigner(rosters, rules), rules, Clock(NOON)))
    events = [submitted() for _ in range(60)]
    await asyncio.gather(
        *(replicas[n % 4].on_consultation_submitted(event) for n, event in enumerate(events))
    )
    await asyncio.gather(*(replicas[0].on_consultation_submitted(event) for event in events))
    found = [await cases.get(event.consultation) for event in events]
    assigned = Counter(case.officer for case in found if case)
    assert sum(assigned.values()) == 60
    assert max(assigned.values()) - min(assigned.values()) <= 1


async def test_a_duplicate_fails_its_caller_only_and_quotes_nothing(database: Database) -> None:
    collection = database.collection("things")
    await collection.insert({"_id": 1, "name": "NAMARAHASIA"})
    outcomes = await collection.insert_each([{"_id": n, "name": "NAMARAHASIA"} for n in (1, 2)])
    assert [type(outcome) for outcome in outcomes] == [Duplicate, type(None)]
    with pytest.raises(Duplicate) as refused:
        await collection.insert({"_id": 2, "name": "NAMARAHASIA"})
    assert "NAMARAHASIA" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_server_that_is_away_is_told_apart_from_everything_else(driver: str) -> None:
    from klik.nodes import free_port

    nowhere = Database(f"mongodb://127.0.0.1:{free_port()}/", "x", driver)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        await nowhere.collection("things").get(1)
    await nowhere.close()


async def test_updates_that_share_a_batch_each_learn_whether_their_guard_fitted(
    database: Database,
) -> None:
    collection = database.collection("things")
    await collection.insert_each([{"_id": number, "version": 1} for number in range(20)])
    nobodys, past = 99, 7
    changes = [(number, 1) for number in (*range(20), *range(20), nobodys)]
    fitted = await asyncio.gather(
        *(
            collection.update_guarded(id_, version, {"$set": {"version": 2}})
            for id_, version in [*changes, (3, past)]
        )
    )
    assert fitted == [True] * 20 + [False] * 22
    assert await collection.count({"version": 2}) == 20


async def test_updates_that_share_a_batch_write_what_each_would_alone(database: Database) -> None:
    collection = database.collection("things")
    there = {"version": 1, "log": ["a"], "at": {"b": 1, "c": 2}, "kept": "$as {it} is"}
    await collection.insert_each([{"_id": number, **there} for number in range(5)])
    value = {"d": "$log", "when": NOON, "none": None}
    updates: list[dict[str, Any]] = [
        {"$set": {"version": 2, "at": value}},
        {"$set": {"version": 2}, "$push": {"log": {"$each": ["b", {"$c": "$log"}]}}},
        {"$set": {"version": 2}, "$push": {"new": {"$each": [value]}}},
        {"$set": {"version": 2, "at.b": 5}},  # by a statement of its own
        {"$set": {"version": 2, "_id": "another"}},  # refused by the store
    ]
    outcomes = await asyncio.gather(
        *(collection.update_guarded(n, 1, change) for n, change in enumerate(updates)),
        return_exceptions=True,
    )
    assert outcomes[:4] == [True] * 4
    assert isinstance(outcomes[4], WriteRefused)
    found = {row.pop("_id"): row for row in await collection.find({})}
    assert {row.pop("stamp", None) is None for row in found.values()} == {False, True}
    assert found == {
        0: {**there, "version": 2, "at": value},
        1: {**there, "version": 2, "log": ["a", "b", {"$c": "$log"}]},
        2: {**there, "version": 2, "new": [value]},
        3: {**there, "version": 2, "at": {"b": 5, "c": 2}},
        4: there,
    }


async def test_what_is_merged_by_one_statement_says_which_documents_are_there(
    database: Database,
) -> None:
    collection = database.collection("things")
    await collection.insert_each([{"_id": number, "a": number} for number in range(3)])
    double: dict[str, Any] = {"b": {"$multiply": ["$a", 2]}, "c": "$nothing"}
    assert await collection.merge_each(dict.fromkeys(range(4), double)) == {0, 1, 2}
    assert await collection.merge_each({1: double}) == {1}
    assert await collection.find({}, sort=[("_id", 1)]) == [
        {"_id": number, "a": number, "b": number * 2} for number in range(3)
    ]


async def test_routing_rings_a_timer_in_one_write_and_only_over_what_it_read(
    database: Database,
) -> None:
    cases = CaseStore(database.collection("cases"), outbox(database, "cases"))
    rules = Rules(RuleStore(database.collection("rules")), POLICY, LOCAL)
    rosters = Rosters(database.collection("satgas"))
    await asyncio.gather(rosters.prepare(), cases.prepare(), rules.prepare())
    event, late = submitted(), NOON + timedelta(days=3)
    await Handlers(cases, Assigner(rosters, rules), rules, Clock(NOON)).on_consultation_submitted(
        event
    )
    (case,) = await cases.due(late, limit=10)
    after, rung = ring(case, POLICY, rules.calendar, late)
    rung_events = events.timer_events(case, after, rung, lambda *_: "somebody", late, uuid4)
    for _ in range(2):  # the second is another replica that read the same
        await cases.save_timers([(after, rung_events)])
    assert await cases.get(event.consultation) == after
    found = await database.collection("cases").get(str(event.consultation))
    assert found is not None
    assert [letter["type"] for letter in found["outbox"]] == [
        "klikdesa.case.assigned.v1",
        "klikdesa.case.deadline_missed.v1",
        "klikdesa.case.escalated.v1",
    ]
    assert await cases.due(late, limit=10) == []
