"""Timers that are due: reminders, missed deadlines, escalations and silence."""

from datetime import datetime

from services.routing.domain import events
from services.routing.domain.timers import ring
from services.routing.ports import Cases, Rosters
from services.routing.rules import Rules
from shared.times import new_id

#: So many that a batch is done well within the time after which another replica takes the lease
#: over (`store/leader_lease.py`).
CASES_PER_BATCH = 100


class TimersDue:
    def __init__(self, cases: Cases, rules: Rules, rosters: Rosters) -> None:
        self._cases = cases
        self._rules = rules
        self._rosters = rosters

    async def run(self, now: datetime) -> int:
        """Tell of one batch of what is due, the longest due first; how many cases it was."""
        taken = await self._cases.due(now, CASES_PER_BATCH)
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
