"""Accepted by intake against what the events tell and the reports count."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from services.reporting.api.parameters import at_most_days, wrong
from services.reporting.api.schemas import Reconciliation
from services.reporting.domain.columns import COUNTED
from services.reporting.domain.query import ReportQuery
from services.reporting.domain.rows import reconcile
from services.reporting.ports import Intake, Reports
from shared.times import local, local_day
from shared.web.app import in_order
from shared.web.auth import CallerOf
from shared.web.fields import Day

First = Annotated[Day | None, Query(alias="from", description="First day, Asia/Makassar")]
Last = Annotated[Day | None, Query(alias="to", description="Last day, included")]

#: Days that it covers where no range is given, today included, and at most.
DEFAULT_DAYS = 31
MAX_DAYS = 366
#: How much older than its receipt a post made without signal may be (intake's rule, and a day).
OFFLINE = timedelta(days=61)


def add(router: APIRouter, reports: Reports, intake: Intake, clock: Callable[[], datetime]) -> None:
    @router.get("/reconciliation")
    async def reconcile_counts(
        caller: CallerOf, first: First = None, last: Last = None
    ) -> Reconciliation:
        """Accepted by intake, told of by events and counted here, per day of receipt and
        kecamatan."""
        now = clock()
        last = last or local_day(now)
        first = first or date.fromordinal(max(last.toordinal() - DEFAULT_DAYS + 1, 1))
        in_order(first, last)
        if (last - first).days >= MAX_DAYS:
            raise wrong("from", "range_too_long", at_most_days(MAX_DAYS))
        # reports first and intake last: what comes in meanwhile is on its way, never too much
        reported = await _reported(reports, first, last)
        days = [
            (first + timedelta(number)).isoformat() for number in range((last - first).days + 1)
        ]
        events = await reports.received_on(days)
        accepted = await intake.accepted(first, last)
        rows = reconcile(accepted, events, reported)
        return Reconciliation.model_validate(
            {
                "as_of": local(now),
                "accepted": sum(accepted.values()),
                "events": sum(events.values()),
                "reported": sum(reported.values()),
                "difference": sum(row["difference"] for row in rows),
                "rows": rows,
            }
        )


async def _reported(reports: Reports, first: date, last: date) -> dict[tuple[str, str], int]:
    """What the reports count, by the day of receipt: of submissions up to then."""
    begins = date.fromordinal(max(first.toordinal() - OFFLINE.days, 1))
    query = ReportQuery(("received_day", "kecamatan"), begins, last)
    answer = await reports.answer(await reports.scope(query))
    cells = answer.cube.cells.select(
        ["received_day", "kecamatan", COUNTED["submitted"]]
    ).to_pylist()
    return {
        (cell["received_day"], cell["kecamatan"]): cell[COUNTED["submitted"]]
        for cell in cells
        if first.isoformat() <= cell["received_day"] <= last.isoformat()
    }
