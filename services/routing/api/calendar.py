"""The working calendar that deadlines are reckoned by."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.routing.calendar import Calendar
from services.routing.calendar_data import FIRST_YEAR, LAST_YEAR, Sources
from services.routing.views import CalendarView
from shared.http import TAGGED, IfNoneMatch, tagged
from shared.identity import Caller, authorize

CallerOf = Annotated[Caller, Depends(authorize)]
Year = Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="The calendar's year")]


def add_calendar(router: APIRouter, calendar: Calendar, sources: Sources) -> None:
    @router.get("/calendar", responses=TAGGED)
    async def read_calendar(
        year: Year, caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> CalendarView:
        """Holidays, Ramadan and office hours of a year: what the deadlines are reckoned by."""
        view = CalendarView.of(calendar, sources, year)
        return tagged(view, f'"{view.version}-{year}"', if_none_match, response)
