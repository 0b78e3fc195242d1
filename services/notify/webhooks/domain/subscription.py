"""The rules of a webhook: which events it gets, what follows from an attempt, when it pauses. Pure.

A subscription goes through the event log event by event. Its settings are its owner's and have a
version; its progress is the worker's. `fencing_token` is the fence between the two: it rises
whenever a worker takes the subscription or its owner changes it, and only its last holder may
write.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from services.notify.domain.retry_policy import LONGEST_DELAY, MAX_ATTEMPTS, delay

State = Literal["active", "paused"]
Result = Literal["delivered", "failed", "given_up", "refused"]
"""Of an attempt. `failed`: it is repeated; `given_up`: it was the last one for this event;
`refused`: repeating it cannot help, the subscription is paused."""

#: Nothing but failures for so long, and it is paused.
PAUSED_AFTER = timedelta(days=3)
#: Failures belong to one run while no more than this is between them: the longest wait, and some.
LONGEST_GAP = LONGEST_DELAY + timedelta(hours=1)
#: Attempts that are remembered.
ATTEMPTS_KEPT = 50
#: Secrets that sign at once: the newest, and those that it takes the place of.
MOST_SECRETS = 3

#: Nobody's: takes a subscription out of its worker's hands.
UNLEASED = datetime(1970, 1, 1, tzinfo=UTC)

FAILING = "failing"
BY_OWNER = "by_owner"


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """The next event: number `index`, from 0, of segment `segment` of the event log."""

    segment: int
    index: int = 0


@dataclass(frozen=True, slots=True)
class Secret:
    """Encrypted. `until`: when it stops signing; None for the newest."""

    sealed: bytes = field(repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to; `reason` is None where the endpoint took it.

    `lasting`: trying again cannot help.
    """

    reason: str | None = None
    status: int | None = None
    lasting: bool = False
    retry_after: timedelta | None = None
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A line of the delivery log. `number`: from 1, at this event."""

    at: datetime
    event: UUID
    type: str
    number: int
    result: Result
    reason: str | None
    status: int | None
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a subscription has come."""

    cursor: Cursor
    state: State = "active"
    reason: str | None = None
    """Why it is paused."""
    attempts: int = 0
    """Failed ones, at the next event."""
    next_at: datetime | None = None
    """When that is tried again."""
    tried_at: datetime | None = None
    delivered_at: datetime | None = None
    failing_since: datetime | None = None
    failing_from: Cursor | None = None
    """Where the run of failures began."""
    recent: tuple[Attempt, ...] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class Subscription:
    id: UUID
    owner: str
    """The id of the API key that made it."""
    territory: str | None
    """The kecamatan of that key; None where it is for all."""
    created_at: datetime
    url: str = field(repr=False)
    """May hold a token of the receiver's."""
    events: tuple[str, ...]
    """Names, such as `case.assigned`; none for all."""
    kecamatan: tuple[str, ...]
    """None for all."""
    contact: str | None
    """Who is told when it pauses by itself: a code of the directory."""
    secrets: tuple[Secret, ...]
    """The newest first."""
    progress: Progress
    role: str | None = None
    """The owner's when it was made or changed last; None where that was not kept yet."""
    by_token: bool = False
    """The owner came by a token of the OIDC issuer."""
    version: int = 1
    fencing_token: int = 0

    def signing(self, now: datetime) -> list[Secret]:
        return [one for one in self.secrets if one.until is None or one.until > now]


@dataclass(frozen=True, slots=True)
class SubscriptionLease:
    """What workers see of a subscription when they look around."""

    id: UUID
    fencing_token: int
    state: str
    next_at: datetime | None
    leased_until: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether anybody may take it."""
        ready = self.next_at is None or self.next_at <= now
        return self.state == "active" and ready and self.leased_until <= now


def asks_for(subscription: Subscription, name: str, kecamatan: str) -> bool:
    """Whether it is about such an event at all; whether its owner may see it is another matter."""
    return (not subscription.events or name in subscription.events) and (
        not subscription.kecamatan or kecamatan in subscription.kecamatan
    )


def attempted(
    progress: Progress,
    outcome: Outcome,
    *,
    event: UUID,
    type_: str,
    following: Cursor,
    jitter: float,
    now: datetime,
) -> Progress:
    """The progress after an attempt at `event`, behind which `following` comes.

    `jitter`: from 0 to 1, by chance. An event is tried ten times over a day, then given up. After
    three days of nothing but failures the subscription pauses where they began, so that resuming it
    leaves nothing out.
    """
    number = progress.attempts + 1
    line = Attempt(
        now, event, type_, number, "delivered", outcome.reason, outcome.status,
        outcome.milliseconds,
    )  # fmt: skip
    if outcome.reason is None:
        return Progress(following, delivered_at=now, tried_at=now, recent=_logged(progress, line))
    broken_off = progress.tried_at is None or now - progress.tried_at > LONGEST_GAP
    if broken_off or progress.failing_since is None or progress.failing_from is None:
        since, start = now, progress.cursor
    else:
        since, start = progress.failing_since, progress.failing_from
    failing = replace(progress, tried_at=now, failing_since=since, failing_from=start)
    if outcome.lasting:
        line = replace(line, result="refused")
        return paused(replace(failing, recent=_logged(progress, line)), outcome.reason)
    if now - since >= PAUSED_AFTER:
        line = replace(line, result="failed")
        return paused(replace(failing, recent=_logged(progress, line)), FAILING)
    if number >= MAX_ATTEMPTS:
        line = replace(line, result="given_up")
        return replace(
            failing,
            cursor=following,
            attempts=0,
            next_at=now + delay(1, jitter, outcome.retry_after),
            recent=_logged(progress, line),
        )
    return replace(
        failing,
        attempts=number,
        next_at=now + delay(number, jitter, outcome.retry_after),
        recent=_logged(progress, replace(line, result="failed")),
    )


def paused(progress: Progress, reason: str) -> Progress:
    """Nothing is sent any more; what follows waits in the event log."""
    return replace(
        progress,
        state="paused",
        reason=reason,
        cursor=progress.failing_from or progress.cursor,
        attempts=0,
        next_at=None,
    )


def resumed(progress: Progress, cursor: Cursor | None) -> Progress:
    """Active, from `cursor` on, or from where it had come to."""
    return Progress(
        cursor or progress.cursor,
        delivered_at=progress.delivered_at,
        recent=progress.recent,
    )


def readdressed(progress: Progress) -> Progress:
    """With another URL: what failed at the old one is tried at the new one, at once."""
    return replace(
        progress,
        cursor=progress.failing_from or progress.cursor,
        attempts=0,
        next_at=None,
        failing_since=None,
        failing_from=None,
    )


def rotated(
    subscription: Subscription, newest: Secret, overlap: timedelta, now: datetime
) -> Subscription:
    """With a new secret; those that it takes the place of sign besides for `overlap` more."""
    end = now + overlap
    older = [replace(one, until=min(one.until or end, end)) for one in subscription.signing(now)]
    kept = [one for one in older if one.until is not None and one.until > now]
    return replace(subscription, secrets=(newest, *kept[: MOST_SECRETS - 1]))


def _logged(progress: Progress, line: Attempt) -> tuple[Attempt, ...]:
    return (*progress.recent, line)[-ATTEMPTS_KEPT:]
