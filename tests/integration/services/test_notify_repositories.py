"""notify's repositories keep what they promise, in memory and on a real store by both drivers.

The fakes that unit tests run on and the stores of production run the same assertions.
"""

import asyncio
import itertools
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.notify.domain.alert import held, resent, sent, suppressed
from services.notify.ports import Alerts, CaseViews, Recipients, Webhooks
from services.notify.store import cases as case_store
from services.notify.store import recipients as recipient_store
from services.notify.store.alerts import AlertStore
from services.notify.webhooks import store as webhook_store
from services.notify.webhooks.domain.subscription import (
    UNLEASED,
    Cursor,
    Outcome,
    Progress,
    Secret,
    attempted,
    paused,
    rotated,
)
from services.notify.webhooks.worker import LEASE as WEBHOOK_LEASE
from shared.errors import Conflict
from shared.events import (
    CaseHeld,
    ConsultationAnswered,
    ConsultationEvent,
    ConsultationReopened,
)
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Database
from shared.times import new_id
from tests.support.backends import Backends
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.keys import TEST_SIGNING
from tests.support.services.notify import (
    OFFICER,
    FakeAlerts,
    FakeCaseViews,
    FakeRecipients,
    an_alert,
)
from tests.support.services.webhooks import FakeWebhooks, a_subscription

pytestmark = pytest.mark.integration

LEASE = timedelta(seconds=30)


@dataclass
class Stores:
    alerts: Alerts
    cases: CaseViews
    recipients: Recipients
    webhooks: Webhooks


@pytest.fixture(params=["memory", "motor", "pymongo"])
async def stores(request: pytest.FixtureRequest) -> AsyncGenerator[Stores, None]:
    if request.param == "memory":
        yield Stores(FakeAlerts(), FakeCaseViews(), FakeRecipients(), FakeWebhooks())
        return
    backends: Backends = request.getfixturevalue("backends")
    database = Database(backends.mongo_url, f"test_{uuid.uuid4().hex[:12]}", request.param)
    collection = database.collection("alerts")
    # not connected: what is to be published stays where the store put it
    publisher = Publisher("amqp://guest:guest@127.0.0.1:9/", "test", TEST_SIGNING)
    alerts = AlertStore(collection, Outbox(database, collection, "alerts", publisher))
    cases = case_store.CaseViews(database.collection("cases"))
    recipients = recipient_store.Recipients(database.collection("recipients"))
    webhooks = webhook_store.Webhooks(database.collection("webhooks"))
    for store in (alerts, cases, recipients, webhooks):
        await store.prepare()
    yield Stores(alerts, cases, recipients, webhooks)
    await database.drop()
    await database.close()


async def test_an_alert_is_kept_once_and_saved_over_the_version_before_only(
    stores: Stores,
) -> None:
    alerts, alert = stores.alerts, an_alert()
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
    again = resent(after, "key", NOON)
    await alerts.save(after, again, None)
    assert await alerts.get(alert.id) == again
    assert alert.consultation is not None
    assert await alerts.of_consultation(alert.consultation) == (again,)
    assert await alerts.of_consultation(uuid4()) == ()


async def test_alerts_that_wait_are_looked_at_when_their_reason_is_gone(stores: Stores) -> None:
    alerts, later = stores.alerts, NOON + timedelta(hours=1)
    await alerts.add(held(an_alert(id="night"), later, NOON))
    await alerts.add(held(an_alert(id="other"), later, NOON, "same_pending"))
    await alerts.add(an_alert(id="queued", next_at=later))
    assert await alerts.look_again("quiet_hours", NOON) == 1
    assert [one.id for one in await alerts.take_due(None, NOON, LEASE, 10)] == ["night"]


async def test_alerts_are_paged_newest_first_when_filtered(stores: Stores) -> None:
    alerts = stores.alerts
    for n in range(6):
        satgas = "dpmd" if n % 2 else "64.02.06"
        await alerts.add(an_alert(id=f"{n}", order=str(new_id()), satgas=satgas))
    first = await alerts.page({"satgas": "dpmd"}, before=None, limit=2)
    assert [one.id for one in first] == ["5", "3"]
    last = await alerts.page({"satgas": "dpmd"}, before=UUID(first[-1].order), limit=2)
    assert [one.id for one in last] == ["1"]
    assert len(await alerts.page({}, before=None, limit=9)) == 6
    nobodys = {"$or": [{"region.kecamatan": "x"}, {"satgas": {"$nin": ["dpmd", "64.02.06"]}}]}
    assert await alerts.page(nobodys, before=None, limit=9) == []


