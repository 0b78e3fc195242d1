"""Ticket and PIN against guessers: one suite for the tries in memory and in the store."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.domain import pin_limits as limits
from services.intake.domain.consultation import Private, submit
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from services.intake.ports import PinTries
from services.intake.store.pin_tries import PinTriesStore
from services.intake.tracking import NotOpened, Tracking
from shared.limits.sources import source_of
from shared.storage.mongo import Collection
from tests.support.backends import Backends
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock, FakeConsultations, FakePinTries
from tests.support.repositories import MEMORY, PLACES, empty_database

pytestmark = pytest.mark.integration

PIN, WRONG = "123456", "654321"
#: Guesses at once: more do not fit into the pool of connections.
AT_ONCE = 100
OWNER, GUESSER = "192.0.2.1", "198.51.100.7"


@dataclass
class Scene:
    tries: PinTries
    store: FakeConsultations
    clock: Clock

    def __post_init__(self) -> None:
        self.tracking = Tracking(self.store, self.tries, self.clock)

    async def consultation(self) -> str:
        made, event = submit(
            Submission.model_validate(a_post()),
            id_=uuid4(),
            event_id=uuid4(),
            ticket=new_ticket(),
            by="test-frontend",
            now=NOON,
        )
        private = Private(pin=PIN)
        await self.store.add(made, private, event, idempotency=made.ticket, fingerprint="f")
        return made.ticket

    async def opens(self, ticket: str, pin: str = PIN, source: str = OWNER) -> bool:
        try:
            return (await self.tracking.open(ticket, pin, source)).ticket == ticket
        except NotOpened:
            return False

    async def guess(self, ticket: str, times: int, source: str = GUESSER) -> None:
        for _ in range(times):
            assert not await self.opens(ticket, WRONG, source)


@pytest.fixture(params=PLACES)
async def scene(request: pytest.FixtureRequest) -> AsyncGenerator[Scene]:
    store, clock = FakeConsultations(), Clock(NOON)
    if request.param == MEMORY:
        yield Scene(FakePinTries(), store, clock)
        return
    async with empty_database(request.getfixturevalue("backends"), request.param) as database:
        tries = PinTriesStore(database.collection("pin_tries"), b"key")
        await tries.prepare()
        yield Scene(tries, store, clock)


async def test_at_most_five_are_counted_when_600_guess_at_once(scene: Scene) -> None:
    """What is not counted is not judged: also the right PIN is refused then."""
    counted = await asyncio.gather(
        *(scene.tries.take({"pair": limits.OF_PAIR}, str(n), NOON) for n in range(600))
    )
    assert sum(counted) == limits.OF_PAIR.tries


async def test_right_pin_is_refused_when_the_source_guessed_too_often(scene: Scene) -> None:
    ticket = await scene.consultation()
    await scene.guess(ticket, limits.OF_PAIR.tries)
    assert not await scene.opens(ticket, source=GUESSER)
    scene.clock.now += limits.OF_PAIR.within - timedelta(seconds=1)
    assert not await scene.opens(ticket, source=GUESSER)
    scene.clock.now += timedelta(seconds=1)
    assert await scene.opens(ticket, source=GUESSER)


async def test_owner_gets_in_when_another_source_guesses_without_end(scene: Scene) -> None:
    ticket = await scene.consultation()
    for _ in range(3):
        await scene.guess(ticket, 40)
        scene.clock.now += timedelta(minutes=10)
    assert await scene.opens(ticket)


async def test_owner_gets_in_again_when_the_ticket_is_guessed_from_everywhere(scene: Scene) -> None:
    ticket = await scene.consultation()
    assert await scene.opens(ticket)
    for number in range(limits.OF_TICKET.tries + 1):
        await scene.guess(ticket, 1, f"203.0.113.{number}")
    assert not await scene.opens(ticket, source="203.0.113.200")
    assert await scene.opens(ticket)


async def test_right_tries_are_not_counted_when_they_are_many(scene: Scene) -> None:
    ticket = await scene.consultation()
    assert all([await scene.opens(ticket) for _ in range(20)])
    await scene.guess(ticket, limits.OF_PAIR.tries - 1, OWNER)
    assert await scene.opens(ticket)


async def test_own_ticket_does_not_help_when_others_are_guessed(scene: Scene) -> None:
    """Opening one's own takes nothing back of what was counted for the others."""
    own, others = await scene.consultation(), [await scene.consultation() for _ in range(30)]
    for ticket in others:
        await scene.guess(ticket, 1)
        assert await scene.opens(own, source=GUESSER)
    assert not await scene.opens(others[0], source=GUESSER)  # one guess each is all there is


async def test_office_gets_in_when_one_behind_its_address_guesses_many_tickets(
    scene: Scene,
) -> None:
    fresh, known = await scene.consultation(), await scene.consultation()
    assert await scene.opens(known, source=GUESSER)
    for _ in range(limits.STRAYING.tries):
        await scene.guess(new_ticket(), 1)
    ticket = await scene.consultation()
    await scene.guess(ticket, 1)
    assert not await scene.opens(ticket, source=GUESSER)
    assert await scene.opens(fresh, source=GUESSER)
    assert await scene.opens(known, source=GUESSER)


async def test_a_source_has_an_end_when_it_guesses_hundreds(scene: Scene) -> None:
    known = await scene.consultation()
    assert await scene.opens(known, source=GUESSER)
    for _ in range(0, limits.OF_SOURCE.tries, AT_ONCE):
        await asyncio.gather(*(scene.guess(new_ticket(), 1) for _ in range(AT_ONCE)))
    assert not await scene.opens(await scene.consultation(), source=GUESSER)
    assert await scene.opens(known, source=GUESSER)


async def test_unknown_ticket_is_counted_as_one_that_exists(scene: Scene) -> None:
    for ticket in (new_ticket(), "not a ticket"):
        await scene.guess(ticket, limits.OF_PAIR.tries)
        assert not await scene.tries.take(
            {f"{GUESSER} for {ticket}": limits.OF_PAIR}, "one more", scene.clock.now
        )


async def test_tries_are_forgotten_when_no_limit_asks_for_them(backends: Backends) -> None:
    async with empty_database(backends, "motor") as database:
        collection: Collection = database.collection("pin_tries")
        tries = PinTriesStore(collection, b"key")
        await tries.take({"a": limits.OF_PAIR, "b": limits.OF_PAIR}, "1", NOON)
        await tries.opened("b", [], "1", NOON)
        rows = await collection.find({})
        assert "a" not in {row["_id"] for row in rows}
        assert await tries.forget(NOON + limits.QUARTER) == 1
        assert await tries.standing("a", limits.OF_PAIR, "b", NOON) == (False, True)


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_source_is_the_home_when_the_address_is_ipv6(host: str | None, source: str) -> None:
    assert source_of(host) == source
