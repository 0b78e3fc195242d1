"""Officers at work in a real browser, with scripts and without; and how it looks on each screen."""

import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from shared.times import utc_now
from tests.support.services.looks import LONG, WIDTHS, faults, listen_for_errors
from tests.support.services.officer_pages import CODES, FIRST, SECOND, Office, type_code

pytestmark = pytest.mark.integration

#: Milliseconds that a page may take: the machine may be busy.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


class Room:
    """The office behind an address, and the browsers in front of it."""

    def __init__(self, office: Office, browser: Browser, url: str) -> None:
        self.office, self._browser, self.url = office, browser, url
        self.errors: list[str] = []

    async def open(self, who: str, path: str = "/satgas", **options: object) -> Page:
        """In a browser of their own, signed in."""
        context = await self._browser.new_context(**{"locale": "id-ID", **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        listen_for_errors(page, self.errors)
        await type_code(page, f"{self.url}{path}", who)
        await expect(page.locator(".signed-in")).to_contain_text(who)
        await page.wait_for_load_state()  # else its scripts may not listen yet
        return page


@pytest.fixture
async def room(browser: Browser) -> AsyncGenerator[Room, None]:
    office = Office(utc_now)
    async with office.served() as url:
        found = Room(office, browser, url)
        yield found
        for context in browser.contexts:
            await context.close()
    assert found.errors == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_officer_works_by_clicking_from_the_alerts_link_to_the_answer(
    room: Room, script: bool
) -> None:
    due = utc_now() + timedelta(days=1)
    id_ = await room.office.submit(due=due)
    page = await room.open(FIRST, f"/konsultasi/{id_}", java_script_enabled=script)
    await expect(page).to_have_url(f"{room.url}/satgas/{id_}")
    await page.get_by_role("button", name="Tanggapi").click()
    await expect(page.locator(".badge")).to_have_text("Sedang ditangani")
    await page.fill("#pesan", "Tahun anggaran berapa?")
    await page.get_by_role("button", name="Kirim pertanyaan").click()
    await expect(page.locator(".bubbles .mine").last).to_contain_text("Tahun anggaran berapa?")
    await page.fill("#catat", "Sudah ditanyakan ke Kasi PMD.")
    await page.get_by_role("button", name="Simpan catatan").click()
    await expect(page.locator(".bubbles .note")).to_contain_text("tidak terlihat oleh pemohon")
    await page.fill("#pesan", "Cukup dengan Perkades.")
    await page.get_by_role("button", name="Kirim jawaban").click()
    await expect(page.locator(".bubbles .mine").last).to_contain_text("Cukup dengan Perkades.")
    await page.get_by_role("button", name="Tandai selesai").click()
    await expect(page.locator(".badge")).to_have_text("Selesai")
    assert room.office.found(id_).status == "closed"
    await page.get_by_role("button", name="Keluar").click()
    await expect(page.locator("#kode")).to_be_visible()
    await page.goto(f"{room.url}/satgas/{id_}")
    await expect(page.locator("#kode")).to_be_visible()
    assert await page.context.cookies() == [] or all(
        one["name"] != "klik_sesi" for one in await page.context.cookies()
    )


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_saved_text_is_answered_with_when_it_is_inserted(room: Room, script: bool) -> None:
    ids = [await room.office.submit(due=utc_now() + timedelta(days=1)) for _ in range(2)]
    page = await room.open(FIRST, f"/satgas/{ids[0]}", java_script_enabled=script)
    await page.fill("#pesan", "Cukup dengan Perkades.")
    await page.locator("#teks summary").click()
    await page.get_by_role("button", name="Simpan teks di atas").click()
    await expect(page.get_by_role("status")).to_contain_text("Teks tersimpan")
    await expect(page.locator("#pesan")).to_have_value("Cukup dengan Perkades.")
    await page.goto(f"{room.url}/satgas/{ids[1]}")
    await page.locator("#teks summary").click()
    await page.get_by_role("button", name="Sisipkan teks 1").click()
    await expect(page.locator("#pesan")).to_have_value("Cukup dengan Perkades.")
    await expect(page.get_by_role("status")).to_have_count(0 if script else 1)
    await page.get_by_role("button", name="Kirim jawaban").click()
    await expect(page.locator(".bubbles .mine").last).to_contain_text("Cukup dengan Perkades.")
    assert [len(room.office.found(id_).messages) for id_ in ids] == [0, 1]
    await page.locator("#teks summary").click()
    await page.get_by_role("button", name="Hapus teks 1").click()
    await expect(page.locator("#teks li")).to_have_count(0)


async def test_two_officers_never_overwrite_each_other_when_they_race(room: Room) -> None:
    id_ = await room.office.submit(due=utc_now() + timedelta(days=1))
    first, second = [await room.open(who, f"/satgas/{id_}") for who in (FIRST, SECOND)]
    await second.fill("#pesan", "Jawaban kedua.")
    await first.fill("#pesan", "Jawaban pertama.")
    await first.locator("#pesan").press("Control+Enter")
    await expect(first.locator(".bubbles .mine")).to_contain_text("Jawaban pertama.")
    await second.get_by_role("button", name="Kirim jawaban").click()
    await expect(second.get_by_role("alert")).to_contain_text(f"{FIRST} sudah menanggapi")
    await expect(second.locator("#pesan")).to_have_value("Jawaban kedua.")
    await second.get_by_role("link", name="Tampilkan yang terbaru").click()
    await expect(second.locator("#terbaru")).to_be_in_viewport()
    assert [one.body for one in room.office.found(id_).messages] == ["Jawaban pertama."]
    await second.get_by_role("button", name="Kirim jawaban").click()
    await expect(second.locator(".bubbles .mine").last).to_contain_text("Jawaban kedua.")


async def test_list_is_live_and_keeps_its_place_when_something_comes(room: Room) -> None:
    due = utc_now() + timedelta(days=1)
    await room.office.submit(due=due, title="Yang pertama")
    page = await room.open(FIRST)
    await page.locator(".cases a").focus()
    await room.office.submit(due=due - timedelta(hours=2), title="Yang mendesak")
    # as when the tab is shown again: nobody waits for the next look
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator(".cases .title").first).to_have_text("Yang mendesak")
    await expect(page.locator(".cases a:focus .title")).to_have_text("Yang pertama")
    await expect(page.locator("#kabar")).to_have_text("Daftar diperbarui.")
    await page.keyboard.press("k")
    await expect(page.locator(".cases a:focus .title")).to_have_text("Yang mendesak")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#judul")).to_have_text("Yang pertama")


async def test_list_is_gone_from_the_screen_when_the_session_ended(room: Room) -> None:
    await room.office.submit(due=utc_now() + timedelta(days=1))
    page = await room.open(FIRST)
    room.office.change_keys(**{FIRST: None})
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("#kode")).to_be_visible()
    await expect(page.get_by_text("Sesi sudah berakhir")).to_be_visible()


