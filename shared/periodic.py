"""What a service does again and again by itself: one task, which no failure ends.

task = PeriodicTask("timers", self.tick, LOOK_SECONDS)
await task.start()
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from shared.errors import KlikError, describe

log = logging.getLogger(__name__)

Step = Callable[[], Awaitable[object]]

#: Seconds until the next try where the last one failed.
FAILURE_PAUSE_SECONDS = 1.0


class PeriodicTask:
    def __init__(
        self,
        name: str,
        work: Step,
        pause: float | Step,
        *,
        after_failure: float = FAILURE_PAUSE_SECONDS,
    ) -> None:
        """`name` for the log; `pause`: seconds between the end of one round and the next, or
        something to wait for; `after_failure`: seconds until the next try, where a second is too
        soon for what failed."""
        self._name = name
        self._work = work
        self._pause = pause if callable(pause) else partial(asyncio.sleep, pause)
        self._after_failure = after_failure
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def running(self) -> bool:
        return self._task is not None

    async def start(self) -> None:
        self._stopping = False
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Breaks off what is being done; safe where nothing was started."""
        # the round may swallow the cancellation, and is the last then: before Python 3.12,
        # `asyncio.wait_for` does where the result comes at the same moment
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._work()
                if not self._stopping:
                    await self._pause()
            except KlikError as error:
                log.warning(f"{self._name} wait", extra={"error": describe(error)})
                await self._recover()
            except Exception as error:
                log.exception(f"{self._name} failed", extra={"error": describe(error)})
                await self._recover()

    async def _recover(self) -> None:
        if self._stopping:
            return
        await asyncio.sleep(self._after_failure)
