"""The rules of telling somebody: one alert for each event, recipient and channel, sent once."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from shared.events import AlertFailed, AlertSent, CaseAssigned, Event, Region
from shared.retry import DELAYS

#: How long one attempt may take before another process may try: well over every sender's timeout,
#: and over before the second step of the retry ladder, which finds what a crash left behind.
CLAIM = timedelta(seconds=30)
#: Attempts before an alert counts as failed: one for every step of the retry ladder and the first.
MAX_ATTEMPTS = len(DELAYS) + 1

State = Literal["claimed", "waiting", "sent", "failed"]


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told to whom. It holds codes only; address and text are found when it is sent."""

    id: str
    version: int
    state: State
    cause: UUID
    consultation: UUID
    region: Region
    recipient: str
    channel: str
    template: str
    topic: str
    kind: str
    satgas: str
    created_at: datetime
    claimed_by: str
    claimed_until: datetime
    attempts: int = 0
    provider_id: str | None = None
    because: str | None = None
    sent_at: datetime | None = None


def alert_id(cause: UUID, recipient: str, channel: str) -> str:
    """The same for every delivery of the same event: what makes an alert single."""
    return hashlib.sha256(f"{cause}:{recipient}:{channel}".encode()).hexdigest()[:32]


def first_claim(event: CaseAssigned, channel: str, owner: str, now: datetime) -> Alert:
    """The alert to the officer who got the case, claimed by process `owner`."""
    return Alert(
        id=alert_id(event.id, event.officer, channel),
        version=1,
        state="claimed",
        cause=event.id,
        consultation=event.consultation,
        region=event.region,
        recipient=event.officer,
        channel=channel,
        template=event.name,
        topic=event.topic,
        kind=event.kind,
        satgas=event.satgas,
        created_at=now,
        claimed_by=owner,
        claimed_until=now + CLAIM,
        attempts=1,
    )


def is_over(alert: Alert) -> bool:
    return alert.state in ("sent", "failed")


def claim_again(alert: Alert, owner: str, now: datetime) -> Alert | None:
    """The alert claimed by `owner` for its next attempt; None while another's claim holds.

    A claim that ran out was left by a process that died: before sending, or between the provider's
    yes and our record of it. The second is the one way in which an alert can be doubled; its
    Message-ID stays the same, so that mail programs fold the two.
    """
    if alert.state == "claimed" and alert.claimed_by != owner and alert.claimed_until > now:
        return None
    return replace(
        alert,
        version=alert.version + 1,
        state="claimed",
        attempts=alert.attempts + 1,
        claimed_by=owner,
        claimed_until=now + CLAIM,
    )


def sent(
    alert: Alert, *, provider_id: str | None, event_id: UUID, now: datetime
) -> tuple[Alert, Event]:
    after = replace(
        alert, version=alert.version + 1, state="sent", sent_at=now, provider_id=provider_id
    )
    return after, AlertSent(**_told(after, event_id, now), provider_id=provider_id)


def not_sent(
    alert: Alert, *, because: str, permanent: bool, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    """Waiting for another attempt, or failed with the event that says so."""
    if not permanent and alert.attempts < MAX_ATTEMPTS:
        return replace(alert, version=alert.version + 1, state="waiting", because=because), None
    after = replace(alert, version=alert.version + 1, state="failed", because=because)
    return after, AlertFailed(**_told(after, event_id, now), because=because)


def _told(alert: Alert, event_id: UUID, now: datetime) -> dict[str, Any]:
    """What both events say."""
    return {
        "id": event_id,
        "consultation": alert.consultation,
        "sequence": alert.version,
        "region": alert.region,
        "time": now,
        "cause": alert.cause,
        "recipient": alert.recipient,
        "recipient_kind": "officer",
        "channel": alert.channel,
        "attempts": alert.attempts,
    }
