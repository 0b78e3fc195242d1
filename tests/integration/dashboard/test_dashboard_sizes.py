"""The dashboard on every screen: from a small phone to a desk and at 200 %, light and dark."""

from collections.abc import AsyncGenerator
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.support.services.dashboard import SIGNED_IN, Scene, chromium

pytestmark = pytest.mark.integration

PATIENCE = 30_000
#: CSS pixels; 683 is a laptop's screen at 200 %.
WIDTHS = (320, 390, 683, 768, 1440)

#: WCAG 2.2 A and AA as far as axe-core can tell, and that a link is called what is seen of it.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}

#: Texts that are printed over each other, or run out of their cell, tile or card.
COLLISIONS = """() => {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const parent = node.parentElement;
    const unseen = parent.closest(".unseen, .skip, option, script, noscript, [hidden]");
    if (unseen || !node.textContent.trim() || !parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const name = node.textContent.trim().slice(0, 40);
    const box = parent.closest("th, td, .tile, .card, .panel, button")?.getBoundingClientRect();
    const window = parent.closest(".scroll")?.getBoundingClientRect();
    for (const line of range.getClientRects()) {
      const isInView = !window || (line.bottom <= window.bottom && line.right <= window.right);
      if (line.width && isInView) texts.push({ name, line, box });
    }
  }
  const found = [];
  texts.forEach(({ name, line, box }, index) => {
    const across = box && (line.left < box.left - 1 || line.right > box.right + 1);
    if (across || (box && line.bottom > box.bottom + 1)) found.push(`${name}: out of its box`);
    for (const other of texts.slice(index + 1)) {
      const wide = Math.min(line.right, other.line.right) - Math.max(line.left, other.line.left);
      const high = Math.min(line.bottom, other.line.bottom) - Math.max(line.top, other.line.top);
      if (wide > 1 && high > 3) found.push(`${name}: over ${other.name}`);
    }
  });
  return found;
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser, None]:
    async with chromium() as found:
        yield found


@pytest.mark.parametrize("said", ["id", "en"])
@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_and_can_be_read_when_the_screen_is_of_any_size(
    browser: Browser, said: str, signed_in: bool, scheme: Literal["light", "dark"]
) -> None:
    found: list[str] = []
    async with Scene(1500).served() as url:
        page = await browser.new_page(color_scheme=scheme)
        page.set_default_timeout(PATIENCE)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            # anew: which parts are folded is decided when the page is opened
            await page.goto("about:blank")
            await page.goto(f"{url}?lang={said}{SIGNED_IN if signed_in else ''}")
            await page.wait_for_selector("body.shown")
            await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            found += [f"{width}: {fault}" for fault in await _faults(page, width, scheme)]
        await page.close()
    assert found == []


async def _faults(page: Page, width: int, scheme: str) -> list[str]:
    wide = await page.evaluate("document.documentElement.scrollWidth")
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)")
    is_dark = sum(map(int, ground)) < 3 * 64
    axe = await Axe().run(page, options=RULES)
    return [
        *([f"{wide} pixels wide"] if wide > width else []),
        *([] if is_dark is (scheme == "dark") else [f"not {scheme}"]),
        *await page.evaluate(COLLISIONS),
        *(
            f"{broken['id']}: {node['target']}"
            for broken in axe.response["violations"]
            for node in broken["nodes"]
        ),
    ]