async def test_a_lease_that_ran_out_is_taken_over_and_not_renewed(stores: Stores) -> None:
    alerts = stores.alerts
    await alerts.add(an_alert())
    (first,) = await alerts.take_due(None, NOON, LEASE, 10)
    assert await alerts.renew([first], NOON + 2 * LEASE) == 1
    assert await alerts.take_due(None, NOON + LEASE, LEASE, 10) == []
    (second,) = await alerts.take_due(None, NOON + 2 * LEASE, LEASE, 10)
    assert second.claims == 2
    assert await alerts.renew([first, second], NOON + 2 * LEASE) == 1
    with pytest.raises(Conflict):
        await alerts.save(first, held(first, NOON, NOON), None)


async def test_what_is_not_over_is_counted_by_state_and_channel(stores: Stores) -> None:
    alerts, later = stores.alerts, NOON + timedelta(hours=1)
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


async def test_due_alerts_of_one_channel_are_taken_in_order_and_by_one_only(
    stores: Stores,
) -> None:
    alerts = stores.alerts
    for n in range(5):
        in_line = NOON - timedelta(seconds=10 - n)
        await alerts.add(an_alert(id=f"{n}", channel="email", next_at=in_line))
    await alerts.add(an_alert(id="later", channel="email", next_at=NOON + LEASE))
    await alerts.add(an_alert(id="other", channel="gateway"))
    taken = await alerts.take_due("email", NOON, LEASE, 2)
    assert {(one.id, one.due_since) for one in taken} == {
        ("0", NOON - timedelta(seconds=10)),
        ("1", NOON - timedelta(seconds=9)),
    }
    assert {(one.state, one.version, one.claims, one.next_at) for one in taken} == {
        ("claimed", 2, 1, NOON + LEASE)
    }
    both = [alerts.take_due("email", NOON, LEASE, 4) for _ in range(2)]
    mine, others = await asyncio.gather(*both)
    assert sorted(one.id for one in [*mine, *others]) == ["2", "3", "4"]
    assert await alerts.take_due(None, NOON, LEASE, 4) == []


async def test_of_due_alerts_the_old_ones_are_taken_when_only_those_are_asked_for(
    stores: Stores,
) -> None:
    alerts = stores.alerts
    await alerts.add(an_alert(id="new", channel="email"))
    await alerts.add(an_alert(id="old", channel="email", created_at=NOON - LEASE))
    taken = await alerts.take_due("email", NOON, LEASE, 9, created_before=NOON - LEASE)
    assert [one.id for one in taken] == ["old"]


async def test_due_alerts_at_channels_that_are_gone_are_adopted(stores: Stores) -> None:
    alerts = stores.alerts
    for n, channel in enumerate(["email", "gateway", None]):
        await alerts.add(an_alert(id=f"{n}", channel=channel))
    await alerts.add(an_alert(id="later", channel="gateway", next_at=NOON + LEASE))
    assert await alerts.adopt(["email", "log"], NOON) == 1
    assert {one.id for one in await alerts.take_due(None, NOON, LEASE, 9)} == {"1", "2"}
    assert [one.id for one in await alerts.take_due("email", NOON, LEASE, 9)] == ["0"]


async def test_an_alert_is_found_by_what_its_provider_calls_it(stores: Stores) -> None:
    alerts = stores.alerts
    for n, channel in enumerate(("gateway", "telegram")):
        await alerts.add(
            an_alert(id=f"{n}", channel=channel, provider_id="80367171", receipt_chain="S1")
        )
    for ids in (["80367171"], ["unknown", "S1"]):
        found = await alerts.by_message("gateway", ids)
        assert found is not None
        assert found.id == "0"
    assert await alerts.by_message("gateway", ["unknown"]) is None


async def test_a_case_view_is_the_same_when_its_events_come_in_any_order(stores: Stores) -> None:
    outcomes, consultations = set(), []
    for number in range(0, 120, 7):
        id_ = uuid4()
        story: list[ConsultationEvent] = [
            submitted(consultation=id_),
            CaseHeld(
                id=uuid4(), consultation=id_, sequence=1, region=TENGGARONG, time=NOON,
                reason="nobody_available", satgas="64.02.06",
            ),
            assigned(id_, sequence=2),
            moved(ConsultationAnswered, id_, 3, NOON),
            moved(ConsultationReopened, id_, 4, NOON),
        ]  # fmt: skip
        (order,) = itertools.islice(itertools.permutations(story), number, number + 1)
        for event in (*order, order[0]):
            await stores.cases.note(event)
        case = await stores.cases.get(id_)
        assert case is not None
        outcomes.add(
            (case.officer, case.case_sequence, case.stage, case.stage_sequence, case.topic)
        )
        consultations.append(id_)
    assert outcomes == {(OFFICER, 2, "open", 4, "KEU-DD")}
    for found in (
        await stores.cases.open_of_officer(OFFICER),
        await stores.cases.open_of_satgas("64.02.06"),
    ):
        assert sorted(one.consultation for one in found) == sorted(consultations)


