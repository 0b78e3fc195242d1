"""When a failed attempt is repeated, and when the next channel is tried. Pure: chance comes from
outside."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.notify.domain.alert import Alert, Entry, code_of, failed, logged, released
from shared.events import Event

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
LONGEST_DELAY = timedelta(hours=24)


def delay(
    attempts: int, jitter: float, retry_after: timedelta | None = None, scale: float = 1.0
) -> timedelta:
    """How long to wait after failed attempt number `attempts` (from 1) on a channel.

    `jitter`: from 0 to 1, by chance. `scale`: multiplies our own waiting times. Never shorter than
    what the provider asked for.
    """
    usual = DELAYS[min(attempts, len(DELAYS)) - 1] * (1 - JITTER + 2 * JITTER * jitter) * scale
    return min(max(usual, retry_after or timedelta()), LONGEST_DELAY)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt failed. `lasting`: trying this channel again cannot help; `counts`: it was
    one, and not only held back on our side."""

    reason: str
    lasting: bool
    retry_after: timedelta | None = None
    counts: bool = True


def not_sent(
    alert: Alert,
    refusal: Refusal,
    *,
    channels: int,
    jitter: float,
    event_id: UUID,
    now: datetime,
    scale: float = 1.0,
) -> tuple[Alert, Event | None]:
    """Waiting for another attempt, or at the next of `channels`, or failed.

    After a day on hold, or due at a channel that took nobody, an alert moves to the recipient's
    next channel. Without one, each further hold counts as a failed attempt. `jitter`, `scale`: as
    in `delay`.
    """
    reason = code_of(refusal.reason)
    is_last = alert.step + 1 >= channels
    held_back_since = put_off_since(alert) or alert.due_since or now
    since = alert.created_at if is_last else held_back_since
    if not refusal.counts and now - since < LONGEST_DELAY:
        wait = delay(1, jitter, refusal.retry_after, scale)
        return put_off(alert, reason, now + wait, held_back_since), None
    here = alert.attempts_here + 1
    tried = logged(
        alert,
        Entry(now, "tried", channel=alert.channel, code=reason),
        attempts=alert.attempts + 1,
        attempts_here=here,
        reason=reason,
        state="waiting",
    )
    if not refusal.lasting and here < MAX_ATTEMPTS and (refusal.counts or is_last):
        wait = delay(here, jitter, refusal.retry_after, scale)
        return replace(tried, next_at=now + wait), None
    if not is_last:
        log = (*tried.log, Entry(now, "fallback", code=reason))
        return replace(
            tried, step=alert.step + 1, channel=None, attempts_here=0, next_at=now, log=log
        ), None
    return failed(tried, reason, event_id, now)


def put_off(alert: Alert, reason: str, until: datetime, since: datetime) -> Alert:
    """For later: it was held back on our side. The first time at a channel is worth a line."""
    line = [] if put_off_since(alert) else [Entry(since, "put_off", alert.channel, reason)]
    return released(alert, state="waiting", reason=reason, next_at=until, log=(*alert.log, *line))


def put_off_since(alert: Alert) -> datetime | None:
    """Since when its channel holds it back, quiet hours between; None where it does not."""
    lines = (line for line in reversed(alert.log) if line.what not in ("held", "taken_over"))
    last = next(lines, None)
    return last.at if last and last.what == "put_off" else None
