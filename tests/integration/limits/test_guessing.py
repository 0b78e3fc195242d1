"""PINs guessed over many tickets from many addresses, on two replicas of the real system."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

import pytest

from klik.local.processes import HIGH_LIMITS
from klik.nodes import NodeUnavailable
from services.intake.domain import pin_limits as limits
from tests.support.backends import unavailable
from tests.support.builders import a_post
from tests.support.system import System, files_holding, running_system

pytestmark = pytest.mark.integration

#: A fifth of what was tried once: 10,000 over 1,000 tickets take minutes.
TICKETS, SOURCES = 200, 50
GUESSES = 10 * TICKETS
AT_ONCE = 20
BATCH = 100
UNKNOWN = "KD-0000-0000"


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[System]:
    # as behind the gateway, which says where a request came from
    env = HIGH_LIMITS | {"FORWARDED_ALLOW_IPS": "127.0.0.1"}
    try:
        async with running_system(tmp_path_factory.mktemp("guessed"), env, intake=2) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


class Attack:
    def __init__(self, system: System) -> None:
        self.system = system
        self.replicas = itertools.cycle((0, 1))

    async def track(self, ticket: str, pin: str, source: str) -> tuple[int, str]:
        """Status, and the answer without the path that was asked for."""
        url = self.system.url("intake", next(self.replicas))
        headers = {"X-Pin": pin, "X-Forwarded-For": source}
        reply = await self.system.http.get(f"{url}/v1/track/{ticket}", headers=headers)
        return reply.status_code, reply.text.replace(ticket, "")

    async def guess(self, tries: Iterable[tuple[str, str, str]]) -> Counter[tuple[int, str]]:
        """How often each answer came."""
        room, answers = asyncio.Semaphore(AT_ONCE), Counter[tuple[int, str]]()

        async def one(ticket: str, pin: str, source: str) -> None:
            async with room:
                answers[await self.track(ticket, pin, source)] += 1

        await asyncio.gather(*(one(*each) for each in tries))
        return answers


async def posted(system: System, number: int) -> list[dict[str, Any]]:
    receipts: list[dict[str, Any]] = []
    while len(receipts) < number:
        items = [a_post() for _ in range(min(BATCH, number - len(receipts)))]
        reply = await system.http.post(
            f"{system.url('intake')}/v1/consultations:batch",
            json={"items": items},
            headers=system.bearer("frontend"),
        )
        receipts += reply.json()["results"]
    assert {one["status"] for one in receipts} == {202}
    return receipts


def lines_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def a_source(number: int) -> str:
    return f"203.0.113.{number}"


def wrong(receipt: dict[str, Any], number: int) -> str:
    """A PIN that is not the right one."""
    return f"{(int(receipt['pin']) + 1 + number) % 1_000_000:06d}"


async def test_owners_get_in_when_their_tickets_were_guessed_from_everywhere(
    system: System,
) -> None:
    receipts, attack = await posted(system, TICKETS), Attack(system)
    tries = [
        (receipts[n % TICKETS]["ticket"], wrong(receipts[n % TICKETS], n), a_source(n % SOURCES))
        # each ticket from several of them
        for n in (number * (SOURCES + 1) for number in range(GUESSES))
    ]
    assert len({ticket for ticket, _, _ in tries}) == TICKETS
    assert len({source for _, _, source in tries}) == SOURCES

    answers = await attack.guess(tries)

    ((status, said), number), *others = answers.items()
    assert (status, number, others) == (404, GUESSES, [])
    assert (404, said) == await attack.track(UNKNOWN, "123456", "198.51.100.200"), "tells nothing"
    for number, one in enumerate(receipts):
        owner = f"198.51.{100 + number // 200}.{number % 200}"
        assert (await attack.track(one["ticket"], one["pin"], owner))[0] == 200
    # who guessed is held to what it opened before: not even the right one helps
    pairs = Counter((ticket, source) for ticket, _, source in tries)
    (ticket, source), _ = pairs.most_common(1)[0]
    (pin,) = (one["pin"] for one in receipts if one["ticket"] == ticket)
    assert (await attack.track(ticket, pin, source))[0] == 404


async def test_owner_gets_in_when_one_ticket_is_guessed_by_all(system: System) -> None:
    """From where it was opened before, and everywhere by the token that came with the receipt."""
    (one,), attack = await posted(system, 1), Attack(system)
    home = "198.51.100.77"
    assert (await attack.track(one["ticket"], one["pin"], home))[0] == 200
    tries = [
        (one["ticket"], wrong(one, n), f"192.0.2.{n % SOURCES}")
        for n in range(limits.OF_PAIR.tries * SOURCES)
    ]
    assert len(tries) > limits.OF_TICKET.tries

    answers = await attack.guess(tries)

    assert {status for status, _ in answers} == {404}
    assert (await attack.track(one["ticket"], one["pin"], "192.0.2.200"))[0] == 404
    assert (await attack.track(one["ticket"], one["pin"], home))[0] == 200
    token = {"Authorization": f"Bearer {one['token']}", "X-Forwarded-For": "192.0.2.1"}
    url = f"{system.url('intake')}/v1/consultations/{one['id']}"
    assert (await system.http.get(url, headers=token)).status_code == 200


async def test_logs_help_no_guesser_when_thousands_were_tried(system: System) -> None:
    """No ticket, PIN or address is in them, nor what was wrong with a try."""
    (one,), attack = await posted(system, 1), Attack(system)
    source = "192.0.2.222"
    guessed = "909173"
    assert one["pin"] != guessed
    await attack.guess([(one["ticket"], guessed, source)] * 30)
    await attack.track(one["ticket"], one["pin"], "192.0.2.223")

    logs = system.folder / "logs"
    secrets = (one["ticket"], one["pin"], one["token"], guessed, source, "203.0.113.", "192.0.2.")
    assert [text for text in secrets if files_holding(logs, f"{text}".encode())] == []
    lines = [line for process in system.services["intake"] for line in lines_of(process.log)]
    tried = [line for line in lines if line.get("route") == "/v1/track/{ticket}"]
    assert len(tried) > 30
    of_one = ("message", "method", "route", "status")
    shapes = {(*map(line.get, of_one), frozenset(line)) for line in tried}
    assert len(shapes) == 2, "404 or 200, by the route: nothing tells one try from another"
