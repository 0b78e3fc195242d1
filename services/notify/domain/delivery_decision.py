"""What can be done about an alert, and what decides: other alerts and quiet hours. Pure.

Coalescing: of alerts of one consultation that tell somebody the same, one is sent. Quiet hours: an
alert waits for the hours of who reads it, in Asia/Makassar. Office hours are those of the calendar
that deadlines are reckoned by, with every free day, every day opened on purpose and the hours of
Ramadan.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from services.notify.domain.alert import Alert, leader
from services.notify.domain.message import Facts, Language
from services.notify.domain.recipients import Address
from shared.calendar import Calendar
from shared.events import CaseAssigned, ConsultationSubmitted, RecipientKind
from shared.times import WITA, local


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before this time: the recipient's hours, or what another alert is waited for."""

    until: datetime
    reason: str = "quiet_hours"


@dataclass(frozen=True, slots=True)
class Suppress:
    """Nobody is to be told any more, or wants to be."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Somebody is to be told, and cannot be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Tell them. `channels`: how many there are to be tried, of which this is one."""

    address: Address
    channels: int
    language: Language
    facts: Facts


DeliveryDecision = Hold | Suppress | GiveUp | Deliver

#: How long after another alert is to be looked at it is seen what became of it.
RECHECK_AFTER = timedelta(seconds=10)
#: How long an assignment waits for a receipt that is in hand.
RECEIPT_GRACE = timedelta(seconds=2)
#: What a receipt waits for.
EXPECTED = "assignment_expected"

#: Who works in office hours is told in them, lunch included, and for so long after.
AFTER_CLOSING = timedelta(hours=1)
#: Digests and summaries come when people have arrived: so long after the offices open.
AFTER_OPENING = timedelta(minutes=15)
#: Requesters are told on any day.
WAKING_FROM, WAKING_TO = time(6, 0), time(21, 0)

_DAY = timedelta(days=1)
#: A calendar in which no day for so long is worked is wrong: better tell than wait on.
_LONGEST_REST = 31


def is_receipt(alert: Alert) -> bool:
    return alert.event == ConsultationSubmitted.name


def is_assignment(alert: Alert) -> bool:
    """To the requester, who is told of the receipt with it."""
    return alert.event == CaseAssigned.name and alert.recipient_kind == "requester"


def may_be_joined(receipt: Alert) -> bool:
    """Whether the assignment's alert may take its place: nobody has it, and no attempt was made,
    which might have come through."""
    return (
        is_receipt(receipt)
        and receipt.state in ("waiting", "queued")
        and {line.what for line in receipt.log} <= {"queued", "held"}
    )


def may_coalesce(alert: Alert) -> bool:
    """Whether others are to be looked at: the first version of a document can have nothing like it
    before, but a receipt and an assignment that did not meet may tell the same."""
    return alert.consultation is not None and (
        alert.cause_sequence > 1
        or is_receipt(alert)
        or (is_assignment(alert) and not alert.with_receipt)
    )


def coalesced(
    alert: Alert, others: Sequence[Alert], now: datetime
) -> tuple[Alert, Hold | Suppress | None]:
    """The alert, and what is to be done where another one tells the same; None where none does.

    `others`: those of the same consultation. Nothing is lost by it: one is suppressed only once the
    other, that tells the same, was sent.
    """
    first = leader(alert, others)
    if first is not None:
        is_told = first.state == "sent"
        return alert, Suppress("folded") if is_told else _after([first], now, "same_pending")
    others = [one for one in others if one.id != alert.id]
    if is_receipt(alert):
        return alert, _receipt(alert, others, now) if alert.edition == 1 else None
    if is_assignment(alert) and not alert.with_receipt:
        return _assignment(alert, others, now)
    return alert, None


def _receipt(alert: Alert, others: Sequence[Alert], now: datetime) -> Hold | Suppress | None:
    """In hand, or attempted, when an assignment was heard that could not join it any more.

    Told by an assignment that was sent; of one that is to be sent it is seen whether it was. An
    assignment that is kept too late to be seen here sees that the receipt is in hand: so neither do
    both tell of it, nor do they wait for each other.
    """
    if any(one.with_receipt and one.state == "sent" for one in others):
        return Suppress("told_with_assignment")
    pending = [one for one in others if is_assignment(one) and not one.is_over]
    return _after(pending, now, EXPECTED) if pending else None


def _assignment(alert: Alert, others: Sequence[Alert], now: datetime) -> tuple[Alert, Hold | None]:
    """Tells of the receipt as well, unless another one does, or it may be on its way.

    One that was held for this assignment is not on its way, also in hand: it will be held again.
    Else both would wait for each other, as long as they come in hand together.
    """
    receipts = [one for one in others if is_receipt(one)]
    is_only = not any(map(is_assignment, others))
    if any(one.state == "claimed" and not (is_only and _was_held(one)) for one in receipts):
        return alert, Hold(now + RECEIPT_GRACE, "receipt_pending")
    is_told = any(one.with_receipt or (is_receipt(one) and one.state == "sent") for one in others)
    return replace(alert, with_receipt=not is_told), None


def _was_held(receipt: Alert) -> bool:
    """For an assignment, when it was decided about last."""
    last = receipt.log[-1]
    return (last.what, last.code) == ("held", EXPECTED)


def _after(pending: Iterable[Alert], now: datetime, reason: str) -> Hold:
    times = [one.next_at for one in pending if one.next_at and one.state != "claimed"]
    return Hold(max([now, *times]) + RECHECK_AFTER, reason)


def held_until(kind: RecipientKind, now: datetime, office: Calendar) -> datetime | None:
    """When somebody told as `kind` may be told; None for at once.

    What came so far up that it reached camat or DPMD waits for nothing.
    """
    here = local(now)
    if kind == "requester":
        return _waking(here)
    if kind in ("officer", "coordinator"):
        return _at_the_office(here, office)
    return None


def summary_held_until(now: datetime, office: Calendar) -> datetime | None:
    """When a summary may be told, which hurries nobody; None for at once.

    From the hour of the digests until the office closes, also to camat and DPMD.
    """
    return _at_the_office(local(now), office, AFTER_OPENING)


def digest_day(now: datetime, office: Calendar) -> date | None:
    """The working day whose digest is due by `now`; None before its hour, and after the office."""
    today = local(now).date()
    is_due = office.is_working_day(today) and summary_held_until(now, office) is None
    return today if is_due else None


def _waking(here: datetime) -> datetime | None:
    if WAKING_FROM <= here.time() < WAKING_TO:
        return None
    day = here.date() if here.time() < WAKING_FROM else here.date() + _DAY
    return datetime.combine(day, WAKING_FROM, WITA)


def _at_the_office(
    here: datetime, office: Calendar, settled: timedelta = timedelta()
) -> datetime | None:
    for later in range(_LONGEST_REST + 1):
        day = here.date() + later * _DAY
        if day > office.last:
            break
        if not (hours := office.hours(day)):
            continue
        begins = datetime.combine(day, hours[0].opens, WITA) + settled
        if here < begins:
            return begins
        if here < datetime.combine(day, hours[-1].closes, WITA) + AFTER_CLOSING:
            return None
    return None
