"""Passes requests on to the services where there is no nginx: `make run` without one.

`python -m klik.gateway.proxy PORT intake=8001 routing=8002 …` runs until SIGTERM. It does by the
table what deploy/nginx.conf does, for one host and few people: it counts nobody. What a service
answers goes on as it comes, piece by piece, and no further than its reader reads.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx
import uvicorn
from starlette.datastructures import Address, Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from klik.gateway.routes import TABLE, Redirect, Route, find
from shared import logs
from shared.connection import Connection
from shared.server import KEEP_ALIVE_SECONDS, Server, cut_unread, harden_process
from shared.web.middleware import made_safe, problem_response
from shared.web.problems import Problem
from shared.web.responses import NO_ANSWER

log = logging.getLogger(__name__)

#: Bytes of a body: above the services' own limits, which answer better.
BODY_LIMIT = 2 * 2**20
#: Seconds that a body may pause for.
BODY_PAUSE_SECONDS = 15.0
#: Seconds to connect to a service, and that it may say nothing for.
CONNECT_SECONDS = 2.0
SILENT_SECONDS = 60.0
#: Seconds that open streams get when we are to stop.
STOP_SECONDS = 1

#: Of one connection only (RFC 9110, 7.6.1), and what we answer ourselves.
HOP_BY_HOP = frozenset(
    {
        b"connection", b"expect", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
_FORWARDED = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"})

_Raw = list[tuple[bytes, bytes]]


class Proxy:
    """An ASGI app of the whole table."""

    def __init__(
        self,
        services: Mapping[str, str],
        table: Sequence[Route | Redirect] = TABLE,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        silent_seconds: float = SILENT_SECONDS,
        body_pause_seconds: float = BODY_PAUSE_SECONDS,
    ) -> None:
        """`services`: where each of them is, by name (`http://127.0.0.1:8001`)."""
        self._services = {name: httpx.URL(url) for name, url in services.items()}
        self._table = table
        unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._transport = transport or httpx.AsyncHTTPTransport(limits=unlimited)
        self._timeout = {
            "connect": CONNECT_SECONDS, "pool": CONNECT_SECONDS,
            "read": silent_seconds, "write": silent_seconds,
        }  # fmt: skip
        self._body_pause_seconds = body_pause_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/healthz":
            await PlainTextResponse("ok\n")(scope, receive, send)
            return
        found = find(scope["path"], self._table)
        if found is None:
            await self._say(Problem("not_found"), scope, receive, send)
        elif isinstance(found.line, Redirect):
            await RedirectResponse(found.to or "/", HTTPStatus.FOUND)(scope, receive, send)
        else:
            await self._pass_on(found.line.service, found.to, scope, receive, send)

    async def _say(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response = problem_response(Request(scope), problem)
        del response.headers["vary"]
        # any page may read what we say ourselves: it is a constant
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.raw_headers = made_safe(response.raw_headers)
        await response(scope, receive, send)

    async def _pass_on(
        self, service: str, to: str | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        announced = Headers(raw=scope["headers"]).get("content-length", "")
        body = _Body(receive, self._body_pause_seconds, announced)
        try:
            response = await self._transport.handle_async_request(
                self._request(service, to, scope, body)
            )
        except Problem as problem:  # of its head or its body
            await self._say(problem, scope, receive, send)
            return
        except _Gone:
            return
        except NO_ANSWER as error:
            log.warning("no answer", extra={"to": service, "error": type(error).__name__})
            await self._say(Problem("unavailable"), scope, receive, send)
            return
        try:
            await _while_there(receive, _answer(service, response, send))
        finally:
            await response.aclose()

    def _request(self, service: str, to: str | None, scope: Scope, body: "_Body") -> httpx.Request:
        """Raises `Problem` where it says that it is too large, or not for which host it is."""
        raw: _Raw = scope["headers"]
        given = Headers(raw=raw)
        if len(given.getlist("host")) != 1:
            raise Problem("malformed")
        announced = given.get("content-length", "")
        if announced.isdigit() and int(announced) > BODY_LIMIT:
            raise Problem("too_large")
        headers = _passed_on(raw, _FORWARDED) + _forwarded(scope, given)
        has_body = bool(announced) or "transfer-encoding" in given
        if has_body and not announced:
            headers.append((b"transfer-encoding", b"chunked"))
        # byte for byte: what the URL of a library makes of a path may be another path
        target: bytes = scope["raw_path"] if to is None else to.encode()
        if to is None and scope["query_string"]:
            target += b"?" + scope["query_string"]
        return httpx.Request(
            scope["method"],
            self._services[service],
            headers=headers,
            stream=body if has_body else httpx.ByteStream(b""),
            extensions={"target": target, "timeout": self._timeout},
        )


class _Gone(Exception):
    """The client went away before its request was whole."""


class _Body(httpx.AsyncByteStream):
    """A request's body as it comes. Raises `Problem` where it is too large, does not go on, or is
    not as long as it was `announced`: to an upgrade, uvicorn gives no body."""

    def __init__(self, receive: Receive, pause_seconds: float, announced: str) -> None:
        self._receive = receive
        self._pause_seconds = pause_seconds
        self._announced = announced

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        while True:
            try:
                async with asyncio.timeout(self._pause_seconds):
                    message = await self._receive()
            except TimeoutError:
                raise Problem("too_slow", headers={"Connection": "close"}) from None
            if message["type"] == "http.disconnect":
                raise _Gone
            chunk: bytes = message.get("body", b"")
            if (size := size + len(chunk)) > BODY_LIMIT:
                raise Problem("too_large")
            is_last = not message.get("more_body", False)
            if is_last and self._announced and size != int(self._announced):
                raise Problem("malformed", headers={"Connection": "close"})
            yield chunk
            if is_last:
                return


def _passed_on(raw: Iterable[tuple[bytes, bytes]], but: frozenset[bytes] = frozenset()) -> _Raw:
    headers = [(name.lower(), value) for name, value in raw]
    named = {
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    }
    # a length that a connection names as its own would leave a body without an end
    left_out = HOP_BY_HOP | but | (named - {b"content-length", b"host"})
    return [header for header in headers if header[0] not in left_out]


def _forwarded(scope: Scope, given: Headers) -> _Raw:
    """Who asks, as which host, by which scheme: for services that take our word for it.

    Whom a proxy in front of us names is in `scope` already, where that proxy is on this host.
    """
    client = Address(*scope["client"]).host if scope.get("client") else ""
    through = ", ".join(filter(None, (*given.getlist("x-forwarded-for"), client)))
    host = given.get("host", "")
    said = {b"x-forwarded-for": through, b"x-forwarded-host": host}
    said[b"x-forwarded-proto"] = "https" if scope["scheme"] == "https" else "http"
    return [(name, value.encode("latin-1")) for name, value in said.items() if value]


async def _answer(service: str, response: httpx.Response, send: Send) -> None:
    """Its end is sent only where it came: else uvicorn closes the connection."""
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - of its transport
    headers = _passed_on(response.headers.raw)
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    try:
        async for chunk in response.stream:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except NO_ANSWER as error:
        log.warning("answer broken off", extra={"to": service, "error": type(error).__name__})
        raise
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _while_there(receive: Receive, answering: Coroutine[Any, Any, None]) -> None:
    """`answering`, which ends where the client has gone."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    answer, watch = asyncio.create_task(answering), asyncio.create_task(gone())
    try:
        await asyncio.wait({answer, watch}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (answer, watch):
            task.cancel()
        await asyncio.gather(answer, watch, return_exceptions=True)
    if not answer.cancelled() and (error := answer.exception()):
        raise error


def serve(port: int, services: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT."""
    logs.configure("gateway", "INFO")
    # what fails has its line above; uvicorn's would have a traceback
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    harden_process()
    config = uvicorn.Config(
        Proxy(services),
        http=Connection,
        ws="none",
        lifespan="off",
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    listening = config.bind_socket()
    cut_unread(listening)
    Server(config).run(sockets=[listening])


if __name__ == "__main__":
    serve(
        int(sys.argv[1]),
        {
            name: f"http://127.0.0.1:{port}"
            for name, _, port in (one.partition("=") for one in sys.argv[2:])
        },
    )
