"""What our HTTP APIs have in common: problems for errors, probes, metrics, OpenAPI style."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.routing import iter_route_contexts
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from shared import metrics
from shared.errors import StoreUnavailable, TryLater, describe
from shared.limits.buckets import TooMany
from shared.limits.callers import CallerLimits
from shared.text.wording import Fault, Text
from shared.web.api_keys import Keys
from shared.web.auth import Tokens
from shared.web.cors import Cors
from shared.web.middleware import PROBES, Entrance, problem_response
from shared.web.openapi import add_page, openapi
from shared.web.problems import KINDS, Problem, faults, too_many

log = logging.getLogger(__name__)

V = TypeVar("V")

#: Documented on every guarded route.
GUARDED = ("unauthorized", "forbidden", "invalid", "too_many", "unavailable")
#: Documented on every route that takes a body, besides.
WITH_BODY = ("malformed", "too_slow", "too_large", "unsupported_media_type")

OPEN_PATHS = (*PROBES, "/openapi.json", "/docs", "/docs/")

#: Headers that come with a problem, by status.
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds after which to try again",
        "schema": {"type": "integer", "minimum": 0},
    }
}
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}},
    429: {
        **_RETRY_AFTER,
        "RateLimit": {
            "description": "The limit's name, what is left of it, and seconds until there is more",
            "schema": {"type": "string"},
        },
        "RateLimit-Policy": {
            "description": "The limit's name, how many at once, and seconds until all are back",
            "schema": {"type": "string"},
        },
    },
    503: _RETRY_AFTER,
}

_ETAG = {"ETag": {"description": "The version that was answered", "schema": {"type": "string"}}}
#: Documented on every route that answers through `tagged`.
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": _ETAG},
    304: {"description": "The caller has this version already", "headers": _ETAG},
}
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="ETags of the versions the caller has")
]


_BY_STATUS = {
    400: "malformed",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many",
    503: "unavailable",
}


class _App(FastAPI):
    """The entrance is before all of FastAPI's way, which direct routes do not need."""

    entrance: Entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        await self.entrance(scope, receive, send)

    async def routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)


def create_http(
    service: str,
    description: str,
    keyring: Keys,
    is_open: Callable[[], bool],
    lifespan: Any,
    tokens: Tokens | None = None,
    documentation: Path | None = None,
    limits: CallerLimits | None = None,
    cors: Cors | None = None,
) -> FastAPI:
    """A FastAPI app with the house's errors, limits, log line and OpenAPI document.

    `keyring` and `tokens`: who is let in, by API key and by token; no token where it is None.
    `documentation`: the file with the document's tags and examples. `limits`: on who comes without
    a valid key; none where it is None. `cors`: which other origins' pages may read the answers.
    """
    app = _App(
        title=f"Klik Desa {service}",
        version="1",
        description=description,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.keyring = keyring
    app.state.tokens = tokens
    app.state.own_tokens = None
    app.state.address_tokens = None
    app.state.limits = limits or CallerLimits()
    app.state.audit = None
    app.state.error_page = None
    app.add_exception_handler(NotModified, _on_not_modified)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(TooMany, _on_too_many)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(StoreUnavailable, _on_store_unavailable)
    app.add_exception_handler(TryLater, _on_try_later)
    app.add_exception_handler(Exception, _on_failure)
    app.state.cors = cors or Cors()
    app.entrance = Entrance(app.routed, is_open, OPEN_PATHS, cors=app.state.cors)
    app.openapi = lambda: openapi(app, documentation)  # type: ignore[method-assign]
    add_page(app)
    return app


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: the problems it may answer with, by kind."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
    documented: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        status, _, title = KINDS[kind]
        documented[status] = {
            "description": title,
            "content": {"application/problem+json": schema},
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
        }
    return documented


def tagged(view: V, etag: str, if_none_match: str | None, response: Response) -> V:
    """`view` under an ETag; raises `NotModified` where the caller has this version already."""
    given = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if etag in given or given == ["*"]:
        raise NotModified({**response.headers, "ETag": etag})
    response.headers["ETag"] = etag
    return view


def etag_of(*parts: object) -> str:
    """A strong ETag of all that an answer goes by."""
    return f'"{sha256(" ".join(map(str, parts)).encode()).hexdigest()[:32]}"'


class NotModified(Exception):
    """304, with the headers that 200 would have had: the ETag, and what the answer goes by."""


def in_order(first: date, last: date) -> None:
    if first > last:
        said = Text("'from' lebih akhir daripada 'to'.", "'from' is after 'to'")
        raise Problem("invalid", errors=[Fault("query:from", "range_inverted", said)])


def add_probes(
    app: FastAPI,
    checks: Mapping[str, Callable[[], Awaitable[bool]]],
    needs: set[str],
    instance: str = "",
) -> None:
    """`/livez`, `/readyz` and `/metrics`. Who lacks one of `needs` is not ready.

    `instance`: which process this is, for whoever started it.
    """

    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        up = {name: await check() for name, check in checks.items()}
        for name, works in up.items():
            metrics.UP.labels(name).set(works)
        missing = {name for name, works in up.items() if not works}
        status = "unready" if missing & needs else "degraded" if missing else "ready"
        return JSONResponse(
            {
                "status": status,
                "checks": {name: "up" if ok else "down" for name, ok in up.items()},
                **({"instance": instance} if instance else {}),
            },
            status_code=503 if status == "unready" else 200,
        )

    @app.get("/metrics", include_in_schema=False)
    async def metrics_page() -> Response:
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _on_not_modified(request: Request, error: Exception) -> Response:
    kept = ("etag", "vary", "cache-control", "content-language")
    headers = {name: value for name, value in error.args[0].items() if name.lower() in kept}
    return Response(status_code=304, headers=headers)


async def _on_problem(request: Request, error: Exception) -> Response:
    return problem_response(request, error if isinstance(error, Problem) else Problem("internal"))


async def _on_too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooMany)  # noqa: S101 - what it is registered for
    return problem_response(request, too_many(error))


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return problem_response(request, Problem("invalid", errors=faults(errors)))


async def _on_http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request.app, request.url.path))
    kind = _BY_STATUS.get(status, "internal")
    return problem_response(request, Problem(kind, headers=headers))


def _methods(app: FastAPI, path: str) -> list[str]:
    """What `path` can be asked for; Starlette names the methods of the first fitting route only."""
    fitting = (
        route.methods or ()
        for route in iter_route_contexts(app.routes)
        if route.path and compile_path(route.path)[0].match(path)
    )
    return sorted({method for methods in fitting for method in methods})


async def _on_store_unavailable(request: Request, error: Exception) -> Response:
    log.warning("database unavailable")
    return problem_response(request, Problem("unavailable"))


async def _on_try_later(request: Request, error: Exception) -> Response:
    log.error("not answered for now", extra={"error": describe(error)})
    return problem_response(request, Problem("unavailable"))


async def _on_failure(request: Request, error: Exception) -> Response:
    log.error("request failed", exc_info=error)
    return problem_response(request, Problem("internal"))
