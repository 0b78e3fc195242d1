"""Whose turn it is: how a satgas assigns a case to one of its officers, and what it remembers.

Pure: a `Satgas` goes in and the next one comes out; nothing is changed in place. The rules:

- An officer **can take** a case while he is there (available, not on leave) and has fewer open
  cases than his capacity.
- `round_robin`: the next one in the roster's order who can take it. `least_load`: the one with the
  fewest open cases; equals take turns. `topic_skill`: the least loaded of those who know the topic;
  of all, where none of them can take it.
- Who is **asked for** gets the case if he can take it. That moves nobody else's turn: otherwise one
  officer who is often asked for would push his neighbour in front of all others.
- The **coordinator** gets what nobody can take, however much he has, unless he is away himself.
- A **key** names one decision. As long as it is in `reservations`, asking again gives the same
choice.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.routing.domain.roster import Choice, Officer, Satgas
from shared.events import PassedOver, Strategy

Nobody = Literal["no_officer", "nobody_available"]
"""`no_officer`: the roster is empty; `nobody_available`: all are away or have enough."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An officer is wanted for a case of `topic`. `key` names this decision and no other."""

    key: str
    topic: str
    strategy: Strategy
    asked_for: str | None = None


def assign(satgas: Satgas, wanted: Wanted, on: date) -> tuple[Satgas, Choice | Nobody]:
    """The choice, and the satgas that remembers it; the same satgas where nobody was assigned."""
    if wanted.key in satgas.reservations:
        return satgas, satgas.reservations[wanted.key]
    if not satgas.officers:
        return satgas, "no_officer"
    obstacles = {one.code: _obstacle(satgas, one, on) for one in satgas.officers}
    able = tuple(code for code, obstacle in obstacles.items() if obstacle is None)
    coordinator = satgas.coordinator or ""
    fallback = not able
    if fallback and obstacles.get(coordinator) != "full":
        return satgas, "nobody_available"
    after, officer, candidates = (
        (satgas, coordinator, (coordinator,)) if fallback else _choose(satgas, wanted, able)
    )
    choice = Choice(
        officer=officer,
        strategy=wanted.strategy,
        candidates=candidates,
        loads=tuple(satgas.load_of(code) for code in candidates),
        passed_over=tuple(
            PassedOver(officer=code, reason=obstacle)
            for code, obstacle in obstacles.items()
            if obstacle and code != officer
        ),
        fallback=fallback,
        turn=satgas.turn,
    )
    after = replace(
        after,
        turn=satgas.turn + 1,
        load={**satgas.load, officer: satgas.load_of(officer) + 1},
        reservations={**satgas.reservations, wanted.key: choice},
    )
    return after, choice


def _obstacle(
    satgas: Satgas, officer: Officer, on: date
) -> Literal["unavailable", "on_leave", "full"] | None:
    if absence := officer.absence(on):
        return absence
    full = officer.capacity is not None and satgas.load_of(officer.code) >= officer.capacity
    return "full" if full else None


def _choose(
    satgas: Satgas, wanted: Wanted, able: tuple[str, ...]
) -> tuple[Satgas, str, tuple[str, ...]]:
    """The satgas with its turns moved on, who it is, and among whom he was chosen."""
    if wanted.asked_for in able:
        return satgas, wanted.asked_for, able
    if wanted.strategy == "round_robin":
        officer = _next(satgas, satgas.last, able)
        return replace(satgas, last=officer), officer, able
    candidates = able
    if wanted.strategy == "topic_skill":
        knowing = {one.code for one in satgas.officers if one.knows(wanted.topic)}
        candidates = tuple(code for code in able if code in knowing) or able
    least = min(satgas.load_of(code) for code in candidates)
    equals = [code for code in candidates if satgas.load_of(code) == least]
    officer = _next(satgas, satgas.last_tied, equals)
    if len(equals) > 1 or candidates == able:
        # not where he was the only one for the topic: that is no turn among equals
        satgas = replace(satgas, last_tied=officer)
    return satgas, officer, candidates


def _next(satgas: Satgas, last: str | None, able: Collection[str]) -> str:
    """The first of `able`, which is not empty, that comes after `last` in the roster's order."""
    return next(code for code in satgas.in_turn(last) if code in able)
