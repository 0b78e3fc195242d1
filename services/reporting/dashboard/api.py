"""The dashboard's figures over HTTP: for who has a key, and, once a quarter, for everybody."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.reporting.api.parameters import Asked, at_most_days, wrong
from services.reporting.dashboard.overview import in_full
from services.reporting.dashboard.overviews import Overviews
from services.reporting.dashboard.schemas import Overview
from services.reporting.domain.query import MAX_DAYS, ReportQuery
from shared.times import local_day
from shared.web.app import (
    GUARDED,
    TAGGED,
    IfNoneMatch,
    etag_of,
    in_order,
    problems,
    tagged,
)
from shared.web.auth import Caller, CallerOf, without_key
from shared.web.permissions import ACCESS
from shared.web.problems import Problem, language
from shared.web.unknown_parameters import only_known

#: Seconds for which anybody may keep the open edition.
OPEN_MAX_AGE_SECONDS = 3600


def routes(overviews: Overviews, clock: Callable[[], datetime], *, open_data: bool) -> APIRouter:
    """`open_data`: whether there is an open edition."""
    router = APIRouter(prefix="/v1")

    @router.get(
        "/reports/overview",
        response_model=Overview,
        responses={**problems(*GUARDED), **TAGGED},
    )
    async def read_overview(
        caller: CallerOf,
        request: Request,
        response: Response,
        asked: Annotated[Asked, Query()],
        if_none_match: IfNoneMatch = None,
    ) -> Any:
        """All that the dashboard shows, of one moment: the last 90 days where none are named. Of
        who has one kecamatan, that one, without complaints."""
        said = language(request)
        whole = _whole(asked, caller, clock())
        edition, overview = await overviews.of(whole, said, caller.territory)
        may = {
            "lists": caller.role in ACCESS["list_members"],
            "conversations": caller.role in ACCESS["read_consultation"],
        }
        overview |= {"territory": caller.territory, **may}
        response.headers["Vary"] = "Accept-Language, Authorization"
        response.headers["Cache-Control"] = "private, no-cache"
        etag = etag_of(edition, said, caller.territory, may, request.url.query)
        return tagged(overview, etag, if_none_match, response)

    @router.get(
        "/open/overview",
        response_model=Overview,
        responses={**problems("not_found", "invalid", "too_many", "unavailable"), **TAGGED},
        dependencies=[Depends(without_key), Depends(only_known)],
    )
    async def read_open_overview(
        request: Request, response: Response, if_none_match: IfNoneMatch = None
    ) -> Any:
        """The open edition of this quarter, without a key: the quarter before, as it was known at
        its end, without figures that count fewer than five people."""
        if not open_data:
            raise Problem("not_found")
        said = language(request)
        edition, overview = await overviews.open(said)
        response.headers["Vary"] = "Accept-Language"
        response.headers["Cache-Control"] = f"public, max-age={OPEN_MAX_AGE_SECONDS}"
        return tagged(overview, etag_of(edition, said, ""), if_none_match, response)

    return router


def _whole(asked: Asked, caller: Caller, now: datetime) -> ReportQuery:
    """With the days that are shown where none, or one, is named. Raises `Problem`."""
    whole = in_full(asked.query_of(caller, (), now), local_day(asked.as_of or now))
    assert whole.first is not None  # noqa: S101 - see `in_full`
    assert whole.last is not None  # noqa: S101
    in_order(whole.first, whole.last)
    if (whole.last - whole.first).days >= MAX_DAYS:
        raise wrong("from", "range_too_long", at_most_days(MAX_DAYS))
    return whole
