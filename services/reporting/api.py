"""reporting's HTTP routes."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.reporting.domain import COUNTS, GROUPS, Question, reconcile
from services.reporting.tables import columns, to_csv, with_names
from shared.fields import Day
from shared.http import GUARDED, in_order, problems
from shared.identity import Caller, authorize
from shared.times import local, local_day

#: Days a reconciliation covers where no range is given, today included.
DEFAULT_DAYS = 31


class Store(Protocol):
    async def freshness(self) -> tuple[int, float]: ...
    async def count(self, question: Question) -> list[dict[str, Any]]: ...
    async def reported(self, first_day: str, last_day: str) -> dict[tuple[str, str], int]: ...


class Intake(Protocol):
    async def accepted(self, first: date, last: date) -> dict[tuple[str, str], int]: ...


class Row(BaseModel):
    """One group: its keys with names beside them, and the counts."""

    model_config = ConfigDict(extra="allow")

    submitted: int
    assigned: int
    alerted: int
    acknowledged: int
    answered: int
    closed: int
    reopened: int
    withdrawn: int
    rejected: int
    rated: int
    escalated: int
    overdue: int


class Report(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    as_of: AwareDatetime
    lag_seconds: float
    """How old the latest event was when it was counted."""
    events_applied: int
    group_by: list[str]
    rows: list[Row]


class ReconciliationRow(BaseModel):
    day: str
    kecamatan: str
    accepted: int
    reported: int
    difference: int


class Reconciliation(BaseModel):
    """`difference` is 0 once all that was accepted is counted; until then, what is on its way."""

    as_of: AwareDatetime
    accepted: int
    reported: int
    difference: int
    rows: list[ReconciliationRow]


CallerOf = Annotated[Caller, Depends(authorize)]
First = Annotated[Day | None, Query(alias="from", description="First day, Asia/Makassar")]
Last = Annotated[Day | None, Query(alias="to", description="Last day, included")]
GroupBy = Annotated[
    str,
    Query(
        description="One or more of " + ", ".join(GROUPS) + ", separated by commas",
        pattern=rf"^({'|'.join(GROUPS)})(,({'|'.join(GROUPS)}))*$",
        max_length=100,
    ),
]


def routes(store: Store, intake: Intake, clock: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))

    @router.get(
        "/reports/consultations",
        response_model=Report,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def report_consultations(
        caller: CallerOf,
        request: Request,
        group_by: GroupBy = "kecamatan",
        first: First = None,
        last: Last = None,
    ) -> Response:
        """Consultations counted by stage; `Accept: text/csv`, or `.csv`, gives the same as CSV."""
        question = _question(group_by, first, last)
        rows = with_names(await store.count(question))
        if request.headers.get("accept", "").startswith("text/csv"):
            return _as_csv(question, rows)
        events, lag = await store.freshness()
        # not through the model, which would put a row's counts before its keys
        return JSONResponse(
            {
                "as_of": local(clock()).isoformat(),
                "lag_seconds": lag,
                "events_applied": events,
                "group_by": list(question.group_by),
                "rows": rows,
            }
        )

    @router.get("/reports/consultations.csv", response_class=CsvResponse)
    async def report_consultations_csv(
        caller: CallerOf, group_by: GroupBy = "kecamatan", first: First = None, last: Last = None
    ) -> Response:
        """The same figures as CSV."""
        question = _question(group_by, first, last)
        rows = with_names(await store.count(question))
        return _as_csv(question, rows)

    @router.get("/reconciliation")
    async def reconcile_counts(
        caller: CallerOf, first: First = None, last: Last = None
    ) -> Reconciliation:
        """Accepted by intake against counted here, per day of receipt and kecamatan."""
        now = clock()
        last = last or local_day(now)
        first = first or date.fromordinal(max(last.toordinal() - DEFAULT_DAYS + 1, 1))
        in_order(first, last)
        accepted = await intake.accepted(first, last)
        reported = await store.reported(first.isoformat(), last.isoformat())
        rows = reconcile(accepted, reported)
        return Reconciliation.model_validate(
            {
                "as_of": local(now),
                "accepted": sum(accepted.values()),
                "reported": sum(reported.values()),
                "difference": sum(row["difference"] for row in rows),
                "rows": rows,
            }
        )

    return router


class CsvResponse(PlainTextResponse):
    media_type = "text/csv"


def _as_csv(question: Question, rows: list[dict[str, Any]]) -> CsvResponse:
    return CsvResponse(to_csv(rows, columns(question.group_by, list(COUNTS))))


def _question(group_by: str, first: date | None, last: date | None) -> Question:
    keys = tuple(dict.fromkeys(group_by.split(",")))
    if first and last:
        in_order(first, last)
    return Question(keys, first, last)
