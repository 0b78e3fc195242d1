"""The ASGI middleware around every API: log line, gate before start, limits on bodies."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import Histogram
from pydantic_core import PydanticUndefined as Undefined
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics
from shared.audit import trail as trails
from shared.errors import StoreUnavailable
from shared.logs import trace
from shared.text import json_documents
from shared.text.characters import illegible, repeated
from shared.text.wording import Text
from shared.web.cors import Cors
from shared.web.direct import Direct, DirectRoute, direct_routes
from shared.web.problems import Problem, language

log = logging.getLogger(__name__)

KIB = 1024
BATCH = ":batch"
CALLBACKS = "/v1/callbacks/"
#: What begins so takes JSON; what does not is a page, which takes a form as a browser sends it.
API = "/v1/"
#: What forms of pages are sent as; the second also by who carries out a mail program's button.
URL_ENCODED = "application/x-www-form-urlencoded"
FORMS = (URL_ENCODED, "multipart/form-data")
#: Bytes of a request's body; a batch carries up to a hundred posts, a provider's callback many
#: reports.
BODY_LIMIT = 64 * KIB
#: A form writes a character as up to twelve bytes; the longest text has 8,000 characters.
FORM_BODY_LIMIT = 128 * KIB
BATCH_BODY_LIMIT = 1024 * KIB
#: Seconds that a client may take to send its body.
BODY_SECONDS = 30.0

PROBES = ("/livez", "/readyz", "/metrics")

#: What a path has beside letters and digits (RFC 3986); all else is written in hexadecimal.
_IN_A_PATH = "/:@!$&'()*+,;="


#: For browsers, on every answer that does not say it otherwise (OWASP's list for REST). An answer
#: may hold personal data, or an error; the policy of a page allows what that page has.
_SAFE_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


class Entrance:
    """Around every API: the log line, the gate before start, the limits on bodies, safe headers.

    - One line and one observation a request, by route template: paths and bodies hold secrets.
    - 503 until the service is prepared: without its unique indexes a promise could be broken.
    - Bodies that are too large, not JSON, never finished or with control characters in their texts
      are refused before anything else reads them. No body at all is left to the routes, which know
      whether they, and the method, exist.
    - What is left goes to its direct route, or on to FastAPI.
    - What pages of other origins may read says so, errors included; their browsers' questions are
      answered here.
    - An answer that the audit has to know of is sent once it does; 503 where it cannot.
    """

    def __init__(
        self,
        app: ASGIApp,
        is_open: Callable[[], bool],
        always: Iterable[str],
        *,
        cors: Cors | None = None,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._cors = cors or Cors()
        self._body_seconds = body_seconds
        self._is_open = is_open
        self._always = frozenset(always)
        self._direct: Direct | None = None
        self._observed: dict[tuple[str, str, int], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, withheld = 500, False
        granted = self._cors.headers(scope)
        trails.clear()

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = made_safe(message["headers"]) + granted
            await send(message)

        async def answer(message: Message) -> None:
            nonlocal withheld
            if withheld:
                return
            if message["type"] == "http.response.start" and (trail := trails.current()):
                try:
                    await trail.end(message["status"])
                except StoreUnavailable:
                    log.warning("audit unavailable, answer withheld")
                    withheld = True
                    await refuse(Problem("unavailable"), scope, receive, observe)
                    return
            await observe(message)

        if scope["path"] in PROBES:
            await self._admit(scope, receive, observe)
            return
        started = time.monotonic()
        with trace(_header(scope, b"traceparent")):
            try:
                await self._admit(scope, receive, answer)
            finally:
                self._observe(scope, status, time.monotonic() - started)

    def _observe(self, scope: Scope, status: int, elapsed: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        key = (scope["method"], route, status)
        # looked up once: the library goes by the text of each label, under a lock
        if (histogram := self._observed.get(key)) is None:
            histogram = metrics.REQUESTS.labels(scope["method"], route, str(status))
            self._observed[key] = histogram
        histogram.observe(elapsed)
        if log.isEnabledFor(logging.INFO):
            log.info(
                "request",
                extra={
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(elapsed * 1000),
                },
            )

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS" and (allowed := self._cors.preflight(scope)):
            await Response(None, 204, allowed)(scope, receive, send)
        elif not self._is_open() and scope["path"] not in self._always:
            await refuse(Problem("unavailable"), scope, receive, send)
        elif scope["method"] in ("POST", "PUT", "PATCH"):
            await self._admit_with_body(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _admit_with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        document: Any = Undefined
        try:
            body = await _read(scope, receive, self._body_seconds)
            if body and not _is_form(scope):
                document = _read_json(_header(scope, b"content-type") or "", body)
                _expect_legible(document, scope["path"])
        except Problem as problem:
            await refuse(problem, scope, receive, send)
            return
        if self._direct is None:
            self._direct = direct_routes(scope["app"])
        if route := self._direct.get((scope["method"], scope["path"])):
            await _answer(route, document, scope, receive, send)
            return

        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


async def _answer(
    route: DirectRoute, document: Any, scope: Scope, receive: Receive, send: Send
) -> None:
    request = Request(scope)
    try:
        response = await route.answer(request, document)
    except Exception as error:
        handlers = scope["app"].exception_handlers
        kind = next(kind for kind in type(error).__mro__ if kind in handlers)
        response = await handlers[kind](request, error)
    await response(scope, receive, send)


def _header(scope: Scope, name: bytes) -> str | None:
    """The first of this name, which is in lower case."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


