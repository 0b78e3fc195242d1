"""Keeping a provider's pace by a token bucket, and leaving it alone while it is down by a circuit
breaker.

What is held back is refused soon, so that a slow or dead provider holds up nothing but its own
alerts.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from services.notify.channels.base import CIRCUIT_OPEN, IN_HAND, NotSent, Order, Sender
from shared import metrics

log = logging.getLogger(__name__)

#: Seconds that a send may wait to keep the pace before it is refused.
MAX_WAIT_SECONDS = 5.0
#: Temporary failures in a row that open the circuit, and seconds until one send may try it again.
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0
#: A provider may ask for a longer pause, up to this.
LONGEST_OPEN_SECONDS = 600.0


@dataclass(slots=True)
class Bucket:
    """A token bucket, told the time in seconds: `rate` sends a second, up to `burst` of them at
    once after a rest."""

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
    """A circuit breaker, told the time: closed, open after failures in a row, half-open for one try
    after that."""

    failures: int = FAILURES_TO_OPEN
    pause: float = OPEN_SECONDS
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
            self.open_until = now + max(self.pause, min(asked, LONGEST_OPEN_SECONDS))
        self.trying = False

    def abandoned(self) -> None:
        """The send was cancelled, and says nothing about the provider."""
        self.trying = False


class ThrottledSender:
    """A sender that keeps its provider's pace. `timeout` covers the wait for that too."""

    def __init__(
        self,
        sender: Sender,
        *,
        rate: float,
        patience: float = MAX_WAIT_SECONDS,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`rate`: sends a second."""
        self.channel = sender.channel
        self.timeout = sender.timeout + patience
        self.at_once = sender.at_once
        self._sender = sender
        self._patience = patience
        self._bucket = Bucket(rate, burst=max(1.0, rate))
        self._breaker = breaker or Breaker()
        self._clock = clock
        self._sleep = sleep

    def capacity(self) -> int:
        if self._breaker.open_until is None:
            return IN_HAND
        return 0 if self._breaker.wait(self._clock()) else 1

    async def send(self, order: Order) -> str | None:
        """As the sender does; or `circuit_open` or `rate_limited`, unsent."""
        outcome = "unknown"
        try:
            given = await self._at_its_pace(order)
            outcome = "sent"
            return given
        except NotSent as refused:
            outcome = refused.reason
            raise
        finally:
            metrics.SENDS.labels(self.channel, outcome).inc()

    async def close(self) -> None:
        await self._sender.close()

    async def _at_its_pace(self, order: Order) -> str | None:
        self._refuse_while_open()
        await self._wait_for_token()
        self._refuse_while_open()  # it may have opened meanwhile
        return await self._attempt(order)

    async def _wait_for_token(self) -> None:
        now = self._clock()
        wait = self._bucket.wait(now)
        if wait > self._patience:
            raise _held_back("rate_limited", wait)
        self._bucket.take(now)
        if wait:
            await self._sleep(wait)

    def _refuse_while_open(self) -> None:
        if wait := self._breaker.wait(self._clock()):
            raise _held_back(CIRCUIT_OPEN, wait)

    async def _attempt(self, order: Order) -> str | None:
        self._breaker.enter()
        try:
            async with asyncio.timeout(self._sender.timeout):
                given = await self._sender.send(order)
        except NotSent as refused:
            self._learn(refused)
            raise
        except TimeoutError:
            slow = NotSent("timeout", permanent=False)
            self._learn(slow)
            raise slow from None
        except BaseException:
            self._breaker.abandoned()
            raise
        self._learn(None)
        return given

    def _learn(self, refused: NotSent | None) -> None:
        before = self._breaker.open_until is not None
        if refused is None or refused.permanent:
            self._breaker.succeeded()
        else:
            asked = refused.retry_after or timedelta()
            self._breaker.failed(self._clock(), asked.total_seconds())
        after = self._breaker.open_until is not None
        if before != after:
            log.warning("channel %s", "held back" if after else "resumed", extra={
                "channel": self.channel, "reason": refused.reason if refused else None,
            })  # fmt: skip
        metrics.CHANNEL_UP.labels(self.channel).set(int(not after))


def _held_back(reason: str, wait: float) -> NotSent:
    return NotSent(reason, permanent=False, retry_after=timedelta(seconds=wait))
