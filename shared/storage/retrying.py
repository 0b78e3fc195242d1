"""For work that must not be lost because the database was away for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import StoreUnavailable

T = TypeVar("T")

#: Seconds between tries, and for which they go on.
PAUSE = 0.5
AT_MOST = 300.0


async def retry_while_unavailable(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work` until the database answers. It may be done twice: an answer can be lost.

    Raises `StoreUnavailable` where that takes longer than `AT_MOST`.
    """
    give_up = time.monotonic() + AT_MOST
    while True:
        try:
            return await work()
        except StoreUnavailable:
            if time.monotonic() > give_up:
                raise
            await asyncio.sleep(PAUSE)
