"""Routes that are asked all day, answered without FastAPI's way to them.

Matching, exit stacks, dependency solving and validating what is answered cost more than what such a
route does. It is declared as any other, so that its contract is FastAPI's and its endpoint a plain
function; `@direct` has the middleware answer it. Caller, language, headers and body are read by the
same functions, in the same order, with the same errors.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel
from starlette.responses import Response

from shared.web.auth import authorize, bearer
from shared.web.problems import language, spoken, spoken_headers

E = TypeVar("E", bound=Callable[..., Awaitable[BaseModel]])

_MARK = "is_direct"


def direct(endpoint: E) -> E:
    """Mark the endpoint of a POST without parameters in its path; it answers with a model."""
    setattr(endpoint, _MARK, True)
    return endpoint


class DirectRoute:
    """One such route. Raises TypeError where it takes what is not read here."""

    def __init__(self, route: RouteContext) -> None:
        dependant: Dependant = route.dependant
        self._route = route
        self._endpoint: Callable[..., Awaitable[BaseModel]] = route.original_route.endpoint  # type: ignore[attr-defined]
        self._status = route.status_code or 200
        self._headers = dependant.header_params
        self._aliases = [field.alias.lower().encode() for field in self._headers]
        self._defaults = {field.name: field.get_default() for field in self._headers}
        self._body = dependant.body_params
        self._named = {one.call: one.name for one in dependant.dependencies}
        others = (
            *dependant.path_params, *dependant.query_params, *dependant.cookie_params,
            dependant.request_param_name, dependant.response_param_name,
            *(self._named.keys() - {authorize, spoken}),
        )  # fmt: skip
        if any(others) or len(self._body) != 1 or authorize not in self._named:
            raise TypeError(f"{route.name} takes more than a direct route is given")

    async def answer(self, request: Request, body: Any) -> Response:
        """`body`: the JSON document that was sent, `Undefined` where none was."""
        request.scope["route"] = self._route
        caller = await authorize(request, await bearer(request))
        values: dict[str, Any] = dict(self._defaults)
        values[self._named[authorize] or ""] = caller
        headers: Mapping[str, str] = {}
        if spoken in self._named:
            said = language(request)
            headers = spoken_headers(said)
            values[self._named[spoken] or ""] = said
        errors: list[Any] = []
        if any(name in self._aliases for name, _ in request.scope["headers"]):
            read, errors = request_params_to_args(self._headers, request.headers)
            values |= read
        read, wrong = await request_body_to_args(self._body, body, False)
        if errors := [*errors, *wrong]:
            raise RequestValidationError(errors)
        answered = await self._endpoint(**values, **read)
        return Response(
            answered.model_dump_json(by_alias=True),
            self._status,
            headers,
            media_type="application/json",
        )


Direct = Mapping[tuple[str, str], DirectRoute]
"""Method and path → the route."""


def direct_routes(app: FastAPI) -> Direct:
    return {
        ("POST", route.path): DirectRoute(route)
        for route in iter_route_contexts(app.routes)
        if route.path is not None and getattr(route.endpoint, _MARK, False)
    }
