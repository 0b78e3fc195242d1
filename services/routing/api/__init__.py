"""routing's HTTP routes."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from services.routing.api.calendar import add_calendar
from services.routing.api.cases import add_cases
from services.routing.api.policy import add_policy
from services.routing.api.satgas import add_satgas
from services.routing.ports import Cases, Rosters
from services.routing.rules import Rules
from shared.times import local_day
from shared.web.app import GUARDED, problems


def routes(
    cases: Cases, rosters: Rosters, rules: Rules, clock: Callable[[], datetime]
) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))
    add_cases(router, cases, rules, clock)
    add_calendar(router, rules, clock)
    add_policy(router, rules, clock)
    add_satgas(router, rosters, lambda: local_day(clock()))
    return router
