"""`/masuk/laporan`: the dashboard opens to who is signed in to the pages, and to nobody else."""

from datetime import timedelta

import httpx
import pytest

from shared.web.api_keys import Keyring
from shared.web.pages.forms import proof_of
from shared.web.pages.report_tokens import LIFETIME, ReportTokens
from shared.web.pages.sessions import COOKIE, IDLE
from shared.web.permissions import Caller, Role
from shared.web.problems import Problem
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import bearer
from tests.support.services.dashboard import Scene
from tests.support.services.intake import STREAM_KEY
from tests.support.services.officer_pages import CODES, Office, hidden, keyring, sign_in

PATH = "/masuk/laporan"
OVERVIEW = "/v1/reports/overview"
BY_SCRIPT = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def scene(clock: Clock) -> Scene:
    """reporting, which knows the same keys."""
    scene = Scene(20)
    scene.clock = clock
    scene.keys.now = keyring(clock)
    scene.app.state.own_tokens = ReportTokens(STREAM_KEY, scene.keys, clock)
    return scene


async def ask(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await client.post(PATH, data=fields, headers=BY_SCRIPT)


def reporting(scene: Scene) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(scene.app), base_url="http://r")


async def read(scene: Scene, token: str) -> int:
    async with reporting(scene) as client:
        return (await client.get(OVERVIEW, headers=bearer(token))).status_code


@pytest.mark.parametrize("who", ["meja-dpmd", "pengelola", "analis"])
async def test_reports_are_read_by_the_session_when_its_role_may(
    browser: httpx.AsyncClient, scene: Scene, who: str
) -> None:
    await sign_in(browser, who)
    reply = await ask(browser)
    assert reply.headers["cache-control"] == "no-store"
    given = reply.json()
    assert (given["name"], given["seconds"]) == (who, 300)
    assert CODES[who][0] not in reply.text
    assert await read(scene, given["token"]) == 200


async def test_nothing_is_given_when_nobody_is_signed_in(
    office: Office, browser: httpx.AsyncClient
) -> None:
    assert (await ask(browser)).status_code == 204
    browser.cookies.set(COOKIE, "made-up")
    assert (await ask(browser)).status_code == 204
    browser.cookies.clear()
    await sign_in(browser, "meja-dpmd")
    office.change_keys(**{"meja-dpmd": None})
    assert (await ask(browser)).status_code == 204


async def test_no_token_is_given_when_the_role_reads_no_reports(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    assert (await ask(browser)).json()["token"] is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_token_is_given_when_another_site_asks(
    browser: httpx.AsyncClient, site: str
) -> None:
    await sign_in(browser, "meja-dpmd")
    reply = await browser.post(PATH, headers={"Sec-Fetch-Site": site})
    assert reply.status_code == 403
    assert "access-control-allow-origin" not in reply.headers
    assert (await browser.get(PATH)).status_code == 405


async def test_token_opens_nothing_when_its_minutes_are_over(
    browser: httpx.AsyncClient, scene: Scene, clock: Clock
) -> None:
    await sign_in(browser, "meja-dpmd")
    token = (await ask(browser)).json()["token"]
    clock.now += LIFETIME - timedelta(seconds=1)
    assert await read(scene, token) == 200
    clock.now += timedelta(seconds=1)
    assert await read(scene, token) == 401


async def test_token_opens_nothing_when_its_key_was_changed(
    browser: httpx.AsyncClient, scene: Scene, clock: Clock
) -> None:
    await sign_in(browser, "meja-dpmd")
    token = (await ask(browser)).json()["token"]
    for changed in (None, {"revoked_at": NOON.isoformat()}, {"role": "analyst"}):
        scene.keys.now = keyring(clock, **{"meja-dpmd": changed})
        assert await read(scene, token) == 401
    scene.keys.now = keyring(clock)
    assert await read(scene, token) == 200


async def test_token_opens_nothing_else(
    office: Office, browser: httpx.AsyncClient, scene: Scene
) -> None:
    await sign_in(browser, "meja-dpmd")
    token = (await ask(browser)).json()["token"]
    reply = await browser.get("/v1/consultations", headers=bearer(token))
    assert reply.status_code == 401
    async with reporting(scene) as client:
        reply = await client.get("/v1/reports/stream", params={"token": token})
    assert reply.status_code == 401
    for at in range(0, len(token), 7):
        changed = "A" if token[at] != "A" else "B"
        assert await read(scene, token[:at] + changed + token[at + 1 :]) == 401


def test_token_is_of_its_own_key_and_kind() -> None:
    clock, caller = Clock(NOON), Caller("budi-1", Role.DPMD, is_by_token=True)
    tokens = ReportTokens(b"one", Keyring.parse("[]"), clock)
    token = tokens.issue(caller).text
    found = tokens.identify(token)
    assert found == caller
    assert found is not None
    assert found.until == NOON + LIFETIME, "a stream that it opens ends with it"
    assert tokens.identify("e30.e30.x") is None
    with pytest.raises(Problem, match="unauthorized"):
        ReportTokens(b"two", Keyring.parse("[]"), clock).identify(token)


async def test_session_is_kept_alive_by_the_dashboard_when_somebody_uses_it(
    browser: httpx.AsyncClient, clock: Clock
) -> None:
    await sign_in(browser, "meja-dpmd")
    for _ in range(10):
        clock.now += timedelta(minutes=5)
        assert (await ask(browser, dipakai="1")).status_code == 200
    for _ in range(IDLE // timedelta(minutes=5) - 1):
        clock.now += timedelta(minutes=5)
        assert (await ask(browser)).status_code == 200
    clock.now += timedelta(minutes=5)
    assert (await ask(browser)).status_code == 204


async def test_dashboard_signs_out_by_the_same_form(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, "meja-dpmd")
    proof = (await ask(browser)).json()["proof"]
    assert proof in hidden((await browser.get("/satgas")).text, 'action="/keluar"').values()
    assert proof != proof_of("")
    assert (await browser.post("/keluar", data={"bukti": proof})).status_code == 303
    assert (await ask(browser)).status_code == 204


async def test_page_is_told_of_a_session_by_the_name_of_its_cookie_alone(scene: Scene) -> None:
    """Whoever has none asks for nothing besides; and reporting cannot open one."""
    async with reporting(scene) as client:
        without = await client.get("/")
        with_one = await client.get("/", headers={"Cookie": f"{COOKIE}=whatever"})
    assert ("&#34;signedIn&#34;: false" in without.text, without.headers["vary"]) == (
        True,
        "Cookie",
    )
    assert "&#34;signedIn&#34;: true" in with_one.text
    assert "whatever" not in with_one.text
    assert without.headers["etag"] != with_one.headers["etag"]


async def test_code_leads_to_the_dashboard_when_it_is_for_reports_alone(
    browser: httpx.AsyncClient,
) -> None:
    reply = await sign_in(browser, "analis")
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    assert (await browser.get("/satgas")).status_code == 403
