"""One suite for sessions of accounts: the fake of the unit tests promises what the store does."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from services.intake.accounts.sessions import Kept
from services.intake.store.account_sessions import AccountSessionsStore
from services.intake.store.ended_sessions import EndedSessionsStore
from shared.storage.mongo import Database
from shared.web.permissions import Caller, Role
from tests.support.builders import NOON
from tests.support.repositories import MEMORY, PLACES, empty_database
from tests.support.services.accounts import FakeAccountSessions

pytestmark = pytest.mark.integration

Store = AccountSessionsStore | FakeAccountSessions
SECRETS = {"m1": b"1" * 32}
OFFICER = Caller("budi-1", Role.OFFICER, "64.02.06", is_by_token=True)
DESK = Caller("siti-1", Role.DPMD, is_by_token=True)
LATER = NOON + timedelta(minutes=5)
END = NOON + timedelta(hours=12)


@pytest.fixture(params=PLACES)
async def store(request: pytest.FixtureRequest) -> AsyncGenerator[Store]:
    if request.param == MEMORY:
        yield FakeAccountSessions()
        return
    async with empty_database(request.getfixturevalue("backends"), request.param) as database:
        real = AccountSessionsStore(database.collection("account_sessions"), SECRETS)
        await real.prepare()
        yield real


@pytest.mark.parametrize("caller", [OFFICER, DESK])
async def test_session_is_found_by_its_id_alone(store: Store, caller: Caller) -> None:
    kept = Kept(caller, "refresh-1", LATER)
    await store.add("one", kept, END)
    assert await store.get("one") == kept
    assert await store.get("two") is None


async def test_session_is_claimed_by_one_when_many_want_to_ask(store: Store) -> None:
    await store.add("one", Kept(OFFICER, "refresh-1", NOON), END)
    until = NOON + timedelta(seconds=10)
    claims = await asyncio.gather(*(store.claim("one", NOON, until) for _ in range(8)))
    assert sorted(claims) == [False] * 7 + [True]
    assert not await store.claim("one", until - timedelta(seconds=1), until)
    assert await store.claim("one", until, until + timedelta(seconds=10))


async def test_session_is_not_claimed_when_it_is_good_still_or_is_none(store: Store) -> None:
    await store.add("one", Kept(OFFICER, "refresh-1", LATER), END)
    assert not await store.claim("one", LATER - timedelta(seconds=1), END)
    assert not await store.claim("two", LATER, END)
    assert await store.claim("one", LATER, END)


async def test_session_is_good_for_longer_when_it_is_renewed(store: Store) -> None:
    await store.add("one", Kept(OFFICER, "refresh-1", NOON), END)
    await store.renew("one", "refresh-2", LATER)
    assert await store.get("one") == Kept(OFFICER, "refresh-2", LATER)
    assert not await store.claim("one", NOON, END)


async def test_session_stays_away_when_it_was_removed_while_somebody_asked(store: Store) -> None:
    await store.add("one", Kept(OFFICER, "refresh-1", NOON), END)
    await store.remove("one")
    await store.renew("one", "refresh-2", LATER)
    assert await store.get("one") is None
    await store.remove("one")


async def test_sessions_are_forgotten_when_they_are_over(store: Store) -> None:
    await store.add("one", Kept(OFFICER, "refresh-1", LATER), END)
    await store.add("two", Kept(DESK, "refresh-2", LATER), END + timedelta(seconds=1))
    assert await store.forget(END - timedelta(seconds=1)) == 0
    assert await store.forget(END) == 1
    assert (await store.get("one"), (await store.get("two")) is not None) == (None, True)


async def test_nothing_of_a_session_can_be_read_in_the_database(database: Database) -> None:
    collection = database.collection("account_sessions")
    await AccountSessionsStore(collection, SECRETS).add(
        "the id", Kept(OFFICER, "the token", LATER), END
    )
    (found,) = await collection.find({})
    assert "the id" not in str(found)
    assert "the token" not in str(found)


async def test_session_outlives_a_change_of_the_master_key_for_as_long_as_it_is_kept(
    database: Database,
) -> None:
    collection = database.collection("account_sessions")
    kept = Kept(OFFICER, "refresh-1", LATER)
    await AccountSessionsStore(collection, SECRETS).add("one", kept, END)
    for secrets, found in (({"m2": b"2" * 32, **SECRETS}, kept), ({"m2": b"2" * 32}, None)):
        assert await AccountSessionsStore(collection, secrets).get("one") == found


async def test_ended_session_is_known_until_it_would_be_over(database: Database) -> None:
    ended = EndedSessionsStore(database.collection("ended_sessions"))
    await ended.prepare()
    await ended.add("session-1", NOON)
    await ended.add("session-1", NOON)
    await ended.add("session-2", NOON + timedelta(hours=1))
    assert [await ended.has(one) for one in ("session-1", "session-2", "x")] == [True, True, False]
    assert "session-" not in repr(await database.collection("ended_sessions").find({}))
    assert await ended.forget(NOON) == 1
    assert [await ended.has(one) for one in ("session-1", "session-2")] == [False, True]
