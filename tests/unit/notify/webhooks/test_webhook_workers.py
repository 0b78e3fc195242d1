"""Workers on stores in memory: in order, each event once, and nobody held up by another."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.notify.webhooks.domain.segment import Entry
from services.notify.webhooks.domain.subscription import UNLEASED, Cursor, Outcome, paused, resumed
from services.notify.webhooks.worker import KEYS_KNOWN_AFTER, LEASE, UNKNOWN_AT_MOST
from shared.errors import StoreUnavailable
from shared.events import ConsultationEvent, Region
from shared.web.permissions import Caller, Role
from tests.support.builders import assigned, submitted
from tests.support.services.notify import OFFICER
from tests.support.services.webhooks import BROKEN, OK, Hooks

ELSEWHERE = Region(kecamatan="64.02.07", desa="64.02.07.2001")
DAY = timedelta(days=1)


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


def some(number: int) -> list[ConsultationEvent]:
    return [submitted() for _ in range(number)]


def ids(*events: ConsultationEvent | Entry) -> list[object]:
    return [event.id for event in events]


async def test_events_are_delivered_in_order_and_once(hooks: Hooks) -> None:
    first, second, third = some(3), some(2), some(1)
    hooks.event_log.write(*first)
    hooks.event_log.write(*second)
    one = await hooks.subscribe()
    await hooks.work()
    assert hooks.delivery.taken == ids(*first, *second)
    progress = hooks.now(one).progress
    assert (progress.cursor, progress.delivered_at) == (Cursor(3), hooks.clock.now)
    assert hooks.webhooks.leased_until[one.id] == UNLEASED
    hooks.event_log.write(*third)
    await hooks.work()
    assert hooks.delivery.taken == ids(*first, *second, *third)


async def test_only_what_was_asked_for_is_delivered(hooks: Hooks) -> None:
    wanted, other = assigned(), assigned(region=ELSEWHERE)
    hooks.event_log.write(submitted(), wanted, other)
    await hooks.subscribe(events=("case.assigned",), kecamatan=("64.02.06",))
    await hooks.work()
    assert hooks.delivery.taken == ids(wanted)


async def test_a_failing_endpoint_delays_itself_only(hooks: Hooks) -> None:
    events = some(3)
    hooks.event_log.write(*events)
    broken, well = await hooks.subscribe(), await hooks.subscribe()

    async def deliver(subscription: object, entry: object) -> Outcome:
        if subscription.id == broken.id and entry.id == events[1].id:  # type: ignore[attr-defined]
            return BROKEN
        hooks.delivery.tried.append((subscription.id, entry.id))  # type: ignore[attr-defined]
        return OK

    hooks.delivery.deliver = deliver  # type: ignore[method-assign]
    await hooks.work()
    taken = [event for id_, event in hooks.delivery.tried if id_ == well.id]
    assert taken == ids(*events)
    assert [event for id_, event in hooks.delivery.tried if id_ == broken.id] == ids(events[0])
    progress = hooks.now(broken).progress
    assert (progress.cursor, progress.attempts) == (Cursor(1, 1), 1)
    await hooks.work(after=timedelta(seconds=5))
    assert hooks.now(broken).progress.attempts == 1, "it is not tried before its time"
    await hooks.work(after=timedelta(seconds=10))
    assert hooks.now(broken).progress.attempts == 2


async def test_after_three_days_the_contact_is_told_once_and_resuming_loses_nothing(
    hooks: Hooks,
) -> None:
    events = some(5)
    hooks.event_log.write(*events)
    one = await hooks.subscribe(contact=OFFICER)
    hooks.delivery.always = BROKEN
    for _ in range(100):
        await hooks.work()
        progress = hooks.now(one).progress
        if progress.state == "paused":
            break
        assert hooks.alerts.kept == {}
        assert progress.next_at
        hooks.clock.now = progress.next_at
    assert progress.reason == "failing"
    (alert,) = hooks.alerts.kept.values()
    assert (alert.event, alert.recipient, alert.recipient_kind) == (
        "webhook_paused", OFFICER, "owner",
    )  # fmt: skip
    await hooks.work(after=DAY)
    assert len(hooks.alerts.kept) == 1
    hooks.delivery.always = OK
    kept = hooks.now(one)
    await hooks.webhooks.change(kept, replace(kept, progress=resumed(progress, None)))
    await hooks.work()
    assert hooks.delivery.taken == ids(*events)


async def test_what_cannot_be_helped_pauses_at_once_and_each_pause_is_told(hooks: Hooks) -> None:
    hooks.event_log.write(*some(1))
    one = await hooks.subscribe(contact=OFFICER)
    for told in (1, 2):
        hooks.delivery.answers = [Outcome("address_not_public", lasting=True)]
        await hooks.work()
        await hooks.work(after=DAY)
        paused_one = hooks.now(one)
        assert (paused_one.progress.state, paused_one.progress.reason) == (
            "paused", "address_not_public",
        )  # fmt: skip
        assert len(hooks.delivery.tried) == told
        assert len(hooks.alerts.kept) == told
        again = replace(paused_one, progress=resumed(paused_one.progress, None))
        await hooks.webhooks.change(paused_one, again)
    quiet = await hooks.subscribe()
    hooks.delivery.answers = [OK, Outcome("gone", 410, lasting=True)]
    await hooks.work()
    assert hooks.now(quiet).progress.reason == "gone"
    assert len(hooks.alerts.kept) == 2, "nobody to tell"


async def test_a_pause_that_could_not_be_written_down_is_told_once(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.event_log.write(*some(1))
    one = await hooks.subscribe(contact=OFFICER)
    hooks.delivery.always = Outcome("gone", 410, lasting=True)

    async def away(*_: object) -> bool:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(hooks.webhooks, "save", away)
        await hooks.work()
    assert hooks.now(one).progress.state == "active"
    await hooks.work()
    assert len(hooks.delivery.tried) == 1, "its lease holds"
    await hooks.work(after=LEASE)
    assert hooks.now(one).progress.state == "paused"
    assert len(hooks.alerts.kept) == 1


async def test_of_several_processes_one_delivers(hooks: Hooks) -> None:
    for _ in range(20):
        await hooks.subscribe()
    hooks.event_log.write(*some(3))
    await hooks.go(*(hooks.process() for _ in range(4)))
    assert len(hooks.delivery.tried) == len(set(hooks.delivery.tried)) == 60


async def test_a_process_that_died_is_stood_in_for(hooks: Hooks) -> None:
    hooks.event_log.write(*some(1))
    one = await hooks.subscribe()
    (lease,) = await hooks.webhooks.leases()
    dead = await hooks.webhooks.take(lease, hooks.clock.now + LEASE)
    assert dead
    await hooks.work(after=LEASE - timedelta(seconds=1))
    assert hooks.delivery.taken == []
    await hooks.work(after=timedelta(seconds=1))
    assert len(hooks.delivery.taken) == 1
    assert not await hooks.webhooks.save(dead, UNLEASED), "what it held it can write no more"
    assert hooks.now(one).progress.cursor == Cursor(2)


async def test_an_owner_who_changes_it_is_not_overwritten(hooks: Hooks) -> None:
    events = some(3)
    hooks.event_log.write(*events)
    one = await hooks.subscribe()
    deliver = hooks.delivery.deliver

    async def paused_meanwhile(subscription: object, entry: object) -> Outcome:
        known = hooks.now(one)
        if known.progress.state == "active":
            changed = replace(known, progress=paused(known.progress, "by_owner"))
            await hooks.webhooks.change(known, changed)
        return await deliver(subscription, entry)  # type: ignore[arg-type]

    hooks.delivery.deliver = paused_meanwhile  # type: ignore[method-assign]
    hooks.clock.now += timedelta(seconds=5)
    await hooks.pool.tick()
    hooks.clock.now += timedelta(seconds=5)
    await hooks.work()
    assert len(hooks.delivery.taken) == 1
    assert hooks.now(one).progress.reason == "by_owner"
    await hooks.webhooks.remove(one.id)
    await hooks.work()
    assert len(hooks.delivery.taken) == 1


async def test_a_revoked_keys_webhooks_end(hooks: Hooks) -> None:
    hooks.event_log.write(*some(1))
    one = await hooks.subscribe()
    hooks.owners[one.owner] = "revoked"
    await hooks.work()
    assert hooks.delivery.tried == []
    assert hooks.now(one).progress.reason == "key_revoked"


@pytest.mark.parametrize(
    ("role", "now", "reason"),
    [
        ("frontend", None, "key_unknown"),
        (None, None, "key_unknown"),
        ("frontend", "expired", "key_expired"),
        ("dpmd", Caller("web", Role.FRONTEND), "key_changed"),
        ("analyst", Caller("web", Role.ANALYST), "key_changed"),
        (None, Caller("web", Role.ANALYST), "key_changed"),
        ("officer", Caller("web", Role.OFFICER, "64.02.07"), "key_changed"),
    ],
)
async def test_webhook_pauses_when_its_key_is_not_what_it_was(
    hooks: Hooks, role: str | None, now: Caller | str | None, reason: str
) -> None:
    event = submitted(submitter="web")
    hooks.event_log.write(event)
    one = await hooks.subscribe(owner="web", role=role)
    hooks.clock.now += KEYS_KNOWN_AFTER
    if now is not None:
        hooks.owners["web"] = now
    await hooks.work()
    assert hooks.delivery.tried == []
    assert hooks.now(one).progress.reason == reason
    # the key is given back, and the owner resumes: nothing is left out
    hooks.owners["web"] = Caller("web", Role.DPMD)
    paused_one = hooks.now(one)
    again = replace(paused_one, role="dpmd", progress=resumed(paused_one.progress, None))
    await hooks.webhooks.change(paused_one, again)
    await hooks.work()
    assert hooks.delivery.taken == ids(event)


async def test_new_webhook_waits_when_its_replica_has_not_read_the_key_yet(hooks: Hooks) -> None:
    event = submitted(submitter="web")
    hooks.event_log.write(event)
    one = await hooks.subscribe(owner="web", role="frontend")
    await hooks.work()
    assert (hooks.delivery.tried, hooks.now(one).progress.reason) == ([], None)
    hooks.owners["web"] = Caller("web", Role.FRONTEND)
    hooks.clock.now += KEYS_KNOWN_AFTER / 2
    await hooks.work()
    assert hooks.delivery.taken == ids(event)


async def test_webhook_goes_on_when_its_owner_came_by_an_issuers_token(hooks: Hooks) -> None:
    hooks.event_log.write(submitted())
    await hooks.subscribe(owner="oidc-1", role="dpmd", by_token=True)
    await hooks.work()
    assert len(hooks.delivery.taken) == 1


async def test_front_end_gets_events_of_what_it_posted_alone(hooks: Hooks) -> None:
    """Its complaints too; whichever way it is known who posted."""
    heard, logged = uuid4(), uuid4()
    kinds = {"kind": "pengaduan", "reachable": False}
    await hooks.cases.note(submitted(consultation=heard, submitter="test-frontend", **kinds))
    mine = [
        assigned(heard, region=ELSEWHERE, satgas="dpmd"),
        submitted(consultation=logged, submitter="test-frontend"),
        assigned(logged),
    ]
    others = [submitted(submitter="other"), submitted(), assigned()]
    await hooks.cases.note(submitted(consultation=others[2].consultation, submitter="other"))
    hooks.event_log.write(*others[:2], *mine, others[2])
    await hooks.subscribe(owner="test-frontend", role="frontend")
    await hooks.work()
    assert hooks.delivery.taken == ids(*mine)


async def test_front_end_gets_nothing_when_nobody_knows_who_posted(hooks: Hooks) -> None:
    """From before that was told: passed over at once. Not heard of yet: waited for."""
    before, overtaking, own = uuid4(), uuid4(), uuid4()
    await hooks.cases.note(submitted(consultation=before, reachable=True))
    late = submitted(consultation=overtaking, submitter="test-frontend", reachable=True)
    hooks.event_log.write(
        assigned(before), assigned(overtaking), submitted(consultation=own), assigned(own)
    )
    one = await hooks.subscribe(owner="test-frontend", role="frontend")
    await hooks.work()
    assert hooks.delivery.taken == []
    assert hooks.now(one).progress.cursor == Cursor(1, 1)
    await hooks.cases.note(late)
    await hooks.work(after=timedelta(seconds=1))
    assert hooks.delivery.taken == ids(hooks.event_log.segments[1].entries[1])
    assert hooks.now(one).progress.cursor == Cursor(2)


async def test_a_key_for_one_kecamatan_gets_no_complaint_and_waits_for_what_is_unknown(
    hooks: Hooks,
) -> None:
    complaint = submitted(kind="pengaduan")
    unknown = assigned(region=ELSEWHERE, satgas="64.02.07")
    mine = submitted()
    for event in (complaint, mine):
        await hooks.cases.note(event)
    hooks.event_log.write(complaint, unknown, mine)
    one = await hooks.subscribe(owner="test-officer", territory="64.02.06")
    await hooks.work()
    assert hooks.delivery.taken == []
    assert hooks.now(one).progress.next_at
    await hooks.cases.note(unknown)
    await hooks.work(after=timedelta(seconds=1))
    assert hooks.delivery.taken == ids(mine)


async def test_what_stays_unknown_is_passed_over(hooks: Hooks) -> None:
    mine = assigned(satgas="64.02.06")
    hooks.event_log.write(assigned(region=ELSEWHERE, satgas="dpmd"), mine)
    await hooks.subscribe(owner="test-officer", territory="64.02.06")
    await hooks.work()
    assert hooks.delivery.taken == []
    await hooks.work(after=UNKNOWN_AT_MOST + timedelta(seconds=1))
    assert hooks.delivery.taken == ids(mine)


async def test_who_lags_behind_the_event_log_goes_on_with_its_oldest_segment(hooks: Hooks) -> None:
    for _ in range(3):
        hooks.event_log.write(*some(1))
    one = await hooks.subscribe()
    del hooks.event_log.segments[1]
    await hooks.work()
    assert len(hooks.delivery.taken) == 2
    assert hooks.now(one).progress.cursor == Cursor(4)


async def test_old_pages_are_dropped_but_for_the_last(hooks: Hooks) -> None:
    for _ in range(3):
        hooks.event_log.write(*some(1))
    await hooks.work(after=31 * DAY)
    assert list(hooks.event_log.segments) == [3]
