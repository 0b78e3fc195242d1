"""What the other alerts of a consultation mean for one that is to be sent. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.notify.alert import Alert
from services.notify.folding import leader
from services.notify.plan import Hold, Suppress

#: How long after another alert is to be looked at it is seen what became of it.
AFTERWARDS = timedelta(seconds=10)


def beside(alert: Alert, others: Iterable[Alert], now: datetime) -> Hold | Suppress | None:
    """What is to be done where another alert tells the same; None where none does.

    What another one tells is not lost: it is suppressed only once that one was sent.
    """
    first = leader(alert, others)
    if first is None:
        return None
    return Suppress("folded") if first.state == "sent" else _after([first], now, "same_pending")


def _after(pending: Iterable[Alert], now: datetime, because: str) -> Hold:
    times = [one.next_at for one in pending if one.next_at and one.state != "claimed"]
    return Hold(max([now, *times]) + AFTERWARDS, because)
