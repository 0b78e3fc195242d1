"""ASGI middlewares around every API: the log line, the gate before start, the limits on bodies."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics
from shared.logs import trace
from shared.text.characters import illegible
from shared.text.wording import Text
from shared.web.problems import Problem, language

log = logging.getLogger(__name__)

KIB = 1024
BATCH = ":batch"
CALLBACKS = "/v1/callbacks/"
#: Pages that take a form as a browser sends it.
FORMS = frozenset({"/lacak"})
#: Bytes of a request's body; a batch carries up to a hundred posts, a provider's callback many
#: reports.
BODY_LIMIT = 64 * KIB
BATCH_BODY_LIMIT = 1024 * KIB
#: Seconds that a client may take to send its body.
BODY_TIMEOUT = 30

PROBES = ("/livez", "/readyz", "/metrics")

#: What a path has beside letters and digits (RFC 3986); all else is written in hexadecimal.
_IN_A_PATH = "/:@!$&'()*+,;="


class RequestLog:
    """One line and one observation a request, by route template: paths and bodies hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        status = 500
        started = time.monotonic()

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with trace(Request(scope).headers.get("traceparent")):
            try:
                await self._app(scope, receive, observe)
            finally:
                elapsed = time.monotonic() - started
                route = getattr(scope.get("route"), "path", "unknown")
                metrics.REQUESTS.labels(scope["method"], route, str(status)).observe(elapsed)
                log.info(
                    "request",
                    extra={
                        "method": scope["method"],
                        "route": route,
                        "status": status,
                        "ms": round(elapsed * 1000),
                    },
                )


class Gate:
    """503 until the service is prepared: without its unique indexes a promise could be broken."""

    def __init__(self, app: ASGIApp, is_open: Callable[[], bool], always: Iterable[str]) -> None:
        self._app = app
        self._is_open = is_open
        self._always = frozenset(always)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self._always and not self._is_open():
            await refuse(Problem("unavailable"), scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyGuard:
    """Refuses bodies that are too large, not JSON, never finished or with control characters in
    their texts, before anything else reads them.

    No body at all is left to the routes, which know whether they, and the method, exist.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
            if body and scope["path"] not in FORMS:
                document = _read_json(Request(scope).headers.get("content-type", ""), body)
                if not _is_judged_in_parts(scope["path"]):
                    _expect_legible(document)
        except Problem as problem:
            await refuse(problem, scope, receive, send)
            return

        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    @staticmethod
    async def _read(scope: Scope, receive: Receive) -> bytes:
        many = _is_judged_in_parts(scope["path"])
        limit = BATCH_BODY_LIMIT if many else BODY_LIMIT
        said = Text(f"Paling banyak {limit} byte.", f"At most {limit} bytes.")
        too_large = Problem("too_large", detail=said)
        announced = Request(scope).headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > limit:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_TIMEOUT):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        break
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise too_large
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            said = Text(
                "Isi permintaan tidak sampai tepat waktu.", "The body did not arrive in time."
            )
            raise Problem("malformed", detail=said) from None
        return bytes(body)


def _is_judged_in_parts(path: str) -> bool:
    """Of a batch one bad post must not keep the others; what providers send is passed over."""
    return path.endswith(BATCH) or path.startswith(CALLBACKS)


def _expect_legible(document: Any) -> None:
    if errors := illegible(document):
        raise Problem("invalid", errors=errors)


def _read_json(content_type: str, body: bytes) -> Any:
    kind = content_type.split(";")[0].strip().lower()
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        said = Text("Kirim sebagai application/json.", "Send application/json.")
        raise Problem("unsupported_media_type", detail=said)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        said = Text("Isi permintaan bukan JSON dalam UTF-8.", "The body is not JSON in UTF-8.")
        raise Problem("malformed", detail=said) from None


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(Request(scope), problem)(scope, receive, send)


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """`problem` as an answer, in the caller's language."""
    return JSONResponse(
        problem.body(language(request), quote(request.url.path, safe=_IN_A_PATH)),
        status_code=problem.status,
        headers={"Vary": "Accept-Language", **problem.headers},
        media_type="application/problem+json",
    )
