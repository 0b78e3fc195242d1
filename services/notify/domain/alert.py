"""An alert: one recipient of one event, with the log of its delivery. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.notify.domain.facts import Facts
from shared.events import RecipientKind, Region, Summary

State = Literal["queued", "claimed", "waiting", "sent", "failed", "suppressed"]
What = Literal[
    "queued", "held", "put_off", "tried", "fallback", "sent", "failed", "suppressed", "taken_over",
    "resent", "delivered", "read", "returned",
]  # fmt: skip
OVER = frozenset({"sent", "failed", "suppressed"})
DIGEST = "digest"
NO_CHANNEL = "none"
RECEIVED_AND_ASSIGNED = "case.received_and_assigned"


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
    """Of an assignment: it tells the requester of the receipt as well, which nobody had told."""
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

    def facts(self, *, ticket: str | None = None, items: tuple[Facts, ...] = ()) -> Facts:
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
            items=items,
            count=len(items) or 1,
            summary=self.summary,
        )


def alert_id(cause: UUID, recipient: str) -> str:
    """The same for every delivery of the same event: what makes an alert single."""
    return hashlib.sha256(f"{cause}:{recipient}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Alerts that are not over, in one state at one channel, None where it is not known yet."""

    state: str
    channel: str | None
    number: int
    first: datetime
    """When the first of them is due, or its claim runs out."""
