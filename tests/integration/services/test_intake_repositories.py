"""One suite for intake's store: the fake of unit tests promises what the real one does."""

from asyncio import gather
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.intake.domain.consultation import Consultation, Private, Reachable, submit
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from services.intake.retention import expire_replies
from services.intake.store.consultations import Consultations
from services.intake.store.encryption import EnvelopeEncryption
from services.intake.store.rotation import Rotation
from services.intake.store.saved_replies import SavedRepliesStore
from shared.errors import Conflict, Duplicate
from shared.events import ConsultationLinkRequested, Event
from shared.storage.mongo import Database
from shared.web.api_keys import Keyring
from shared.web.permissions import Role
from tests.support.backends import Backends
from tests.support.builders import NOON, a_post, moved
from tests.support.fakes import Clock, FakeConsultations, FakeSavedReplies
from tests.support.keys import key_row, keyring_text
from tests.support.repositories import (
    MASTER_KEYS,
    MEMORY,
    PLACES,
    empty_database,
    intake_store,
    saved_replies,
)

pytestmark = pytest.mark.integration

Store = Consultations | FakeConsultations
PRIVATE = Private(pin="123456", name="Siti")


@pytest.fixture(params=PLACES)
async def store(request: pytest.FixtureRequest) -> AsyncGenerator[Store]:
    if request.param == MEMORY:
        yield FakeConsultations()
        return
    async with empty_database(request.getfixturevalue("backends"), request.param) as database:
        real = intake_store(database)
        await real.prepare()
        yield real


def a_consultation(ticket: str | None = None) -> tuple[Consultation, Event]:
    post = Submission.model_validate(a_post())
    ticket = ticket or new_ticket()
    return submit(post, id_=uuid4(), event_id=uuid4(), ticket=ticket, by="test-frontend", now=NOON)


async def add(
    store: Store, key: str = "k", ticket: str | None = None, private: Private = PRIVATE
) -> Consultation:
    made, event = a_consultation(ticket)
    await store.add(made, private, event, idempotency=key, fingerprint="f")
    return made


async def test_consultation_is_found_by_each_of_its_names_when_it_is_kept(store: Store) -> None:
    made = await add(store)
    assert await store.get(made.id) == made
    assert await store.get_with_private(made.id) == (made, PRIVATE)
    assert await store.pin_of(made.ticket) == (made.id, PRIVATE.pin)
    for fingerprint, is_same in (("f", True), ("g", False)):
        found = await store.by_idempotency("k", fingerprint)
        assert found is not None
        assert (found[0].id, found[1], found[2]) == (made.id, PRIVATE, is_same)


async def test_nothing_is_found_when_nothing_is_kept(store: Store) -> None:
    nobody = UUID(int=0)
    assert await store.get(nobody) is None
    assert await store.get_with_private(nobody) is None
    assert await store.for_update(nobody) is None
    assert await store.for_move(nobody, None, "f") is None
    assert await store.latest(nobody) is None
    assert await store.pin_of("KD-0000-0000") is None
    assert await store.by_idempotency("k", "f") is None


async def test_contacts_are_found_when_they_were_given(store: Store) -> None:
    contacts = [{"channel": "email", "address": f"{name}@contoh.example"} for name in "ab"]
    made = [
        await add(store, str(number), private=replace(PRIVATE, contact=contact))
        for number, contact in enumerate((*contacts, None))
    ]
    found = await store.contacts([*(one.id for one in made), UUID(int=0), made[0].id])
    assert {one.consultation: one for one in found} == {
        one.id: Reachable(one.id, one.ticket, one.status, one.anonymous, contact)
        for one, contact in zip(made, contacts, strict=False)
    }
    assert len(found) == len(contacts)


async def test_contact_keeps_no_other_when_it_cannot_be_decrypted(backends: Backends) -> None:
    async with empty_database(backends, "motor") as database:
        old = intake_store(database)
        both = intake_store(database, "k2:" + "E" * 42 + "A=")
        private = replace(PRIVATE, contact={"channel": "email", "address": "a@b.example"})
        locked, fine = await add(old, "1", private=private), await add(both, "2", private=private)
        found = {one.consultation: one.contact for one in await both.contacts([locked.id, fine.id])}
        assert found == {locked.id: None, fine.id: private.contact}


async def test_second_post_is_refused_when_its_key_or_ticket_exists(store: Store) -> None:
    made = await add(store)
    with pytest.raises(Duplicate):
        await add(store)
    with pytest.raises(Duplicate):
        await add(store, "another", made.ticket)
    assert await store.by_idempotency("another", "f") is None


async def test_change_is_refused_when_the_version_before_is_gone(store: Store) -> None:
    made = await add(store)
    changed = replace(made, version=2, status="assigned")
    await store.save(made, changed)
    with pytest.raises(Conflict):
        await store.save(made, replace(changed, status="closed"))
    assert await store.get(made.id) == changed


