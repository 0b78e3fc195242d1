"""Four people at the running system, each by clicking alone: who asks, an officer of the satgas,
its coordinator and the desk of DPMD. One address, as in Compose."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from klik.gateway.node import Gateway
from klik.nodes.ports import free_port
from shared.times import utc_now
from tests.support.keys import bearer
from tests.support.services.looks import listen_for_errors
from tests.support.system import System, system_at_one_address, until

pytestmark = pytest.mark.integration

#: Milliseconds that a page may take: the machine may be busy.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
#: Seconds until what happened is in the report.
COUNTED = 20.0
DESA = "64.02.06.2012"
TITLE, QUESTION, REPLY = "Perubahan APBDes", "Tahun anggaran berapa?", "Tahun 2026."
ANSWER = "Ya, dengan Perdes perubahan."


@dataclass
class Street:
    """All of them, and the address that they share."""

    system: System
    gateway: Gateway
    browser: Browser
    errors: list[str] = field(default_factory=list)

    async def person(self, **looks: Any) -> BrowserContext:
        context = await self.browser.new_context(locale="id-ID", **looks)
        context.set_default_timeout(PATIENCE)
        return context

    async def open(self, context: BrowserContext, path: str) -> Page:
        page = await context.new_page()
        listen_for_errors(page, self.errors)
        await page.goto(f"{self.gateway.url}{path}")
        return page

    async def signed_in(self, role: str, path: str) -> Page:
        page = await self.open(await self.person(), path)
        await page.fill("#kode", self.system.keys[role])
        await page.keyboard.press("Enter")
        return page

    async def signal(self, context: BrowserContext, there: bool) -> None:
        """Nobody is at the address without it: the page's worker is refused as well."""
        await asyncio.to_thread(self.gateway.start if there else self.gateway.stop)
        await context.set_offline(not there)

    async def told(self, service: str, path: str, **params: str) -> dict[str, Any]:
        headers = bearer(self.system.keys["admin"])
        url = f"{self.system.url(service)}{path}"
        reply = await self.system.http.get(url, params=params, headers=headers)
        found: dict[str, Any] = reply.raise_for_status().json()
        return found


@pytest.fixture
async def street(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> AsyncGenerator[Street, None]:
    port = free_port()
    public = {"KLIK_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    async with system_at_one_address(tmp_path_factory.mktemp, port, public) as (system, gateway):
        found = Street(system, gateway, browser)
        yield found
        for context in browser.contexts:
            await context.close()
    assert found.errors == []


async def test_story_from_an_offline_post_to_a_rating_is_clicked_by_four_people(
    street: Street,
) -> None:
    phone = await street.person(viewport={"width": 320, "height": 640})
    written, ticket, pin = await ask_without_signal(street, phone)

    requester = await street.open(phone, "/lacak")
    await requester.fill("#tiket", ticket)
    await requester.fill("#pin", pin)
    await requester.get_by_role("button", name="Lihat status").click()
    await expect(requester.locator(".badge")).to_have_text("Ditugaskan")

    officer = await street.signed_in("officer", "/satgas")
    await officer.get_by_role("link", name=TITLE).click()
    await officer.get_by_role("button", name="Tanggapi").click()
    await expect(officer.locator(".badge")).to_have_text("Sedang ditangani")
    await officer.fill("#pesan", QUESTION)
    await officer.get_by_role("button", name="Kirim pertanyaan").click()
    await expect(officer.locator(".bubbles .mine").last).to_contain_text(QUESTION)

    await requester.reload()
    await expect(requester.locator(".bubbles")).to_contain_text(QUESTION)
    await requester.fill("#pesan", REPLY)
    await requester.get_by_role("button", name="Kirim balasan").click()
    await expect(requester.locator(".bubbles .mine").last).to_contain_text(REPLY)

    await officer.reload()
    await expect(officer.locator(".bubbles")).to_contain_text(REPLY)
    await officer.fill("#pesan", ANSWER)
    await officer.get_by_role("button", name="Kirim jawaban").click()
    await expect(officer.locator(".bubbles .mine").last).to_contain_text(ANSWER)

    await requester.reload()
    await expect(requester.locator(".bubbles")).to_contain_text(ANSWER)
    await requester.get_by_role("button", name="Tandai selesai").click()
    await expect(requester.locator(".badge")).to_have_text("Selesai")
    await requester.get_by_role("button", name="Sangat membantu").click()
    await expect(requester.get_by_text("Bapak/Ibu memberi nilai 5")).to_be_visible()

    coordinator = await street.signed_in("coordinator", "/satgas")
    await coordinator.get_by_role("link", name="Semua").click()
    await coordinator.get_by_role("link", name=TITLE).click()
    await expect(coordinator.locator(".badge")).to_have_text("Selesai")
    await expect(coordinator.locator(".bubbles")).to_contain_text(ANSWER)

    await until(lambda: is_counted(street), COUNTED, "the rating to be in the report")
    desk = await street.signed_in("dpmd", "/satgas")
    await desk.get_by_role("link", name="Dasbor").click()
    await expect(desk.locator("#status")).to_have_class("status live")
    await (
        desk.locator("#kecamatan-table tbody tr", has_text="Tenggarong")
        .first.locator("a.figure")
        .first.click()
    )
    await expect(desk.locator("#list-table tbody tr")).to_have_count(1)
    await desk.get_by_role("link", name="Buka konsultasi").click()
    await expect(desk.locator("h1")).to_contain_text(ticket)

    (line,) = (await street.told("intake", "/v1/consultations"))["items"]
    assert line["ticket"] == ticket
    at = datetime.fromisoformat(line["submitted_at"])
    assert written[0] - timedelta(seconds=1) <= at <= written[1], "the time of the phone"


async def ask_without_signal(
    street: Street, phone: BrowserContext
) -> tuple[tuple[datetime, datetime], str, str]:
    """Between when it was written, and its ticket and PIN: the tab was closed, and it waited."""
    page = await street.open(phone, f"/kirim?desa={DESA}")
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    await street.signal(phone, False)
    await page.select_option("#peran", "kepala_desa")
    await page.select_option("#topik", "KEU-APBDES")
    await page.fill("#judul", TITLE)
    await page.fill("#isi", "Apakah perlu Perdes perubahan?")
    before = utc_now()
    await page.get_by_role("button", name="Kirim konsultasi").click()
    await expect(page.locator("#antrean .state")).to_have_text("Menunggu sinyal")
    written = before, utc_now()
    await page.close()
    page = await street.open(phone, "/kirim/antrean")
    await expect(page.locator("#antrean .state")).to_have_text("Menunggu sinyal")
    await street.signal(phone, True)
    await page.reload()
    await expect(page.locator("#antrean .state")).to_have_text("Terkirim")
    ticket, pin = await page.inner_text(".ticket"), await page.inner_text(".pin")
    await page.close()
    return written, ticket, pin


async def is_counted(street: Street) -> bool:
    totals = (await street.told("reporting", "/v1/reports/consultations"))["totals"]
    return bool(totals["ratings"] == 1)
