"""routing's HTTP routes."""

from fastapi import APIRouter

from services.routing.api.calendar import add_calendar
from services.routing.api.cases import Store, add_cases
from services.routing.calendar import Calendar
from services.routing.calendar_data import Sources
from shared.http import GUARDED, problems


def routes(cases: Store, calendar: Calendar, sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))
    add_cases(router, cases)
    add_calendar(router, calendar, sources)
    return router
