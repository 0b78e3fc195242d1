"""routing's HTTP routes."""

from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.routing.calendar import Calendar
from services.routing.calendar_data import FIRST_YEAR, LAST_YEAR, Sources
from services.routing.domain import Case
from services.routing.views import CalendarView, CaseView
from shared.http import GUARDED, TAGGED, IfNoneMatch, problems, tagged
from shared.identity import Caller, authorize
from shared.problems import Problem

CallerOf = Annotated[Caller, Depends(authorize)]
Year = Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="The calendar's year")]


class Store(Protocol):
    async def get(self, id_: UUID) -> Case | None: ...


def routes(cases: Store, calendar: Calendar, sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))

    @router.get("/cases/{id}", responses=problems("not_found") | TAGGED)
    async def read_case(
        id: UUID, caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> CaseView:
        """A case: whose it is, why, and until when."""
        case = await cases.get(id)
        if case is None:
            raise Problem("not_found")
        return tagged(CaseView.of(case), f'"{case.version}"', if_none_match, response)

    @router.get("/calendar", responses=TAGGED)
    async def read_calendar(
        year: Year, caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> CalendarView:
        """Holidays, Ramadan and office hours of a year: what the deadlines are reckoned by."""
        view = CalendarView.of(calendar, sources, year)
        return tagged(view, f'"{view.version}-{year}"', if_none_match, response)

    return router
