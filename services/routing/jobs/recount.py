"""What was computed is computed anew: deadlines by the calendar in force, loads by the cases."""

import logging
from dataclasses import replace

from services.routing.domain.case import Case
from services.routing.domain.timers import scheduled
from services.routing.jobs.timers_due import CASES_PER_BATCH
from services.routing.ports import Cases, Rosters
from services.routing.rules import Rules

log = logging.getLogger(__name__)


class Recount:
    def __init__(self, cases: Cases, rules: Rules, rosters: Rosters) -> None:
        self._cases = cases
        self._rules = rules
        self._rosters = rosters

    async def deadlines(self) -> str:
        """Move the timers of open cases to the calendar of now; its version."""
        calendar = self._rules.calendar
        # one that somebody else changed meanwhile is read again
        while cases := await self._cases.by_another_calendar(calendar.version, CASES_PER_BATCH):
            await self._cases.save_timers([(self._rescheduled(case), ()) for case in cases])
            log.info("deadlines reckoned anew", extra={"count": len(cases)})
        return calendar.version

    async def loads(self) -> None:
        """Heal what a crash left in the rosters' counts of open cases."""
        for satgas in await self._rosters.all():
            await self._rosters.recount(
                satgas.code, self._cases.recorded, self._cases.open_by_officer
            )

    def _rescheduled(self, case: Case) -> Case:
        policy = self._rules.policy_of(case.policy_version)
        return scheduled(replace(case, version=case.version + 1), policy, self._rules.calendar)
