"""Doing something no faster than it is wanted."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic


class Pace:
    """At most `rate` a second; as fast as it goes where that is None."""

    def __init__(
        self,
        rate: float | None,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    async def wait(self) -> None:
        if self._gap:
            await self._sleep(max(0.0, self._next - self._clock()))
            self._next = max(self._next, self._clock()) + self._gap
