"""The consultations behind a figure, for those who may see them."""

from bisect import bisect_right
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.reporting.api.parameters import Asked
from services.reporting.api.schemas import Members
from services.reporting.domain.figures import RATIOS
from services.reporting.domain.measures import COUNTS, DURATIONS
from services.reporting.ports import Reports
from shared.audit import trail
from shared.times import utc_now
from shared.web.auth import CallerOf

MEASURES: tuple[str, ...] = (*COUNTS, *DURATIONS)
"""Figures of which the members can be listed; a ratio's numerator and denominator are counts."""


class AskedMembers(Asked):
    of: str = Field(
        default="submitted",
        pattern=f"^({'|'.join(MEASURES)})$",
        description="Behind which figure; of `"
        + "`, `".join(f"{ratio}`: `{over}` of `{under}" for ratio, (over, under) in RATIOS.items())
        + "`",
    )
    limit: int = Field(default=1000, ge=1, le=10_000, description="Ids on a page")
    after: UUID | None = Field(default=None, description="`next` of the page before")


def add(router: APIRouter, reports: Reports) -> None:
    @router.get("/reports/members")
    async def list_members(
        caller: CallerOf,
        request: Request,
        response: Response,
        asked: Annotated[AskedMembers, Query()],
    ) -> Members:
        """The ids of the consultations that a figure counts, in their order."""
        scope = await reports.scope(asked.query((), utc_now()))
        ids = await reports.members(scope, asked.of)
        start = bisect_right(ids, str(asked.after)) if asked.after else 0
        page = ids[start : start + asked.limit]
        trail.saw(page)
        more = page[-1] if start + asked.limit < len(ids) else None
        if more is not None:
            url = request.url.include_query_params(after=more)
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return Members(of=asked.of, count=len(ids), ids=page, next=more)
