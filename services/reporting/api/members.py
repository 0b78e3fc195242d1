"""The consultations behind a figure, for those who may see them: as a list, and as files."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import pyarrow as pa
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.reporting.api.files import BINARY, add_file_route
from services.reporting.api.parameters import Asked, AskedDialect
from services.reporting.api.schemas import Members
from services.reporting.domain.figures import RATIOS
from services.reporting.domain.measures import COUNTS, DURATIONS
from services.reporting.ports import Reports
from services.reporting.query.exports import CSV, SUFFIXES, XLSX, Dialect, to_csv, to_xlsx
from services.reporting.query.members import COLUMNS, FROZEN, members
from shared.audit import trail
from shared.times import local_day
from shared.web.auth import Caller, CallerOf

MEASURES: tuple[str, ...] = (*COUNTS, *DURATIONS)
"""Figures of which the members can be listed; a ratio's numerator and denominator are counts."""

MAX_IDS = 10_000


class AskedMembers(Asked):
    of: str = Field(
        default="submitted",
        pattern=f"^({'|'.join(MEASURES)})$",
        description="Behind which figure; of `"
        + "`, `".join(f"{ratio}`: `{over}` of `{under}" for ratio, (over, under) in RATIOS.items())
        + "`",
    )
    limit: int = Field(default=1000, ge=1, le=MAX_IDS, description="Consultations on a page")
    after: UUID | None = Field(default=None, description="`next` of the page before")


class AskedList(AskedMembers):
    details: bool = Field(
        default=False, description="Also `rows`: place, topic, stage and waiting time of each"
    )


class AskedMembersFile(AskedMembers):
    limit: int = Field(default=MAX_IDS, ge=1, le=MAX_IDS, description="Consultations in the file")


class AskedMembersCsv(AskedMembersFile, AskedDialect):
    pass


def add(router: APIRouter, reports: Reports, clock: Callable[[], datetime]) -> None:
    async def find(caller: Caller, asked: AskedMembers) -> "Page":
        """The page that is asked for. The audit is told of each that is on it."""
        query = asked.query_of(caller, (), clock())
        rows = await reports.members(await reports.scope(query), asked.of)
        ids = rows["id"].to_pylist()
        page = Page(
            rows, ids, bisect_right(ids, str(asked.after)) if asked.after else 0, asked.limit
        )
        trail.saw(page.ids)
        return page

    def details(page: "Page", asked: Asked) -> list[dict[str, Any]]:
        return members(page.rows, local_day(asked.as_of or clock()))

    def add_file(suffix: str, media_type: str, model: type[AskedMembersFile], title: str) -> None:
        async def list_as_file(
            caller: CallerOf, request: Request, asked: Annotated[AskedMembersFile, Query()]
        ) -> Response:
            dialect = asked.dialect() if isinstance(asked, AskedMembersCsv) else Dialect()
            page = await find(caller, asked)
            content = await asyncio.to_thread(
                lambda: _written(details(page, asked), media_type, dialect)
            )
            name = f"konsultasi-{asked.of}.{SUFFIXES[media_type]}"
            sent = {**page.link(request), "Content-Disposition": f'attachment; filename="{name}"'}
            return Response(content, media_type=media_type, headers=sent)

        add_file_route(
            router, f"/reports/members.{suffix}", f"list_members_{suffix}", list_as_file, model,
            title=title, responses={200: {"content": {media_type: {"schema": BINARY}}}},
        )  # fmt: skip

    add_file("csv", CSV, AskedMembersCsv, "The same list as CSV (RFC 4180, UTF-8).")
    add_file("xlsx", XLSX, AskedMembersFile, "The same list as an Excel workbook.")

    @router.get("/reports/members")
    async def list_members(
        caller: CallerOf,
        request: Request,
        response: Response,
        asked: Annotated[AskedList, Query()],
    ) -> Members:
        """The consultations that a figure counts, in the order of their ids: the oldest first."""
        page = await find(caller, asked)
        response.headers.update(page.link(request))
        return Members.model_validate(
            {
                "of": asked.of,
                "count": page.count,
                "ids": page.ids,
                "rows": details(page, asked) if asked.details else None,
                "before": page.before,
                "previous": page.previous,
                "next": page.next,
            }
        )


class Page:
    """`before`: how many come before it."""

    def __init__(self, rows: pa.Table, ids: Sequence[str], before: int, limit: int) -> None:
        self.count, self.before = len(ids), before
        self.rows = rows.slice(before, limit)
        self.ids = ids[before : before + limit]
        self.next = self.ids[-1] if before + limit < len(ids) else None
        self.previous = ids[before - limit - 1] if before > limit else None

    def link(self, request: Request) -> dict[str, str]:
        if self.next is None:
            return {}
        url = request.url.include_query_params(after=self.next)
        return {"Link": f'<{url.path}?{url.query}>; rel="next"'}


def _written(rows: Sequence[Mapping[str, Any]], media_type: str, dialect: Dialect) -> bytes:
    if media_type == CSV:
        return to_csv(COLUMNS, rows, dialect)
    return to_xlsx(COLUMNS, rows, FROZEN)
