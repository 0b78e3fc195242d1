"""The requester's pages on every screen, in both languages, light and dark, state by state."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page

from services.notify.domain.recipients import Address
from services.notify.pages import unsubscribe
from tests.support.services.looks import LONG, WIDTHS, faults
from tests.support.services.notify import FakeOptOuts
from tests.support.services.requester_pages import Scene

pytestmark = pytest.mark.integration

PATIENCE = 30_000


class Look:
    """Each state of the pages, on each width, in one language and scheme."""

    def __init__(self, page: Page, said: str, scheme: str, kept: Path) -> None:
        self.page, self._said, self._scheme, self._kept = page, said, scheme, kept
        self.found: list[str] = []

    async def at(self, state: str) -> None:
        for width in WIDTHS:
            await self.page.set_viewport_size({"width": width, "height": 900})
            self.found += [
                f"{state}, {width}: {fault}"
                for fault in await faults(self.page, width, self._scheme)
            ]
            if width in (320, 1440):
                name = f"{state}-{width}-{self._said}-{self._scheme}.png"
                await self.page.screenshot(path=self._kept / name, full_page=True)


@pytest.mark.parametrize("said", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_fit_and_can_be_read_when_the_screen_is_of_any_size(
    browser: Browser, said: str, scheme: Literal["light", "dark"], kept: Path
) -> None:
    scene, opt_outs = Scene(), FakeOptOuts()
    scene.app.include_router(unsubscribe.routes(opt_outs))
    async with scene.served() as url:
        context = await browser.new_context(color_scheme=scheme, locale=said)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        look = Look(page, said, scheme, kept)
        await page.goto(f"{url}/kirim?bahasa={said}")
        await look.at("submit")
        await page.select_option("#desa", "64.02.06.2012")
        await page.select_option("#peran", "bpd")
        await page.select_option("#topik", "LAIN-LAIN")
        await page.fill("#judul", LONG)
        await page.fill("#isi", f"{LONG}\n\n{'kata ' * 60}")
        await page.fill("#alamat", "123")
        await page.locator("form .primary").click()
        await page.wait_for_selector("#alamat-salah")
        await look.at("submit-refused")
        await page.fill("#alamat", "")
        await page.locator("form .primary").click()
        await page.wait_for_selector("#tanda-terima")
        await look.at("receipt")
        await page.locator("form .primary").click()
        await page.wait_for_selector("#percakapan")
        found = scene.only()
        await look.at("follow-submitted")
        await scene.assign(found.id)
        await scene.say(found.id, "question", "Tahun anggaran berapa?")
        await page.reload()
        await look.at("follow-asked")
        await page.fill("#pesan", " ")
        await page.locator("#balas .primary").click()
        await page.wait_for_selector(".notice.bad")
        await look.at("follow-refused")
        await scene.say(found.id, "answer", f"Ya. {LONG}")
        await page.goto(page.url)
        await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        await look.at("follow-answered")
        await page.locator("button[value='4']").click()
        await page.wait_for_selector(".notice.good")
        await look.at("follow-rated")
        await page.goto(f"{url}/lacak?tiket={found.ticket}&izin={'x' * 48}")
        await look.at("follow-by-link")
        for path in ("lacak", "konsultasi", "webhook", "kirim/antrean", "kirim/nothing"):
            await page.goto(f"{url}/{path}")
            await look.at(path.replace("/", "-"))
        token = opt_outs.token(Address("email", "warga@example.org"))
        await page.goto(f"{url}/berhenti?izin={token}")
        await look.at("unsubscribe")
        await page.locator("main .primary").click()
        await page.wait_for_selector(".notice.good")
        await look.at("unsubscribed")
        await page.locator("main button").click()
        await page.wait_for_selector("main form .quiet")
        await look.at("subscribed-again")
        await page.goto(f"{url}/kirim")
        await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        await scene.cut()
        await page.select_option("#desa", "64.02.06.2012")
        await page.select_option("#peran", "bpd")
        await page.select_option("#topik", "LAIN-LAIN")
        await page.fill("#judul", LONG)
        await page.fill("#isi", "kata")
        await page.locator("form .primary").click()
        await page.wait_for_selector("#antrean .waiting")
        await look.at("waiting")
        await context.close()
    assert look.found == []
