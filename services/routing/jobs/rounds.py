"""What no message sets off: timers that are due, cases that wait for an officer, changed rules.

What makes each of these single is the guard on the case's version when it is saved together with
its events: of replicas that look at the same case, one writes.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.routing.assigner import Dealer
from services.routing.domain import events
from services.routing.domain.case import Case
from services.routing.domain.roster import Satgas
from services.routing.domain.timers import ring, scheduled
from services.routing.rules import Rules
from shared.errors import Conflict
from shared.events import Event
from shared.ids import new_id

log = logging.getLogger(__name__)

#: So many that a batch is told well within the patience of the other replicas
#: (`store/leader_lease.py`).
BATCH = 100


class Cases(Protocol):
    async def due(self, now: datetime, limit: int) -> list[Case]: ...
    async def held(self, limit: int) -> list[Case]: ...
    async def by_another_calendar(self, version: str, limit: int) -> list[Case]: ...
    async def open_by_officer(self, satgas: str) -> dict[str, int]: ...
    async def recorded(self, keys: Sequence[str]) -> set[str]: ...
    async def save(self, changed: Case, events: Sequence[Event]) -> None: ...
    async def save_timers(self, changes: Sequence[tuple[Case, Sequence[Event]]]) -> None: ...


class Rosters(Protocol):
    async def all(self) -> list[Satgas]: ...
    async def recount(
        self,
        satgas: str,
        recorded: Callable[[Sequence[str]], Awaitable[set[str]]],
        open_by_officer: Callable[[str], Awaitable[dict[str, int]]],
    ) -> bool: ...


class Rounds:
    def __init__(self, cases: Cases, dealer: Dealer, rules: Rules, rosters: Rosters) -> None:
        self._cases = cases
        self._dealer = dealer
        self._rules = rules
        self._rosters = rosters

    async def ring_due(self, now: datetime) -> int:
        """Tell of one batch of what is due, the longest due first; how many cases it was."""
        taken = await self._cases.due(now, BATCH)
        if not taken:
            return 0
        people = events.people(await self._rosters.all())
        changes = []
        for case in taken:
            policy = self._rules.policy_of(case.policy_version)
            after, rung = ring(case, policy, self._rules.calendar, now)
            changes.append((after, events.of_timers(case, after, rung, people, now, new_id)))
        await self._cases.save_timers(changes)
        return len(taken)

    async def release_held(self, now: datetime) -> None:
        """Give held cases to whoever can take them now, the longest held first."""
        full = set[str]()
        for case in await self._cases.held(BATCH):
            if case.wanted.satgas in full:
                continue
            found = await self._dealer.find(case, now)
            if found.state == "held":
                full.add(case.wanted.satgas)
            if found is not case:
                await self._save_decision(case, found)

    async def _save_decision(self, before: Case, after: Case) -> None:
        policy = self._rules.policy_of(after.policy_version)
        after = replace(after, version=before.version + 1)
        after, told = events.decided(before, after, policy, self._rules.calendar, new_id)
        try:
            await self._cases.save(after, told)
        except Conflict:
            return  # another replica was quicker, or the case moved on
        self._dealer.settle(after)

    async def reckon_anew(self) -> str:
        """Move the timers of open cases to the calendar of now; its version."""
        calendar = self._rules.calendar
        # one that somebody else changed meanwhile is read again
        while cases := await self._cases.by_another_calendar(calendar.version, BATCH):
            await self._cases.save_timers([(self._reckoned(case), ()) for case in cases])
            log.info("deadlines reckoned anew", extra={"count": len(cases)})
        return calendar.version

    async def recount(self) -> None:
        """Heal what a crash left in the rosters' counts of open cases."""
        for satgas in await self._rosters.all():
            await self._rosters.recount(
                satgas.code, self._cases.recorded, self._cases.open_by_officer
            )

    def _reckoned(self, case: Case) -> Case:
        policy = self._rules.policy_of(case.policy_version)
        return scheduled(replace(case, version=case.version + 1), policy, self._rules.calendar)
