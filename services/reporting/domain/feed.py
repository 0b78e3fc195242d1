"""What changed since when. Pure.

The version index (a document a month) says on how many facts the page of each day and kecamatan
rests, and carries a number that grows with each write. It is what all replicas share, so it is the
feed as well: a replica that looks at it sees what any of them changed, and nothing is written to
tell of it. The numbers of all months add up to a **position**, which means the same on every
replica, so that a client can go on at another one from where it stopped.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

#: Seconds of changes that are told again to a client that comes back. Two months that are written
#: while they are read may be seen in another order elsewhere: better told twice than not.
OVERLAP_SECONDS = 2.0
#: Changes that are kept for clients that come back; who stayed away for longer starts afresh.
HISTORY_ENTRIES = 256


@dataclass(frozen=True, slots=True)
class Month:
    """`revision`: grows with each write. `versions`: `2026-11-24/64.02.06` → facts."""

    revision: int
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a reader has come, in one generation of the reports."""

    generation: int
    at: int

    def __str__(self) -> str:
        return f"{self.generation}-{self.at}"

    @classmethod
    def read(cls, text: str | None) -> "Position | None":
        """None for what no replica has ever said."""
        generation, _, at = (text or "").partition("-")
        if not (generation.isdecimal() and at.isdecimal() and len(at) < 16 > len(generation)):
            return None
        return cls(int(generation), int(at))


class SeenVersions:
    """What one replica has seen of the version index."""

    def __init__(self) -> None:
        self.generation = 0
        self._months: dict[str, Month] = {}

    @property
    def position(self) -> Position:
        return Position(self.generation, sum(month.revision for month in self._months.values()))

    def behind(self, revisions: Mapping[str, int]) -> list[str]:
        """The months that were written since they were seen."""
        return [
            month
            for month, revision in revisions.items()
            if month not in self._months or self._months[month].revision < revision
        ]

    def start(self, generation: int, months: Mapping[str, Month]) -> None:
        """Go by another generation; what was known of the one before says nothing of it."""
        self.generation = generation
        self._months = dict(months)

    def see(self, months: Mapping[str, Month]) -> list[str]:
        """The days and kecamatan that changed, in order."""
        touched = []
        for name, month in months.items():
            known = self._months[name].versions if name in self._months else {}
            touched += [key for key, version in month.versions.items() if known.get(key) != version]
            self._months[name] = month
        return sorted(touched)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    position: Position
    seen: float
    what: T


class History(Generic[T]):
    """The last changes, as they were told."""

    def __init__(self, limit: int = HISTORY_ENTRIES) -> None:
        self._entries: deque[Entry[T]] = deque(maxlen=limit)
        self._floor = Position(0, 0)

    def start(self, position: Position) -> None:
        """Everything before `position` is unknown here."""
        self._entries.clear()
        self._floor = position

    def add(self, position: Position, seen: float, what: T) -> None:
        """`seen`: seconds of a monotonic clock."""
        if len(self._entries) == self._entries.maxlen:
            self._floor = self._entries[0].position
        self._entries.append(Entry(position, seen, what))

    def since(self, position: Position | None, now: float) -> Sequence[Entry[T]] | None:
        """What is to be told to who has come to `position`; None where that is not known here."""
        if (
            position is None
            or position.generation != self._floor.generation
            or position < self._floor
        ):
            return None
        missed = [entry for entry in self._entries if entry.position > position]
        before = (missed[0].seen if missed else now) - OVERLAP_SECONDS
        return [
            entry for entry in self._entries if entry.position > position or entry.seen >= before
        ]
