"""`/masuk` and `/keluar`: a session is opened by a code, and ends with it."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import pytest

from services.intake.pages.sign_in import BEFORE
from services.intake.pages.site import PAGES
from shared.limits.buckets import Rate
from shared.limits.callers import CallerLimits
from shared.web.pages.forms import PROOF, proof_of
from shared.web.pages.sessions import COOKIE, IDLE, WHOLE
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.officer_pages import (
    CODES,
    FIRST,
    NEIGHBOUR,
    Office,
    hidden,
    is_in,
    press,
    session_of,
    sign_in,
)

SAID = PAGES.texts("id")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def office(clock: Clock) -> Office:
    return Office(clock)


@pytest.fixture
async def browser(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        yield client


async def test_officer_is_signed_in_when_the_code_is_right(
    office: Office, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    assert not await is_in(browser)
    reply = await sign_in(browser)
    assert (reply.status_code, reply.headers["location"]) == (303, "/satgas")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly; Max-Age=1800; Path=/; SameSite=lax" in cookie
    page = await browser.get("/satgas")
    assert page.status_code == 200
    assert FIRST in page.text
    said = cookie + page.text + " ".join(str(vars(one)) for one in caplog.records)
    assert CODES[FIRST][0] not in said
    assert page.headers["cache-control"] == "no-store"


async def test_cookie_is_for_https_alone_when_the_page_is(office: Office) -> None:
    transport = httpx.ASGITransport(office.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://i") as client:
        assert "Secure" in (await sign_in(client)).headers["set-cookie"]


async def test_code_opens_nothing_when_there_is_no_page_for_it(browser: httpx.AsyncClient) -> None:
    reply = await sign_in(browser, "web")
    assert (reply.status_code, SAID["code_elsewhere"] in reply.text) == (403, True)
    assert not await is_in(browser)


@pytest.mark.parametrize("code", ["", " ", "wrong", "x" * 100_000, "é\x00", "a.b.c"])
async def test_code_is_refused_without_being_repeated_when_it_is_wrong(
    browser: httpx.AsyncClient, code: str
) -> None:
    reply = await sign_in(browser, kode=code)
    assert (reply.status_code, SAID["code_wrong"] in reply.text) == (403, True)
    assert not code.strip() or f'value="{code}"' not in reply.text
    assert not await is_in(browser)


async def test_wrong_codes_are_counted_with_those_of_the_api_and_a_right_one_is_let_in(
    office: Office, browser: httpx.AsyncClient
) -> None:
    office.app.state.limits = CallerLimits.of(Rate(0.001, 2), None)
    await browser.get("/v1/consultations", headers={"Authorization": "Bearer wrong"})
    assert (await sign_in(browser, kode="wrong")).status_code == 403
    rests = await sign_in(browser, kode="wrong")
    assert (rests.status_code, SAID["code_rests"] in rests.text) == (429, True)
    assert int(rests.headers["retry-after"]) > 0
    assert (await sign_in(browser)).status_code == 303


async def test_session_is_new_at_each_sign_in_and_none_is_taken_over(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """Fixation: who puts a cookie into another's browser does not share what is opened then."""
    async with office.visitor() as attacker:
        await sign_in(attacker, NEIGHBOUR)
        planted = session_of(attacker)
        browser.cookies.set(COOKIE, planted)
        browser.cookies.set(BEFORE, "planted", path="/masuk")
        form = {PROOF: proof_of("planted"), "kode": CODES[FIRST][0]}
        reply = await browser.post("/masuk", data=form)
        mine = reply.cookies[COOKIE]
        assert mine != planted
        page = await attacker.get("/satgas")
        assert NEIGHBOUR in page.text
        assert FIRST not in page.text
    async with office.visitor() as again:
        proofs = set[str]()
        for _ in range(3):
            again.cookies.clear()
            await sign_in(again)
            proofs.add(hidden((await again.get("/satgas")).text, 'action="/keluar"')[PROOF])
        assert len(proofs) == 3


