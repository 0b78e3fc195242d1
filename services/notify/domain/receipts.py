"""What a provider reports later: how far a message came. Pure.

Reports come in any order and any number of times; of several the one that is furthest counts:

    sent < failed < delivered < read

so what was delivered to one of the recipient's devices is not failed by another one. A first
`failed` of what was taken for sent sets off the recipient's next channel; the alert is not at this
channel any more then, and whatever else is reported about it changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.notify.domain.alert import Alert, Entry, code_of, logged, sent
from shared.events import Event

Receipt = Literal["sent", "failed", "delivered", "read"]
RANKS: Mapping[Receipt, int] = {"sent": 0, "failed": 1, "delivered": 2, "read": 3}


@dataclass(frozen=True, slots=True)
class Report:
    """`order`: our id for the message, where the provider gives it back; else `message` and
    `chain` are the provider's: for the message, and for further reports about it."""

    channel: str
    receipt: Receipt
    reason: str | None = None
    """Of `failed`: the code."""
    order: str | None = None
    message: str | None = None
    chain: str | None = None


def reported(
    alert: Alert, report: Report, *, event_id: UUID, now: datetime
) -> tuple[Alert, Event | None]:
    """The alert after `report`, with an event where it turns out to be sent; the same where the
    report tells nothing new, or is of another channel or edition."""
    if alert.channel != report.channel or report.order not in (None, alert.order_id):
        return alert, None
    is_to_be_tried = alert.state in ("waiting", "queued")
    if is_to_be_tried and alert.attempts_here and report.receipt != "failed":
        # no reply came, but the message had arrived: another attempt would double it
        after, told = sent(alert, provider_id=report.message, event_id=event_id, now=now)
        return _noted(after, report, now, version=after.version), told
    if alert.state != "sent":
        return alert, None
    if RANKS[report.receipt] <= RANKS[alert.receipt or "sent"]:
        known = report.chain is None or alert.receipt_chain == report.chain
        return alert if known else replace(
            alert, version=alert.version + 1, receipt_chain=report.chain
        ), None  # fmt: skip
    if report.receipt == "failed":
        return _returned(alert, code_of(report.reason or "returned"), now), None
    return _noted(alert, report, now, version=alert.version + 1), None


def _noted(alert: Alert, report: Report, now: datetime, *, version: int) -> Alert:
    chain = report.chain or alert.receipt_chain
    alert = replace(alert, version=version, receipt=report.receipt, receipt_chain=chain)
    if report.receipt not in ("delivered", "read"):
        return alert
    return replace(alert, log=(*alert.log, Entry(now, report.receipt, channel=alert.channel)))


def _returned(alert: Alert, reason: str, now: datetime) -> Alert:
    """At the next channel, where the recipient has one; else the dispatcher gives up."""
    entry = Entry(now, "returned", channel=alert.channel, code=reason)
    return logged(
        alert,
        entry,
        state="waiting",
        next_at=now,
        step=alert.step + 1,
        channel=None,
        attempts_here=0,
        reason=reason,
        provider_id=None,
        sent_at=None,
        receipt=None,
        receipt_chain=None,
    )
