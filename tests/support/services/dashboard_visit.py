"""Somebody at the dashboard in a real browser, and everything that went wrong on the page."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from shared.web.permissions import Role
from tests.support.builders import NOON
from tests.support.services.dashboard import DESK, Scene, signed_in
from tests.support.services.looks import artefacts

#: Milliseconds that the page may take to show what it should: the machine may be busy.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
#: Playwright's own clock would take the times of painting away.
TODAY = f"""
    const now = {int(NOON.timestamp() * 1000)};
    globalThis.Date = class extends Date {{
        constructor(...given) {{ given.length ? super(...given) : super(now); }}
        static now() {{ return now; }}
    }};
"""


@dataclass
class Visit:
    """One visitor, and everything that went wrong on the page."""

    scene: Scene
    url: str
    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)

    async def sign_in(self, query: str = "", role: Role = Role.ANALYST) -> None:
        await self.page.goto(self.url + query + signed_in(role))
        await self.shown()

    async def shown(self) -> None:
        await self.page.wait_for_selector("body.shown")
        await expect(self.page.locator("html")).not_to_have_class(re.compile("busy"))

    async def figure(self, card: int) -> str:
        """What is seen, without what is said of the link that it may be."""
        said = await self.page.locator(".card .value").nth(card).inner_text()
        return said.partition("\n")[0]


async def visits(browser: Browser, scene: Scene) -> AsyncGenerator[Visit, None]:
    async with scene.served() as url:
        context = await browser.new_context(
            viewport={"width": DESK[0], "height": DESK[1]}, timezone_id="America/New_York"
        )
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        await page.add_init_script(TODAY)
        found = Visit(scene, url, context, page)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        # a violation of the Content-Security-Policy is an error on the console
        page.on(
            "console",
            lambda said: found.errors.append(said.text) if said.type == "error" else None,
        )
        yield found
        await context.close()
    assert not found.errors, found.errors


def artefact(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    where = artefacts(tmp_path_factory) / name
    print(f"\nkept: {where}")  # noqa: T201 - they are there to be looked at
    return where
