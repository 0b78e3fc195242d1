"""`/masuk/akun` and `/masuk/kembali`: who comes back from the issuer, and who is taken for them."""

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from services.intake.accounts.attempts import LIFETIME
from services.intake.accounts.issuer import AWAY_SECONDS, DESCRIPTION_SECONDS
from services.intake.pages.site import PAGES
from shared.limits.buckets import Rate
from shared.limits.callers import CallerLimits
from shared.web.oidc import LEEWAY
from shared.web.pages.forms import PROOF
from shared.web.pages.sessions import COOKIE
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.accounts import NAME, TOKEN, FakeAccountSessions, IssuerPeer
from tests.support.services.intake import Accounts
from tests.support.services.officer_pages import FIRST, Office, hidden, session_of, sign_in

SAID = PAGES.texts("id")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def peer() -> IssuerPeer:
    return IssuerPeer()


@pytest.fixture
def store() -> FakeAccountSessions:
    return FakeAccountSessions()


@pytest.fixture
def office(clock: Clock, peer: IssuerPeer, store: FakeAccountSessions) -> Office:
    return Office(clock, accounts=Accounts(peer.issuer(), store))


@pytest.fixture
async def browser(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        yield client


async def begin(client: httpx.AsyncClient, target: str = "") -> str:
    """The issuer's address, to which the button leads."""
    reply = await client.get("/masuk/akun", params={"ke": target} if target else {})
    assert reply.status_code == 303
    return reply.headers["location"]


async def come_back(
    client: httpx.AsyncClient, peer: IssuerPeer, target: str = "", **answered: str
) -> httpx.Response:
    return await client.get(peer.authorize(await begin(client, target), **answered))


async def is_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/satgas")).status_code == 200


async def refused(client: httpx.AsyncClient, reply: httpx.Response, text: str, status: int) -> None:
    assert (reply.status_code, SAID[text] in reply.text) == (status, True), reply.text
    assert 'name="kode"' in reply.text
    assert not session_of(client)
    assert not await is_in(client)


async def test_form_offers_the_account_first_and_the_code_beside_it(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/masuk")).text
    assert 0 < page.index('href="/masuk/akun?"') < page.index('name="kode"')
    assert (await sign_in(browser)).status_code == 303
    assert await is_in(browser)


async def test_account_is_not_offered_when_there_is_no_issuer(clock: Clock) -> None:
    async with Office(clock).visitor() as client:
        assert "/masuk/akun" not in (await client.get("/masuk")).text
        assert (await client.get("/masuk/akun")).status_code == 404
        assert (await client.get("/masuk/kembali")).status_code == 404


async def test_officer_is_signed_in_when_the_issuer_says_who_it_is(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    id_ = await office.submit(due=NOON + timedelta(days=1))
    step = (await browser.get(f"/satgas/{id_}")).headers["location"]
    page = (await browser.get(step)).text
    assert f'href="/masuk/akun?ke=%2Fsatgas%2F{id_}"' in page
    reply = await come_back(browser, peer, f"/satgas/{id_}")
    assert (reply.status_code, reply.headers["location"]) == (303, f"/satgas/{id_}")
    page = (await browser.get(f"/satgas/{id_}")).text
    assert "budi-1" in page
    (exchange,) = peer.exchanges()
    secrets = [exchange["code"], exchange["code_verifier"], "refresh-", "opaque", "eyJ"]
    ours = [one for one in caplog.records if one.name != "httpx"]  # that is the browser's
    said = page + str(reply.headers) + " ".join(str(vars(one)) for one in ours)
    said += " ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)
    assert [one for one in secrets if one in said] == []


async def test_issuer_is_asked_with_proof_for_this_browser_alone(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    reply = await browser.get("/masuk/akun")
    asked = dict(parse_qsl(urlsplit(reply.headers["location"]).query))
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"klik_akun_{asked['state'][:8]}=")
    assert "HttpOnly; Max-Age=600; Path=/masuk/kembali; SameSite=lax" in cookie
    assert asked["state"] not in cookie
    assert (len(asked["state"]), len(asked["nonce"]), len(asked["code_challenge"])) == (32, 32, 43)
    again = dict(parse_qsl(urlsplit(await begin(browser)).query))
    drawn = ("state", "nonce", "code_challenge")
    assert [name for name in drawn if asked[name] == again[name]] == []
    await browser.get(peer.authorize(reply.headers["location"]))
    (exchange,) = peer.exchanges()
    assert exchange["code_verifier"] not in reply.headers["location"] + cookie
    assert len(exchange["code_verifier"]) >= 43


async def test_answer_is_refused_when_another_browser_began(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    """Else a victim could be signed in as the attacker, and write in that name."""
    async with office.visitor() as attacker:
        planted = peer.authorize(await begin(attacker))
    await refused(browser, await browser.get(planted), "account_again", 403)
    await begin(browser)  # nor where the victim is on the way there
    await refused(browser, await browser.get(planted), "account_again", 403)
    assert peer.exchanges() == []


async def test_answer_is_refused_when_its_state_is_another(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    answer = peer.authorize(await begin(browser))
    state = parse_qs(urlsplit(answer).query)["state"][0]
    wrong = ["", "x", "é" * 32, state[::-1], state[:8] + "A" * 24, state + "A", "A" * 5000]
    for one in wrong:
        query = dict(parse_qsl(urlsplit(answer).query)) | {"state": one}
        reply = await browser.get(f"/masuk/kembali?{urlencode(query)}")
        await refused(browser, reply, "account_again", 403)
    assert peer.exchanges() == []
    assert (await browser.get(answer)).status_code == 303


async def test_two_tabs_sign_in_side_by_side(browser: httpx.AsyncClient, peer: IssuerPeer) -> None:
    first, second = await begin(browser, "/satgas?bagian=saya"), await begin(browser, "/")
    later = await browser.get(peer.authorize(second))
    sooner = await browser.get(peer.authorize(first))
    assert [one.headers["location"] for one in (later, sooner)] == ["/", "/satgas?bagian=saya"]
    assert await is_in(browser)


async def test_answer_opens_nothing_when_it_comes_again(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    address = await begin(browser)
    cookies = dict(browser.cookies)
    answer = peer.authorize(address)
    assert (await browser.get(answer)).status_code == 303
    again = await browser.get(answer)  # the button "back": who is in stays in
    assert (again.status_code, again.headers["location"]) == (303, "/satgas")
    async with office.visitor() as thief:
        await refused(thief, await thief.get(answer), "account_again", 403)
        for name, value in cookies.items():
            thief.cookies.set(name, value, path="/masuk/kembali")
        await refused(thief, await thief.get(answer), "account_again", 403)
    assert len(peer.exchanges()) == 2


async def test_session_is_new_when_somebody_signs_in_over_a_planted_one(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    async with office.visitor() as attacker:
        await sign_in(attacker)
        planted = session_of(attacker)
        browser.cookies.set(COOKIE, planted)
        reply = await come_back(browser, peer)
        assert reply.cookies[COOKIE] != planted
        assert FIRST in (await attacker.get("/satgas")).text
        proof = hidden((await attacker.get("/satgas")).text, 'action="/keluar"')[PROOF]
    browser.cookies.delete(COOKIE)
    browser.cookies.set(COOKIE, reply.cookies[COOKIE])
    page = (await browser.get("/satgas")).text
    assert "budi-1" in page
    assert hidden(page, 'action="/keluar"')[PROOF] != proof


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "another"}, "untrusted"),
        ({"nonce": None}, "untrusted"),
        ({"aud": "klik-desa"}, "untrusted"),
        ({"aud": ["klik-halaman", "klik-desa"]}, "untrusted"),
        ({"azp": "another"}, "untrusted"),
        ({"iss": "https://evil.example"}, "untrusted"),
        ({"exp": 1}, "untrusted"),
        ({"iat": 4102444800}, "untrusted"),
        ({"iat": None}, "untrusted"),
        ({"nbf": 4102444800}, "untrusted"),
        ({"sub": None}, "untrusted"),
        ({"klik_role": None}, "no_role"),
        ({"klik_role": "raja"}, "no_role"),
        ({"klik_role": "requester"}, "no_role"),
        ({"klik_role": "frontend"}, "no_role"),
        ({"klik_role": "service"}, "no_role"),
        ({"klik_territory": None}, "no_role"),
        ({"klik_territory": "64.02.99"}, "no_role"),
    ],
    ids=lambda one: str(one),
)
async def test_token_lets_nobody_in_when_a_claim_does_not_hold(
    browser: httpx.AsyncClient, peer: IssuerPeer, claims: dict[str, Any], why: str
) -> None:
    peer.claims = claims
    await refused(browser, await come_back(browser, peer), f"account_{why}", 403)


async def test_token_lets_nobody_in_when_another_key_signed_it(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    peer.key = "evil"
    await refused(browser, await come_back(browser, peer), "account_untrusted", 403)


async def test_clocks_may_be_a_little_apart(browser: httpx.AsyncClient, peer: IssuerPeer) -> None:
    now = int(time.time())
    peer.claims = {"iat": now + LEEWAY // 2, "nbf": now + LEEWAY // 2, "exp": now - LEEWAY // 2}
    assert (await come_back(browser, peer)).status_code == 303
    assert await is_in(browser)


async def test_code_lets_in_when_the_issuer_is_away(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    answer = peer.authorize(await begin(browser))
    peer.is_down = True
    await refused(browser, await browser.get(answer), "account_away", 503)
    assert (await sign_in(browser)).status_code == 303
    assert await is_in(browser)


async def test_issuer_is_looked_for_before_anybody_is_sent_there_and_not_by_everybody(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    peer.is_down = True
    replies = await asyncio.gather(*(browser.get("/masuk/akun") for _ in range(5)))
    assert ({one.status_code for one in replies}, len(peer.asked)) == ({503}, 1)
    peer.is_down, peer.now = False, AWAY_SECONDS
    for _ in range(3):
        await begin(browser)
    assert len(peer.asked) == 2
    peer.is_down, peer.now = True, AWAY_SECONDS + DESCRIPTION_SECONDS
    assert (await browser.get("/masuk/akun")).status_code == 503


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://login.example/auth"},
        {"token_endpoint": "ftp://login.example"},
        {"token_endpoint": None},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
    ids=lambda one: str(one),
)
async def test_nobody_is_sent_to_the_issuer_when_its_description_does_not_hold(
    browser: httpx.AsyncClient, peer: IssuerPeer, described: dict[str, Any]
) -> None:
    peer.described = described
    await refused(browser, await browser.get("/masuk/akun"), "account_away", 503)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(429, json={"error": "slow_down"}),
        httpx.Response(302, headers={"Location": "https://evil.example"}),
        httpx.Response(401, json={"error": "invalid_client"}),
        httpx.Response(400, json={"error": ["invalid_grant"]}),
        httpx.Response(400, text="[" * 20_000),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"access_token": "opaque"}),
    ],
    ids=lambda one: f"{one.status_code} {one.text[:30]}",
)
async def test_nobody_is_let_in_when_the_issuer_answers_as_none(
    browser: httpx.AsyncClient, peer: IssuerPeer, answer: httpx.Response
) -> None:
    peer.answers[TOKEN] = lambda: answer
    await refused(browser, await come_back(browser, peer), "account_away", 503)


async def test_issuers_words_are_not_logged_when_they_are_none_that_are_known(
    browser: httpx.AsyncClient, peer: IssuerPeer, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"error": "Budi <budi@desa.example>", "error_description": "Budi"}
    peer.answers[TOKEN] = lambda: httpx.Response(400, json=said)
    await come_back(browser, peer)
    assert any(one.message == "issuer refuses us" for one in caplog.records)
    assert "Budi" not in " ".join(str(vars(one)) for one in caplog.records)


@pytest.mark.parametrize(
    ("answered", "why"),
    [
        ({"code": "", "error": "access_denied"}, "denied"),
        ({"code": "", "error": "server_error"}, "again"),
        ({"error": "access_denied"}, "denied"),
        ({"code": ""}, "again"),
        ({"code": "x" * 3000}, "again"),
        ({"code": "made-up"}, "again"),
        ({"iss": "https://evil.example"}, "untrusted"),
    ],
    ids=lambda one: str(one)[:60],
)
async def test_nobody_is_let_in_when_the_issuer_sends_them_back_otherwise(
    browser: httpx.AsyncClient, peer: IssuerPeer, answered: dict[str, str], why: str
) -> None:
    reply = await come_back(browser, peer, **answered)
    await refused(browser, reply, f"account_{why}", 403)


async def test_issuer_need_not_name_itself_in_its_answer(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    assert (await come_back(browser, peer, iss="")).status_code == 303


async def test_answer_is_refused_when_it_took_too_long(
    browser: httpx.AsyncClient, peer: IssuerPeer, clock: Clock
) -> None:
    answer = peer.authorize(await begin(browser))
    clock.now += LIFETIME
    await refused(browser, await browser.get(answer), "account_again", 403)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_nobody_is_sent_to_the_issuer_when_another_site_asks(
    browser: httpx.AsyncClient, site: str
) -> None:
    reply = await browser.get("/masuk/akun", headers={"Sec-Fetch-Site": site})
    assert reply.status_code == 403
    assert "location" not in reply.headers


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/satgas?bagian=semua", "/satgas?bagian=semua"),
        ("/?kecamatan=64.02.06", "/?kecamatan=64.02.06"),
        ("https://jahat.example", "/satgas"),
        ("//jahat.example", "/satgas"),
        ("/\\jahat.example", "/satgas"),
        ("/keluar", "/satgas"),
    ],
)
async def test_account_leads_to_a_page_of_ours_whatever_the_address_says(
    browser: httpx.AsyncClient, peer: IssuerPeer, wanted: str, led: str
) -> None:
    assert (await come_back(browser, peer, wanted)).headers["location"] == led


async def test_account_for_reports_alone_leads_to_the_dashboard(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    peer.account = {"sub": "ana-1", "klik_role": "analyst"}
    assert (await come_back(browser, peer)).headers["location"] == "/"


async def test_codes_that_are_tried_are_counted_with_wrong_keys(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    office.app.state.limits = CallerLimits.of(Rate(0.001, 2), None)
    replies = [await come_back(browser, peer, code="made-up") for _ in range(3)]
    assert [one.status_code for one in replies] == [403, 403, 429]


@pytest.mark.parametrize(
    ("secret", "methods", "header", "fields"),
    [
        ("", None, None, {"client_id": "klik-halaman"}),
        ("s:e c", None, "Basic a2xpay1oYWxhbWFuOnMlM0FlJTIwYw==", {}),
        ("s", ["client_secret_post"], None, {"client_id": "klik-halaman", "client_secret": "s"}),
    ],
)
async def test_issuer_is_shown_that_it_is_us_as_it_wants_it(
    clock: Clock,
    peer: IssuerPeer,
    secret: str,
    methods: list[str] | None,
    header: str | None,
    fields: dict[str, str],
) -> None:
    if methods:
        peer.described = {"token_endpoint_auth_methods_supported": methods}
    office = Office(clock, accounts=Accounts(peer.issuer(secret), FakeAccountSessions()))
    async with office.visitor() as client:
        assert (await come_back(client, peer)).status_code == 303
    (exchange,) = peer.exchanges()
    known = {name: exchange[name] for name in exchange if name.startswith("client_")}
    assert (peer.asked[-1].headers.get("authorization"), known) == (header, fields)
    assert str(peer.asked[-1].url) == f"{NAME}{TOKEN}"
