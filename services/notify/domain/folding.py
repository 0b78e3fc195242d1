"""The same, told to the same person within minutes, is told once. Pure."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.notify.domain.alert import Alert

#: The same to the same person within this time is told once.
FOLD = timedelta(minutes=10)


def leader(alert: Alert, others: Iterable[Alert]) -> Alert | None:
    """The alert that says the same, and was first by less than `FOLD`; None where there is none.

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
    return is_told and one.caused_at - first.caused_at < FOLD


def _is_between(before: Alert, one: Alert, news: Sequence[Alert]) -> bool:
    if one.cause_sequence - before.cause_sequence > 1:
        return True
    return any(before.caused_at < other.caused_at < one.caused_at for other in news)