async def _read(scope: Scope, receive: Receive, seconds: float) -> bytes:
    if (_header(scope, b"content-encoding") or "identity").lower() != "identity":
        # small ones could be of any size: nothing is unpacked
        said = Text("Kirim tanpa kompresi.", "Send it uncompressed.")
        asked = {"Accept-Encoding": "identity"}
        raise Problem("unsupported_media_type", detail=said, headers=asked)
    limit = FORM_BODY_LIMIT if _is_form(scope) else BODY_LIMIT
    if _is_judged_in_parts(scope["path"]):
        limit = BATCH_BODY_LIMIT
    announced = _header(scope, b"content-length") or "0"
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    break
                body += message.get("body", b"")
                if len(body) > limit:
                    raise _too_large(limit)
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        # what is left of it is not waited for
        raise Problem("too_slow", headers={"Connection": "close"}) from None
    return bytes(body)


def _is_form(scope: Scope) -> bool:
    kind = (_header(scope, b"content-type") or "").split(";")[0].strip().lower()
    return not scope["path"].startswith(API) and kind in FORMS


def _too_large(limit: int) -> Problem:
    said = Text(f"Paling banyak {limit} byte.", f"At most {limit} bytes.")
    return Problem("too_large", detail=said)


def _is_judged_in_parts(path: str) -> bool:
    """Of a batch one bad post must not keep the others; what providers send is passed over."""
    return path.endswith(BATCH) or path.startswith(CALLBACKS)


def _expect_legible(document: Any, path: str) -> None:
    if path.startswith(CALLBACKS):
        return
    # what reads the posts of a batch by themselves sees no longer which names were repeated
    if errors := repeated(document) if path.endswith(BATCH) else illegible(document):
        raise Problem("invalid", errors=errors)


def _read_json(content_type: str, body: bytes) -> Any:
    kind = content_type.split(";")[0].strip().lower()
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        said = Text("Kirim sebagai application/json.", "Send application/json.")
        raise Problem("unsupported_media_type", detail=said)
    try:
        return json_documents.read(body)
    except (ValueError, RecursionError):
        said = Text("Isi permintaan bukan JSON dalam UTF-8.", "The body is not JSON in UTF-8.")
        raise Problem("malformed", detail=said) from None


def made_safe(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    said = list(headers)
    names = {name for name, _ in said}
    return said + [header for header in _SAFE_HEADERS if header[0] not in names]


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(Request(scope), problem)(scope, receive, send)


def problem_response(request: Request, problem: Problem) -> Response:
    """`problem` as an answer, in the caller's language; as a page to who looks at pages."""
    is_page = "text/html" in request.headers.get("accept", "")
    if is_page and not request.url.path.startswith(API) and (app := request.scope.get("app")):
        error_page: Callable[[Request, Problem], Response] | None = app.state.error_page
        if error_page:
            return error_page(request, problem)
    return JSONResponse(
        problem.body(language(request), quote(request.url.path, safe=_IN_A_PATH)),
        status_code=problem.status,
        headers={"Vary": "Accept-Language", **problem.headers},
        media_type="application/problem+json",
    )
