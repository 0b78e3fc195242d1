"""notify's stores on a real server, through both drivers: leases, projection, directory, pages."""

import asyncio
import hashlib
import hmac
import itertools
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from klik.preview import made_up
from services.notify.dispatch.attempt import Delivery
from services.notify.dispatch.contact import ContactResolver
from services.notify.dispatch.decider import DeliveryDecider
from services.notify.dispatch.dispatcher import Dispatcher
from services.notify.domain.alert import held, resent, sent, suppressed
from services.notify.domain.recipients import Address
from services.notify.messages.renderer import Renderer
from services.notify.store.alerts import AlertStore
from services.notify.store.cases import CaseViews
from services.notify.store.moved_chats import MovedChats
from services.notify.store.opt_outs import OptOuts
from services.notify.store.recipients import Recipients
from shared.errors import Conflict
from shared.events import (
    AlertSent,
    CaseHeld,
    ConsultationAnswered,
    ConsultationEvent,
    ConsultationReopened,
)
from shared.ids import new_id
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Database
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.fakes import Clock
from tests.support.services.notify import (
    OFFICER,
    FakeMovedChats,
    FakeOffice,
    FakeOptOuts,
    FakeRequesters,
    FakeSender,
    an_alert,
)

pytestmark = pytest.mark.integration

LEASE = timedelta(seconds=30)


def alert_store(database: Database) -> AlertStore:
    """Its publisher is not connected: letters stay where the store put them."""
    collection = database.collection("alerts")
    publisher = Publisher("amqp://guest:guest@127.0.0.1:9/", "test")
    return AlertStore(collection, Outbox(database, collection, "alerts", publisher))


async def test_an_alert_is_kept_once_and_its_outcome_with_its_event(database: Database) -> None:
    alerts = alert_store(database)
    await alerts.prepare()
    alert = an_alert()
    assert (await asyncio.gather(*(alerts.add(alert) for _ in range(20)))).count(True) == 1
    (leased,) = await alerts.take_due(NOON, LEASE, 10)
    assert (leased.state, leased.claims, leased.next_at) == ("claimed", 1, NOON + LEASE)
    assert await alerts.take_due(NOON, LEASE, 10) == []
    after, told = sent(
        replace(leased, channel="email"), provider_id="x", event_id=uuid4(), now=NOON
    )
    await alerts.save(after, told)
    assert await alerts.get(alert.id) == after
    with pytest.raises(Conflict):
        await alerts.save(after, told)
    document = await database.collection("alerts").get(alert.id)
    assert document is not None
    assert [letter["type"] for letter in document["outbox"]] == [AlertSent.type()]
    again = resent(after, "key", NOON)
    await alerts.save(again, None)
    assert await alerts.get(alert.id) == again


async def test_the_numbers_of_a_summary_are_kept(database: Database) -> None:
    alerts, made = alert_store(database), made_up("report.monthly", "dpmd").summary
    assert made is not None
    assert made.lagging
    alert = an_alert(event="report.monthly", consultation=None, region=None, summary=made)
    await alerts.add(alert)
    assert await alerts.get(alert.id) == alert
    # as documents were before there were summaries
    collection = database.collection("alerts")
    await collection.update({"_id": alert.id}, {"$unset": {"summary": ""}})
    assert await alerts.get(alert.id) == replace(alert, summary=None)


async def test_a_lease_that_ran_out_is_taken_over_and_not_renewed(database: Database) -> None:
    alerts = alert_store(database)
    await alerts.add(an_alert())
    (first,) = await alerts.take_due(NOON, LEASE, 10)
    assert await alerts.renew(first, NOON + 2 * LEASE)
    assert await alerts.take_due(NOON + LEASE, LEASE, 10) == []
    (second,) = await alerts.take_due(NOON + 2 * LEASE, LEASE, 10)
    assert second.claims == 2
    assert not await alerts.renew(first, NOON + 3 * LEASE)
    with pytest.raises(Conflict):
        await alerts.save(held(first, NOON, NOON), None)


