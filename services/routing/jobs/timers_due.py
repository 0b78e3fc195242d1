"""Timers that are due: reminders, missed deadlines, escalations and silence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.routing.domain import events
from services.routing.domain.case import Case
from services.routing.domain.roster import Satgas
from services.routing.domain.timers import ring
from services.routing.rules import Rules
from shared.events import Event
from shared.ids import new_id

#: So many that a batch is done well within the time after which another replica takes the lease
#: over (`store/leader_lease.py`).
BATCH = 100


class Cases(Protocol):
    async def due(self, now: datetime, limit: int) -> list[Case]: ...
    async def save_timers(self, changes: Sequence[tuple[Case, Sequence[Event]]]) -> None: ...


class Rosters(Protocol):
    async def all(self) -> list[Satgas]: ...


class TimersDue:
    def __init__(self, cases: Cases, rules: Rules, rosters: Rosters) -> None:
        self._cases = cases
        self._rules = rules
        self._rosters = rosters

    async def run(self, now: datetime) -> int:
        """Tell of one batch of what is due, the longest due first; how many cases it was."""
        taken = await self._cases.due(now, BATCH)
        if not taken:
            return 0
        people = events.people(await self._rosters.all())
        changes = []
        for case in taken:
            policy = self._rules.policy_of(case.policy_version)
            after, rung = ring(case, policy, self._rules.calendar, now)
            changes.append((after, events.timer_events(case, after, rung, people, now, new_id)))
        await self._cases.save_timers(changes)
        return len(taken)
