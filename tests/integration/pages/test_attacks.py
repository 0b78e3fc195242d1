"""What another site, a colleague at the same computer, and the button "back" get of the pages."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta
from html import escape

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from shared.times import utc_now
from shared.web.pages.sessions import COOKIE
from tests.support.builders import a_post
from tests.support.services.dashboard import chromium
from tests.support.services.looks import listen_for_errors
from tests.support.services.officer_pages import CODES, FIRST, HOME, SECOND, Town, type_code

pytestmark = pytest.mark.integration

#: Milliseconds that a page may take: the machine may be busy.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
TITLE = a_post()["title"]
BODY = a_post()["body"]
EVIL = "http://jahat.example"
PHONE = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser, None]:
    async with chromium(keeps_pages=True) as found:
        yield found


class Street:
    """The town behind an address, and the browsers in front of it."""

    def __init__(self, town: Town, browser: Browser, url: str, stack: AsyncExitStack) -> None:
        self.town, self._browser, self.url, self._stack = town, browser, url, stack
        self.errors: list[str] = []

    async def context(self) -> BrowserContext:
        context = await self._browser.new_context(
            locale="id-ID", viewport={"width": PHONE["width"], "height": PHONE["height"]}
        )
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        return context

    async def signed_in(self, who: str, path: str = "/satgas") -> Page:
        page = await (await self.context()).new_page()
        listen_for_errors(page, self.errors)
        await type_code(page, f"{self.url}{path}", who)
        return page

    async def lure(self, context: BrowserContext, html: str) -> Page:
        """To a page of another site, in the same browser."""

        async def answer(route: object) -> None:
            await route.fulfill(body=html, content_type="text/html")  # type: ignore[attr-defined]

        page = await context.new_page()
        await page.route(f"{EVIL}/**", answer)
        await page.goto(f"{EVIL}/")
        return page


@pytest.fixture
async def street(browser: Browser) -> AsyncGenerator[Street, None]:
    town = Town(utc_now)
    async with town.served() as url, AsyncExitStack() as stack:
        found = Street(town, browser, url, stack)
        yield found
    assert found.errors == []


def form(action: str, **fields: str) -> str:
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    return f'<form method="post" action="{action}">{inputs}<button>Menang!</button></form>'


async def test_button_back_shows_nothing_when_the_officer_signed_out(street: Street) -> None:
    id_ = await street.town.submit(due=utc_now() + timedelta(days=1))
    page = await street.signed_in(FIRST, f"/satgas/{id_}")
    await expect(page.locator("#judul")).to_have_text(TITLE)
    await page.get_by_role("button", name="Keluar").click()
    await expect(page.locator("#kode")).to_be_visible()
    await press_back(page)
    await expect(page.locator("#kode")).to_be_visible()
    assert TITLE not in await page.content()


async def test_button_back_shows_nothing_when_the_requester_closed_the_page(
    street: Street,
) -> None:
    async with street.town.visitor() as front_end:
        reply = await front_end.post(
            "/v1/consultations",
            json=a_post(),
            headers={"Authorization": f"Bearer {CODES['web'][0]}"},
        )
    sent = reply.json()
    page = await (await street.context()).new_page()
    await page.goto(f"{street.url}/lacak")
    await page.fill("#tiket", sent["ticket"])
    await page.fill("#pin", sent["pin"])
    await page.keyboard.press("Enter")
    await expect(page.locator("#judul")).to_have_text(TITLE)
    await page.get_by_role("button", name="Tutup halaman ini").click()
    await expect(page.locator("#pin")).to_be_visible()
    await press_back(page)
    await expect(page.locator("#pin")).to_be_visible()
    assert TITLE not in await page.content()


async def test_nothing_happens_when_another_site_sends_the_forms(street: Street) -> None:
    """With all that it may know: ids, versions, names of fields; not the proof."""
    id_ = await street.town.submit(due=utc_now() + timedelta(days=1))
    page = await street.signed_in("koordinator", f"/satgas/{id_}")
    await page.goto(f"{street.url}/petugas")
    before, roster = street.town.found(id_), street.town.rosters.kept[HOME]
    moved = {"langkah": "jawab", "pesan": "Palsu", "versi": str(before.version)}
    changed = {"versi": "1", "petugas": FIRST, "kapasitas": "1"}
    kept = {"langkah": "simpan", "pesan": "Palsu"}
    for action, fields in (
        (f"/satgas/{id_}", moved),
        (f"/satgas/{id_}", kept),
        (f"/petugas/{HOME}", changed),
        (f"/masuk/petugas?ke=/petugas/{HOME}", changed),
        ("/keluar", {}),
        ("/masuk", {"kode": CODES[SECOND][0]}),
        ("/lacak", {"tiket": before.ticket, "kirim_tautan": "1"}),
    ):
        evil = await street.lure(page.context, form(f"{street.url}{action}", **fields))
        await evil.get_by_role("button").click()
        await evil.wait_for_url(f"{street.url}/**")
        await evil.close()
    events = len(street.town.store.events)
    assert street.town.found(id_) == before
    assert street.town.rosters.kept[HOME] == roster
    assert street.town.replies.kept == {}
    assert len(street.town.store.events) == events
    # nor is anybody signed out, or in as somebody else
    await page.goto(f"{street.url}/satgas")
    await expect(page.locator(".signed-in")).to_contain_text("koordinator")


async def test_other_site_reads_and_frames_nothing(street: Street) -> None:
    id_ = await street.town.submit(due=utc_now() + timedelta(days=1))
    page = await street.signed_in("koordinator", f"/satgas/{id_}")
    for path in (f"/satgas/{id_}", "/satgas/tanda", "/petugas", "/masuk"):
        evil = await street.lure(page.context, f'<iframe src="{street.url}{path}"></iframe>')
        read = await evil.evaluate(
            "url => fetch(url, { credentials: 'include' }).then((one) => one.text(), () => null)",
            f"{street.url}{path}",
        )
        assert read is None
        framed = [await one.content() for one in evil.frames[1:]]
        assert not any(TITLE in one or FIRST in one or "kode" in one for one in framed)
        await evil.close()
    token = await street.lure(page.context, "<p>x")
    read = await token.evaluate(
        "url => fetch(url, { method: 'POST', credentials: 'include' })"
        ".then((one) => one.text(), () => null)",
        f"{street.url}/masuk/laporan",
    )
    assert read is None


async def test_session_is_not_the_one_that_somebody_planted(street: Street) -> None:
    thief = await street.signed_in(SECOND)
    (planted,) = [one for one in await thief.context.cookies() if one["name"] == COOKIE]
    context = await street.context()
    await context.add_cookies([{"name": COOKIE, "value": planted["value"], "url": street.url}])
    page = await context.new_page()
    await page.goto(f"{street.url}/satgas")
    # whoever sees the name of another signs out first
    await page.get_by_role("button", name="Keluar").click()
    await page.fill("#kode", CODES[FIRST][0])
    await page.keyboard.press("Enter")
    await expect(page.locator(".signed-in")).to_contain_text(FIRST)
    (own,) = [one for one in await context.cookies() if one["name"] == COOKIE]
    assert own["value"] != planted["value"]
    await thief.reload()
    await expect(thief.locator("#kode")).to_be_visible()


async def test_answer_is_not_lost_and_not_sent_when_another_tab_signed_out(
    street: Street,
) -> None:
    id_ = await street.town.submit(due=utc_now() + timedelta(days=1))
    page = await street.signed_in(FIRST, f"/satgas/{id_}")
    await page.fill("#pesan", "Jawaban yang panjang.")
    other = await page.context.new_page()
    await other.goto(f"{street.url}/satgas")
    await other.get_by_role("button", name="Keluar").click()
    await expect(other.locator("#kode")).to_be_visible()
    await page.get_by_role("button", name="Kirim jawaban").click()
    await expect(page.locator("textarea")).to_have_value("Jawaban yang panjang.")
    assert street.town.found(id_).messages == ()


async def test_pages_are_shut_at_the_next_click_when_the_role_changed(street: Street) -> None:
    id_ = await street.town.submit(due=utc_now() + timedelta(days=1))
    page = await street.signed_in("koordinator", f"/petugas/{HOME}")
    other = await page.context.new_page()
    await other.goto(f"{street.url}/satgas/{id_}")
    await other.fill("#pesan", "Jawaban.")
    street.town.change_keys(koordinator={"role": "camat"})
    await other.get_by_role("button", name="Kirim jawaban").click()
    await expect(other.locator("textarea")).to_have_value("Jawaban.")
    await page.locator(".officer summary").first.click()
    await page.locator(".officer").first.get_by_role("button", name="Simpan").click()
    await expect(page.locator("#kode")).to_be_visible()
    assert street.town.found(id_).messages == ()
    assert street.town.rosters.kept[HOME].edition == 1


async def test_officer_answers_and_signs_out_on_a_phone_by_keys_alone(street: Street) -> None:
    id_ = await street.town.submit(due=utc_now() + timedelta(days=1))
    page = await (await street.context()).new_page()
    await page.goto(f"{street.url}/satgas")
    await tab_to(page, "#kode")
    await page.keyboard.type(CODES[FIRST][0])
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".signed-in")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, ".cases a")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#pesan")
    await tab_to(page, "#pesan")
    await page.keyboard.type("Cukup dengan Perkades.")
    await tab_to(page, "#tulis .primary")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubbles .mine")).to_contain_text("Cukup dengan Perkades.")
    await tab_to(page, ".out")
    await page.keyboard.press("Enter")
    await expect(page.locator("#kode")).to_be_visible()
    assert [one.body for one in street.town.found(id_).messages] == ["Cukup dengan Perkades."]


async def press_back(page: Page) -> None:
    """Until what was kept was asked for again, and came; Playwright's own waits for a page that
    was kept to load, which it does not do."""
    async with page.expect_event("load"):
        await page.evaluate("setTimeout(() => history.back())")


async def tab_to(page: Page, selector: str) -> None:
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the key Tab")
