"""Group commit: calls that happen at the same time share one round trip to the database.

A journaled write costs a disk sync whether it carries one document or five hundred. So the first
caller waits a moment for company, all go in one batch, and each gets the result of its own item.
While a batch is being written, later callers gather for the next.

A batch is no larger than the database has lately written in a second. One that runs out of time is
work done in vain: all of it comes again, together with what gathered meanwhile, and the larger
batch runs out of time again. Where the database does not answer, all who wait are told so at once:
in small batches the last of them would wait for many times as long.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from shared.errors import StoreUnavailable

T = TypeVar("T")
R = TypeVar("R")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Seconds that the first caller waits for others: well below one disk sync.
WINDOW_SECONDS = 0.002
#: The same where nobody waits for an answer, as behind a queue: a request costs its store and us as
#: much as several of what it carries.
BACKGROUND_SECONDS = 0.05
#: Items in one batch; what is more goes into the next.
BATCH_ITEMS = 500
#: Seconds that a batch may take before later ones are made smaller: far from any timeout.
LONG_BATCH_SECONDS = 1.0


class GroupCommit(Generic[T, R]):
    """Gathers items for `write`, which gets a list and returns a result or an error for each item.

    If `write` raises, every caller of that batch gets that error; `StoreUnavailable`, everybody who
    waits for the next one too.
    """

    def __init__(
        self,
        write: Callable[[list[T]], Awaitable[Sequence[R | Exception]]],
        *,
        window: float = WINDOW_SECONDS,
        limit: int = BATCH_ITEMS,
        eager: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`eager`: who comes while nothing is being written waits for nobody."""
        self._write = write
        self._window = window
        self._eager = eager
        self._limit = limit
        self._clock = clock
        self._most = limit
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._worker: asyncio.Task[None] | None = None

    def submit(self, item: T) -> asyncio.Future[R]:
        """Have `item` written; to be awaited for its result, raises what became of it otherwise.

        A caller that is cancelled while waiting does not take its item back.
        """
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._worker is None:
            self._worker = asyncio.create_task(self._drain())
        return done

    async def _drain(self) -> None:
        try:
            window = 0 if self._eager else self._window
            while self._waiting:
                await asyncio.sleep(window)
                window = self._window
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                started = self._clock()
                unanswered = await self._flush(batch)
                self._most = self._next_size(len(batch), self._clock() - started)
                if unanswered:
                    others, self._waiting = self._waiting, []
                    self._settle(others, [unanswered] * len(others))
        finally:
            self._worker = None

    def _next_size(self, size: int, took: float) -> int:
        """The most items of the next batch, after one of `size` that took so many seconds."""
        if size < self._most and took <= LONG_BATCH_SECONDS:
            return self._most  # nothing learnt: it was no larger because nobody else waited
        in_time = size * LONG_BATCH_SECONDS / took if took else math.inf
        return max(1, int(min(in_time, size * 2, self._limit)))

    async def _flush(self, batch: list[tuple[T, asyncio.Future[R]]]) -> StoreUnavailable | None:
        """Why nobody can be served now, if so."""
        outcomes: Sequence[R | BaseException]
        unanswered: StoreUnavailable | None = None
        try:
            outcomes = await self._write([item for item, _ in batch])
        except BaseException as error:
            outcomes = [error] * len(batch)
            unanswered = error if isinstance(error, StoreUnavailable) else None
            if not isinstance(error, Exception):
                self._settle(batch, outcomes)
                raise
        self._settle(batch, outcomes)
        return unanswered

    @staticmethod
    def _settle(
        batch: list[tuple[T, asyncio.Future[R]]], outcomes: Sequence[R | BaseException]
    ) -> None:
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            if done.done():
                continue
            if isinstance(outcome, asyncio.CancelledError):
                done.cancel()
            elif isinstance(outcome, BaseException):
                done.set_exception(outcome)
            else:
                done.set_result(outcome)


class Loader(Generic[K, V]):
    """Reads of one moment share one question.

    `fetch` gets keys, each once, and returns what there is of them. If it raises, so do all who
    asked.
    """

    def __init__(
        self,
        fetch: Callable[[list[K]], Awaitable[Mapping[K, V]]],
        *,
        window: float = WINDOW_SECONDS,
        limit: int = BATCH_ITEMS,
    ) -> None:
        self._fetch = fetch
        self._asking: GroupCommit[K, V | None] = GroupCommit(
            self._answers, window=window, limit=limit
        )

    def load(self, key: K) -> asyncio.Future[V | None]:
        """To be awaited for what there is of `key`; None where there is nothing."""
        return self._asking.submit(key)

    async def _answers(self, keys: list[K]) -> Sequence[V | None]:
        found = await self._fetch(list(dict.fromkeys(keys)))
        return [found.get(key) for key in keys]
