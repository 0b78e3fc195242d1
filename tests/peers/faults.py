"""Failing as told: which of the calls, and how."""

import asyncio
import random
import time
from typing import Any, Generic, TypeVar

Fault = TypeVar("Fault", bound=str)


class Faulty(Generic[Fault]):
    """A provider. `taken` holds what it took on, in order, and `taken_at` when, by `time.time`."""

    def __init__(self, *, seed: int = 1) -> None:
        self.taken: list[Any] = []
        self.taken_at: list[float] = []
        self.slowness = 30.0
        """Seconds that the fault `slow` takes."""
        self._faults: tuple[Fault, ...] = ()
        self._share = 1.0
        self._random = random.Random(seed)  # noqa: S311 - the same failures in each run

    def fail(self, *faults: Fault, share: float = 1.0) -> None:
        """Fail this `share` of the calls from now on, each with one of `faults`."""
        self._faults, self._share = faults, share

    def heal(self) -> None:
        self._faults = ()

    def take(self, what: Any) -> None:
        self.taken.append(what)
        self.taken_at.append(time.time())

    def next_fault(self) -> Fault | None:
        """How the call that comes now fails."""
        if not self._faults or self._random.random() >= self._share:
            return None
        return self._random.choice(self._faults)

    async def be_slow(self) -> None:
        await asyncio.sleep(self.slowness)
