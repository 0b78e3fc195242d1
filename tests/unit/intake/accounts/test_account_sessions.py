"""Sessions that accounts opened: the issuer is asked again, and what it says then counts."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.intake.accounts.sessions import ASKING, CHECKED_EVERY, UNANSWERED, UNCHECKED
from services.intake.pages.site import PAGES
from shared.times import utc_now
from shared.web.jwks import ISSUER_SECONDS
from shared.web.pages.sessions import COOKIE, IDLE, WHOLE
from tests.support.fakes import Clock
from tests.support.services.accounts import NAME, TOKEN, FakeAccountSessions, IssuerPeer
from tests.support.services.intake import Accounts
from tests.support.services.officer_pages import Office, hidden, is_in, session_of

SAID = PAGES.texts("id")


@pytest.fixture
def clock() -> Clock:
    """By the real one the issuer's tokens last."""
    return Clock(utc_now())


@pytest.fixture
def peer() -> IssuerPeer:
    return IssuerPeer(seconds=86_400)


@pytest.fixture
async def browser(office: Office, peer: IssuerPeer) -> AsyncGenerator[httpx.AsyncClient]:
    """With somebody signed in."""
    async with office.visitor() as client:
        await enter(client, peer)
        yield client


async def enter(client: httpx.AsyncClient, peer: IssuerPeer) -> None:
    address = (await client.get("/masuk/akun")).headers["location"]
    assert (await client.get(peer.authorize(address))).headers["location"] == "/satgas"


def refreshes(peer: IssuerPeer) -> int:
    return sum(one["grant_type"] == "refresh_token" for one in peer.exchanges())


