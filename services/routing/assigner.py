"""Finds an officer for a case: first where it belongs, then at the DPMD desk, else it is held."""

from datetime import datetime

from services.routing.domain.assignment import Nobody, Wanted
from services.routing.domain.case import Case, Destination, assigned, held
from services.routing.domain.roster import Choice
from services.routing.ports import Rosters
from services.routing.rules import Rules
from shared.reference import DPMD
from shared.times import local_day


class Assigner:
    def __init__(self, rosters: Rosters, rules: Rules) -> None:
        self._rosters = rosters
        self._rules = rules

    async def assign(self, case: Case, now: datetime) -> Case:
        """`case` with an officer and the decision; held where nobody can take it.

        Asking again for the same case, after a crash, finds the same officer.
        """
        where = case.wanted
        answer = await self._ask(case, where, now)
        if answer == "no_officer" and where.satgas != DPMD:
            # a satgas without anybody is no reason to wait: those on leave will be back
            where = Destination(DPMD, "dpmd_desk", "no_officer")
            answer = await self._ask(case, where, now)
        if isinstance(answer, Choice):
            return assigned(case, where, answer, now)
        return held(case, answer, now)

    async def _ask(self, case: Case, where: Destination, now: datetime) -> Choice | Nobody:
        strategy = self._rules.policy.strategy_of(where.satgas)
        wanted = Wanted(case.assignment_key(), case.topic, strategy, where.officer)
        return await self._rosters.assign(where.satgas, wanted, local_day(now))

    def confirm(self, case: Case) -> None:
        """The latest decision is saved: the roster can drop its reservation."""
        if case.decisions and case.decisions[-1].officer:
            self._rosters.confirm(case.decisions[-1].satgas, case.decisions[-1].key)

    async def release(self, before: Case, after: Case) -> None:
        """Whoever lost the case has one open case less."""
        if before.state != "assigned" or before.satgas is None or before.officer is None:
            return
        if after.state != "assigned" or len(after.decisions) > len(before.decisions):
            await self._rosters.release(before.satgas, before.officer)
