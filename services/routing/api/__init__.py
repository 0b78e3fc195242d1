"""routing's HTTP routes."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from services.routing.api.calendar import add_calendar
from services.routing.api.cases import Store, add_cases
from services.routing.api.policy import add_policy
from services.routing.rules import Rules
from shared.http import GUARDED, problems


def routes(cases: Store, rules: Rules, clock: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))
    add_cases(router, cases, rules, clock)
    add_calendar(router, rules, clock)
    add_policy(router, rules, clock)
    return router
