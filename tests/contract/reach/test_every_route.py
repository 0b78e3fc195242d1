"""Every route of every service, as every role, about everything: all answers are those of `table`.

The routes are the apps' own: one that `table` does not know fails here, whatever it answers.
"""

import asyncio
import contextlib
import io
import re
import zipfile
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pyarrow.parquet as pq
import pytest

from services.intake.domain.saved_reply import SavedReply
from tests.contract.reach.system import PIN, SECRET, System, alert_of, id_of
from tests.contract.reach.table import (
    ANOTHERS,
    BOUND,
    CONSULTATIONS,
    HOME,
    KEYS,
    NEXT,
    NOBODY,
    OPEN,
    OWN,
    PEOPLE,
    REQUESTERS,
    ROSTERS,
    SIGHT,
    TABLE,
    UNKNOWN,
    WRITTEN,
    Line,
    Sees,
)
from tests.contract.test_access import GUARDED, ROUTES, Route, name_of
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock
from tests.support.keys import bearer
from tests.support.services.intake import as_requester
from tests.support.services.webhooks import ENDPOINT

OFFICER_BODY = {"code": "home-1"}
#: What each route is asked with, where that is not what its words are taken from.
BODIES: Mapping[str, Any] = {
    "submit_consultation": a_post(),
    "submit_batch": {"items": [a_post()]},
    "reject_consultation": {"reason": "not_ours"},
    "transfer_consultation": {"to": "dpmd", "officer": "d", "reason": "not_ours"},
    "escalate_consultation": {"reason": "needs_expert"},
    "rate_consultation": {"rating": 5},
    "save_reply": {"body": "Salam."},
    "put_opt_out": {"channel": "email", "address": "budi@desa.example", "opted_out": True},
    "create_webhook": {"url": ENDPOINT},
    "put_webhook": {"url": ENDPOINT},
}
ASKED: Mapping[str, str] = {
    "count_accepted": "?from=2026-11-01&to=2026-11-24",
    "read_calendar": "?year=2026",
    "read_reference": "topics",
}
HOOK_OF = {OWN: None, ANOTHERS: "another key", UNKNOWN: ""}
PERSON = {"role": "officer"}


def targets(line: Line) -> list[str]:
    """What a route is asked about, one after the other."""
    return {
        "consultation": [*SIGHT],
        "roster": [*ROSTERS],
        "person": [*PEOPLE],
        "entry": [*WRITTEN],
        "webhook": [*HOOK_OF],
        "figures": ["", HOME, NEXT],
        "consultations": ["", HOME, NEXT],
    }.get(line.about, [""])


def side(who: str, sees: Sees) -> int:
    role, place = KEYS.get(who, ("requester", None))
    if role == "requester":
        return sees.requester if who == "requester" else 404
    if role == "frontend":
        return sees.front_end
    if role in BOUND:
        return sees.home if place == HOME else sees.next
    return sees.everywhere


def expected(who: str, line: Line, target: str, says: str | None) -> int:
    """Who nobody knows is 401; whose role may not is 403, whatever it is about; then what each side
    sees; then what was erased; and then whose words they are."""
    role, place = KEYS.get(who, ("requester", None))
    if who in NOBODY:
        return 401
    if role not in line.may:
        return 403
    if line.about in ("figures", "consultations"):
        return 403 if role in BOUND and target not in ("", place) else 200
    if line.about == "webhook":
        return 200 if target == OWN or (target == ANOTHERS and role == "admin") else 404
    tables = {"consultation": SIGHT, "roster": ROSTERS, "person": PEOPLE, "entry": WRITTEN}
    if line.about in tables:
        seen = side(who, tables[line.about][target])
        if seen != 200:
            return seen
        if line.erased != 200 and CONSULTATIONS[target].erased:
            return line.erased
    return 403 if says and role not in line.says[says] else 200


