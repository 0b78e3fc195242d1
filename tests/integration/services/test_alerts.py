"""notify's stores on a real server, beside what fakes do as well: documents, hashes, processes."""

import asyncio
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from klik.preview import made_up
from services.notify.dispatch.decider import ContactResolver, DeliveryDecider
from services.notify.dispatch.delivery import Delivery
from services.notify.dispatch.dispatcher import Dispatcher
from services.notify.domain.alert import resent, sent, suppressed
from services.notify.domain.recipients import Address
from services.notify.messages.renderer import Renderer
from services.notify.store.alerts import AlertStore
from services.notify.store.cases import CaseViews
from services.notify.store.moved_chats import MovedChats
from services.notify.store.opt_outs import OptOuts
from services.notify.store.recipients import Recipients
from shared.errors import Conflict, StoreUnavailable, TryLater
from shared.events import (
    AlertSent,
)
from shared.keys.link_tokens import LinkRefused
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Change, Collection, Database, Document, Query
from shared.times import new_id
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import TEST_SIGNING
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
    return AlertStore(database.collection("alerts"), outbox_of(database))


def outbox_of(database: Database) -> Outbox:
    publisher = Publisher("amqp://guest:guest@127.0.0.1:9/", "test", TEST_SIGNING)
    return Outbox(database, database.collection("alerts"), "alerts", publisher)


async def test_an_alert_is_kept_once_and_its_outcome_with_its_event(database: Database) -> None:
    alerts = alert_store(database)
    await alerts.prepare()
    alert = an_alert()
    assert (await asyncio.gather(*(alerts.add(alert) for _ in range(20)))).count(True) == 1
    (leased,) = await alerts.take_due(None, NOON, LEASE, 10)
    assert (leased.state, leased.claims, leased.next_at) == ("claimed", 1, NOON + LEASE)
    assert await alerts.take_due(None, NOON, LEASE, 10) == []
    after, told = sent(
        replace(leased, channel="email"), provider_id="x", event_id=uuid4(), now=NOON
    )
    await alerts.save(leased, after, told)
    assert await alerts.get(alert.id) == after
    with pytest.raises(Conflict):
        await alerts.save(leased, after, told)
    document = await database.collection("alerts").get(alert.id)
    assert document is not None
    assert [letter["type"] for letter in document["outbox"]] == [AlertSent.type()]
    again = resent(after, "key", NOON)
    await alerts.save(after, again, None)
    assert await alerts.get(alert.id) == again


class Unsure(Collection):
    """Leases alerts, and does not say so; then it is away once more."""

    away = 2

    async def update_all(self, guard: Query, change: Change) -> int:
        changed = await super().update_all(guard, change)
        self._lose()
        return changed

    async def find(self, query: Query, **how: Any) -> list[Document]:
        if "claimed_by" in query:
            self._lose()
        return await super().find(query, **how)

    def _lose(self) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("the answer was lost")


async def test_what_was_leased_is_taken_up_at_once_when_the_answer_was_lost(
    database: Database,
) -> None:
    alert = an_alert()
    await alert_store(database).add(alert)
    unsure = Unsure(database.collection("alerts")._collection)
    (leased,) = await AlertStore(unsure, outbox_of(database)).take_due(None, NOON, LEASE, 10)
    assert (leased.id, leased.claims) == (alert.id, 1)


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


async def test_what_is_over_at_once_is_kept_with_its_event(database: Database) -> None:
    alerts = alert_store(database)
    over, told = suppressed(an_alert(), "no_contact", event_id=uuid4(), now=NOON)
    assert await alerts.add(over, told)
    assert not await alerts.add(over, told)
    assert await alerts.get(over.id) == over
    document = await database.collection("alerts").get(over.id)
    assert document is not None
    assert len(document["outbox"]) == 1
    assert await alerts.take_due(None, NOON, LEASE, 10) == []


async def test_wish_is_that_of_the_address_when_it_comes_by_the_token_of_its_emails(
    database: Database,
) -> None:
    collection, clock = database.collection("opt_outs"), Clock(NOON)
    opt_outs, other = OptOuts(collection, "key", clock), OptOuts(collection, "another", clock)
    address = Address.meant("email", "Warga@Example.org")
    token = opt_outs.token(address)
    assert token == opt_outs.token(Address("smtp", "warga@example.org"))
    assert "example" not in token
    for _ in range(2):
        await opt_outs.put_by_token(token, out=True)
    assert await opt_outs.has(address)
    assert await opt_outs.is_out(token)
    assert not await opt_outs.has(Address("email", "tetangga@example.org"))
    clock.now -= timedelta(seconds=2)  # another replica's, which is behind
    with pytest.raises(TryLater):
        await opt_outs.put_by_token(token, out=False)
    assert await opt_outs.is_out(token)
    clock.now += timedelta(seconds=2)
    clock.now += timedelta(seconds=1)
    await opt_outs.put_by_token(token, out=False)
    assert not await opt_outs.has(address)
    last = "A" if token[-1] != "A" else "B"
    assert not await opt_outs.is_out(token)
    for wrong in ("", token[:-1], f"{token}AAAA", f"{token[:-1]}{last}", other.token(address)):
        with pytest.raises(LinkRefused):
            await opt_outs.is_out(wrong)
        with pytest.raises(LinkRefused):
            await opt_outs.put_by_token(wrong, out=True)
    assert not await opt_outs.has(address)


async def test_the_last_wish_counts_and_no_address_is_kept(database: Database) -> None:
    collection = database.collection("opt_outs")
    clock = Clock(NOON)
    opt_outs, other = OptOuts(collection, "key", clock), OptOuts(collection, "another", clock)
    number = Address("gateway", "+628125555123")
    hour = timedelta(hours=1)
    assert not await opt_outs.has(number)
    for _ in range(2):
        await opt_outs.put(Address.meant("whatsapp", "0812-5555-123"), out=True, at=NOON - hour)
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
    number = Address.meant("whatsapp", "+62 812-5555-123")
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
