"""The dashboard on a port of its own, over consultations in memory; and a browser to look at it."""

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from klik.history.invented import lives
from services.reporting import api
from services.reporting.dashboard import api as figures
from services.reporting.dashboard import page
from services.reporting.dashboard.overviews import Overviews
from services.reporting.domain.feed import Month
from services.reporting.domain.rows import Row
from services.reporting.live import api as stream
from services.reporting.live.hub import Hub
from services.reporting.live.sse import HEARTBEAT_SECONDS
from services.reporting.live.tokens import StreamTokens
from shared.events import ConsultationEvent
from shared.reference import COMPLAINT
from shared.times import local_day
from shared.web.api_keys import State
from shared.web.app import create_http
from shared.web.auth import Caller, Keyring
from shared.web.cors import Cors
from shared.web.permissions import Role
from tests.support.backends import unavailable
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import KEYS, keyring_text
from tests.support.services.reporting import FakeReports, rows
from tests.support.system import until

#: Days of consultations before `NOON`.
DAYS = 400

DESK, PHONE = (1366, 900), (390, 844)
KEY = KEYS[Role.ANALYST]


def signed_in(role: Role) -> str:
    """The end of an address with which its reader need not type the key."""
    return f"#key={KEYS[role].replace(' ', '%20')}"


SIGNED_IN = signed_in(Role.ANALYST)


class FakeVersionIndex:
    """The version index in memory, and what the stream tells of it."""

    def __init__(self, rows_of: Callable[[], Sequence[Row]]) -> None:
        self.rows_of = rows_of
        self.generation = 1
        self.versions: dict[str, int] = {}
        self.written: dict[str, int] = {}

    def write(self, *keys: str) -> None:
        for key in keys:
            self.versions[key] = self.versions.get(key, 0) + 1
            self.written[key[:7]] = self.written.get(key[:7], 0) + 1

    async def revisions(self) -> tuple[int, Mapping[str, int]]:
        return self.generation, dict(self.written)

    async def months(self, generation: int, names: Sequence[str]) -> Mapping[str, Month]:
        return {
            name: Month(
                self.written[name],
                {key: version for key, version in self.versions.items() if key[:7] == name},
            )
            for name in names
        }

    async def digest(self, kecamatan: str) -> str:
        """Of what a camat sees of the rows."""
        seen = [
            row for row in self.rows_of() if row.kecamatan == kecamatan and row.kind != COMPLAINT
        ]
        return sha256(repr(seen).encode()).hexdigest()[:16]

    async def rows(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"day": key[:10], "kecamatan": key[11:], "submitted": self.versions[key]}
            for key in keys
        ]


class FakeRules:
    async def targets(self) -> Mapping[str, Any]:
        return {"answer_days": 5, "answer_days_by_kind": {"permintaan_informasi": 3}}


class NobodyPosted:
    """Of intake."""

    async def accepted(self, first: date, last: date) -> dict[tuple[str, str], int]:
        return {}


class KeysToChange:
    """A keyring that is another one from a moment on."""

    def __init__(self) -> None:
        self.now = Keyring.parse(keyring_text())

    def identify(self, key: str) -> Caller | None:
        return self.now.identify(key)

    def by_hash(self, sha256: str) -> Caller | None:
        return self.now.by_hash(sha256)

    def owner(self, key_id: str) -> Caller | State | None:
        return self.now.owner(key_id)


class Scene:
    """reporting's dashboard without its store, broker and neighbours."""

    def __init__(
        self,
        consultations: int = 1500,
        *,
        open_data: bool = True,
        origins: Sequence[str] = (),
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        """`origins`: of pages that may read the answers."""
        self.clock = Clock(NOON)
        self.reports = FakeReports()
        lived = lives(7, consultations, NOON - timedelta(days=DAYS), NOON)
        self.reports.rows = rows(_until_now(life) for life in lived)
        self.version_index = FakeVersionIndex(lambda: self.reports.rows)
        self.version_index.write("2026-11-24/64.02.06")
        self.hub = Hub(self.version_index, self.clock, look_interval=0.05)
        overviews = Overviews(self.reports, self.hub, FakeRules(), self.clock)
        self.keys = KeysToChange()
        self.app: FastAPI = create_http(
            "reporting", "", self.keys, lambda: True, None, cors=Cors(origins)
        )
        tokens = StreamTokens(b"of all replicas", self.keys, self.clock)
        self.app.state.address_tokens = tokens
        self.app.include_router(stream.routes(self.hub, tokens, heartbeat=heartbeat))
        self.app.include_router(figures.routes(overviews, self.clock, open_data=open_data))
        self.app.include_router(page.routes(open_data=open_data))
        self.app.include_router(api.routes(self.reports, NobodyPosted(), self.clock))

    def submit(self, number: int = 1) -> None:
        """More consultations, today, and the word of the version index of them."""
        new = rows([life[:1] for life in lives(99, number, NOON - timedelta(hours=2), NOON)])
        self.reports.rows += new
        self.reports.edition += 1
        self.version_index.write(*(f"{local_day(NOON)}/{row.kecamatan}" for row in new))

    @asynccontextmanager
    async def served(self) -> AsyncGenerator[str, None]:
        """Its address."""
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(self.app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            self.hub.leave()
            server.should_exit = True
            await serving
            await self.hub.stop()


def _until_now(life: Sequence[ConsultationEvent]) -> list[ConsultationEvent]:
    """What of it has happened by `NOON`; always the beginning."""
    return [event for event in life if event is life[0] or event.time <= NOON]


@asynccontextmanager
async def chromium(*, keeps_pages: bool = False) -> AsyncGenerator[Browser, None]:
    """The system's own, headless; skips where there is none. `keeps_pages`: for the button "back",
    as people's browsers do, and Playwright's own does not."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        unavailable("needs Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            # it does not run as root otherwise; containers have a small /dev/shm
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            ignore_default_args=["--disable-back-forward-cache"] if keeps_pages else None,
        )
        try:
            yield browser
        finally:
            await browser.close()


async def first_paint(page: Page) -> float:
    """Waits until something is to be seen; the milliseconds that it took."""
    found: list[float] = []

    async def painted() -> bool:
        found[:] = await page.evaluate(
            "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)"
        )
        return bool(found)

    await until(painted, 20.0, "something to be painted", poll=0.02)
    return found[0]
