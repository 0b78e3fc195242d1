"""One lane a channel, so that a slow provider delays itself only."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from services.notify.senders.base import NotSent

#: Alerts that may wait for their turn in one lane, and the seconds that they do: less than a claim
#: holds. Who finds no room, or no turn in time, is told when to come again.
IN_LINE = 100
PATIENCE = 10.0


class Pace:
    """When those come again who find no room: each behind all who were put off before.

    Else a backlog would come again all at once, to be refused again, and each time be written down.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended = deque[float]()
        self._given = 0.0

    def count(self) -> None:
        """One more is done."""
        self._ended.append(self._clock())
        self._forget()

    @property
    def lately(self) -> int:
        """How many are done within the patience of one who waits."""
        self._forget()
        return len(self._ended)

    def put_off(self) -> timedelta:
        """How long to stay away: until those before have had their turn, at the pace of late, or at
        that of a whole line in its patience where it was slower: what has been mended is not left
        waiting."""
        now, pace = self._clock(), max(IN_LINE, self.lately) / PATIENCE
        self._given = max(now + PATIENCE, self._given + 1 / pace)
        return timedelta(seconds=self._given - now)

    def _forget(self) -> None:
        while self._ended and self._ended[0] < self._clock() - PATIENCE:
            self._ended.popleft()


class Lane:
    """The attempts at one channel that are under way, and those in line.

    The line is no longer than what is served within its patience: who waits in vain has to be
    written down, and taken up again.
    """

    def __init__(self, at_once: int) -> None:
        """`at_once`: attempts under way at the same time."""
        self._turns = asyncio.Semaphore(at_once)
        self._at_once = at_once
        self._line = IN_LINE
        self._inside = 0
        self.pace = Pace()

    @property
    def room(self) -> int:
        """How many more may come in."""
        return max(0, self._at_once + self._line - self._inside)

    @property
    def is_behind(self) -> bool:
        """Whether the line is so long that nothing should be looked up for it."""
        return self.room < self._line / 2

    @property
    def is_free(self) -> bool:
        """Whether nobody is in line."""
        return self._inside <= self._at_once

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """Wait in line; the attempt goes inside. Raises `NotSent`, `channel_busy`."""
        if not self.room:
            raise self._busy()
        self._inside += 1
        try:
            await self._wait()
            try:
                yield
            finally:
                self._turns.release()
                self.pace.count()
                self._line = min(IN_LINE, self._line + 1)
        finally:
            self._inside -= 1

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turns.acquire()
        except TimeoutError:
            self._line = max(1, self.pace.lately)
            raise self._busy() from None

    def _busy(self) -> NotSent:
        return NotSent("channel_busy", permanent=False, retry_after=self.pace.put_off())