async def test_browser_keeps_nothing_but_the_cookie_when_officers_work(room: Room) -> None:
    id_ = await room.office.submit(due=utc_now() + timedelta(days=1))
    page = await room.open(FIRST, f"/satgas/{id_}")
    kept = await page.evaluate(
        "Promise.all([indexedDB.databases(), caches.keys(), localStorage.length,"
        " sessionStorage.length, document.cookie])"
    )
    assert kept == [[], [], 0, 0, ""]


async def test_long_list_is_scrolled_without_a_long_task(room: Room) -> None:
    """Of hundreds only what is in sight is laid out: no frame waits for the others."""
    due = utc_now() + timedelta(days=1)
    for number in range(100):
        await room.office.submit(due=due + timedelta(minutes=number), title=f"Nomor {number}")
    page = await room.open(FIRST)
    longest = await page.evaluate(
        """async () => {
          let longest = 0, before = performance.now();
          for (let y = 0; y < document.body.scrollHeight; y += 300) {
            scrollTo(0, y);
            await new Promise(requestAnimationFrame);
            const now = performance.now();
            longest = Math.max(longest, now - before);
            before = now;
          }
          return longest;
        }"""
    )
    assert await page.locator(".cases li").count() == 100
    assert longest < 250, f"{longest:.0f} ms for one frame"


@pytest.mark.parametrize("said", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_fit_and_can_be_read_when_the_screen_is_of_any_size(
    room: Room, said: str, scheme: Literal["light", "dark"], kept: Path, browser: Browser
) -> None:
    office, found = room.office, list[str]()
    now = utc_now()
    ids = [
        await office.submit(due=now + timedelta(hours=hours), title=title, body=LONG)
        for hours, title in ((-30, "Perubahan APBDes"), (3, LONG[:150]), (26, "BUM Desa"))
    ]
    await office.submit(requester={"role": "bpd", "name": "Siti"})

    async def at(page: Page, state: str) -> None:
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            found.extend(f"{state}, {width}: {one}" for one in await faults(page, width, scheme))
            if width in (320, 1440):
                name = f"officer-{state}-{width}-{said}-{scheme}.png"
                await page.screenshot(path=kept / name, full_page=True)

    context = await browser.new_context(color_scheme=scheme, locale=said)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(f"{room.url}/konsultasi/{ids[1]}")
    await at(page, "sign-in")
    await page.fill("#kode", "wrong")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[role=alert]")
    await at(page, "sign-in-refused")
    await page.fill("#kode", CODES[FIRST][0])
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#percakapan")
    await at(page, "assigned")
    await page.fill("#pesan", f"Ya. {LONG}")
    await page.locator("#teks summary").click()
    await page.get_by_role("button", name=re.compile("Simpan teks|Save the text")).click()
    await page.wait_for_selector("#teks li")
    await at(page, "saved-text")
    async with office.visitor() as other:
        await office.answer(other, ids[1], SECOND)
    await page.locator("#tulis .primary").click()
    await page.wait_for_selector("[role=alert]")
    await page.fill("#catat", f"Catatan. {LONG}")
    await page.locator("#catatan button").click()
    await page.wait_for_selector(".bubbles .note")
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    await at(page, "answered")
    await page.locator("form:has(#ke) button").click()  # nothing chosen: the browser says so
    await page.evaluate("document.querySelectorAll('[required]').forEach(one => one.required = 0)")
    await page.locator("form:has(#ke) button").click()
    await page.wait_for_selector("[role=alert]")
    await at(page, "refused")
    for query in ("", "?bagian=semua", "?bagian=menunggu", "?tiket=KD-1"):
        await page.goto(f"{room.url}/satgas{query}")
        await at(page, "inbox" + re.sub(r"\W", "-", query))
    await page.goto(f"{room.url}/satgas/019aa000-0000-7000-8000-000000000001")
    await at(page, "not-found")
    await context.close()
    assert found == []
