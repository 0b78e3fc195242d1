"""What was told of weeks and months that are over, over HTTP."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.reporting.api.parameters import at_most_days, wrong
from services.reporting.domain.periods import Every
from services.reporting.ports import Summaries
from shared.events import ReportSummarised, Summary
from shared.times import local, local_day
from shared.web.app import GUARDED, in_order, problems
from shared.web.auth import CallerOf, Scope
from shared.web.fields import Day

First = Annotated[Day | None, Query(alias="from", description="They end on it or later")]
Last = Annotated[Day | None, Query(alias="to", description="They begin on it or earlier")]

#: Days that are covered where no range is given, and at most.
DEFAULT_DAYS = 92
MAX_DAYS = 366


class SummaryView(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    event: UUID
    """The id of `report.summarised`: the `cause` of the alerts that it became."""
    due: AwareDatetime
    told_at: AwareDatetime
    """When it was summed up: later than `due` after an outage."""
    summary: Summary

    @classmethod
    def of(cls, event: ReportSummarised) -> Self:
        return cls(
            event=event.id,
            due=local(event.due),
            told_at=local(event.time),
            summary=event.summary,
        )


class SummariesView(BaseModel):
    summaries: list[SummaryView]


def routes(summaries: Summaries, clock: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))

    @router.get("/reports/summaries")
    async def list_summaries(
        caller: CallerOf, first: First = None, last: Last = None, every: Every | None = None
    ) -> SummariesView:
        """The summaries that camat and DPMD were told, the newest first; of the last three months
        where no days are named. Who sees one kecamatan alone reads those of its weeks."""
        last = last or local_day(clock())
        first = first or date.fromordinal(max(last.toordinal() - DEFAULT_DAYS + 1, 1))
        in_order(first, last)
        if (last - first) >= timedelta(days=MAX_DAYS):
            raise wrong("from", "range_too_long", at_most_days(MAX_DAYS))
        found = await summaries.within(first, last, every)
        if caller.scope is not Scope.ALL:
            found = [event for event in found if event.summary.area == caller.territory]
        return SummariesView(summaries=[SummaryView.of(event) for event in found])

    return router
