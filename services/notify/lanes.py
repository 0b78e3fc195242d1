"""One lane a channel, so that a slow provider delays itself only."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

#: Attempts at one channel at once, and alerts that may wait for their turn there; what is more is
#: put back.
AT_ONCE = 8
IN_LINE = 100


class Lane:
    """The attempts at one channel that are under way, and those in line."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    @property
    def is_full(self) -> bool:
        return self._inside >= AT_ONCE + IN_LINE

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """Wait in line; the attempt goes inside."""
        self._inside += 1
        try:
            async with self._turns:
                yield
        finally:
            self._inside -= 1
