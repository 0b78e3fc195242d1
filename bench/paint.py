"""How soon a page shows something in a real browser: the dashboard, and those of who asks."""

import statistics

from playwright.async_api import Browser, BrowserContext
from rich.console import Console
from rich.table import Table

from bench.compared.record import p95
from tests.support.services import requester_pages
from tests.support.services.dashboard import DESK, PHONE, SIGNED_IN, Scene, chromium, first_paint

SIZES = {"desk": DESK, "phone": PHONE}
#: What any page costs on this machine, in this moment.
PLAIN = "data:text/html,<h1>Klik Desa</h1>"

#: A phone on 3G, by the browser's own throttling: bytes a second, milliseconds, times slower.
THROTTLED = {"downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8, "latency": 150}
SLOWER = 4
#: Milliseconds within which the pages of who asks are to paint: the first time, and again.
PROMISED_MS = {"first visit": 1500, "second visit": 500}


async def requesters(visits: int, console: Console) -> int:
    """1 where a page is seen later than promised, at the median: the machine has its moments."""
    table = Table("page", "visit", "first paint p50 ms", "p95 ms", "promised", "plain page, p50 ms")
    late = False
    async with chromium() as browser, requester_pages.Scene().served() as url:
        for path in ("/kirim", "/lacak"):
            seen = [await _twice(browser, url + path) for _ in range(visits)]
            plain, *both = (sorted(column) for column in zip(*seen, strict=True))
            for (visit, promised), took in zip(PROMISED_MS.items(), both, strict=True):
                late = late or statistics.median(took) > promised
                row = (statistics.median(took), p95(took), promised, statistics.median(plain))
                table.add_row(path, visit, *(f"{one:.0f}" for one in row))
    console.print(table)
    return int(late)


async def _twice(browser: Browser, url: str) -> tuple[float, float, float]:
    """Milliseconds to the first paint of a plain page, and of this one by who has never seen it,
    and again in another tab; all on a slow phone."""
    width, height = PHONE
    context = await browser.new_context(viewport={"width": width, "height": height})
    try:
        return (
            await _slowly(context, PLAIN),
            await _slowly(context, url),
            await _slowly(context, url),
        )
    finally:
        await context.close()


async def _slowly(context: BrowserContext, url: str) -> float:
    page = await context.new_page()
    phone = await context.new_cdp_session(page)
    await phone.send("Network.enable")
    await phone.send("Network.emulateNetworkConditions", {"offline": False, **THROTTLED})
    await phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(url, wait_until="networkidle")
    took = await first_paint(page)
    await page.close()
    return took


async def paint(visits: int, console: Console) -> int:
    """Each visit in a browser that has seen nothing, after one of a plain page."""
    table = Table("size", "", "p50 ms", "p95 ms", "plain page, p50 ms")
    async with chromium() as browser, Scene(600).served() as url:
        for size in SIZES:
            seen = [await _visit(browser, url, size) for _ in range(visits)]
            plain, first, whole = (sorted(column) for column in zip(*seen, strict=True))
            for what, took in (("first paint", first), ("all shown", whole)):
                table.add_row(
                    size,
                    what,
                    f"{statistics.median(took):.0f}",
                    f"{p95(took):.0f}",
                    f"{statistics.median(plain):.0f}",
                )
    console.print(table)
    return 0


async def _visit(browser: Browser, url: str, size: str) -> tuple[float, float, float]:
    """Milliseconds: the first paint of a plain page, that of the dashboard, and all of it."""
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height})
    page = await context.new_page()
    try:
        await page.goto(PLAIN)
        plain = await first_paint(page)
        await page.goto(url + SIGNED_IN)
        await page.wait_for_selector("body.shown")
        whole = await page.evaluate("performance.now()")
        return plain, await first_paint(page), whole
    finally:
        await context.close()
