"""Changes are written down before they are made: what was begun and not ended was interrupted."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from shared.audit import trail
from shared.audit.operations import CHANGES

Endpoint = Callable[..., Awaitable[Any]]


def write_down_changes(app: FastAPI) -> None:
    """Have the routes of `CHANGES` begin their trail once what was asked for is valid: a refusal
    changes nothing, and waits for no store."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.name in CHANGES:
            call = route.dependant.call
            if call is not None and not hasattr(call, _MARK):
                route.dependant.call = _begun(call)


_MARK = "__begins_a_trail__"


def _begun(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    async def call(*args: Any, **named: Any) -> Any:
        await trail.begin()
        return await endpoint(*args, **named)

    setattr(call, _MARK, True)
    return call
