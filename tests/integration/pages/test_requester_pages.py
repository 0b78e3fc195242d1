"""Asking and following in a real browser: without a script, without signal, and by clicking."""

import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from services.intake.domain.consultation import Consultation
from shared.times import utc_now
from tests.support.services.looks import artefacts, listen_for_errors
from tests.support.services.requester_pages import Scene
from tests.support.system import until

pytestmark = pytest.mark.integration

#: Milliseconds that a page may take: the machine may be busy.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
PHONE = {"width": 320, "height": 640}
DESA = "64.02.06.2012"


@dataclass
class Visit:
    """One person's phone."""

    scene: Scene
    url: str
    context: BrowserContext
    errors: list[str] = field(default_factory=list)

    async def open(self, path: str) -> Page:
        page = await self.context.new_page()
        listen_for_errors(page, self.errors)
        await page.goto(f"{self.url}{path}")
        return page

    async def signal(self, there: bool) -> None:
        """Also to the worker: it goes by connections, which are refused then."""
        await (self.scene.connect() if there else self.scene.cut())
        await self.context.set_offline(not there)


@pytest.fixture(params=[True])
async def visit(browser: Browser, request: pytest.FixtureRequest) -> AsyncGenerator[Visit, None]:
    """`params`: whether there are scripts."""
    scene = Scene()
    async with scene.served() as url:
        context = await browser.new_context(
            viewport={"width": PHONE["width"], "height": PHONE["height"]},
            locale="id-ID",
            java_script_enabled=request.param,
        )
        context.set_default_timeout(PATIENCE)
        found = Visit(scene, url, context)
        yield found
        await context.close()
    assert found.errors == []


async def fill(page: Page, title: str = "Perubahan APBDes") -> None:
    await page.select_option("#peran", "kepala_desa")
    await page.select_option("#topik", "KEU-APBDES")
    await page.fill("#judul", title)
    await page.fill("#isi", "Apakah perlu Perdes perubahan?")


async def send(page: Page) -> None:
    await page.get_by_role("button", name="Kirim konsultasi").click()


async def worker_is_ready(page: Page) -> None:
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")


