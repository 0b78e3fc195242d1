"""Invented consultations, from the first to the last event: the same ones for the same seed.

For measurements and tests of the reports. Nothing of them is true; how they are spread (which
kecamatan, how long an answer takes) is made up as well.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from shared import reference
from shared.events import (
    AlertSent,
    AlertSuppressed,
    AssignmentReason,
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationRated,
    ConsultationReopened,
    ConsultationSubmitted,
    ConsultationWithdrawn,
    Region,
)

E = TypeVar("E", bound=ConsultationEvent)

_DESA = sorted(
    (one.code, one.parent)
    for one in reference.regions().values()
    if one.type in ("desa", "kelurahan") and one.parent
)
_TOPICS, _ROLES = sorted(reference.topics()), sorted(reference.roles())
_KINDS, _CHANNELS = sorted(reference.kinds()), sorted(reference.channels())
_TOLD_BY = ("smtp", "smtp", "smtp", "telegram", "gateway", "log")
#: Days within which an answer is due.
_DUE = timedelta(days=7)


def lives(
    seed: int, count: int, first: datetime, last: datetime
) -> Iterator[list[ConsultationEvent]]:
    """The events of `count` consultations submitted between `first` and `last`."""
    chance = Random(seed)  # noqa: S311 - the same ones for the same seed
    span = (last - first).total_seconds()
    for _ in range(count):
        at = first + timedelta(milliseconds=int(chance.random() * span * 1000))
        yield _Life(chance, at).events


class _Life:
    def __init__(self, chance: Random, submitted_at: datetime) -> None:
        self._chance = chance
        self._id = _uuid(chance)
        desa, kecamatan = _DESA[min(int(chance.random() ** 2 * len(_DESA)), len(_DESA) - 1)]
        self._region = Region(kecamatan=kecamatan, desa=desa)
        self._at = submitted_at.astimezone(UTC)
        self._sequence = 0
        self.events: list[ConsultationEvent] = []
        self._submit()
        self._assign()
        if chance.random() < 0.04:
            self._tell(ConsultationWithdrawn, hours=20, actor_role="requester")
        elif chance.random() < 0.93:
            self._be_answered()

    def _submit(self) -> None:
        chance, at = self._chance, self._at
        offline = (
            timedelta(hours=chance.randrange(1, 60)) if chance.random() < 0.05 else timedelta()
        )
        self._at = at + offline
        self._tell(
            ConsultationSubmitted,
            hours=0,
            topic=chance.choice(_TOPICS),
            kind=chance.choice(_KINDS),
            role=chance.choice(_ROLES),
            channel=chance.choice(_CHANNELS),
            sdgs_goal=chance.randrange(1, 19) if chance.random() < 0.7 else None,
            vulnerable=chance.choice((True, False, False, None)),
            submitted_at=at,
            received_at=self._at,
        )

    def _assign(self) -> None:
        satgas = self._region.kecamatan
        officer = f"petugas-{satgas}-{self._chance.randrange(1, 4)}"
        self._tell(
            CaseAssigned,
            hours=0.01,
            satgas=satgas,
            officer=officer,
            level="satgas",
            topic=_TOPICS[0],
            kind=_KINDS[0],
            reason=AssignmentReason(rule="territory", candidates=(officer,), turn=0),
        )
        alert = {"cause": self.events[-1].id, "recipient": officer, "recipient_kind": "officer"}
        # by the id, not by chance: with another draw all lives would be others
        channel = _TOLD_BY[self._id.int % len(_TOLD_BY)]
        if channel == "log":
            self._tell(AlertSuppressed, hours=0.01, reason="log_only", **alert)
        else:
            self._tell(AlertSent, hours=0.01, channel=channel, attempts=1, **alert)

    def _be_answered(self) -> None:
        chance, received = self._chance, self._at
        officer = {"actor_role": "officer"}
        if chance.random() < 0.8:
            self._tell(ConsultationAcknowledged, hours=12, **officer)
        wait = timedelta(hours=chance.lognormvariate(3.5, 1.0))
        if wait > _DUE:
            self._at = received + _DUE
            late = {"due": self._at, "late_seconds": 0.4}
            self._tell(CaseDeadlineMissed, hours=0, clock="answer", **late)
            levels = {"from_level": "officer", "to_level": "coordinator", "reason": "overdue"}
            self._tell(CaseEscalated, hours=0, **levels, **late)
        self._at = max(self._at, received + wait)
        self._tell(ConsultationAnswered, hours=0, **officer)
        if chance.random() < 0.75:
            self._tell(ConsultationClosed, hours=90, actor_role="system")
            if chance.random() < 0.05:
                self._tell(ConsultationReopened, hours=30, actor_role="requester")
            elif chance.random() < 0.4:
                rating = chance.choice((3, 4, 4, 5, 5))
                self._tell(ConsultationRated, hours=1, actor_role="requester", rating=rating)

    def _tell(self, cls: type[E], *, hours: float, **more: Any) -> None:
        """After some hours, by chance up to twice as many."""
        self._sequence += 1
        waited = self._chance.random() * 2 * hours * 3_600_000
        self._at += timedelta(milliseconds=int(waited))
        values: dict[str, Any] = {
            "id": _uuid(self._chance),
            "consultation": self._id,
            "sequence": self._sequence,
            "region": self._region,
            "time": self._at,
        }
        self.events.append(cls(**values | more))


def _uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
