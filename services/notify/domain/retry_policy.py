"""When a failed attempt is repeated. Pure: chance comes from outside."""

from datetime import timedelta

#: Waiting time after attempt 1, 2, … on one channel: short first, since most faults are short, and
#: a day in all, since a mail server may be mended in the morning.
DELAYS: tuple[timedelta, ...] = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(seconds=90),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=45),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=15),
)
MAX_ATTEMPTS = len(DELAYS) + 1
#: Share of a delay by which it is made longer or shorter, so that what failed together does not
#: come back together.
JITTER = 0.2
#: The longest that a provider may put us off.
AT_MOST = timedelta(hours=24)


def delay(
    attempts: int, jitter: float, retry_after: timedelta | None = None, scale: float = 1.0
) -> timedelta:
    """How long to wait after failed attempt number `attempts` (from 1) on a channel.

    `jitter`: from 0 to 1, by chance. `scale`: multiplies our own waiting times. Never shorter than
    what the provider asked for.
    """
    usual = DELAYS[min(attempts, len(DELAYS)) - 1] * (1 - JITTER + 2 * JITTER * jitter) * scale
    return min(max(usual, retry_after or timedelta()), AT_MOST)
