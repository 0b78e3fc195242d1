"""Doing again what the database did not take: it was away, or somebody else was quicker."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import Conflict, StoreUnavailable

T = TypeVar("T")

#: Seconds between tries, and for which they go on.
RETRY_PAUSE_SECONDS = 0.5
GIVE_UP_SECONDS = 300.0


async def retry_while_unavailable(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work` until the database answers. It may be done twice: an answer can be lost.

    Raises `StoreUnavailable` where that takes longer than `GIVE_UP_SECONDS`.
    """
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            return await work()
        except StoreUnavailable:
            if time.monotonic() > give_up:
                raise
            await asyncio.sleep(RETRY_PAUSE_SECONDS)


async def retry_on_conflict(attempt: Callable[[], Awaitable[T]], *, tries: int = 10) -> T:
    """Optimistic concurrency: do `attempt` (load, decide, save) again where another was quicker.

    It loads anew each time, and may raise whatever it finds then. Raises the last `Conflict` after
    `tries`, with nothing saved.
    """
    for _ in range(tries - 1):
        with contextlib.suppress(Conflict):
            return await attempt()
    return await attempt()
