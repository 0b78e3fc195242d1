"""What a request asks beyond what its route knows: refused, not passed over.

A misspelt filter would else be answered as if it had not been there, with everything. What a route
knows is what FastAPI reads for it. Pages and providers' callbacks take whatever links and providers
add: they do not depend on this.
"""

import json
from collections.abc import Iterator

from fastapi import Request
from fastapi._compat import ModelField
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute

from shared.text.wording import Fault, Text
from shared.web.problems import Problem

_REPEATED = Text("Parameter ini diberikan lebih dari sekali.", "Given more than once")
_NO_BODY = Text("Rute ini tidak menerima isian.", "This route takes no body")


async def only_known(request: Request) -> None:
    """Raises `Problem`: 422 for parameters that the route does not know, or got twice, and for
    fields sent to a route without a body."""
    route: APIRoute = request.scope["route"]
    faults = [*_parameters(request, route), *await _fields(request, route)]
    if faults:
        raise Problem("invalid", errors=faults)


def _parameters(request: Request, route: APIRoute) -> Iterator[Fault]:
    if not request.scope["query_string"]:
        return
    given = [name for name, _ in request.query_params.multi_items()]
    known = [one.alias for one in get_flat_params(route.dependant) if _is_query(one)]
    for name in dict.fromkeys(given):
        if name not in known:
            # a name of the sender's making may hold anything: cut it short
            yield Fault(f"query:{name[:64]}", "extra_forbidden", _unknown(known))
        elif given.count(name) > 1:
            yield Fault(f"query:{name}", "repeated", _REPEATED)


def _unknown(known: list[str]) -> Text:
    if not known:
        return Text("Rute ini tidak menerima parameter.", "This route takes no parameters")
    listed = ", ".join(known)
    return Text(
        f"Parameter tidak dikenal; yang dikenal: {listed}.", f"Unknown; known are: {listed}"
    )


def _is_query(field: ModelField) -> bool:
    # the fields of a model say nothing of it, and only queries are models here
    return getattr(field.field_info, "in_", ParamTypes.query) is ParamTypes.query


async def _fields(request: Request, route: APIRoute) -> list[Fault]:
    if request.method not in ("POST", "PUT", "PATCH") or route.body_field is not None:
        return []
    body = await request.body()
    # that it is JSON was looked at before (`middleware.py`); many clients send an empty object
    sent = json.loads(body) if body else None
    return [Fault("", "extra_forbidden", _NO_BODY)] if sent else []
