"""What a request asks beyond what its route knows: refused, not passed over.

A misspelt filter would else be answered as if it had not been there, with everything. What a route
knows is what its OpenAPI document says. Pages and providers' callbacks are in no document and take
whatever links and providers add.
"""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import Request

from shared.text.wording import Fault, Text
from shared.web.problems import Problem

_REPEATED = Text("Parameter ini diberikan lebih dari sekali.", "Given more than once")
_NO_BODY = Text("Rute ini tidak menerima isian.", "This route takes no body")


async def only_known(request: Request) -> None:
    """Raises `Problem`: 422 for parameters that the route does not know, or got twice, and for
    fields sent to a route without a body."""
    operation = _operation(request)
    faults = [*_parameters(request, operation), *await _fields(request, operation)]
    if faults:
        raise Problem("invalid", errors=faults)


def _parameters(request: Request, operation: dict[str, Any]) -> Iterator[Fault]:
    given = [name for name, _ in request.query_params.multi_items()]
    if not given:
        return
    known = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
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


async def _fields(request: Request, operation: dict[str, Any]) -> list[Fault]:
    if request.method not in ("POST", "PUT", "PATCH") or "requestBody" in operation:
        return []
    body = await request.body()
    # that it is JSON was looked at before (`middleware.py`); many clients send an empty object
    sent = json.loads(body) if body else None
    return [Fault("", "extra_forbidden", _NO_BODY)] if sent else []


def _operation(request: Request) -> dict[str, Any]:
    """The route in its service's document; nothing for what is in none."""
    name = request.scope["route"].name
    for path in request.app.openapi()["paths"].values():
        for operation in path.values():
            if operation["operationId"] == name:
                found: dict[str, Any] = operation
                return found
    return {}
