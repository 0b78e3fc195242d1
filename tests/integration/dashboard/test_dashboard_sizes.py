"""The dashboard on every screen: from a small phone to a desk and at 200 %, light and dark."""

from typing import Literal

import pytest
from playwright.async_api import Browser

from tests.support.services.dashboard import SIGNED_IN, Scene
from tests.support.services.looks import faults

pytestmark = pytest.mark.integration

PATIENCE = 30_000
#: CSS pixels; 683 is a laptop's screen at 200 %.
WIDTHS = (320, 390, 683, 768, 1440)


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
            found += [f"{width}: {fault}" for fault in await faults(page, width, scheme)]
        await page.close()
    assert found == []