class Asking:
    def __init__(self, system: System, clients: Mapping[str, httpx.AsyncClient]) -> None:
        self.system, self.clients = system, clients

    def headers(self, who: str, about: UUID | None = None) -> Mapping[str, str]:
        """`about`: the consultation that a requester's token is for."""
        earlier, peer = Clock(NOON - timedelta(days=60)), self.system.peer
        if who == "no key":
            return {}
        if who in REQUESTERS:
            return as_requester(about if who == "requester" and about else uuid4(), Clock(NOON))
        if who == "expired token of a requester":
            return as_requester(about or uuid4(), earlier)
        if who == "forged token of a requester":
            real = as_requester(about or uuid4(), Clock(NOON))["Authorization"]
            return {"Authorization": real[:-2] + ("AA" if real[-2:] != "AA" else "BB")}
        if "issuer" in who:
            peer.account = {"sub": "siapa", "klik_role": "admin"}
            peer.claims = {"exp": 1_700_000_000} if who.startswith("expired") else {}
            token = peer.id_token()
            return bearer(token if peer.claims else token[:-4] + "AAAA")
        return bearer(who)

    async def ask(
        self, route: Route, who: str, target: str = "", says: str | None = None
    ) -> httpx.Response:
        self.system.reset()
        consultation = self.system.ids.get(target, uuid4())
        path, body = route.path, BODIES.get(route.name)
        if "/consultations/{id}" in path or "/cases/{id}" in path:
            path = path.replace("{id}", str(consultation))
        elif "/alerts/{id}" in path:
            path = path.replace("{id}", alert_of(consultation))
        elif "/webhooks/{id}" in path:
            id_ = uuid4()
            if target != UNKNOWN:
                id_ = await self.system.hook(who if target == OWN else "another key")
            path = path.replace("{id}", str(id_))
        elif "/saved-replies/{id}" in path:
            ((_, kept),) = self.system.replies.kept
            path = path.replace("{id}", kept)
        elif "/recipients/{id}" in path:
            path, body = self._person(path, route, target)
        elif "/satgas/{kecamatan}" in path and route.path.startswith("/v1"):
            path, body = self._roster(path, route, target)
        elif "{name}" in path and route.guarded:
            path = path.replace("{name}", ASKED[route.name])
        elif target:
            path += f"?kecamatan={target}"
        else:
            path += ASKED.get(route.name, "")
        if says:
            body = {"kind": says, "body": "Isi."}
        if route.name in ("put_policy", "put_local_calendar"):
            read = await self.clients["routing"].get(route.path, headers=bearer("admin"))
            known = read.json()
            body = {k: v for k, v in known.items() if k not in ("set_by", "set_at", "version")}
        if route.name == "read_contacts":
            body = {"consultations": [str(consultation)]}
        headers = self.headers(who, consultation)
        client = self.clients[route.service]
        if route.name == "stream_changes":
            return await opened(client, path, headers)
        return await client.request(route.method, path, json=body, headers=headers)

    def _person(self, path: str, route: Route, target: str) -> tuple[str, Any]:
        there = {"of home": HOME, "of next": NEXT, "of dpmd": "dpmd"}
        whose, _, moved = target.partition(", ")
        satgas = there.get(moved.replace("moved to", "of"), there.get(whose, HOME))
        body = {**PERSON, "satgas": satgas} if route.method == "PUT" else None
        return path.replace("{id}", id_of(whose)), body

    def _roster(self, path: str, route: Route, target: str) -> tuple[str, Any]:
        there = {"of home": HOME, "of next": NEXT, "of dpmd": "dpmd"}
        first = {"of home": "home", "of next": "next"}.get(target)
        officers = [f"{first}-1", f"{first}-2"] if first else ["d"]
        body = {"officers": [{"code": one} for one in officers], "coordinator": officers[0]}
        code = there.get(target, "64.02.99")
        return path.replace("{kecamatan}", code), body if route.method == "PUT" else None


async def opened(
    client: httpx.AsyncClient, path: str, headers: Mapping[str, str]
) -> httpx.Response:
    """How a stream begins, which has no end by itself."""
    app = client._transport.app  # type: ignore[attr-defined]  # noqa: SLF001
    began: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            began.set_result(message["status"])

    async def receive() -> Any:
        await asyncio.Event().wait()

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": b"",
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("i", 80),
        "client": ("127.0.0.1", 1), "asgi": {"version": "3.0"}, "state": {},
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip
    streaming = asyncio.create_task(app(scope, receive, send))
    try:
        return httpx.Response(await asyncio.wait_for(began, 10))
    finally:
        streaming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await streaming


@pytest.fixture(scope="module")
async def asking() -> AsyncGenerator[Asking]:
    system = System()
    await system.make()
    async with system.clients() as clients:
        yield Asking(system, clients)


def test_table_knows_every_route_and_no_other() -> None:
    assert {one.name for one in GUARDED} == TABLE.keys()
    assert {one.name for one in ROUTES if not one.guarded} == OPEN.keys()


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_route_answers_everybody_by_the_table(asking: Asking, route: Route) -> None:
    line, unexpected = TABLE[route.name], []
    for who in (*KEYS, *REQUESTERS, *NOBODY):
        for target in targets(line):
            for says in line.says or (None,):
                reply = await asking.ask(route, who, target, says)
                # a move that the state forbids is one that the caller may make
                got = 200 if reply.status_code in (201, 202, 204, 207, 409) else reply.status_code
                wanted = expected(who, line, target, says)
                if wanted == 403 and who in REQUESTERS and route.service != "intake":
                    wanted = 401  # intake alone knows requesters
                if got != wanted:
                    cell = f"{who}, {target or 'nothing'}, {says or ''}"
                    unexpected.append(f"{cell}: {wanted} wanted, {reply.status_code} {reply.text}")
    assert not unexpected, "\n".join(unexpected[:20])
