"""How each route is asked about each thing, by everybody, also by who is nobody."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.contract.reach.system import System, alert_of, id_of
from tests.contract.reach.table import HOME, NEXT, OWN, REQUESTERS, TABLE, UNKNOWN
from tests.contract.test_access import Route
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock
from tests.support.keys import bearer
from tests.support.services.intake import as_requester
from tests.support.services.webhooks import ENDPOINT

REPORTS = [name for name in TABLE if name.startswith("report_consultations")]
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
    "count_accepted": "from=2026-11-01&to=2026-11-24",
    "read_calendar": "year=2026",
    **dict.fromkeys(REPORTS, "group_by=kecamatan,kind"),
}
PLACES = {"of home": HOME, "of next": NEXT, "of dpmd": "dpmd"}


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
            peer.claims = {"exp": 1_700_000_000} if "expired" in who else {}
            token = peer.id_token()
            return bearer(f"{token[:-4]}AAAA" if "nobody" in who else token)
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
        else:
            asked = f"kecamatan={target}" if target else ""
            path += f"?{'&'.join(filter(None, (ASKED.get(route.name, ''), asked)))}"
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
            return await opened(client, route.path, headers)
        return await client.request(route.method, path, json=body, headers=headers)

    def _person(self, path: str, route: Route, target: str) -> tuple[str, Any]:
        whose, _, moved = target.partition(", ")
        satgas = PLACES.get(moved.replace("moved to", "of"), PLACES.get(whose, HOME))
        body = {"role": "officer", "satgas": satgas} if route.method == "PUT" else None
        return path.replace("{id}", id_of(whose)), body

    def _roster(self, path: str, route: Route, target: str) -> tuple[str, Any]:
        first = {"of home": "home", "of next": "next"}.get(target)
        officers = [f"{first}-1", f"{first}-2"] if first else ["d"]
        body = {"officers": [{"code": one} for one in officers], "coordinator": officers[0]}
        code = PLACES.get(target, "64.02.99")
        return path.replace("{kecamatan}", code), body if route.method == "PUT" else None


async def opened(
    client: httpx.AsyncClient, path: str, headers: Mapping[str, str]
) -> httpx.Response:
    """How a stream begins, which has no end by itself."""
    app = client._transport.app  # type: ignore[attr-defined]
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
