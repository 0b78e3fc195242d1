"""The whole system at one address: one sign-in for inbox and dashboard, and one way out of both."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page, Request, Response, Route, expect

from klik.gateway.node import Gateway
from klik.nodes.ports import free_port
from tests.support.services.looks import listen_for_errors
from tests.support.services.oidc_provider import SECRET, OidcProvider
from tests.support.system import System, system_at_one_address

pytestmark = pytest.mark.integration

#: Milliseconds that a page may take: the machine may be busy.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

HERE = re.compile(r"https?://(127\.0\.0\.1|localhost)[:/]")
KEPT = "[localStorage.length, sessionStorage.length, document.cookie]"


@dataclass
class Origin:
    """The one address, who is behind it, and what was said to it."""

    system: System
    gateway: Gateway
    provider: OidcProvider
    browser: Browser
    secrets: set[str] = field(default_factory=set)
    """Codes, states and tokens that were seen on their way."""
    addresses: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    async def open(self, path: str) -> Page:
        context = await self.browser.new_context(locale="id-ID")
        context.set_default_timeout(PATIENCE)

        async def only_here(route: Route) -> None:
            await (route.continue_() if HERE.match(route.request.url) else route.abort())

        async def answered(response: Response) -> None:
            if response.url.endswith("/masuk/laporan") and response.status == 200:
                self.secrets.add((await response.json())["token"])

        await context.route("**/*", only_here)
        context.on("request", self._asked)
        context.on("response", answered)
        page = await context.new_page()
        listen_for_errors(page, self.errors)
        await page.goto(f"{self.gateway.url}{path}")
        return page

    def _asked(self, request: Request) -> None:
        self.addresses.append(request.url)
        if "/masuk/kembali?" in request.url:
            self.secrets |= {*re.findall(r"(?:code|state)=([\w-]+)", request.url)}

    def lines(self) -> str:
        """All that the gateway and the services have written."""
        logs = (*self.gateway.data.glob("*.log"), *(self.system.folder / "logs").glob("*.log"))
        return "".join(log.read_text() for log in logs)


@pytest.fixture
async def origin(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> AsyncGenerator[Origin, None]:
    port = free_port()
    provider = OidcProvider(tmp_path_factory.mktemp("issuer"), f"http://127.0.0.1:{port}")
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(provider.start)
        stack.push_async_callback(asyncio.to_thread, provider.stop)
        system, gateway = await stack.enter_async_context(
            system_at_one_address(tmp_path_factory.mktemp, port, provider.settings())
        )
        found = Origin(system, gateway, provider, browser)
        yield found
        for context in browser.contexts:
            await context.close()
    assert found.errors == []


async def test_one_sign_in_opens_inbox_and_dashboard_and_one_way_out_closes_both(
    origin: Origin,
) -> None:
    url = origin.gateway.url
    await asyncio.to_thread(origin.provider.put, "siti-1", klik_role="dpmd")
    page = await origin.open("/?vulnerable=true")
    await expect(page.locator("#notice")).to_be_visible()  # what everybody sees
    await page.get_by_role("link", name="Buka dengan akun dinas").click()
    await page.get_by_role("link", name="Masuk dengan akun dinas").click()
    await page.fill("[name=login]", "siti-1")
    await page.fill("[name=password]", "any")
    await page.get_by_role("button", name="Sign-in").click()

    await expect(page.locator("#who")).to_have_text("Dibuka sebagai siti-1")
    await expect(page.locator("#status")).to_have_class("status live")
    await expect(page.locator("#login")).to_be_hidden()
    assert await page.evaluate(KEPT) == [0, 0, ""]
    await page.goto(f"{url}/satgas")
    await expect(page.locator(".signed-in")).to_contain_text("siti-1")
    await page.get_by_role("link", name="Dasbor").click()
    await expect(page.locator("#status")).to_have_class("status live")
    assert "siti" not in await page.title()

    await page.locator("#logout").click()
    await page.get_by_role("button", name="Yes, sign me out").click()
    await expect(page).to_have_url(f"{url}/masuk")
    assert await page.evaluate(KEPT) == [0, 0, ""]
    names = [one.get("name") for one in await page.context.cookies(url)]
    assert "klik_sesi" not in names
    await page.goto(f"{url}/")
    await expect(page.locator("#login")).to_be_visible()
    await expect(page.locator("#who")).to_have_text("")
    await page.goto(f"{url}/satgas")
    await expect(page.locator("#kode")).to_be_visible()

    # a code, by the same way, and no account
    await page.fill("#kode", origin.system.keys["analyst"])
    await page.keyboard.press("Enter")
    await expect(page.locator("#who")).to_have_text("Dibuka sebagai local-analyst")
    await expect(page.locator("#status")).to_have_class("status live")

    ours = [one for one in origin.addresses if one.startswith(url)]
    tokens = {one for one in origin.secrets if "." in one}
    assert (len(tokens) >= 3, len(origin.secrets - tokens)) == (True, 2)
    assert [one for one in ours if any(token in one for token in tokens)] == []
    lines = origin.lines()
    assert '"signed in by account"' in lines
    secrets = {*origin.secrets, SECRET, origin.system.keys["analyst"]}
    assert [one for one in secrets if one in lines] == []