async def test_what_is_over_at_once_is_kept_with_its_event(database: Database) -> None:
    alerts = alert_store(database)
    over, told = suppressed(an_alert(), "no_contact", event_id=uuid4(), now=NOON)
    assert await alerts.add(over, told)
    assert not await alerts.add(over, told)
    assert await alerts.get(over.id) == over
    document = await database.collection("alerts").get(over.id)
    assert document is not None
    assert len(document["outbox"]) == 1
    assert await alerts.take_due(NOON, LEASE, 10) == []


async def test_what_is_not_over_is_counted_by_state_and_channel(database: Database) -> None:
    alerts, later = alert_store(database), NOON + timedelta(hours=1)
    assert await alerts.backlog(10) == []
    for n, channel in enumerate(["email", "email", None]):
        await alerts.add(an_alert(id=f"{n}", channel=channel, next_at=NOON + timedelta(seconds=n)))
    await alerts.add(held(an_alert(id="night", channel="email"), later, NOON))
    over, told = suppressed(an_alert(), "no_contact", event_id=uuid4(), now=NOON)
    await alerts.add(over, told)
    found = await alerts.backlog(10)
    assert sorted((one.state, one.channel or "", one.number, one.first) for one in found) == [
        ("queued", "", 1, NOON + timedelta(seconds=2)),
        ("queued", "email", 2, NOON),
        ("waiting", "email", 1, later),
    ]
    (first,) = await alerts.backlog(1)
    assert (first.number, first.first) == (1, NOON), "the first to be due"


async def test_what_waits_for_a_full_channel_is_left(database: Database) -> None:
    alerts = alert_store(database)
    for n, channel in enumerate(["email", "whatsapp", None]):
        await alerts.add(an_alert(id=f"{n}", channel=channel))
    taken = await alerts.take_due(NOON, LEASE, 10, {"email": 10, None: 10})
    assert {one.channel for one in taken} == {"email", None}


async def test_who_waits_for_a_place_is_called_in_order_and_by_one_only(
    database: Database,
) -> None:
    alerts = alert_store(database)
    await alerts.prepare()
    for n in range(5):
        in_line = NOON + timedelta(seconds=10 + n)
        await alerts.add(an_alert(id=f"{n}", channel="email", next_at=in_line))
    await alerts.add(an_alert(id="night", channel="email", state="waiting", next_at=NOON + LEASE))
    await alerts.add(an_alert(id="other", channel="gateway", next_at=NOON + LEASE))
    assert await alerts.call("email", timedelta(seconds=9), NOON, LEASE, 2) == ([], None)
    taken, last = await alerts.call("email", 2 * LEASE, NOON, LEASE, 2)
    assert {one.id for one in taken} == {"0", "1"}
    assert last == timedelta(seconds=11)
    assert {(one.state, one.version, one.claims, one.next_at) for one in taken} == {
        ("claimed", 2, 1, NOON + LEASE)
    }
    both = [alerts.call("email", 2 * LEASE, NOON, LEASE, 4) for _ in range(2)]
    (mine, _), (others, _) = await asyncio.gather(*both)
    assert sorted(one.id for one in [*mine, *others]) == ["2", "3", "4"]


async def test_an_alert_is_found_by_what_its_provider_calls_it(database: Database) -> None:
    alerts = alert_store(database)
    await alerts.prepare()
    for n, channel in enumerate(("gateway", "telegram")):
        await alerts.add(
            an_alert(id=f"{n}", channel=channel, provider_id="80367171", receipt_chain="S1")
        )
    for ids in (["80367171"], ["unknown", "S1"]):
        found = await alerts.by_message("gateway", ids)
        assert found is not None
        assert found.id == "0"
    assert await alerts.by_message("gateway", ["unknown"]) is None


