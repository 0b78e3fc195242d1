"""Token buckets: so many at once, and so many a second over time. Pure, but for a clock.

A bucket is one number, the time at which it will be full again (GCRA): what is taken puts it off.
Each process counts by itself; `shared/limits/sharing.py` tells the other replicas what was taken.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Self

from shared.errors import KlikError

#: Buckets of one kind in a process; half of them, the fullest, are forgotten where there are more.
MOST_BUCKETS = 10_000
#: Seconds for which a full bucket is remembered: what it still has to tell may be told by then.
IDLE_SECONDS = 600.0
#: What is taken from a bucket is told once it is this part of what it holds: what is asked for
#: seldom is never written.
TOLD_FROM = 0.1


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    burst: int
    """What a full bucket holds."""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """`<per second>/<burst>`, or None for `off`. Raises ValueError."""
        if text.strip().lower() == "off":
            return None
        per_second, _, burst = text.partition("/")
        try:
            rate = cls(float(per_second), int(burst))
        except ValueError:
            rate = cls(0, 0)
        if not (0 < rate.per_second < 1e9 and 0 < rate.burst < 1e9):
            raise ValueError("not '<per second>/<burst>', as 100/1000, and not 'off'")
        return rate

    @property
    def seconds(self) -> float:
        """Until an empty bucket is full."""
        return self.burst / self.per_second


class TooMany(KlikError):
    """The bucket is empty; nothing was taken."""

    def __init__(self, name: str, rate: Rate, wait: float) -> None:
        """`wait`: seconds until there will be enough."""
        super().__init__(f"more than {name} allows")
        self.name = name
        self.rate = rate
        self.wait = wait

    @property
    def headers(self) -> Mapping[str, str]:
        """Retry-After, and the fields of draft-ietf-httpapi-ratelimit-headers-11 (May 2026): `q`
        in `w` seconds, of which `r` are left until `t` seconds from now."""
        seconds = ceil(self.wait)
        return {
            "Retry-After": str(seconds),
            "RateLimit-Policy": f'"{self.name}";q={self.rate.burst};w={ceil(self.rate.seconds)}',
            "RateLimit": f'"{self.name}";r=0;t={seconds}',
        }


class _Bucket:
    __slots__ = ("full_at", "untold")

    def __init__(self) -> None:
        self.full_at = 0.0
        """On the process's own clock."""
        self.untold = 0.0
        """What was taken since others were told of it."""


class Buckets:
    """The buckets of one limit, by whom it is for."""

    def __init__(
        self,
        name: str,
        rate: Rate | None,
        clock: Callable[[], float] = time.monotonic,
        *,
        most: int = MOST_BUCKETS,
    ) -> None:
        """`name`: what clients and the store know the limit by; without `rate` there is none."""
        self.name = name
        self.rate = rate
        self._clock = clock
        self._most = most
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str) -> None:
        """One from the bucket of `key`. Raises `TooMany`."""
        rate = self.rate
        if rate is None:
            return
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._add(key)
        full_at = max(bucket.full_at, now) + 1 / rate.per_second
        if (wait := full_at - now - rate.seconds) > 1e-6:
            raise TooMany(self.name, rate, wait)
        bucket.full_at = full_at
        bucket.untold += 1

    def give_back(self, key: str) -> None:
        """What was taken, and then not used."""
        if self.rate is not None and (bucket := self._buckets.get(key)):
            bucket.full_at -= 1 / self.rate.per_second
            bucket.untold -= 1

    def untold(self) -> dict[str, float]:
        """By key, what others should be told was taken: numbers of tokens."""
        if self.rate is None:
            return {}
        enough = max(1.0, self.rate.burst * TOLD_FROM)
        return {key: one.untold for key, one in self._buckets.items() if one.untold >= enough}

    def told(self, key: str, taken: float, full_in: float) -> None:
        """Others were told of `taken`; with what they took, it will be full in `full_in` s."""
        bucket = self._buckets.get(key)
        if bucket is None or self.rate is None:
            return
        bucket.untold -= taken
        now = self._clock()
        meanwhile = bucket.untold / self.rate.per_second
        bucket.full_at = max(bucket.full_at, now + max(full_in, 0.0) + meanwhile)

    def forget(self) -> None:
        """What has been full for long, and so is as if it had never been asked."""
        before = self._clock() - IDLE_SECONDS
        self._buckets = {key: one for key, one in self._buckets.items() if one.full_at > before}

    def __len__(self) -> int:
        return len(self._buckets)

    def _add(self, key: str) -> _Bucket:
        if len(self._buckets) >= self._most:
            emptiest = sorted(self._buckets.items(), key=lambda item: -item[1].full_at)
            self._buckets = dict(emptiest[: self._most // 2])
        bucket = self._buckets[key] = _Bucket()
        return bucket


#: Where there is no limit.
UNLIMITED = Buckets("unlimited", None)
