"""How long publishes wait for RabbitMQ's confirmation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from shared.errors import PublishFailed


class Confirms:
    """What is under way, and since when nothing of it was confirmed."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._under_way: dict[object, float] = {}
        self._waiting_since: float | None = None

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Around one publish. One that failed counts on, since it will be tried again."""
        this, failed = object(), False
        self._under_way[this] = self._clock()
        if self._waiting_since is None:
            self._waiting_since = self._under_way[this]
        try:
            yield
        except PublishFailed:
            failed = True
            raise
        finally:
            del self._under_way[this]
            if not failed:
                self._waiting_since = next(iter(self._under_way.values()), None)

    def oldest(self) -> float:
        """Seconds that the oldest publish has been waiting, its repetitions included; 0 where
        nothing waits."""
        return 0.0 if self._waiting_since is None else self._clock() - self._waiting_since