async def test_the_last_wish_counts_and_no_address_is_kept(database: Database) -> None:
    collection = database.collection("opt_outs")
    clock = Clock(NOON)
    opt_outs, other = OptOuts(collection, "key", clock), OptOuts(collection, "another", clock)
    number = Address("gateway", "+628125555123")
    hour = timedelta(hours=1)
    assert not await opt_outs.has(number)
    for _ in range(2):
        await opt_outs.put(Address("whatsapp", "0812-5555-123"), out=True, at=NOON - hour)
    assert await opt_outs.has(number)
    assert not await opt_outs.has(Address("whatsapp", "+628125555124"))
    assert not await other.has(number)
    # what was said before it comes after it
    await opt_outs.put(number, out=False, at=NOON - 2 * hour)
    assert await opt_outs.has(number)
    await opt_outs.put(number, out=False)
    assert not await opt_outs.has(number)
    await opt_outs.put(Address("email", "Warga@Example.org"), out=True, at=NOON + hour)
    assert await opt_outs.has(Address("smtp", "warga@example.org"))
    kept = repr(await collection.find({}))
    assert "8125555123" not in kept
    assert "warga" not in kept.lower()


@pytest.mark.parametrize("taken_for", ["+6208125555123", "+620628125555123", "8125555123"])
async def test_opt_out_holds_when_its_number_was_once_taken_for_another(
    database: Database, taken_for: str
) -> None:
    """`+62 0812…`, `0062812…` and `812…`: only a hash is kept of what each became."""
    collection, clock = database.collection("opt_outs"), Clock(NOON)
    opt_outs, hour = OptOuts(collection, "key", clock), timedelta(hours=1)
    number = Address("whatsapp", "+62 812-5555-123")
    hashed = hmac.new(b"key", f"whatsapp:{taken_for}".encode(), hashlib.sha256).hexdigest()
    await collection.insert({"_id": hashed, "out": True, "at": NOON - hour})
    assert await opt_outs.has(number)
    await opt_outs.put(number, out=False, at=NOON)
    assert not await opt_outs.has(number)


async def test_where_a_chat_moved_is_kept_and_cannot_be_read(database: Database) -> None:
    collection = database.collection("moves")
    moves, other = MovedChats(collection, "key"), MovedChats(collection, "another")
    old, new = Address("telegram", "-4012345678"), Address("telegram", "-1009876543210")
    assert await moves.follow(old) == old
    for address in ("-1001111111111", new.value):  # what was said last counts
        await moves.note(old, address)
    assert await MovedChats(collection, "key").follow(old) == new
    assert await moves.follow(new) == new
    assert await other.follow(old) == old
    kept = repr(await collection.find({}))
    assert "4012345678" not in kept
    assert "9876543210" not in kept


async def test_opt_out_holds_when_its_chat_has_moved(database: Database) -> None:
    opt_outs = OptOuts(database.collection("opt_outs"), "key", Clock(NOON))
    old, new = Address("telegram", "-4012345678"), Address("telegram", "-1009876543210")
    hour = timedelta(hours=1)
    await opt_outs.put(old, out=True, at=NOON - 2 * hour)
    await opt_outs.carry(old, new)
    assert await opt_outs.has(new)
    await opt_outs.put(new, out=False, at=NOON - hour)
    assert not await opt_outs.has(old, new)
    await opt_outs.carry(old, new)  # by another attempt
    assert not await opt_outs.has(new)


async def test_of_four_dispatchers_one_sends(database: Database) -> None:
    alerts, recipients = alert_store(database), Recipients(database.collection("recipients"))
    cases = CaseViews(database.collection("cases"))
    await asyncio.gather(alerts.prepare(), recipients.prepare(), cases.prepare())
    made = [an_alert(id=f"{n:032x}", order=str(new_id())) for n in range(60)]
    await asyncio.gather(*(alerts.add(alert) for alert in made))
    senders, clock = {"email": FakeSender()}, Clock(NOON)
    resolver = ContactResolver(
        cases, recipients, FakeRequesters(), FakeOptOuts(), FakeMovedChats(), senders
    )
    decider = DeliveryDecider(alerts, cases, recipients, resolver, FakeOffice(), clock)
    texts = Renderer("http://x")
    deliveries = [Delivery(alerts, decider, senders, texts, clock) for _ in range(4)]
    processes = [Dispatcher(alerts, delivery, clock) for delivery in deliveries]
    for _ in range(2):
        await asyncio.gather(*(one.tick() for one in processes))
        await asyncio.gather(*(one.settle() for one in processes))
    assert sorted(order.id for order in senders["email"].taken) == [one.id for one in made]
    assert {one.state for one in await alerts.page({}, before=None, limit=100)} == {"sent"}


