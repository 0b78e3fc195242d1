"""Waits for the end of what is measured."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from shared.errors import StoreUnavailable

S = TypeVar("S")

#: Seconds without any progress after which a measurement is given up.
STUCK = 90.0
POLL = 0.5


async def until_still(look: Callable[[], Awaitable[S]], done: Callable[[S], bool]) -> None:
    """Until what `look` sees is `done`, or has not changed for `STUCK` seconds.

    The store may be too busy with what is measured to be looked at.
    """
    seen: S | None = None
    moved_at = time.monotonic()
    while time.monotonic() - moved_at < STUCK:
        with suppress(StoreUnavailable):
            now = await look()
            if done(now):
                return
            if now != seen:
                seen, moved_at = now, time.monotonic()
        await asyncio.sleep(POLL)
