"""One lane a channel, so that a slow provider delays itself only."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from services.notify.senders.base import NotSent

#: Alerts that may wait for their turn in one lane, and the seconds that they do: less than a claim
#: holds. Who finds no room, or no turn in time, comes again after as long.
IN_LINE = 100
PATIENCE = 10.0


class Lane:
    """The attempts at one channel that are under way, and those in line."""

    def __init__(self, at_once: int) -> None:
        """`at_once`: attempts under way at the same time."""
        self._turns = asyncio.Semaphore(at_once)
        self._most = at_once + IN_LINE
        self._inside = 0

    @property
    def room(self) -> int:
        """How many more may come in."""
        return max(0, self._most - self._inside)

    @property
    def is_behind(self) -> bool:
        """Whether the line is so long that nothing should be looked up for it."""
        return self.room < IN_LINE / 2

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """Wait in line; the attempt goes inside. Raises `NotSent`, `channel_busy`."""
        if not self.room:
            raise _busy()
        self._inside += 1
        try:
            await self._wait()
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._inside -= 1

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turns.acquire()
        except TimeoutError:
            raise _busy() from None


def _busy() -> NotSent:
    return NotSent("channel_busy", permanent=False, retry_after=timedelta(seconds=PATIENCE))
