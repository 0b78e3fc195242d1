"""An alert: one recipient of one event, told once, with the log of its delivery. Pure.

    queued ◄─► claimed ─► sent
                 │  ▲───► failed
                 ▼  │───► suppressed
               waiting

What is queued is sent as soon as its channel has a slot for it, what waits not before its time.
Every step raises the version, which the store guards: of two processes that took the same alert,
one records what became of it. How it is taken is the store's (`store.take_due`).
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from services.notify.domain.message import Facts, LinkToken
from shared.events import (
    AlertFailed,
    AlertSent,
    AlertSuppressed,
    Event,
    RecipientKind,
    Region,
    Summary,
)

State = Literal["queued", "claimed", "waiting", "sent", "failed", "suppressed"]
What = Literal[
    "queued", "joined", "held", "put_off", "tried", "fallback", "sent", "failed", "suppressed",
    "taken_over", "resent", "delivered", "read", "returned",
]  # fmt: skip
OVER = frozenset({"sent", "failed", "suppressed"})
QUIET_HOURS = "quiet_hours"
DIGEST = "digest"
NO_CHANNEL = "none"
RECEIVED_AND_ASSIGNED = "case.received_and_assigned"

#: The same to the same person within this time is told once.
FOLD_WINDOW = timedelta(minutes=10)


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
    """None for what is of many: a digest, a summary."""
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
    summary: Summary | None = None
    with_receipt: bool = False
    """Of an assignment: it tells the requester of the receipt as well, which nobody else does."""
    next_at: datetime | None = None
    """When it is to be looked at; for a leased one, when its lease runs out; None once over."""
    claimed_by: str | None = None
    due_since: datetime | None = field(default=None, compare=False)
    """Of a leased one: what `next_at` was before. Known to whoever has the lease, kept nowhere."""
    claims: int = 0
    """Leases since the last record: more than one, and a process died in between."""
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
    reason: str | None = None
    provider_id: str | None = None
    sent_at: datetime | None = None
    receipt: Literal["sent", "failed", "delivered", "read"] | None = None
    """How far the provider says that it came; None where it says nothing."""
    receipt_chain: str | None = None
    """What further reports of the provider name it by, where that is not `provider_id`."""
    log: tuple[Entry, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def order_id(self) -> str:
        """What providers know a message by: the same however often one edition is attempted."""
        return self.id if self.edition == 1 else f"{self.id}-{self.edition}"

    @property
    def person(self) -> str:
        """Whom it is for, as far as is known here: of a requester, which consultation's."""
        return f"{self.consultation}" if self.recipient_kind == "requester" else self.recipient

    @property
    def thread(self) -> str | None:
        """What its recipient's e-mails about the consultation hang on: the same for all of them,
        whichever comes first. None for what is of many."""
        if self.consultation is None:
            return None
        return hashlib.sha256(f"{self.consultation}:{self.recipient}".encode()).hexdigest()[:32]

    @property
    def news(self) -> tuple[str, str | None, str | None]:
        """What it says of its consultation, to whomever."""
        return self.event, self.clock, self.level

    @property
    def fold_key(self) -> tuple[Any, ...]:
        """What makes two alerts say the same to the same person."""
        return self.recipient, self.consultation, self.news

    def facts(
        self,
        *,
        ticket: str | None = None,
        link: LinkToken | None = None,
        unsubscribe: str | None = None,
        items: tuple[Facts, ...] = (),
    ) -> Facts:
        return Facts(
            event=RECEIVED_AND_ASSIGNED if self.with_receipt else self.event,
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
            link=link,
            unsubscribe=unsubscribe,
            items=items,
            count=len(items) or 1,
            summary=self.summary,
        )


def alert_id(cause: UUID, recipient: str) -> str:
    """The same for every delivery of the same event: what makes an alert single."""
    return hashlib.sha256(f"{cause}:{recipient}".encode()).hexdigest()[:32]


