"""Waits for what is measured: its start, and its end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from klik.local.processes import START_TIMEOUT, ServiceProcess
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


async def until_up(service: ServiceProcess) -> None:
    """Until it answers requests: without RabbitMQ it is degraded, and answers."""
    deadline = time.monotonic() + START_TIMEOUT
    while service.status() not in ("ready", "degraded"):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{service.name} did not come up\n{service.tail()}")
        await asyncio.sleep(POLL / 5)
