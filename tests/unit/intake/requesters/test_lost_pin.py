"""Whoever lost the PIN is sent the link again, and whoever guesses tickets is told nothing."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.intake.domain.pin_limits import LINKS_OF_SOURCE, LINKS_OF_TICKET
from services.intake.domain.tickets import new_ticket
from services.intake.pages.site import PAGES
from shared.errors import StoreUnavailable
from shared.events import ConsultationLinkRequested
from tests.support.builders import NOON
from tests.support.fakes import Clock, FakeConsultations
from tests.support.services.officer_pages import Office

SAID = PAGES.texts("id")
Ask = Callable[[httpx.AsyncClient, str], Any]


async def by_page(http: httpx.AsyncClient, ticket: str) -> httpx.Response:
    reply = await http.post("/lacak", data={"tiket": ticket, "kirim_tautan": "1"})
    await settled()
    return reply


async def by_api(http: httpx.AsyncClient, ticket: str) -> httpx.Response:
    reply = await http.post(f"/v1/track/{ticket}/link")
    await settled()
    return reply


async def settled() -> None:
    """What was begun over stores in memory has ended."""
    for _ in range(10):
        await asyncio.sleep(0)


class Store(FakeConsultations):
    async def for_ticket(self, ticket: str) -> Any:
        if ticket == "KD-0000-0000":
            raise StoreUnavailable
        return await super().for_ticket(ticket)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def office(clock: Clock) -> Office:
    return Office(clock, Store())


@pytest.fixture
async def http(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        yield client


@pytest.fixture
async def ticket(office: Office) -> str:
    return office.found(await office.submit()).ticket


def asked_for(office: Office) -> list[ConsultationLinkRequested]:
    return [one for one in office.store.events if isinstance(one, ConsultationLinkRequested)]


@pytest.mark.parametrize("ask", [by_page, by_api])
async def test_link_is_asked_for_when_the_ticket_is_typed_as_people_do(
    office: Office, http: httpx.AsyncClient, ticket: str, ask: Ask
) -> None:
    before = next(iter(office.store.kept.values()))
    reply = await ask(http, ticket.lower().replace("-", " "))
    assert reply.status_code in (200, 202)
    (event,) = asked_for(office)
    assert (event.consultation, event.sequence) == (before.id, before.version)
    assert (event.actor_role, event.actor) == ("requester", None)
    # whoever is at work on it is not in anybody's way
    assert office.found(before.id) == before


@pytest.mark.parametrize("ask", [by_page, by_api])
async def test_answer_is_the_same_when_there_is_nothing_to_send_or_no_more(
    office: Office, http: httpx.AsyncClient, ticket: str, clock: Clock, ask: Ask
) -> None:
    (id_,) = office.store.kept
    said = set[tuple[int, str]]()

    async def keep(typed: str) -> None:
        reply = await ask(http, typed)
        said.add((reply.status_code, reply.text.replace(typed, "…")))

    for typed in (ticket, new_ticket(), "bukan-tiket", "KD-0000-0000"):
        await keep(typed)
    found = office.found(id_)
    for changed in ({"status": "withdrawn"}, {"status": "rejected"}, {"erased": True}):
        office.store.kept[id_] = replace(found, **changed)
        office.store.events.clear()
        clock.now += timedelta(days=2)
        await keep(ticket)
        assert asked_for(office) == []
    office.store.kept[id_] = found
    for _ in range(LINKS_OF_TICKET.tries):
        await keep(ticket)
    assert len(said) == 1, said
    (only,) = said
    assert SAID["link_asked"] in only[1] or only == (202, "")


async def test_no_more_links_are_sent_when_three_were_that_day(
    office: Office, http: httpx.AsyncClient, ticket: str, clock: Clock
) -> None:
    for _ in range(LINKS_OF_TICKET.tries + 2):
        await by_page(http, ticket)
    assert len(asked_for(office)) == LINKS_OF_TICKET.tries
    clock.now += timedelta(days=1, seconds=1)
    await by_page(http, ticket)
    assert len(asked_for(office)) == LINKS_OF_TICKET.tries + 1


async def test_no_more_links_are_sent_when_one_source_asked_for_many(
    office: Office, http: httpx.AsyncClient, ticket: str
) -> None:
    """Whether they exist or not: so nobody sends a message to each of many."""
    for _ in range(LINKS_OF_SOURCE.tries):
        await by_page(http, new_ticket())
    await by_page(http, ticket)
    assert asked_for(office) == []
    transport = httpx.ASGITransport(office.origin, client=("198.51.100.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as elsewhere:
        await by_page(elsewhere, ticket)
    assert len(asked_for(office)) == 1


async def test_nothing_is_sent_when_another_site_sends_the_form(
    office: Office, http: httpx.AsyncClient, ticket: str
) -> None:
    fields = {"tiket": ticket, "kirim_tautan": "1"}
    reply = await http.post("/lacak", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    await settled()
    assert reply.status_code == 403
    assert asked_for(office) == []


async def test_session_is_not_opened_by_asking(http: httpx.AsyncClient, ticket: str) -> None:
    reply = await by_page(http, ticket)
    assert "set-cookie" not in reply.headers
    assert (await http.get(f"/lacak/{ticket}")).text.count(ticket) >= 1
    assert SAID["messages"] not in (await http.get(f"/lacak/{ticket}")).text
