"""Held cases: each goes to whoever can take it now, the longest held first."""

from dataclasses import replace
from datetime import datetime

from services.routing.assigner import Assigner
from services.routing.domain import events
from services.routing.domain.case import Case
from services.routing.jobs.timers_due import CASES_PER_BATCH
from services.routing.ports import Cases
from services.routing.rules import Rules
from shared.errors import Conflict
from shared.times import new_id


class HeldCases:
    def __init__(self, cases: Cases, assigner: Assigner, rules: Rules) -> None:
        self._cases = cases
        self._assigner = assigner
        self._rules = rules

    async def run(self, now: datetime) -> None:
        """Look at one batch of held cases; a satgas that cannot take one is asked no more."""
        full = set[str]()
        for case in await self._cases.held(CASES_PER_BATCH):
            if case.wanted.satgas in full:
                continue
            found = await self._assigner.assign(case, now)
            if found.state == "held":
                full.add(case.wanted.satgas)
            if found is not case:
                await self._save_decision(case, found)

    async def _save_decision(self, before: Case, after: Case) -> None:
        policy = self._rules.policy_of(after.policy_version)
        after = replace(after, version=before.version + 1)
        after, decided = events.decision_events(before, after, policy, self._rules.calendar, new_id)
        try:
            await self._cases.save(before, after, decided)
        except Conflict:
            return  # another replica was quicker, or the case moved on
        self._assigner.confirm(after)
