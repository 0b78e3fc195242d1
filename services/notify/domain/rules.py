"""The rules of telling somebody: an alert is one recipient of one event, and ends once.

    queued ◄─► claimed ─► sent
                 │  ▲───► failed
                 ▼  │───► suppressed
               waiting

What is queued is sent as soon as there is room for it, what waits not before its time.
Every step raises the version, which the store guards: of two processes that took the same alert,
one records what became of it. How it is taken is the store's (`store.take_due`).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain.alert import NO_CHANNEL, Alert, Entry
from services.notify.domain.codes import code_of, plain_id
from shared.events import AlertFailed, AlertSent, AlertSuppressed, Event

QUIET_HOURS = "quiet_hours"


def released(alert: Alert, **changes: Any) -> Alert:
    """The alert one step on, with no claim on it any more."""
    return replace(alert, version=alert.version + 1, claims=0, claimed_by=None, **changes)


def logged(alert: Alert, entry: Entry, **changes: Any) -> Alert:
    """The same, with a line in its log."""
    return released(alert, log=(*alert.log, entry), **changes)


def held(alert: Alert, until: datetime, now: datetime, because: str = QUIET_HOURS) -> Alert:
    """Waiting for the end of the recipient's quiet hours, or for what becomes of another alert.

    Held again and again for the same reason, it has one line for that; for no time at all, none.
    """
    *before, last = alert.log
    if until <= now:
        log = alert.log
    elif (last.what, last.code) == ("held", because):
        log = (*before, replace(last, until=until))
    else:
        log = (*alert.log, Entry(now, "held", code=because, until=until))
    return released(alert, state="waiting", next_at=until, because=because, log=log)


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
        provider_id=plain_id(provider_id),
    )


def unreachable(
    alert: Alert, because: str, *, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    """Failed without an attempt: there is no channel to try."""
    return failed(released(alert), because, event_id, now)


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
        receipt=None,
        receipt_chain=None,
    )


def failed(alert: Alert, because: str, event_id: UUID, now: datetime) -> tuple[Alert, Event | None]:
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
