"""A coordinator keeps the roster in a real browser, with scripts and without, by keys alone."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from shared.times import local_day, utc_now
from shared.web.pages.roster_tokens import COOKIE
from tests.support.services.looks import WIDTHS, faults, listen_for_errors
from tests.support.services.officer_pages import FIRST, HOME, SECOND, Town, type_code

pytestmark = pytest.mark.integration

#: Milliseconds that a page may take: the machine may be busy.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
WHO = "koordinator"


class Room:
    def __init__(self, town: Town, browser: Browser, url: str) -> None:
        self.town, self._browser, self.url = town, browser, url
        self.errors: list[str] = []
        self.stack = AsyncExitStack()

    async def open(self, who: str, path: str = "/satgas", **options: object) -> Page:
        """In a browser of their own, signed in."""
        context = await self._browser.new_context(**{"locale": "id-ID", **options})  # type: ignore[arg-type]
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        listen_for_errors(page, self.errors)
        await type_code(page, f"{self.url}{path}", who)
        return page


@pytest.fixture
async def room(browser: Browser) -> AsyncGenerator[Room, None]:
    town = Town(utc_now)
    async with town.served() as url:
        found = Room(town, browser, url)
        async with found.stack:
            yield found
    assert found.errors == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_leave_is_kept_when_the_coordinator_fills_it_in(room: Room, script: bool) -> None:
    day = local_day(utc_now())
    page = await room.open(WHO, java_script_enabled=script)
    await page.get_by_role("link", name="Petugas", exact=True).click()
    await expect(page).to_have_url(f"{room.url}/petugas/{HOME}")
    card = page.locator(".officer", has_text=FIRST)
    await card.locator("summary").first.click()
    await card.get_by_label("Mulai").fill(day.isoformat())
    await card.get_by_label("Sampai").fill((day + timedelta(days=2)).isoformat())
    await card.get_by_label("Keuangan").check()
    await card.get_by_role("button", name="Simpan").click()
    await expect(page.get_by_role("status")).to_have_text(f"Tersimpan: {FIRST}.")
    await expect(card.locator(".badge")).to_have_text("Cuti")
    officer = room.town.rosters.kept[HOME].officers[0]
    assert (officer.topics, len(officer.leave)) == (("KEU",), 1)


async def test_form_reaches_its_end_when_leave_ran_out_while_it_was_filled_in(room: Room) -> None:
    """Through intake and back, as the browser sends forms on."""
    page = await room.open(WHO, "/petugas")
    card = page.locator(".officer", has_text=FIRST)
    await card.locator("summary").first.click()
    await card.get_by_label("Paling banyak sekaligus").fill("6")
    await page.context.clear_cookies(name=COOKIE)
    await card.get_by_role("button", name="Simpan").click()
    await expect(page.get_by_role("status")).to_have_text(f"Tersimpan: {FIRST}.")
    assert room.town.rosters.kept[HOME].officers[0].capacity == 6


async def test_officer_is_changed_when_only_keys_are_pressed(room: Room) -> None:
    page = await room.open(WHO, "/petugas")
    await tab_to(page, ".officer:nth-of-type(2) summary")
    await page.keyboard.press("Enter")
    await tab_to(page, ".officer:nth-of-type(2) [name=tersedia]")
    await page.keyboard.press("Space")
    await tab_to(page, ".officer:nth-of-type(2) [name=kapasitas]")
    await page.keyboard.type("5")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text(f"Tersimpan: {SECOND}.")
    officer = room.town.rosters.kept[HOME].officers[1]
    assert (officer.available, officer.capacity) == (False, 5)


async def test_officer_is_added_and_taken_off_when_only_keys_are_pressed(room: Room) -> None:
    page = await room.open(WHO, "/petugas")
    await tab_to(page, "#kode-baru")
    await page.keyboard.type("petugas-baru")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Tersimpan: petugas-baru.")
    assert [one.code for one in room.town.rosters.kept[HOME].officers][-1] == "petugas-baru"
    await tab_to(page, ".officer:nth-of-type(3) details:nth-of-type(2) summary")
    await page.keyboard.press("Enter")
    await tab_to(page, ".officer:nth-of-type(3) .danger")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Petugas sudah dikeluarkan dari daftar.")
    assert [one.code for one in room.town.rosters.kept[HOME].officers] == [FIRST, SECOND]


async def tab_to(page: Page, selector: str) -> None:
    for _ in range(200):
        await page.keyboard.press("Tab")
        if await page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the key Tab")


async def test_second_coordinator_keeps_what_was_typed_when_the_first_was_quicker(
    room: Room,
) -> None:
    first, second = [await room.open(who, f"/petugas/{HOME}") for who in (WHO, "meja-dpmd")]
    for page, number in ((first, "3"), (second, "9")):
        card = page.locator(".officer", has_text=FIRST)
        await card.locator("summary").first.click()
        await card.get_by_label("Paling banyak sekaligus").fill(number)
    await first.locator(".officer", has_text=FIRST).get_by_role("button", name="Simpan").click()
    await expect(first.get_by_role("status")).to_be_visible()
    card = second.locator(".officer", has_text=FIRST)
    await card.get_by_role("button", name="Simpan").click()
    await expect(second.get_by_role("alert")).to_contain_text("sudah diubah orang lain")
    await expect(card.get_by_label("Paling banyak sekaligus")).to_have_value("9")
    await expect(card.locator("dl div").nth(1).locator("dd")).to_have_text("3")
    assert room.town.rosters.kept[HOME].officers[0].capacity == 3


@pytest.mark.parametrize("said", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_page_fits_and_can_be_read_when_the_screen_is_of_any_size(
    room: Room, said: str, scheme: Literal["light", "dark"], kept: Path
) -> None:
    found = list[str]()

    async def at(page: Page, state: str) -> None:
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            found.extend(f"{state}, {width}: {one}" for one in await faults(page, width, scheme))
            if width in (320, 1440):
                name = f"roster-{state}-{width}-{said}-{scheme}.png"
                await page.screenshot(path=kept / name, full_page=True)

    page = await room.open("meja-dpmd", f"/petugas/{HOME}", color_scheme=scheme, locale=said)
    await at(page, "closed")
    day = local_day(utc_now())
    for number in (1, 2):
        card = page.locator(f".officer:nth-of-type({number})")
        await card.locator("summary").first.click()
        await card.locator("[name=mulai-0]").fill(day.isoformat())
        await card.locator("[name=topik-KEU]").check()
        await card.locator(".primary").click()
        await page.wait_for_selector("[role=status], [role=alert]")
        await at(page, "saved" if number == 1 else "refused")
    await page.fill("#kode-baru", "budi santoso")
    await page.locator("#kode-baru").press("Enter")
    await page.wait_for_selector("[role=alert]")
    for _ in range(2):
        await page.locator(".officer details:not([open]):last-of-type summary").first.click()
    await at(page, "add-refused")
    await page.goto(f"{room.url}/petugas/64.02.99")
    await at(page, "not-found")
    assert found == []