async def test_case_views_are_one_each_when_events_are_told_at_once(stores: Stores) -> None:
    others = [uuid4() for _ in range(20)]
    await asyncio.gather(*(stores.cases.note(assigned(one)) for one in others for _ in range(3)))
    assert len(await stores.cases.open_of_officer(OFFICER)) == 20


async def test_a_recipient_is_put_over_the_version_that_was_read_only(stores: Stores) -> None:
    found = await stores.recipients.get(OFFICER)
    assert found is not None
    assert (found.role, found.version) == ("coordinator", 1)
    assert (await stores.recipients.directory()).in_role("camat", "64.02.06") == ["camat-64.02.06"]
    changed = await stores.recipients.put(replace(found, digest=True), after=found.version)
    assert await stores.recipients.get(OFFICER) == changed
    assert [one.id for one in (await stores.recipients.directory()).with_digest()] == [OFFICER]
    for after in (found.version, 0):
        with pytest.raises(Conflict):
            await stores.recipients.put(found, after=after)
    new = await stores.recipients.put(replace(found, id="new"), after=0)
    assert await stores.recipients.get("new") == new
    assert await stores.recipients.get("nobody") is None


async def test_a_subscription_is_kept_whole(stores: Stores) -> None:
    webhooks = stores.webhooks
    one = a_subscription(events=("case.held",), kecamatan=("64.02.06",), territory="64.02.06")
    await webhooks.add(one)
    assert await webhooks.get(one.id) == one
    (lease,) = await webhooks.leases()
    taken = await asyncio.gather(*(webhooks.take(lease, NOON + WEBHOOK_LEASE) for _ in range(10)))
    (held,) = [found for found in taken if found]
    assert not (await webhooks.leases())[0].is_due(NOON)
    progress = attempted(
        held.progress,
        Outcome("http_500", 500, milliseconds=12),
        event=uuid4(),
        type_="klikdesa.case.held.v1",
        following=Cursor(1, 1),
        jitter=0.5,
        now=NOON,
    )
    held = replace(held, progress=progress)
    assert await webhooks.save(held, UNLEASED)
    assert await webhooks.get(one.id) == held
    rotating = rotated(held, Secret(b"new"), timedelta(hours=1), NOON)
    changed = await webhooks.change(held, rotating)
    assert (changed.version, changed.secrets) == (2, rotating.secrets)
    assert not await webhooks.save(held, UNLEASED), "its worker has to look again"
    with pytest.raises(Conflict):
        await webhooks.change(held, rotating)
    assert await webhooks.page("test-dpmd", after=None, limit=5) == [changed]
    assert await webhooks.page("somebody", after=None, limit=5) == []
    assert await webhooks.count("test-dpmd") == 1
    await webhooks.remove(one.id)
    with pytest.raises(Conflict):
        await webhooks.change(changed, replace(changed, contact=None))
    assert await webhooks.leases() == []


async def test_settings_do_not_undo_what_a_worker_did_and_a_pause_does_not_either(
    stores: Stores,
) -> None:
    webhooks = stores.webhooks
    await webhooks.add(a_subscription())
    (lease,) = await webhooks.leases()
    read = await webhooks.get(lease.id)
    held = await webhooks.take(lease, NOON + WEBHOOK_LEASE)
    assert read and held  # noqa: PT018 - for the type checker
    moved_on = replace(held, progress=Progress(Cursor(7)))
    await webhooks.save(moved_on, NOON + WEBHOOK_LEASE)
    with pytest.raises(Conflict):
        await webhooks.change(read, replace(read, progress=paused(read.progress, "by_owner")))
    changed = await webhooks.change(read, replace(read, contact="x"))
    assert (changed.contact, changed.progress.cursor) == ("x", Cursor(7))
    (lease,) = await webhooks.leases()
    assert lease.is_due(NOON), "free for the next worker"