async def test_sign_in_is_refused_when_another_site_sends_it(browser: httpx.AsyncClient) -> None:
    """Else a victim could be signed in as somebody else, and write in that name."""
    form = hidden((await browser.get("/masuk")).text, 'name="kode"')
    sent = {**form, "kode": CODES[FIRST][0]}
    foreign = await browser.post("/masuk", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    guessed = await browser.post("/masuk", data={**sent, PROOF: "0" * 32})
    assert (foreign.status_code, guessed.status_code) == (403, 403)
    browser.cookies.clear()
    without = await browser.post("/masuk", data=sent)
    assert (without.status_code, SAID["no_cookie"] in without.text) == (403, True)
    assert not await is_in(browser)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_move_is_refused_when_another_site_sends_it(
    office: Office, browser: httpx.AsyncClient, site: str
) -> None:
    id_ = await office.submit(due=NOON + timedelta(days=1))
    await sign_in(browser)
    form = hidden((await browser.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
    url = f"/satgas/{id_}"
    foreign = await browser.post(url, data=form, headers={"Sec-Fetch-Site": site})
    guessed = await browser.post(url, data={**form, PROOF: "0" * 32})
    form.pop(PROOF)
    without = await browser.post(url, data=form)
    out = await browser.post("/keluar")
    assert [one.status_code for one in (foreign, guessed, without, out)] == [403] * 4
    assert office.found(id_).status == "assigned"
    assert await is_in(browser)


async def test_proof_of_one_session_is_none_of_another(
    office: Office, browser: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=NOON + timedelta(days=1))
    await sign_in(browser)
    async with office.visitor() as other:
        await sign_in(other)
        form = hidden((await other.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
    assert (await browser.post(f"/satgas/{id_}", data=form)).status_code == 403
    assert office.found(id_).status == "assigned"


async def test_session_is_none_when_its_cookie_was_changed(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    good = session_of(browser)
    bad = ["", "x", good[:-1], good + "A", good[::-1], "é", "A" * 4000]
    for place in range(0, len(good), 7):
        letter = "A" if good[place] != "A" else "B"
        bad.append(good[:place] + letter + good[place + 1 :])
    browser.cookies.clear()
    for one in bad:
        sent = {"Cookie": f"{COOKIE}={one}".encode()}
        reply = await browser.get("/satgas", headers=[(k.encode(), v) for k, v in sent.items()])
        assert reply.status_code == 303, one
    reply = await browser.get("/satgas", headers={"Cookie": f"{COOKIE}={good}"})
    assert reply.status_code == 200


async def test_session_ends_when_nobody_does_anything(
    browser: httpx.AsyncClient, clock: Clock
) -> None:
    await sign_in(browser)
    for _ in range(4):
        clock.now += IDLE - timedelta(seconds=1)
        assert await is_in(browser)
    clock.now += IDLE
    reply = await browser.get("/satgas")
    assert (reply.status_code, reply.headers["location"]) == (303, "/masuk?berakhir=1")
    assert SAID["session_over"] in (await browser.get(reply.headers["location"])).text


async def test_session_stands_idle_when_only_its_script_asks(
    browser: httpx.AsyncClient, clock: Clock
) -> None:
    await sign_in(browser)
    clock.now += IDLE - timedelta(minutes=1)
    by_script = {"Sec-Fetch-Dest": "empty"}
    assert (await browser.get("/satgas/tanda", headers=by_script)).status_code == 200
    assert (await browser.get("/satgas", headers=by_script)).status_code == 200
    clock.now += timedelta(minutes=1)
    assert (await browser.get("/satgas/tanda", headers=by_script)).status_code == 401
    assert not await is_in(browser)


async def test_session_ends_after_half_a_day_when_it_is_used_all_the_time(
    browser: httpx.AsyncClient, clock: Clock
) -> None:
    await sign_in(browser)
    for _ in range(WHOLE // timedelta(minutes=20) - 1):
        clock.now += timedelta(minutes=20)
        assert await is_in(browser)
    clock.now += timedelta(minutes=20)
    assert not await is_in(browser)


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"revoked_at": NOON.isoformat()},
        {"expires_at": NOON.isoformat()},
        {"sha256": "0" * 64},
        {"role": "coordinator"},
        {"role": "dpmd", "territory": None},
        {"territory": "64.02.19"},
    ],
    ids=["gone", "revoked", "expired", "replaced", "promoted", "of the desk", "moved"],
)
async def test_session_ends_at_once_when_its_code_is_changed(
    office: Office, browser: httpx.AsyncClient, change: dict[str, str | None] | None
) -> None:
    id_ = await office.submit(due=NOON + timedelta(days=1))
    await sign_in(browser)
    form = hidden((await browser.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
    office.change_keys(**{FIRST: change})
    assert not await is_in(browser)
    browser.cookies.set(COOKIE, session_of(browser))
    sent = await browser.post(f"/satgas/{id_}", data=form)
    assert sent.status_code == 403
    assert office.found(id_).status == "assigned"


async def test_two_tabs_work_side_by_side_when_they_share_a_session(
    office: Office, browser: httpx.AsyncClient, clock: Clock
) -> None:
    first, second = [await office.submit(due=NOON + timedelta(days=1)) for _ in range(2)]
    await sign_in(browser)
    forms = [
        hidden((await browser.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
        for id_ in (first, second)
    ]
    clock.now += timedelta(minutes=10)  # the cookie is renewed, and the forms still hold
    assert await is_in(browser)
    for id_, form in zip((first, second), forms, strict=True):
        assert (await browser.post(f"/satgas/{id_}", data=form)).status_code == 303
        assert office.found(id_).status == "acknowledged"


async def test_form_of_a_tab_left_open_is_refused_when_another_tab_signed_in_anew(
    office: Office, browser: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=NOON + timedelta(days=1))
    await sign_in(browser)
    form = hidden((await browser.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
    await press_out(browser)
    await sign_in(browser, "koordinator")
    assert (await browser.post(f"/satgas/{id_}", data=form)).status_code == 403
    assert office.found(id_).status == "assigned"


async def press_out(client: httpx.AsyncClient) -> httpx.Response:
    form = hidden((await client.get("/satgas")).text, 'action="/keluar"')
    return await client.post("/keluar", data=form)


async def test_browser_forgets_the_session_when_the_officer_signs_out(
    browser: httpx.AsyncClient,
) -> None:
    await sign_in(browser)
    reply = await press_out(browser)
    assert (reply.status_code, reply.headers["location"]) == (303, "/masuk")
    assert session_of(browser) == ""
    assert not await is_in(browser)


async def test_nobody_is_signed_out_when_another_site_sends_the_form(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """The browser sends no cookie with it: what comes back must not take it away."""
    async with office.visitor() as without_cookies:
        reply = await without_cookies.post("/keluar")
    assert reply.status_code == 303
    assert "set-cookie" not in reply.headers


async def test_copied_cookie_opens_nothing_when_its_session_was_signed_out_of(
    office: Office, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await sign_in(browser)
    async with office.visitor() as thief, office.visitor() as colleague:
        thief.cookies.set(COOKIE, session_of(browser))
        await sign_in(colleague)
        assert await is_in(thief)
        await press_out(browser)
        assert not await is_in(thief)
        assert "signed_out" in {vars(one).get("reason") for one in caplog.records}
        # another session by the same code goes on
        assert await is_in(colleague)
    await sign_in(browser)
    assert await is_in(browser)


async def test_what_was_typed_is_shown_again_when_the_session_ended_meanwhile(
    office: Office, browser: httpx.AsyncClient, clock: Clock
) -> None:
    id_ = await office.submit(due=NOON + timedelta(days=1))
    await sign_in(browser)
    form = hidden((await browser.get(f"/satgas/{id_}")).text, 'value="jawab"')
    clock.now += IDLE
    sent = {**form, "langkah": "jawab", "pesan": "Jangan <b>hilang</b>"}
    own = await browser.post(f"/satgas/{id_}", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 403
    assert ">Jangan &lt;b&gt;hilang&lt;/b&gt;</textarea>" in own.text
    foreign = await browser.post(
        f"/satgas/{id_}", data=sent, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert "hilang" not in foreign.text
    assert office.found(id_).messages == ()


@pytest.mark.parametrize(
    "target",
    [
        "https://jahat.example", "//jahat.example", "/\\jahat.example", "/satgas@jahat.example",
        "/satgas/../keluar", "/masuk/keluar", "../kirim", "019aa000", "/satgas\r\nX: y",
        "/satgas?" + "x" * 300,
    ],
)  # fmt: skip
async def test_sign_in_leads_to_a_page_of_ours_whatever_the_address_says(
    browser: httpx.AsyncClient, target: str
) -> None:
    page = await browser.get("/masuk", params={"ke": target})
    assert 'name="ke"' not in page.text
    reply = await sign_in(browser, ke=target)
    assert reply.headers["location"] == "/satgas"


async def test_alerts_link_leads_to_its_consultation_by_way_of_the_code(
    office: Office, browser: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=NOON + timedelta(days=1))
    step = f"/konsultasi/{id_}"
    for expected in (f"/satgas/{id_}", f"/masuk?ke=%2Fsatgas%2F{id_}"):
        step = (await browser.get(step)).headers["location"]
        assert step == expected
    form = hidden((await browser.get(step)).text, 'name="kode"')
    assert form["ke"] == f"/satgas/{id_}"
    reply = await browser.post("/masuk", data={**form, "kode": CODES[FIRST][0]})
    assert reply.headers["location"] == f"/satgas/{id_}"
    assert (await browser.get(step)).headers["location"] == f"/satgas/{id_}"
    assert (await press(browser, id_, "tanggapi")).status_code == 303


async def test_list_is_shown_as_it_was_asked_for_when_the_code_was_typed_first(
    browser: httpx.AsyncClient,
) -> None:
    step = (await browser.get("/satgas?bagian=saya&status=answered")).headers["location"]
    form = hidden((await browser.get(step)).text, 'name="kode"')
    reply = await browser.post("/masuk", data={**form, "kode": CODES[FIRST][0]})
    assert reply.headers["location"] == "/satgas?bagian=saya&status=answered"


async def test_pages_are_counted_when_they_are_asked_without_a_session(
    office: Office, browser: httpx.AsyncClient
) -> None:
    office.app.state.limits = CallerLimits.of(None, Rate(0.001, 1))
    replies = [(await browser.get("/satgas")).status_code for _ in range(20)]
    assert replies[0] == 303
    assert replies[-1] == 429
