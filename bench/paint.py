"""How soon the dashboard shows something, and how soon everything, in a real browser."""

import statistics

from playwright.async_api import Browser
from rich.console import Console
from rich.table import Table

from tests.support.services.dashboard import DESK, PHONE, SIGNED_IN, Scene, chromium, first_paint

SIZES = {"desk": DESK, "phone": PHONE}
#: What any page costs on this machine, in this moment.
PLAIN = "data:text/html,<h1>Klik Desa</h1>"


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
                    f"{statistics.quantiles(took, n=20, method='inclusive')[18]:.0f}",
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
