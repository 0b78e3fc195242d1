"""What a consumer was given, and what of it is not yet dealt with."""

from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    def __init__(self) -> None:
        self.given = 0
        """Messages since the process began."""
        self.now = 0
        """Of them, those that are being handled."""

    @contextmanager
    def one(self) -> Iterator[None]:
        """Around the handling of one message."""
        self.given += 1
        self.now += 1
        try:
            yield
        finally:
            self.now -= 1
