"""An officer at the pages, over stores in memory: sign-in, forms, and who else is there."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from fastapi import APIRouter, FastAPI
from playwright.async_api import Page
from starlette.types import ASGIApp, Receive, Scope, Send

from klik.gateway.routes import find
from services.intake.domain.consultation import Consultation
from services.intake.handlers import Handlers
from services.routing.api.satgas import add_satgas
from services.routing.pages import roster
from services.routing.pages.site import PAGES as ROSTER_PAGES
from shared.times import local_day
from shared.web.api_keys import Keyring
from shared.web.app import create_http
from shared.web.pages.roster_tokens import RosterTokens
from shared.web.pages.sessions import COOKIE
from shared.web.permissions import Role
from tests.support.builders import a_post, assigned
from tests.support.fakes import FakeConsultations, FakeRosters, FakeSavedReplies
from tests.support.keys import bearer, key_row
from tests.support.services.dashboard import KeysToChange
from tests.support.services.intake import ROSTER_KEY, Accounts, with_intake

HOME, NEXT = "64.02.06", "64.02.19"
OFFICES = (HOME, NEXT, "dpmd")
DESA = "64.02.06.2012"
#: Access codes, by whose they are.
CODES: Mapping[str, tuple[str, Role, str | None]] = {
    "petugas-64.02.06-1": ("code of the first officer", Role.OFFICER, HOME),
    "petugas-64.02.06-2": ("code of the second officer", Role.OFFICER, HOME),
    "petugas-64.02.19-1": ("code of the neighbour", Role.OFFICER, NEXT),
    "koordinator": ("code of the coordinator", Role.COORDINATOR, HOME),
    "meja-dpmd": ("code of the desk", Role.DPMD, None),
    "pengelola": ("code of the administrator", Role.ADMIN, None),
    "camat": ("code of the camat", Role.CAMAT, HOME),
    "analis": ("code of the analyst", Role.ANALYST, None),
    "web": ("code of a front-end", Role.FRONTEND, None),
}
FIRST, SECOND, NEIGHBOUR = list(CODES)[:3]


def keyring(clock: Callable[[], datetime], **changed: Mapping[str, Any] | None) -> Keyring:
    """`changed`: fields of a row by its id; None takes it out."""
    rows = []
    for id_, (code, role, place) in CODES.items():
        more = changed.get(id_, {})
        if more is not None:
            of_place = {"territory": place} if place else {}
            rows.append({**key_row(id_, code, role, **of_place), **more})
    return Keyring.parse(json.dumps(rows), clock)


@dataclass
class Office:
    """intake with its pages, and the people in front of them."""

    clock: Callable[[], datetime]
    store: FakeConsultations = field(default_factory=FakeConsultations)
    accounts: Accounts | None = None

    def __post_init__(self) -> None:
        self.app: FastAPI = create_http("intake", "", keyring(self.clock), lambda: True, None)
        self.replies = FakeSavedReplies()
        with_intake(self.app, self.store, self.clock, accounts=self.accounts, replies=self.replies)

    def visitor(self) -> httpx.AsyncClient:
        """A browser of their own."""
        transport = httpx.ASGITransport(self.origin)
        return httpx.AsyncClient(transport=transport, base_url="http://i")

    def change_keys(self, **changed: Mapping[str, Any] | None) -> None:
        self.app.state.keyring = keyring(self.clock, **changed)

    async def submit(self, desa: str = DESA, *, due: datetime | None = None, **post: Any) -> UUID:
        """A new consultation, which routing has given to the first officer where it is `due`."""
        async with self.visitor() as client:
            reply = await client.post(
                "/v1/consultations",
                json=a_post(**{"desa_code": desa, **post}),
                headers=bearer(CODES["web"][0]),
            )
        id_ = UUID(reply.json()["id"])
        if due:
            handlers = Handlers(self.store, self.clock)
            await handlers.on_case_assigned(
                assigned(id_, time=self.clock(), satgas=desa[:8], officer=FIRST, answer_due=due)
            )
        return id_

    async def answer(self, client: httpx.AsyncClient, id_: UUID, who: str) -> None:
        """As another officer does."""
        await sign_in(client, who)
        await press(client, id_, "jawab", pesan="Jawaban pertama.")

    @property
    def origin(self) -> ASGIApp:
        """What answers at its address."""
        return self.app

    @asynccontextmanager
    async def served(self, port: int = 0) -> AsyncGenerator[str, None]:
        """Its address, without a slash at the end. `port`: 0 takes a free one."""
        listening = socket.create_server(("127.0.0.1", port))
        server = uvicorn.Server(
            uvicorn.Config(
                self.origin, log_config=None, lifespan="off", timeout_graceful_shutdown=1
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving

    def found(self, id_: UUID) -> Consultation:
        return self.store.kept[id_]


class Town(Office):
    """The same with routing beside it, by one address: who is in a satgas."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rosters = FakeRosters(**{code.replace(".", "_"): _officers(code) for code in OFFICES})
        self.keys = KeysToChange()
        self.keys.now = keyring(self.clock)
        self.routing = create_http("routing", "", self.keys, lambda: True, None)
        visitors = RosterTokens(ROSTER_KEY, self.keys, self.clock)
        self.routing.include_router(
            roster.routes(self.rosters, visitors, lambda: local_day(self.clock()))
        )
        router = APIRouter(prefix="/v1")
        add_satgas(router, self.rosters, lambda: local_day(self.clock()))
        self.routing.include_router(router)
        self.routing.state.error_page = ROSTER_PAGES.error

    @property
    def origin(self) -> ASGIApp:
        """As the gateway passes on."""

        async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
            found = find(scope["path"])
            is_routings = found and getattr(found.line, "service", "") == "routing"
            await (self.routing if is_routings else self.app)(scope, receive, send)

        return pass_on

    def change_keys(self, **changed: Mapping[str, Any] | None) -> None:
        super().change_keys(**changed)
        self.keys.now = keyring(self.clock, **changed)


def _officers(code: str) -> tuple[str, ...]:
    return tuple(f"petugas-{code}-{number}" for number in (1, 2))


async def sign_in(client: httpx.AsyncClient, who: str = FIRST, **fields: str) -> httpx.Response:
    """As the person does: the form is opened, filled in and sent."""
    form = hidden((await client.get("/masuk")).text, 'name="kode"')
    return await client.post("/masuk", data={**form, "kode": CODES[who][0], **fields})


async def is_in(client: httpx.AsyncClient) -> bool:
    reply = await client.get("/satgas")
    assert reply.status_code in (200, 303)
    return reply.status_code == 200


def session_of(client: httpx.AsyncClient) -> str:
    return client.cookies.get(COOKIE) or ""


def hidden(page: str, mark: str) -> dict[str, str]:
    """The hidden fields of the one form that has `mark` in it."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    (form,) = (one for one in forms if mark in one)
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found}


async def press(client: httpx.AsyncClient, id_: UUID, step: str, **fields: str) -> httpx.Response:
    """A button of the page as it is now."""
    page = (await client.get(f"/satgas/{id_}")).text
    return await client.post(
        f"/satgas/{id_}", data={**hidden(page, f'value="{step}"'), "langkah": step, **fields}
    )


async def type_code(page: Page, url: str, who: str) -> None:
    """In a browser, by the code of `who`, on the way to `url`."""
    await page.goto(url)
    await page.fill("#kode", CODES[who][0])
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".signed-in")