async def test_issuer_is_asked_again_when_its_word_is_some_minutes_old(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    for number in range(1, 4):
        clock.now += CHECKED_EVERY - timedelta(seconds=1)
        assert await is_in(browser)
        assert refreshes(peer) == number - 1
        clock.now += timedelta(seconds=1)
        assert await is_in(browser)
        assert await is_in(browser)
        assert refreshes(peer) == number


async def test_issuer_is_asked_sooner_when_its_word_ends_sooner(
    office: Office, peer: IssuerPeer, clock: Clock
) -> None:
    peer.seconds = 60
    async with office.visitor() as client:
        await enter(client, peer)
        clock.now += CHECKED_EVERY - timedelta(seconds=1)
        assert await is_in(client)
    assert refreshes(peer) == 1


async def test_issuer_is_asked_once_when_many_pages_are_opened_at_the_same_time(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    """A refresh token that is used twice ends the whole session at many issuers, as at this one."""
    for _ in range(3):
        clock.now += CHECKED_EVERY
        assert await asyncio.gather(*(is_in(browser) for _ in range(8))) == [True] * 8
    assert refreshes(peer) == 3


@pytest.mark.parametrize(
    "account",
    [
        None,
        {"sub": "budi-1", "klik_role": "coordinator", "klik_territory": "64.02.06"},
        {"sub": "budi-1", "klik_role": "officer", "klik_territory": "64.02.19"},
        {"sub": "budi-1", "klik_role": "dpmd"},
        {"sub": "budi-1"},
        {"sub": "siti-1", "klik_role": "officer", "klik_territory": "64.02.06"},
    ],
    ids=["closed", "promoted", "moved", "of the desk", "without a role", "another"],
)
async def test_session_ends_when_the_account_was_changed(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock, account: dict[str, Any] | None
) -> None:
    peer.account = account
    assert await is_in(browser)
    clock.now += CHECKED_EVERY
    reply = await browser.get("/satgas")
    assert (reply.status_code, reply.headers["location"]) == (303, "/masuk?berakhir=1")
    assert SAID["session_over"] in (await browser.get("/masuk?berakhir=1")).text


@pytest.mark.parametrize("claims", [{"aud": "another"}, {"azp": "x"}, {"iss": "x"}, {"exp": 1}])
async def test_session_ends_when_the_new_token_does_not_hold(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock, claims: dict[str, Any]
) -> None:
    peer.claims = claims
    clock.now += CHECKED_EVERY
    assert not await is_in(browser)
    peer.claims = {}
    assert not await is_in(browser)


async def test_move_is_refused_when_the_role_was_taken_away(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    id_ = await office.submit(due=clock.now + timedelta(days=1))
    form = hidden((await browser.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
    peer.account = None
    clock.now += CHECKED_EVERY
    assert (await browser.post(f"/satgas/{id_}", data=form)).status_code == 403
    assert office.found(id_).status == "assigned"


async def test_form_is_taken_when_it_was_filled_in_for_longer_than_a_token_lasts(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    id_ = await office.submit(due=clock.now + timedelta(days=1))
    form = hidden((await browser.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
    clock.now += IDLE - timedelta(seconds=1)
    assert (await browser.post(f"/satgas/{id_}", data=form)).status_code == 303
    assert office.found(id_).status == "acknowledged"


async def test_session_goes_on_for_a_while_when_the_issuer_is_away(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    peer.is_down = True
    clock.now += CHECKED_EVERY
    before = len(peer.asked)
    for _ in range(3):  # it is not asked at each click: that would take seconds each time
        assert await is_in(browser)
    assert len(peer.asked) == before + 1
    assert timedelta(seconds=2 * ISSUER_SECONDS) <= ASKING
    clock.now += UNANSWERED - timedelta(minutes=1)
    assert await is_in(browser)
    peer.is_down = False
    clock.now += ASKING
    assert await is_in(browser)
    peer.is_down = True
    clock.now += CHECKED_EVERY + IDLE / 2
    assert await is_in(browser)
    clock.now += IDLE / 2
    assert UNANSWERED <= IDLE
    assert not await is_in(browser)
    peer.is_down = False
    assert not await is_in(browser)


async def test_session_ends_with_the_issuers_word_when_it_gives_nothing_to_ask_by(
    office: Office, peer: IssuerPeer, clock: Clock
) -> None:
    peer.gives_refresh_tokens, peer.seconds = False, 1200
    async with office.visitor() as client:
        await enter(client, peer)
        clock.now += timedelta(seconds=1190)
        assert await is_in(client)
        clock.now += timedelta(minutes=5)
        assert not await is_in(client)
    peer.seconds = 100_000
    async with office.visitor() as client:
        await enter(client, peer)
        for _ in range(UNCHECKED // (IDLE / 2) - 1):
            clock.now += IDLE / 2
            assert await is_in(client)
        clock.now += IDLE / 2
        assert not await is_in(client)


async def test_session_ends_when_nobody_does_anything(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    clock.now += IDLE
    assert not await is_in(browser)
    assert refreshes(peer) == 0


async def test_session_ends_after_half_a_day_and_nothing_is_kept_of_it(
    browser: httpx.AsyncClient, store: FakeAccountSessions, clock: Clock
) -> None:
    for _ in range(WHOLE // timedelta(minutes=20) - 1):
        clock.now += timedelta(minutes=20)
        assert await is_in(browser)
    assert await store.forget(clock.now) == 0
    clock.now += timedelta(minutes=20)
    assert not await is_in(browser)
    assert await store.forget(clock.now) == 1


async def sign_out(client: httpx.AsyncClient) -> httpx.Response:
    form = hidden((await client.get("/satgas")).text, 'action="/keluar"')
    return await client.post("/keluar", data=form)


async def test_session_is_over_in_every_browser_when_its_officer_signs_out(
    office: Office, browser: httpx.AsyncClient
) -> None:
    async with office.visitor() as thief:
        thief.cookies.set(COOKIE, session_of(browser))
        assert await is_in(thief)
        assert (await sign_out(browser)).status_code == 200
        assert session_of(browser) == ""
        assert not await is_in(browser)
        assert not await is_in(thief)


async def test_officer_is_led_to_sign_out_of_the_issuer_too_without_a_token_in_the_address(
    browser: httpx.AsyncClient,
) -> None:
    reply = await sign_out(browser)
    after = "post_logout_redirect_uri=http%3A%2F%2Fi%2Fmasuk"
    address = f"{NAME}/logout?client_id=klik-halaman&{after}"
    assert reply.headers["refresh"] == f"0;url={address}"
    assert f'href="{address.replace("&", "&amp;")}"' in reply.text
    assert SAID["signed_out"] in reply.text


@pytest.mark.parametrize("described", [{"end_session_endpoint": None}, None], ids=["none", "away"])
async def test_officer_is_led_to_the_form_when_the_issuer_signs_nobody_out(
    office: Office, peer: IssuerPeer, described: dict[str, Any] | None
) -> None:
    peer.described = described or {}
    async with office.visitor() as client:
        await enter(client, peer)
        peer.is_down = described is None
        office_again = Office(office.clock, accounts=Accounts(peer.issuer(), store_of(office)))
        async with office_again.visitor() as same:
            same.cookies = client.cookies
            reply = await sign_out(same)
            assert (reply.status_code, reply.headers["location"]) == (303, "/masuk")
            assert not await is_in(same)


def store_of(office: Office) -> Any:
    assert office.accounts is not None
    return office.accounts.store


async def test_refresh_token_is_asked_by_as_it_was_given_last(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    for _ in range(3):
        clock.now += CHECKED_EVERY
        assert await is_in(browser)
    assert len(set(used(peer))) == 3
    peer.answers[TOKEN] = lambda: httpx.Response(200, json={"id_token": peer.id_token()})
    for _ in range(2):  # none was given: the one before goes on
        clock.now += CHECKED_EVERY
        assert await is_in(browser)
    *_, before, last, again = used(peer)
    assert before != last == again


def used(peer: IssuerPeer) -> list[str]:
    return [one["refresh_token"] for one in peer.exchanges() if "refresh_token" in one]