def artefact(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    return artefacts(tmp_path_factory) / name


@pytest.mark.parametrize("visit", [False], indirect=True)
async def test_whole_story_is_told_when_there_is_no_script(visit: Visit) -> None:
    scene = visit.scene
    page = await visit.open(f"/kirim?desa={DESA}")
    await fill(page)
    await page.fill("#alamat", "123")
    await send(page)
    await expect(page.locator("#alamat-salah")).to_contain_text("nomor telepon")
    assert await page.input_value("#judul") == "Perubahan APBDes"
    await page.fill("#alamat", "0812 5555 1234")
    await send(page)
    ticket = await page.inner_text("#tiket")
    await page.get_by_role("button", name="Lihat perkembangan").click()
    await expect(page).to_have_url(f"{visit.url}/lacak/{ticket}")
    found = scene.only()
    assert (found.ticket, found.desa) == (ticket, DESA)

    await scene.assign(found.id)
    await scene.say(found.id, "question", "Tahun anggaran berapa?")
    await page.reload()
    await page.fill("#pesan", "Tahun 2026.")
    await page.get_by_role("button", name="Kirim balasan").click()
    await expect(page.locator(".bubbles .mine").last).to_contain_text("Tahun 2026.")
    await scene.say(found.id, "answer", "Ya, dengan Perdes perubahan.")
    await page.reload()
    await page.get_by_role("button", name="Tandai selesai").click()
    await expect(page.locator(".badge")).to_have_text("Selesai")
    await page.get_by_role("button", name="Sangat membantu").click()
    await expect(page.get_by_text("Bapak/Ibu memberi nilai 5")).to_be_visible()
    await page.get_by_role("button", name="Buka kembali").click()
    await expect(page.locator(".badge")).to_have_text("Ditugaskan")
    now = scene.only()
    assert (now.rating, now.status) == (5, "assigned")
    await page.get_by_text("Tidak memerlukan jawaban lagi?").click()
    await page.get_by_role("button", name="Batalkan konsultasi").click()
    await expect(page.locator(".badge")).to_have_text("Dibatalkan pemohon")
    await page.get_by_role("button", name="Tutup halaman ini").click()
    await page.goto(f"{visit.url}/lacak/{ticket}")
    await expect(page.locator("#pin")).to_be_visible()


async def test_post_without_signal_is_one_consultation_of_its_time_when_the_tab_was_closed(
    visit: Visit,
) -> None:
    page = await visit.open(f"/kirim?desa={DESA}")
    await worker_is_ready(page)
    await visit.signal(False)
    await fill(page)
    before = utc_now()
    await send(page)
    await expect(page.locator("#antrean .state")).to_have_text("Menunggu sinyal")
    written = utc_now()
    await page.close()
    assert visit.scene.store.kept == {}

    page = await visit.open("/kirim")  # the page itself is there, too
    await expect(page.locator("#menunggu")).to_be_visible()
    await page.close()
    back = utc_now()
    await visit.signal(True)
    page = await visit.open("/kirim/antrean")
    await expect(page.locator("#antrean .state")).to_have_text("Terkirim")
    found = visit.scene.only()
    assert before - timedelta(seconds=1) <= found.submitted_at <= written
    assert found.received_at >= back
    assert await page.inner_text(".ticket") == found.ticket
    assert await page.inner_text(".pin") == visit.scene.store.private[found.id].pin
    await page.reload()
    await expect(page.locator("#antrean .state")).to_have_text("Terkirim")
    assert len(visit.scene.store.kept) == 1
    await expect_nothing_written(page, found)

    await page.get_by_role("button", name="Sudah dicatat").click()
    await expect(page.locator("#kosong")).to_be_visible()
    assert await page.evaluate("klikQueue.all()") == []


async def test_queue_is_emptied_by_hand_and_nothing_is_sent_when_there_is_signal_again(
    visit: Visit,
) -> None:
    page = await visit.open(f"/kirim?desa={DESA}")
    await worker_is_ready(page)
    await visit.signal(False)
    await fill(page)
    await send(page)
    await page.get_by_role("button", name="Hapus dari perangkat ini").click()
    await expect(page.locator("#kosong")).to_be_visible()
    await visit.signal(True)
    await page.goto(f"{visit.url}/kirim")
    await expect(page.locator("#menunggu")).to_be_hidden()
    assert await page.input_value("#judul") == ""
    assert visit.scene.store.kept == {}


async def test_post_that_is_refused_later_can_be_mended(visit: Visit) -> None:
    page = await visit.open(f"/kirim?desa={DESA}")
    await worker_is_ready(page)
    await visit.signal(False)
    await fill(page)
    await page.fill("#nama", "Budi Santoso")
    await page.fill("#alamat", "123")
    await send(page)
    await expect(page.locator("#antrean .state")).to_have_text("Menunggu sinyal")
    await visit.signal(True)
    await page.reload()
    await expect(page.locator("#antrean .state")).to_have_text("Perlu diperbaiki")
    await page.get_by_role("link", name="Perbaiki").click()
    await expect(page.locator("#judul")).to_have_value("Perubahan APBDes")
    # all of it is there to be mended, and who asks is still not kept
    await expect(page.locator("#nama")).to_have_value("Budi Santoso")
    kept = json.dumps(await page.evaluate("[{ ...localStorage }, { ...sessionStorage }]"))
    assert "Budi" not in kept
    await page.fill("#alamat", "0812 5555 1234")
    await send(page)
    await expect(page.locator("#tanda-terima")).to_be_visible()
    assert visit.scene.only().desa == DESA
    await until(
        lambda: _is_empty(page), PATIENCE / 1000, "the draft to be gone once its post was sent"
    )


async def test_post_of_another_site_is_refused_when_the_worker_passes_it_on(visit: Visit) -> None:
    page = await visit.open("/kirim")
    await worker_is_ready(page)
    form = f"""<form method="post" action="{visit.url}/kirim"><input name="judul" value="Asing">
        <button>x</button></form>"""
    elsewhere = "http://localhost:1/"
    await page.route(elsewhere, lambda route: route.fulfill(content_type="text/html", body=form))
    await page.goto(elsewhere)
    async with page.expect_response(f"{visit.url}/kirim") as answer:
        await page.get_by_role("button").click()
    assert (await answer.value).status == 403


async def test_nothing_is_queued_without_signal_when_another_site_sends_the_form(
    visit: Visit,
) -> None:
    page = await visit.open("/kirim")
    await worker_is_ready(page)
    form = f"""<form method="post" action="{visit.url}/kirim">
        <input name="judul" value="Asing"><input name="kunci" value="{"0" * 32}"><button>x</button>
        </form>"""
    elsewhere = "http://localhost:1/"
    await page.route(elsewhere, lambda route: route.fulfill(content_type="text/html", body=form))
    await page.goto(elsewhere)
    await visit.signal(False)
    await page.get_by_role("button").click()
    await expect(page.locator("h1")).to_have_text("Sampaikan konsultasi")
    assert await page.evaluate("klikQueue.all()") == []
    await visit.signal(True)
    await page.goto(f"{visit.url}/kirim/antrean")
    await expect(page.locator("#kosong")).to_be_visible()
    assert visit.scene.store.kept == {}


async def test_draft_is_kept_without_who_asks_and_gone_once_sent(visit: Visit) -> None:
    page = await visit.open(f"/kirim?desa={DESA}")
    await fill(page, "Judul yang belum terkirim")
    await page.fill("#nama", "Budi Santoso")
    await page.fill("#alamat", "0812 5555 1234")
    await page.close()
    page = await visit.open("/kirim")
    await expect(page.locator("#draf")).to_be_visible()
    await expect(page.locator("#judul")).to_have_value("Judul yang belum terkirim")
    kept = json.dumps(await page.evaluate("({ ...localStorage })"))
    assert "Budi" not in kept
    assert "5555" not in kept
    await page.get_by_role("button", name="Hapus isian").first.click()
    await expect(page.locator("#judul")).to_have_value("")
    assert await page.evaluate("localStorage.length") == 0

    await page.select_option("#desa", DESA)
    await fill(page)
    assert await page.evaluate("localStorage.length") == 1
    await send(page)
    await expect(page.locator("#tanda-terima")).to_be_visible()
    await until(
        lambda: _is_empty(page), PATIENCE / 1000, "the draft to be gone once its post was sent"
    )
    await page.reload()  # sends the form again, to the last letter
    await expect(page.locator("#tanda-terima")).to_be_visible()
    assert visit.scene.only().title == "Perubahan APBDes"


async def test_form_is_emptied_by_one_button_when_the_device_is_shared(visit: Visit) -> None:
    page = await visit.open(f"/kirim?desa={DESA}")
    await expect(page.locator("#disimpan")).to_be_hidden()
    await fill(page, "Belum dikirim")
    await page.fill("#nama", "Budi Santoso")
    await expect(page.locator("#disimpan")).to_contain_text("tersimpan di perangkat ini")
    await page.get_by_role("button", name="Hapus isian").click()
    await expect(page.locator("#disimpan")).to_be_hidden()
    typed = await page.evaluate("[...new FormData(konsultasi)].map(([, value]) => value).join()")
    assert "Belum dikirim" not in typed
    assert "Budi" not in typed
    assert await page.evaluate("localStorage.length") == 0
    await page.goto(f"{visit.url}/kirim")
    await expect(page.locator("#draf")).to_be_hidden()
    assert await page.input_value("#judul") == ""


async def test_draft_is_gone_when_it_was_not_touched_for_a_week(visit: Visit) -> None:
    page = await visit.open("/kirim")
    await fill(page, "Belum dikirim")
    week = 7 * 24 * 3600 * 1000
    aged = (
        "age => localStorage.setItem('klik-draf', JSON.stringify({ ...JSON.parse("
        "localStorage.getItem('klik-draf')), disimpan: Date.now() - age }))"
    )
    await page.evaluate(aged, week - 60_000)
    await page.reload()
    await expect(page.locator("#judul")).to_have_value("Belum dikirim")
    await page.evaluate(aged, week)
    await page.reload()
    await expect(page.locator("#draf")).to_be_hidden()
    assert await page.input_value("#judul") == ""
    assert await page.evaluate("localStorage.length") == 0


async def test_draft_is_not_shown_when_what_it_became_waits_and_no_page_said_so(
    visit: Visit,
) -> None:
    page = await visit.open("/kirim")
    await worker_is_ready(page)
    await fill(page, "Sudah dikirim")
    await page.evaluate(
        "klikQueue.put({ key: konsultasi.elements.kunci.value, body: '', at: 1, state: 'waiting' })"
    )
    await visit.signal(False)
    await page.reload()
    await expect(page.locator("#menunggu")).to_be_visible()
    await expect(page.locator("#judul")).to_have_value("")
    assert await page.evaluate("localStorage.length") == 0


async def test_draft_is_gone_when_it_was_sent_and_the_receipts_script_never_came(
    visit: Visit,
) -> None:
    await visit.context.route("**/receipt.js", lambda route: route.abort())
    for title in ("Pertama", "Kedua"):
        page = await visit.open(f"/kirim?desa={DESA}")
        await expect(page.locator("#draf")).to_be_hidden()
        assert await _is_empty(page)
        assert await page.input_value("#judul") == ""
        await fill(page, title)
        await send(page)
        await expect(page.locator("#tanda-terima")).to_be_visible()
    assert {one.title for one in visit.scene.store.kept.values()} == {"Pertama", "Kedua"}
    visit.errors.clear()  # of the script


async def test_words_stay_when_they_are_written_before_the_device_knows_what_was_sent(
    visit: Visit,
) -> None:
    page = await visit.open(f"/kirim?desa={DESA}")
    await worker_is_ready(page)
    await fill(page, "Sudah dikirim")
    key = await page.input_value("[name=kunci]")
    await page.evaluate("key => klikQueue.put({ key, body: '', at: 1, state: 'sent' })", key)
    await visit.context.add_init_script(
        """let queue;
        Object.defineProperty(self, "klikQueue", {
          get: () => queue,
          set: (made) => {
            const told = new Promise((go) => { self.tell = go; });
            queue = { ...made, all: () => told.then(made.all) };
          },
        });"""
    )
    await page.reload()
    await expect(page.locator("#judul")).to_have_value("Sudah dikirim")
    await page.fill("#judul", "Ditulis sekarang")
    await page.evaluate("tell()")
    await expect(page.locator("[name=kunci]")).not_to_have_value(key)
    await expect(page.locator("#judul")).to_have_value("Ditulis sekarang")
    draft = json.loads(await page.evaluate("localStorage['klik-draf']"))
    assert draft["judul"] == "Ditulis sekarang"
    assert draft["kunci"] == await page.input_value("[name=kunci]") != key
    await send(page)
    await expect(page.locator("#tanda-terima")).to_be_visible()


async def _is_empty(page: Page) -> bool:
    return bool(await page.evaluate("localStorage.length") == 0)


async def test_desa_is_found_by_typing(visit: Visit) -> None:
    page = await visit.open("/kirim")
    await page.fill("#cari-desa", "rapak lam")
    await expect(page.locator("#cari-hasil")).to_have_text("Terpilih: Rapak Lambur, Tenggarong")
    assert await page.input_value("#desa") == DESA
    await page.fill("#cari-desa", "muara kaman")
    await expect(page.locator("#cari-hasil")).to_contain_text(re.compile(r"^\d+ desa cocok"))
    shown = await page.locator("#desa option:not([value=''])").all_inner_texts()
    assert shown
    assert all("Muara Kaman" in one for one in shown)
    await page.fill("#cari-desa", "atlantis")
    await expect(page.locator("#cari-hasil")).to_contain_text("Tidak ada desa")
    await page.fill("#cari-desa", "")
    assert await page.locator("#desa option").count() == 238


async def test_page_comes_from_this_device_when_it_was_visited_before(visit: Visit) -> None:
    page = await visit.open("/kirim")
    await worker_is_ready(page)
    await visit.signal(False)
    await page.goto(f"{visit.url}/kirim?desa={DESA}")
    await expect(page.locator("h1")).to_have_text("Sampaikan konsultasi")
    assert await page.input_value("#desa") == DESA
    assert await page.evaluate("getComputedStyle(document.body).marginTop") == "0px"


async def test_form_is_sent_with_the_keyboard_alone(visit: Visit) -> None:
    page = await visit.open(f"/kirim?desa={DESA}")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#konten")).to_be_focused()
    typed = {"peran": "Kepala Desa", "topik": "Dana Desa", "judul": "Judul", "isi": "Isi"}
    for _ in range(30):
        await page.keyboard.press("Tab")
        name = await page.evaluate("document.activeElement.id || document.activeElement.className")
        if name in typed:
            await page.keyboard.type(typed.pop(name))
        if name == "primary":
            break
    assert typed == {}
    await page.keyboard.press("Enter")
    await expect(page.locator("#tanda-terima")).to_be_visible()
    found = visit.scene.only()
    assert (found.role, found.topic, found.body) == ("kepala_desa", "KEU-DD", "Isi")


async def test_two_tabs_do_not_meet_when_they_follow_two_tickets(visit: Visit) -> None:
    pages = []
    for title in ("Pertama", "Kedua"):
        page = await visit.open(f"/kirim?desa={DESA}")
        await fill(page, title)
        await send(page)
        await page.get_by_role("button", name="Lihat perkembangan").click()
        await expect(page.locator("#judul")).to_have_text(title)
        pages.append(page)
    for found in list(visit.scene.store.kept.values()):
        await visit.scene.assign(found.id)
    for page, words in zip(pages, ("untuk pertama", "untuk kedua"), strict=True):
        await page.reload()
        await page.fill("#pesan", words)
        await page.get_by_role("button", name="Kirim balasan").click()
        await expect(page.locator(".bubbles .mine").last).to_contain_text(words)
    said = {one.title: one.messages[0].body for one in visit.scene.store.kept.values()}
    assert said == {"Pertama": "untuk pertama", "Kedua": "untuk kedua"}


async def expect_nothing_written(page: Page, found: Consultation) -> None:
    kept = json.dumps(
        [await page.evaluate("klikQueue.all()"), await page.evaluate("({ ...localStorage })")]
    )
    assert found.title not in kept
    assert found.body not in kept
