"""People sign in with a real issuer, in a real browser; and what changes there is noticed here."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from klik.nodes.ports import free_port
from services.intake.accounts.issuer import Issuer, registered
from services.intake.accounts.sessions import CHECKED_EVERY
from shared.times import utc_now
from shared.web.jwks import Jwks, reader
from shared.web.oidc import IssuedTokens
from shared.web.oidc import Issuer as Trusted
from shared.web.pages.sessions import IDLE
from tests.support.fakes import Clock
from tests.support.services.accounts import FakeAccountSessions
from tests.support.services.intake import Accounts
from tests.support.services.looks import WIDTHS, faults, listen_for_errors
from tests.support.services.officer_pages import CODES, FIRST, Office
from tests.support.services.oidc_provider import CLIENT, SECRET, OidcProvider

pytestmark = pytest.mark.integration

#: Milliseconds that a page may take: the machine may be busy.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)

HERE = re.compile(r"https?://(127\.0\.0\.1|localhost)[:/]")
OFFICER = {"klik_role": "officer", "klik_territory": "64.02.06"}
KEPT = (
    "Promise.all([indexedDB.databases(), caches.keys(), localStorage.length,"
    " sessionStorage.length, document.cookie])"
)


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    front = f"http://127.0.0.1:{free_port()}"
    with OidcProvider(tmp_path_factory.mktemp("issuer"), front) as found:
        yield found


class Desk:
    """The office behind an address, its issuer, and somebody in front of both."""

    def __init__(self, provider: OidcProvider, office: Office, clock: Clock, browser: Browser):
        self.provider, self.office, self.clock, self._browser = provider, office, clock, browser
        self.url = provider.front
        self.errors: list[str] = []
        self.addresses: list[str] = []
        """All that were asked for, of us."""

    async def context(self, **options: Any) -> BrowserContext:
        context = await self._browser.new_context(**{"locale": "id-ID", **options})
        context.set_default_timeout(PATIENCE)

        async def only_here(route: Route) -> None:
            # the issuer's own pages want a font from elsewhere
            await (route.continue_() if HERE.match(route.request.url) else route.abort())

        await context.route("**/*", only_here)
        context.on("request", lambda request: self.addresses.append(request.url))
        return context

    async def open(self, path: str = "/satgas", context: BrowserContext | None = None) -> Page:
        page = await (context or await self.context()).new_page()
        listen_for_errors(page, self.errors)
        await page.goto(f"{self.url}{path}")
        return page

    async def sign_in(self, page: Page, login: str = "budi-1") -> None:
        """By the button, and the issuer's own form."""
        await page.get_by_role("link", name="Masuk dengan akun dinas").click()
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", "any")
        await page.get_by_role("button", name="Sign-in").click()


@pytest.fixture
async def desk(provider: OidcProvider, browser: Browser) -> AsyncGenerator[Desk, None]:
    clock = Clock(utc_now())
    ours = registered(provider.issuer, CLIENT, SECRET, "openid", provider.front)
    tokens = IssuedTokens(Trusted(provider.issuer, CLIENT), Jwks(reader(provider.jwks)))
    issuer = Issuer(ours, tokens)
    office = Office(clock, accounts=Accounts(issuer, FakeAccountSessions()))
    await asyncio.to_thread(provider.start)
    await asyncio.to_thread(provider.put, "budi-1", **OFFICER)
    async with office.served(int(provider.front.rpartition(":")[2])):
        found = Desk(provider, office, clock, browser)
        yield found
        for context in browser.contexts:
            await context.close()
    await issuer.close()
    assert found.errors == []


async def session_cookies(page: Page) -> list[str]:
    return [one["name"] for one in await page.context.cookies() if one["name"].startswith("klik_")]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_officer_comes_by_the_issuer_to_the_consultation_of_the_link_and_leaves_both(
    desk: Desk, script: bool
) -> None:
    id_ = await desk.office.submit(due=utc_now() + timedelta(days=1))
    context = await desk.context(java_script_enabled=script)
    page = await desk.open(f"/konsultasi/{id_}", context)
    await desk.sign_in(page)
    await expect(page).to_have_url(f"{desk.url}/satgas/{id_}")
    await expect(page.locator(".signed-in")).to_contain_text("budi-1")
    await page.get_by_role("button", name="Tanggapi").click()
    await expect(page.locator(".badge")).to_have_text("Sedang ditangani")
    assert await session_cookies(page) == ["klik_sesi"]

    await page.get_by_role("button", name="Keluar").click()
    if not script:  # the page goes on by itself, as the issuer's would with a script
        await expect(page).to_have_url(re.compile(re.escape(desk.provider.issuer)))
    await page.get_by_role("button", name="Yes, sign me out").click()
    if script:
        await expect(page).to_have_url(f"{desk.url}/masuk")
        await expect(page.locator("#kode")).to_be_visible()
        assert await page.evaluate(KEPT) == [[], [], 0, 0, ""]
    await page.goto(f"{desk.url}/satgas/{id_}")
    await expect(page.locator("#kode")).to_be_visible()
    assert [name for name in await session_cookies(page) if name != "klik_masuk"] == []
    # the issuer asks again who it is
    await page.get_by_role("link", name="Masuk dengan akun dinas").click()
    await expect(page.locator("[name=password]")).to_be_visible()


