"""The dashboard on every screen: from a small phone to a desk and at 200 %, light and dark."""

from typing import Literal

import pytest
from playwright.async_api import Browser

from shared.web.permissions import Role
from tests.support.services.dashboard import Scene, signed_in
from tests.support.services.looks import faults

pytestmark = pytest.mark.integration

PATIENCE = 30_000
#: CSS pixels; 683 is a laptop's screen at 200 %.
WIDTHS = (320, 390, 683, 768, 1440)
#: What is looked at, by what is behind the language in the address.
STATES = {
    "open edition": "",
    "analyst": signed_in(Role.ANALYST),
    "one of many": f"&kecamatan=64.02.06{signed_in(Role.DPMD)}",
    "camat": signed_in(Role.CAMAT),
    "list": f"&list=first_answer_office&list-from=2026-09-01{signed_in(Role.DPMD)}",
    "list of a camat": f"&list=backlog&list-kecamatan=64.02.06{signed_in(Role.CAMAT)}",
    "no list": f"&list=backlog&list-kecamatan=64.02.07{signed_in(Role.CAMAT)}",
}


@pytest.mark.parametrize("said", ["id", "en"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_and_can_be_read_when_the_screen_is_of_any_size(
    browser: Browser, said: str, state: str, scheme: Literal["light", "dark"]
) -> None:
    found: list[str] = []
    async with Scene(1500).served() as url:
        page = await browser.new_page(color_scheme=scheme)
        page.set_default_timeout(PATIENCE)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            # anew: which parts are folded is decided when the page is opened
            await page.goto("about:blank")
            await page.goto(f"{url}?lang={said}{STATES[state]}")
            await page.wait_for_selector("body.shown")
            if "list=" in STATES[state]:
                await page.wait_for_selector("#list-table tbody tr, #list-error:not(:empty)")
            await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            found += [f"{width}: {fault}" for fault in await faults(page, width, scheme)]
        await page.close()
    assert found == []
