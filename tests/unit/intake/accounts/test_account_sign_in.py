"""`/masuk/akun` and `/masuk/kembali`: who comes back from the issuer, and who is taken for them."""

from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from services.intake.accounts.attempts import LIFETIME
from shared.web.pages.forms import PROOF
from shared.web.pages.sessions import COOKIE
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.accounts import IssuerPeer, begin, come_back, refused
from tests.support.services.officer_pages import FIRST, Office, hidden, is_in, session_of, sign_in


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
