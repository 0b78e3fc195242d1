"""Changes are written down before they are made: what was begun and not ended was interrupted."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from shared.audit import trail

P = ParamSpec("P")
R = TypeVar("R")

_MARK = "__written_down_first__"


def written_down_first(route: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """A route of `CHANGES`: its trail begins once what was asked for is valid. A refusal changes
    nothing, and waits for no store."""

    @wraps(route)
    async def call(*args: P.args, **named: P.kwargs) -> R:
        await trail.begin()
        return await route(*args, **named)

    setattr(call, _MARK, True)
    return call


def is_written_down_first(route: object) -> bool:
    return hasattr(route, _MARK)
