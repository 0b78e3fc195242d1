"""The working calendar that deadlines are reckoned by, and the part of it that is ours to set."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.routing.api.calendar_schemas import CalendarView
from services.routing.api.parameters import IfMatch, changed_meanwhile, number_in
from services.routing.data.calendar import FIRST_YEAR, YEARS_AHEAD
from services.routing.domain.calendar_rules import LocalCalendar
from services.routing.rules import Rules
from shared.audit.changes import written_down_first
from shared.errors import Conflict
from shared.text.wording import Fault, Text, Unfit
from shared.web.app import TAGGED, WITH_BODY, IfNoneMatch, problems, tagged
from shared.web.auth import CallerOf
from shared.web.problems import Problem

#: No package reckons holidays beyond.
FARTHEST_YEAR = 2100
Year = Annotated[
    int,
    Query(
        ge=FIRST_YEAR,
        le=FARTHEST_YEAR,
        description=f"The calendar's year: up to {YEARS_AHEAD} after the present one",
    ),
]


def add_calendar(router: APIRouter, rules: Rules, clock: Callable[[], datetime]) -> None:
    @router.get("/calendar", responses=TAGGED)
    async def read_calendar(
        year: Year, caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> CalendarView:
        """Holidays, Ramadan and office hours of a year: what the deadlines are reckoned by."""
        if year > rules.last_year:
            said = Text(
                f"Kalender diketahui sampai tahun {rules.last_year}.",
                f"The calendar is known until {rules.last_year}.",
            )
            wrong = Fault("query:year", "not_known_yet", said)
            raise Problem("invalid", errors=[wrong])
        view = CalendarView.of(rules.calendar, rules.sources, year)
        return tagged(view, f'"{view.version}-{year}"', if_none_match, response)

    @router.get("/calendar/local", responses=TAGGED)
    async def read_local_calendar(
        caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> LocalCalendar:
        """What the regency sets itself: office hours, announced Ramadan, days closed or opened."""
        version = rules.local_version
        return tagged(version.body, f'"{version.number}"', if_none_match, response)

    @router.put("/calendar/local", responses=problems("changed_meanwhile", *WITH_BODY))
    @written_down_first
    async def put_local_calendar(
        local: LocalCalendar, caller: CallerOf, response: Response, if_match: IfMatch = None
    ) -> LocalCalendar:
        """Replace it, whole. Deadlines that are still open are reckoned anew within seconds."""
        after = number_in(if_match, rules.local_version.number)
        try:
            version = await rules.set_calendar(local, after=after, by=caller.key_id, at=clock())
        except Unfit as error:
            wrong = Fault("", "does_not_fit", error.text)
            raise Problem("invalid", errors=[wrong]) from None
        except Conflict as error:
            raise changed_meanwhile(error) from None
        response.headers["ETag"] = f'"{version.number}"'
        return version.body
