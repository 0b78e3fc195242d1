"""The same, told to the same person within minutes, is told once. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from services.notify.alert import Alert

#: The same to the same person within this time is told once.
FOLD = timedelta(minutes=10)


def is_folded(alert: Alert, others: Iterable[Alert]) -> bool:
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