async def test_pages_are_newest_first_and_filtered(database: Database) -> None:
    alerts = alert_store(database)
    await alerts.prepare()
    # as an older version wrote them
    await database.collection("alerts").insert({"_id": "old", "state": "sent"})
    made = [
        an_alert(id=f"{n}", order=str(new_id()), satgas="dpmd" if n % 2 else "64.02.06")
        for n in range(6)
    ]
    for alert in made:
        await alerts.add(alert)
    first = await alerts.page({"satgas": "dpmd"}, before=None, limit=2)
    rest = await alerts.page({"satgas": "dpmd"}, before=None, limit=9)
    assert [one.id for one in first] == ["5", "3"]
    last = await alerts.page({"satgas": "dpmd"}, before=UUID(first[-1].order), limit=2)
    assert [one.id for one in last] == ["1"]
    assert [one.id for one in rest] == ["5", "3", "1"]
    assert await alerts.get("old") is None


async def test_what_is_known_of_a_case_is_the_same_after_any_order(database: Database) -> None:
    cases = CaseViews(database.collection("cases"))
    await cases.prepare()
    id_ = uuid4()
    waits = CaseHeld(
        id=uuid4(), consultation=id_, sequence=1, region=TENGGARONG, time=NOON,
        because="nobody_available", satgas="64.02.06",
    )  # fmt: skip
    story: list[ConsultationEvent] = [
        submitted(consultation=id_),
        waits,
        assigned(id_, sequence=2),
        moved(ConsultationAnswered, id_, 3, NOON),
        moved(ConsultationReopened, id_, 4, NOON),
    ]
    outcomes = set()
    for order in itertools.islice(itertools.permutations(story), 0, 120, 7):
        await database.collection("cases").update_all(
            {}, {"$set": {"stage": None, "stage_sequence": 0, "case_sequence": 0, "officer": None}}
        )
        for event in (*order, order[0]):
            await cases.note(event)
        case = await cases.get(id_)
        assert case is not None
        outcomes.add(
            (case.officer, case.case_sequence, case.stage, case.stage_sequence, case.topic)
        )
    assert outcomes == {(OFFICER, 2, "open", 4, "KEU-DD")}
    assert [one.consultation for one in await cases.open_of_officer(OFFICER)] == [id_]
    assert [one.consultation for one in await cases.open_of_satgas("64.02.06")] == [id_]
    others = [uuid4() for _ in range(20)]
    await asyncio.gather(*(cases.note(assigned(one)) for one in others for _ in range(3)))
    assert len(await cases.open_of_officer(OFFICER)) == 21


async def test_the_directory_is_seeded_once_and_brought_up_to_date(database: Database) -> None:
    collection = database.collection("recipients")
    await collection.insert({"_id": OFFICER, "addresses": {"smtp": "budi@klikdesa.example"}})
    recipients, other = Recipients(collection), Recipients(collection)
    await asyncio.gather(recipients.prepare(), other.prepare())
    found = await recipients.get(OFFICER)
    assert found is not None
    assert (found.role, found.channels) == (
        "coordinator",
        (Address("email", "budi@klikdesa.example"),),
    )
    assert (await recipients.directory()).in_role("camat", "64.02.06") == ["camat-64.02.06"]
    changed = await recipients.put(replace(found, digest=True), after=found.version)
    assert [one.id for one in (await recipients.directory()).with_digest()] == [OFFICER]
    with pytest.raises(Conflict):
        await recipients.put(found, after=found.version)
    with pytest.raises(Conflict):
        await recipients.put(found, after=0)
    await other.prepare()
    assert await other.get(OFFICER) == changed
