"""The rules of telling somebody: an alert is one recipient of one event, and ends once.

    queued ─► claimed ─► sent
                 │  ▲──► failed
                 ▼  │──► suppressed
               waiting

Every step raises the version, which the store guards: of two processes that took the same alert,
one records what became of it. How it is taken is the store's (`store.take_due`).
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from services.notify.backoff import MAX_ATTEMPTS, delay
from services.notify.facts import Facts
from shared.events import AlertFailed, AlertSent, AlertSuppressed, Event, RecipientKind, Region

State = Literal["queued", "claimed", "waiting", "sent", "failed", "suppressed"]
What = Literal[
    "queued", "held", "tried", "fallback", "sent", "failed", "suppressed", "taken_over", "resent"
]
OVER = frozenset({"sent", "failed", "suppressed"})
#: The same to the same person within this time is told once.
FOLD = timedelta(minutes=10)
DIGEST = "digest"
NO_CHANNEL = "none"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the delivery log. `code`: why, or how it went; never an address."""

    at: datetime
    what: What
    channel: str | None = None
    code: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told to whom: codes only; address and text are found when it is sent."""

    id: str
    order: str
    """Sorts alerts by their age."""
    version: int
    state: State
    event: str
    cause: UUID
    cause_sequence: int
    caused_at: datetime
    consultation: UUID | None
    """None for a digest, which is of many."""
    region: Region | None
    recipient: str
    recipient_kind: RecipientKind
    rule: str
    created_at: datetime
    topic: str | None = None
    kind: str | None = None
    satgas: str | None = None
    level: str | None = None
    clock: str | None = None
    due: datetime | None = None
    next_at: datetime | None = None
    """When it is to be looked at; for a claimed one, when its claim runs out; None once over."""
    claimed_by: str | None = None
    claims: int = 0
    """Claims since the last record: more than one, and a process died in between."""
    edition: int = 1
    """Rises with every resending on request."""
    resends: tuple[str, ...] = ()
    """Hashed idempotency keys of these."""
    step: int = 0
    """Which of the recipient's channels it is at."""
    channel: str | None = None
    """That channel, once it is known."""
    attempts: int = 0
    attempts_here: int = 0
    """On this channel."""
    because: str | None = None
    provider_id: str | None = None
    sent_at: datetime | None = None
    log: tuple[Entry, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def order_id(self) -> str:
        """What providers know a message by: the same however often one edition is attempted."""
        return self.id if self.edition == 1 else f"{self.id}-{self.edition}"

    @property
    def fold_key(self) -> tuple[Any, ...]:
        """What makes two alerts say the same."""
        return self.recipient, self.event, self.consultation, self.clock, self.level

    def facts(self, *, ticket: str | None = None, items: tuple[Facts, ...] = ()) -> Facts:
        return Facts(
            event=self.event,
            consultation=self.consultation,
            region=self.region,
            topic=self.topic,
            kind=self.kind,
            satgas=self.satgas,
            level=self.level,
            clock=self.clock,
            due=self.due,
            ticket=ticket,
            recipient_kind=self.recipient_kind,
            items=items,
            count=len(items) or 1,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt failed. `lasting`: trying this channel again cannot help."""

    because: str
    lasting: bool
    retry_after: timedelta | None = None


def alert_id(cause: UUID, recipient: str) -> str:
    """The same for every delivery of the same event: what makes an alert single."""
    return hashlib.sha256(f"{cause}:{recipient}".encode()).hexdigest()[:32]


def logged(alert: Alert, entry: Entry, **changes: Any) -> Alert:
    """The alert one step on, with no claim on it any more."""
    return replace(
        alert,
        version=alert.version + 1,
        claims=0,
        claimed_by=None,
        log=(*alert.log, entry),
        **changes,
    )


def held(alert: Alert, until: datetime, now: datetime) -> Alert:
    """Waiting for the end of the recipient's quiet hours."""
    entry = Entry(now, "held", code="quiet_hours", until=until)
    return logged(alert, entry, state="waiting", next_at=until, because="quiet_hours")


def put_back(alert: Alert, now: datetime) -> Alert:
    """For later: there is no room for it now. Not worth a line."""
    return replace(
        alert,
        version=alert.version + 1,
        state="waiting",
        next_at=now,
        claims=0,
        claimed_by=None,
    )


def suppressed(
    alert: Alert, because: str, *, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    entry = Entry(now, "suppressed", code=because)
    after = logged(alert, entry, state="suppressed", next_at=None, because=because)
    told = _told(after, event_id, now)
    return after, AlertSuppressed(**told, because=because) if told else None


def sent(
    alert: Alert, *, provider_id: str | None, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    after = logged(
        alert,
        Entry(now, "sent", channel=alert.channel),
        state="sent",
        next_at=None,
        because=None,
        sent_at=now,
        provider_id=provider_id,
        attempts=alert.attempts + 1,
    )
    told = _told(after, event_id, now)
    if told is None:
        return after, None
    return after, AlertSent(
        **told,
        channel=code_of(after.channel or NO_CHANNEL),
        attempts=after.attempts,
        provider_id=provider_id if is_plain_id(provider_id) else None,
    )


def not_sent(
    alert: Alert, refusal: Refusal, *, steps: int, luck: float, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    """Waiting for another attempt, or at the next of `steps` channels, or failed."""
    because = code_of(refusal.because)
    here = alert.attempts_here + 1
    tried = logged(
        alert,
        Entry(now, "tried", channel=alert.channel, code=because),
        attempts=alert.attempts + 1,
        attempts_here=here,
        because=because,
        state="waiting",
    )
    if not refusal.lasting and here < MAX_ATTEMPTS:
        return replace(tried, next_at=now + delay(here, luck, refusal.retry_after)), None
    if alert.step + 1 < steps:
        log = (*tried.log, Entry(now, "fallback", code=because))
        return replace(
            tried, step=alert.step + 1, channel=None, attempts_here=0, next_at=now, log=log
        ), None
    return _failed(tried, because, event_id, now)


def unreachable(
    alert: Alert, because: str, *, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    """Failed without an attempt: there is no channel to try."""
    after = replace(alert, version=alert.version + 1, claims=0, claimed_by=None)
    return _failed(after, because, event_id, now)


def resent(alert: Alert, key: str | None, now: datetime) -> Alert:
    """Queued anew on request, from the first channel on; one that waits is only looked at now.

    For the same `key` again nothing changes.
    """
    if (key is not None and key in alert.resends) or alert.state == "claimed":
        return alert
    keys = alert.resends if key is None else (*alert.resends, key)
    entry = Entry(now, "resent")
    if not alert.is_over:
        return logged(alert, entry, next_at=now, resends=keys)
    return logged(
        alert,
        entry,
        state="queued",
        next_at=now,
        resends=keys,
        edition=alert.edition + 1,
        step=0,
        channel=None,
        attempts_here=0,
        because=None,
        provider_id=None,
        sent_at=None,
    )


def is_folded(alert: Alert, others: tuple[Alert, ...]) -> bool:
    """Whether another alert says the same, and was first by less than `FOLD`.

    `others`: the alerts of the same consultation, in any order, with or without this one. Decided
    by when the causes happened, so that every process comes to the same.
    """
    if alert.edition > 1 or alert.consultation is None:
        return False
    same = {one.id: one for one in others if one.fold_key == alert.fold_key} | {alert.id: alert}
    leader: Alert | None = None
    for one in sorted(same.values(), key=lambda one: (one.caused_at, one.id)):
        first = leader is None or one.caused_at - leader.caused_at >= FOLD
        if one.id == alert.id:
            return not first
        leader = one if first else leader
    return False


def _failed(
    alert: Alert, because: str, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    log = (*alert.log, Entry(now, "failed", code=because))
    after = replace(alert, state="failed", next_at=None, because=because, log=log)
    told = _told(after, event_id, now)
    if told is None:
        return after, None
    channel = code_of(after.channel or NO_CHANNEL)
    return after, AlertFailed(**told, channel=channel, attempts=after.attempts, because=because)


def _told(alert: Alert, event_id: UUID, now: datetime) -> dict[str, Any] | None:
    """What all outcomes say; None for a digest, which is of no consultation."""
    if alert.consultation is None or alert.region is None:
        return None
    return {
        "id": event_id,
        "consultation": alert.consultation,
        "sequence": alert.version,
        "region": alert.region,
        "time": now,
        "cause": alert.cause,
        "recipient": alert.recipient,
        "recipient_kind": alert.recipient_kind,
    }


def code_of(text: str) -> str:
    """What a provider said as a code that fits an event: never with an address in it."""
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", text)[:64] or "unknown"


def is_plain_id(id_: str | None) -> bool:
    """Whether events may carry a provider's id; some look like addresses."""
    plain = r"([A-Za-z0-9_.:+/=\-]+|<[A-Za-z0-9_.\-]+@klikdesa>)"
    return id_ is not None and len(id_) <= 200 and re.fullmatch(plain, id_) is not None