async def test_nothing_secret_is_in_an_address_of_ours_or_in_a_title(desk: Desk) -> None:
    page = await desk.open()
    await desk.sign_in(page)
    await expect(page.locator(".signed-in")).to_contain_text("budi-1")
    ours = [one for one in desk.addresses if one.startswith(desk.url)]
    words = ("id_token", "access_token", "refresh_token", "eyJ", "budi")
    assert [one for one in ours if any(word in one for word in words)] == []
    (back,) = (one for one in ours if "/masuk/kembali" in one)
    assert re.findall(r"[?&](\w+)=", back) == ["code", "state", "iss"]
    # and that one is not gone back to
    assert page.url == f"{desk.url}/satgas"
    assert "budi" not in await page.title()
    assert await page.evaluate(KEPT) == [[], [], 0, 0, ""]
    assert "eyJ" not in await page.content()


async def test_session_ends_within_minutes_when_the_role_is_changed_at_the_issuer(
    desk: Desk,
) -> None:
    page = await desk.open()
    await desk.sign_in(page)
    await expect(page.locator(".signed-in")).to_contain_text("petugas")
    moved = {"klik_role": "coordinator", "klik_territory": "64.02.06"}
    await asyncio.to_thread(desk.provider.put, "budi-1", **moved)
    desk.clock.now += CHECKED_EVERY - timedelta(seconds=1)
    await page.reload()
    await expect(page.locator(".signed-in")).to_contain_text("petugas")
    desk.clock.now += timedelta(seconds=1)
    await page.reload()
    await expect(page.get_by_text("Sesi sudah berakhir")).to_be_visible()
    # the issuer still knows who it is: one click, and the new role
    await page.get_by_role("link", name="Masuk dengan akun dinas").click()
    await expect(page.locator(".signed-in")).to_contain_text("koordinator")
    await asyncio.to_thread(desk.provider.close, "budi-1")
    desk.clock.now += CHECKED_EVERY
    await page.reload()
    await expect(page.locator("#kode")).to_be_visible()


async def test_session_goes_on_for_hours_by_tokens_for_one_time_each(desk: Desk) -> None:
    page = await desk.open()
    await desk.sign_in(page)
    second = await desk.open("/satgas?bagian=semua", page.context)
    for _ in range(4):
        desk.clock.now += CHECKED_EVERY
        await asyncio.gather(page.reload(), second.reload())
        for one in (page, second):
            await expect(one.locator(".signed-in")).to_contain_text("budi-1")


async def test_two_tabs_come_back_each_to_its_own_page(desk: Desk) -> None:
    context = await desk.context()
    first = await desk.open("/satgas?bagian=saya", context)
    second = await desk.open("/satgas?bagian=semua", context)
    for page in (first, second):
        await page.get_by_role("link", name="Masuk dengan akun dinas").click()
    for page in (second, first):
        await page.fill("[name=login]", "budi-1")
        await page.fill("[name=password]", "any")
        await page.get_by_role("button", name="Sign-in").click()
    await expect(first).to_have_url(f"{desk.url}/satgas?bagian=saya")
    await expect(second).to_have_url(f"{desk.url}/satgas?bagian=semua")


async def test_answer_of_the_issuer_opens_nothing_in_another_browser_nor_again(desk: Desk) -> None:
    page = await desk.open()
    await desk.sign_in(page)
    await expect(page.locator(".signed-in")).to_contain_text("budi-1")
    back = next(one for one in desk.addresses if "/masuk/kembali" in one)
    other = await desk.open(back.removeprefix(desk.url), await desk.context())
    await expect(other.get_by_role("alert")).to_contain_text("belum selesai")
    await other.goto(f"{desk.url}/satgas")
    await expect(other.locator("#kode")).to_be_visible()
    await page.goto(back)
    await expect(page).to_have_url(f"{desk.url}/satgas")


async def test_code_opens_the_page_when_the_issuer_is_away(desk: Desk) -> None:
    page = await desk.open()
    await asyncio.to_thread(desk.provider.stop)
    await page.get_by_role("link", name="Masuk dengan akun dinas").click()
    await expect(page.get_by_role("alert")).to_contain_text("tidak dapat dihubungi")
    await page.fill("#kode", CODES[FIRST][0])
    await page.keyboard.press("Enter")
    await expect(page.locator(".signed-in")).to_contain_text(FIRST)


async def test_nobody_is_let_in_when_the_account_has_no_role_or_the_person_turns_back(
    desk: Desk,
) -> None:
    await asyncio.to_thread(desk.provider.put, "tamu")
    page = await desk.open()
    await page.get_by_role("link", name="Masuk dengan akun dinas").click()
    await page.get_by_role("link", name="Cancel").click()
    await expect(page.get_by_role("alert")).to_contain_text("dibatalkan")
    await desk.sign_in(page, "tamu")
    await expect(page.get_by_role("alert")).to_contain_text("belum diberi peran")
    await page.goto(f"{desk.url}/satgas")
    await expect(page.locator("#kode")).to_be_visible()


async def test_session_ends_when_nobody_does_anything_also_by_account(desk: Desk) -> None:
    page = await desk.open()
    await desk.sign_in(page)
    await expect(page.locator(".signed-in")).to_contain_text("budi-1")
    desk.clock.now += IDLE
    await page.reload()
    await expect(page.get_by_text("Sesi sudah berakhir")).to_be_visible()


@pytest.mark.parametrize("said", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_form_fits_and_can_be_read_when_it_offers_the_account_too(
    desk: Desk, said: str, scheme: Literal["light", "dark"]
) -> None:
    found = list[str]()
    page = await desk.open("/masuk", await desk.context(color_scheme=scheme, locale=said))
    for path in ("/masuk?ke=/satgas/019aa000-0000-7000-8000-000000000001", "/masuk/kembali"):
        await page.goto(f"{desk.url}{path}")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            found += [f"{path}, {width}: {one}" for one in await faults(page, width, scheme)]
    assert found == []
