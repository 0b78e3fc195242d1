"""A satgas: who is on its roster, and what it remembers of the cases it assigned.

Pure: every function here gives the next `Satgas`; nothing is changed in place. How a case is
assigned is in `assignment.py`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from shared.events import PassedOver, Strategy

Absence = Literal["unavailable", "on_leave"]


@dataclass(frozen=True, slots=True)
class Leave:
    """Days away, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Officer:
    """`topics`: codes (`KEU-DD`) or groups (`KEU`) that he knows. `capacity`: None is no limit."""

    code: str
    topics: tuple[str, ...] = ()
    capacity: int | None = None
    available: bool = True
    leave: tuple[Leave, ...] = ()

    def absence(self, on: date) -> Absence | None:
        """Why he is not there on that day; None where he is."""
        if not self.available:
            return "unavailable"
        away = any(one.first <= on <= one.last for one in self.leave)
        return "on_leave" if away else None

    def knows(self, topic: str) -> bool:
        return topic in self.topics or topic.partition("-")[0] in self.topics


@dataclass(frozen=True, slots=True)
class Roster:
    """What people decide about a satgas; the rest of a `Satgas` is reckoned.

    `coordinator` is the code of one of the officers. `camat` is told when a case is late, and is
    never assigned one.
    """

    officers: tuple[Officer, ...]
    coordinator: str | None = None
    camat: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who got it and what was seen. `loads` are those of `candidates`, among whom was chosen."""

    officer: str
    strategy: Strategy
    candidates: tuple[str, ...]
    loads: tuple[int, ...]
    passed_over: tuple[PassedOver, ...]
    fallback: bool
    turn: int


@dataclass(frozen=True, slots=True)
class Satgas:
    """A task force: the officers of one kecamatan, or the DPMD desk. Codes only, no names."""

    code: str
    name: str
    officers: tuple[Officer, ...]
    coordinator: str | None = None
    camat: str | None = None
    edition: int = 1
    """Goes up with every edit by people."""
    turn: int = 0
    """How many cases were given out before."""
    last: str | None = None
    """Who had the last turn of the round robin."""
    last_tied: str | None = None
    """Who was last chosen by load. A turn of its own: else who knows a much-asked topic would move
    the round robin on, past the same officer each time."""
    load: Mapping[str, int] = field(default_factory=dict)
    """Officer → open cases; who is missing has none."""
    reservations: Mapping[str, Choice] = field(default_factory=dict)
    """Key → who was assigned under it, and is perhaps not in a saved case yet."""
    rev: int = 0
    """Goes up with every write."""

    def load_of(self, officer: str) -> int:
        return self.load.get(officer, 0)

    def in_turn(self, last: str | None) -> Sequence[str]:
        """All officers in the roster's order, beginning behind `last` and ending with him."""
        codes = [one.code for one in self.officers]
        start = codes.index(last) + 1 if last in codes else 0
        return codes[start:] + codes[:start]


def released(satgas: Satgas, officer: str) -> Satgas:
    """`officer` has one open case less; never fewer than none."""
    if not satgas.load_of(officer):
        return satgas
    return replace(satgas, load={**satgas.load, officer: satgas.load_of(officer) - 1})


def confirmed(satgas: Satgas, keys: Collection[str]) -> Satgas:
    """The reservations under `keys` are in saved cases and go."""
    if satgas.reservations.keys().isdisjoint(keys):
        return satgas
    left = {key: choice for key, choice in satgas.reservations.items() if key not in keys}
    return replace(satgas, reservations=left)


def recounted(satgas: Satgas, recorded: Collection[str], open_cases: Mapping[str, int]) -> Satgas:
    """The satgas by what the cases say: `recorded` keys are in cases, `open_cases` by officer.

    A reservation that is in no case yet counts as open: its case is on its way.
    """
    left = confirmed(satgas, recorded)
    load = {one.code: open_cases.get(one.code, 0) for one in satgas.officers}
    for choice in left.reservations.values():
        load[choice.officer] = load.get(choice.officer, 0) + 1
    return left if load == _loads(satgas) else replace(left, load=load)


def left_behind(satgas: Satgas, roster: Roster) -> Mapping[str, int]:
    """Officers whom `roster` drops although they have open cases → how many."""
    staying = {one.code for one in roster.officers}
    return {code: load for code, load in satgas.load.items() if load and code not in staying}


def revised(satgas: Satgas, roster: Roster) -> Satgas:
    """The satgas under a new roster: the next edition, with the turns and loads as they were."""
    staying = {one.code for one in roster.officers}
    return replace(
        satgas,
        officers=roster.officers,
        coordinator=roster.coordinator,
        camat=roster.camat,
        edition=satgas.edition + 1,
        last=_still_there(satgas, satgas.last, staying),
        last_tied=_still_there(satgas, satgas.last_tied, staying),
        load={one.code: satgas.load_of(one.code) for one in roster.officers},
    )


def _still_there(satgas: Satgas, last: str | None, staying: Iterable[str]) -> str | None:
    """`last`, or the one before him who stays: so that the turn goes on where it was."""
    if last is None:
        return None
    backwards = reversed(satgas.in_turn(last))
    return next((code for code in backwards if code in staying), None)


def _loads(satgas: Satgas) -> dict[str, int]:
    return {one.code: satgas.load_of(one.code) for one in satgas.officers}