def receipt_id(consultation: UUID | None) -> str:
    """By its consultation, so that the assignment finds the receipt, or what became of it."""
    return hashlib.sha256(f"receipt:{consultation}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Alerts that are not over, in one state at one channel, None where it is not known yet."""

    state: str
    channel: str | None
    number: int
    first: datetime
    """When the first of them is due, or its lease runs out."""


def released(alert: Alert, **changes: Any) -> Alert:
    """The alert one step on, with no lease on it any more."""
    return replace(alert, version=alert.version + 1, claims=0, claimed_by=None, **changes)


def logged(alert: Alert, entry: Entry, **changes: Any) -> Alert:
    """The same, with a line in its log."""
    return released(alert, log=(*alert.log, entry), **changes)


def with_receipt(assignment: Alert, id_: str) -> Alert:
    """The alert of an assignment in the place `id_` of the receipt, to tell of both."""
    return replace(assignment, id=id_, with_receipt=True)


def joined(receipt: Alert, assignment: Alert, now: datetime) -> Alert:
    """What waited to tell of the receipt alone, as the alert that tells of both."""
    return replace(
        with_receipt(assignment, receipt.id),
        order=receipt.order,
        version=receipt.version + 1,
        created_at=receipt.created_at,
        log=(*receipt.log, Entry(now, "joined", code=assignment.event)),
    )


def lined_up(alert: Alert, now: datetime) -> Alert:
    """Due as it was, at its channel, which has no slot free."""
    return released(alert, state="queued", next_at=alert.due_since or now)


def held(alert: Alert, until: datetime, now: datetime, reason: str = QUIET_HOURS) -> Alert:
    """Waiting for the end of the recipient's quiet hours, or for what becomes of another alert.

    Held again and again for the same reason, it has one line for that; for no time at all, none.
    """
    *before, last = alert.log
    if until <= now:
        log = alert.log
    elif (last.what, last.code) == ("held", reason):
        log = (*before, replace(last, until=until))
    else:
        log = (*alert.log, Entry(now, "held", code=reason, until=until))
    return released(alert, state="waiting", next_at=until, reason=reason, log=log)


def suppressed(
    alert: Alert, reason: str, *, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    entry = Entry(now, "suppressed", code=reason)
    after = logged(alert, entry, state="suppressed", next_at=None, reason=reason)
    told = _told(after, event_id, now)
    return after, AlertSuppressed(**told, reason=reason) if told else None


def forgotten(alert: Alert, *, event_id: UUID, now: datetime) -> tuple[Alert, Event | None]:
    """Of an erased consultation: not told any more, and without what the provider knows who asked
    by. The same where there is nothing to forget."""
    after, told = alert, None
    if not alert.is_over:
        after, told = suppressed(alert, "erased", event_id=event_id, now=now)
    if after.recipient == "requester" and (after.provider_id or after.receipt_chain):
        after = replace(after, version=alert.version + 1, provider_id=None, receipt_chain=None)
    return after, told


def sent(
    alert: Alert, *, provider_id: str | None, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    after = logged(
        alert,
        Entry(now, "sent", channel=alert.channel),
        state="sent",
        next_at=None,
        reason=None,
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
        provider_id=plain_id(provider_id),
    )


def unreachable(
    alert: Alert, reason: str, *, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    """Failed without an attempt: there is no channel to try."""
    return failed(released(alert), reason, event_id, now)


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
        reason=None,
        provider_id=None,
        sent_at=None,
        receipt=None,
        receipt_chain=None,
    )


def failed(alert: Alert, reason: str, event_id: UUID, now: datetime) -> tuple[Alert, Event | None]:
    log = (*alert.log, Entry(now, "failed", code=reason))
    after = replace(alert, state="failed", next_at=None, reason=reason, log=log)
    told = _told(after, event_id, now)
    if told is None:
        return after, None
    channel = code_of(after.channel or NO_CHANNEL)
    return after, AlertFailed(**told, channel=channel, attempts=after.attempts, reason=reason)


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


def plain_id(id_: str | None) -> str | None:
    """A provider's id where events may carry it, since some look like addresses; of our own
    Message-ID what stands before the host."""
    own = re.fullmatch(r"<([0-9a-f]{32}(-[0-9]+)?)@[A-Za-z0-9.\-]+>", id_ or "")
    text = own[1] if own else id_ or ""
    return text if re.fullmatch(r"[A-Za-z0-9_.:+/=\-]{1,200}", text) else None


def leader(alert: Alert, others: Iterable[Alert]) -> Alert | None:
    """The alert that says the same, and was first by less than `FOLD_WINDOW`; None where there is
    none.

    Nothing else about the case came between: neither what was told of it, to whomever, nor what
    only its `sequence` shows, since that may not have been heard of yet. What failed or was
    suppressed leads nobody. `others`: the alerts of the same consultation, in any order, with or
    without this one. Decided by when the causes happened, so that every process comes to the same.
    """
    if alert.edition > 1 or alert.consultation is None:
        return None
    known = {**{one.id: one for one in others}, alert.id: alert}
    same = [one for one in known.values() if one.fold_key == alert.fold_key]
    news = [one for one in known.values() if one.news != alert.news]
    first = before = None
    for one in sorted(same, key=lambda one: (one.cause_sequence, one.caused_at, one.id)):
        if first and (not _leads(first, one) or (before and _is_between(before, one, news))):
            first = None
        if one.id == alert.id:
            return first
        first, before = first or one, one
    return None


def _leads(first: Alert, one: Alert) -> bool:
    is_told = first.state not in ("failed", "suppressed")
    return is_told and one.caused_at - first.caused_at < FOLD_WINDOW


def _is_between(before: Alert, one: Alert, news: Sequence[Alert]) -> bool:
    if one.cause_sequence - before.cause_sequence > 1:
        return True
    return any(before.caused_at < other.caused_at < one.caused_at for other in news)
