"""The rules of pacing: a token bucket and a circuit breaker. They are told the time, in seconds."""

from dataclasses import dataclass

#: Temporary failures in a row that open the circuit, and seconds until one send may try it again.
FAILURES = 5
PAUSE = 30.0
#: A provider may ask for a longer pause, up to this.
LONGEST_PAUSE = 600.0


@dataclass(slots=True)
class Bucket:
    """A token bucket: `rate` sends a second, up to `burst` of them at once after a rest."""

    rate: float
    burst: float
    level: float = 0.0
    filled_at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until there is a token."""
        self._fill(now)
        return max(0.0, (1 - self.level) / self.rate)

    def take(self, now: float) -> None:
        """Take a token, on account where there is none: the next one waits the longer."""
        self._fill(now)
        self.level -= 1

    def _fill(self, now: float) -> None:
        before = self.filled_at
        gained = self.burst if before is None else max(0.0, now - before) * self.rate
        self.level = min(self.burst, self.level + gained)
        self.filled_at = now if before is None else max(now, before)


@dataclass(slots=True)
class Breaker:
    """A circuit breaker: closed, open after failures in a row, half-open for one try after that."""

    failures: int = FAILURES
    pause: float = PAUSE
    in_a_row: int = 0
    open_until: float | None = None
    trying: bool = False

    def wait(self, now: float) -> float:
        """Seconds until a send may go; 0 where it may now."""
        if self.open_until is None:
            return 0.0
        return self.pause if self.trying else max(0.0, self.open_until - now)

    def enter(self) -> None:
        """A send goes, of those that may: while the circuit is half-open, the only one."""
        self.trying = self.open_until is not None

    def succeeded(self) -> None:
        """The provider answered; a final no is an answer too."""
        self.in_a_row, self.open_until, self.trying = 0, None, False

    def failed(self, now: float, asked: float = 0.0) -> None:
        """`asked`: seconds that the provider wants to be left alone."""
        self.in_a_row += 1
        if self.trying or self.in_a_row >= self.failures:
            self.open_until = now + max(self.pause, min(asked, LONGEST_PAUSE))
        self.trying = False

    def abandoned(self) -> None:
        """The send was cancelled, and says nothing about the provider."""
        self.trying = False
