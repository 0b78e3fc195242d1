"""The retry policy, whole: how often a failed message is tried again, when, and when to give up.

Decided here, applied by `reliability.py`, with the queues declared by `topology.py`.
"""

from dataclasses import dataclass
from datetime import timedelta

from shared.errors import PermanentError, StoreUnavailable

#: Waiting time before attempt 2, 3, 4 and 5. Short first, since most faults are short; the last
#: step outlives a restart or a deployment. After them a message is parked.
DELAYS: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
)

#: How long a message may be held in the consumer while the database is away. Far below RabbitMQ's
#: consumer timeout (30 minutes), after which it would close the channel.
HOLD_AT_MOST = timedelta(minutes=10)

#: Why a message is parked that no attempt could handle.
EXHAUSTED = "attempts_exhausted"


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the message, unacknowledged, until the database answers: consuming pauses by itself."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Hand the message to the retry queue of `delay`."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Park:
    """Put the message aside for an operator, with `reason`."""

    reason: str


def next_step(error: Exception, attempt: int) -> Hold | Retry | Park:
    """What becomes of a message whose attempt number `attempt` (from 1) ended in `error`."""
    if isinstance(error, PermanentError):
        return Park(error.reason)
    if isinstance(error, StoreUnavailable):
        return Hold()
    if attempt <= len(DELAYS):
        return Retry(DELAYS[attempt - 1])
    return Park(EXHAUSTED)


def delay_name(delay: timedelta) -> str:
    """`5s`, `30s`, `5m`, `30m`: the last part of a retry queue's name."""
    seconds = int(delay.total_seconds())
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