async def test_consultation_is_found_by_its_ticket_and_told_of_without_a_change(
    store: Store,
) -> None:
    made = await add(store)
    found = await store.for_ticket(made.ticket)
    assert found is not None
    assert (found.id, found.version) == (made.id, made.version)
    assert await store.for_ticket(new_ticket()) is None
    event = moved(ConsultationLinkRequested, made.id, made.version, NOON, actor_role="requester")
    await store.tell(made.id, event)
    await store.tell(uuid4(), event)
    assert await store.get(made.id) == made
    if isinstance(store, Consultations):
        (kept,) = await store._collection.find({})
        assert [one["id"] for one in kept["outbox"]][-1] == str(event.id)


# --- saved replies


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture(params=PLACES)
async def replies(
    request: pytest.FixtureRequest,
) -> AsyncGenerator[FakeSavedReplies | SavedRepliesStore]:
    clock = request.getfixturevalue("clock")
    if request.param == MEMORY:
        yield FakeSavedReplies(clock)
        return
    async with empty_database(request.getfixturevalue("backends"), request.param) as database:
        real = saved_replies(database, clock=clock)
        await real.prepare()
        yield real


async def test_saved_reply_is_its_owners_alone_and_kept_once(
    replies: FakeSavedReplies | SavedRepliesStore,
) -> None:
    first = await replies.add("a", "Cukup dengan Perkades.", NOON)
    second = await replies.add("a", "Hubungi BPD.", NOON + timedelta(minutes=1))
    again = await replies.add("a", "Cukup dengan Perkades.", NOON + timedelta(days=1))
    of_another = await replies.add("b", "Cukup dengan Perkades.", NOON)
    assert (again, first.saved_at) == (first, NOON)
    assert await replies.of("a") == [first, second]
    assert of_another.id != first.id
    await replies.remove("b", first.id)
    assert await replies.of("a") == [first, second]
    await replies.remove("a", first.id)
    await replies.remove("a", first.id)
    assert await replies.of("a") == [second]
    assert await replies.of("b") == [of_another]
    assert await replies.of("c") == []


async def test_saved_replies_go_with_who_left_and_with_who_uses_them_no_more(
    replies: FakeSavedReplies | SavedRepliesStore, clock: Clock
) -> None:
    rows = [
        key_row("stays", "k1", Role.OFFICER, territory="64.02.06"),
        key_row("left", "k2", Role.OFFICER, territory="64.02.06", revoked_at=NOON.isoformat()),
    ]
    keys = Keyring.parse(keyring_text(*rows), clock)
    for owner in ("stays", "left", "account-used", "account-forgotten"):
        await replies.add(owner, "Cukup dengan Perkades.", NOON)
    clock.now += timedelta(days=100)
    for owner in ("stays", "account-used"):
        assert len(await replies.of(owner)) == 1
    clock.now += timedelta(days=90)
    unused = timedelta(days=180)
    for apply in (False, True):
        assert await expire_replies(replies, keys, unused, clock.now, apply=apply) == 2
    assert await expire_replies(replies, keys, unused, clock.now, apply=True) == 0
    assert set(await replies.owners()) == {"stays", "account-used"}
    # one who comes back begins anew
    await replies.add("left", "Teks baru.", clock.now)
    assert [one.body for one in await replies.of("left")] == ["Teks baru."]


async def test_key_goes_with_the_saved_replies_that_it_opens(database: Database) -> None:
    store = saved_replies(database)
    await store.add("a", "Cukup dengan Perkades.", NOON)
    assert await database.collection("data_keys").size() == 1
    await store.forget("a")
    assert await database.collection("data_keys").size() == 0
    assert await database.collection("saved_replies").size() == 0


async def test_saved_reply_is_sealed_and_survives_a_change_of_the_master_key(
    database: Database,
) -> None:
    await saved_replies(database).add("a", "Cukup dengan Perkades.", NOON)
    (kept,) = await database.collection("saved_replies").find({})
    assert "Perkades" not in repr(kept)
    assert b"Perkades" not in bytes(kept["sealed"])
    both = f"k2:{'B' * 43}=,{MASTER_KEYS}"
    encryption = EnvelopeEncryption.parse(both)
    keys = database.collection("data_keys")
    rotation = Rotation(database.collection("consultations"), keys, encryption)
    assert [number async for number in rotation.rewrap()] == [1]
    after = saved_replies(database, both.partition(",")[0])
    assert [one.body for one in await after.of("a")] == ["Cukup dengan Perkades."]


async def test_one_key_is_kept_when_several_save_their_first_at_once(database: Database) -> None:
    stores = [saved_replies(database) for _ in range(4)]
    await gather(*(one.add("a", f"Teks {n}", NOON) for n, one in enumerate(stores)))
    assert len(await stores[0].of("a")) == 4
