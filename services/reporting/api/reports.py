"""Consultations counted: as JSON, CSV, XLSX and Parquet."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.reporting.api.files import BINARY, add_file_route, content_of, name_of
from services.reporting.api.parameters import AskedCsv, AskedFile, AskedReport, wrong
from services.reporting.api.schemas import Report as ReportModel
from services.reporting.domain import answers
from services.reporting.domain.answers import Answer
from services.reporting.domain.figures import Group, nested
from services.reporting.domain.groups import TooManyGroups
from services.reporting.domain.query import TIME_KEYS, ReportQuery
from services.reporting.domain.report import (
    Report,
    Shape,
    cursor_of,
    days_of,
    fingerprint,
    named,
    report,
)
from services.reporting.ports import Reports
from services.reporting.query.exports import CSV, FORMATS, GROUP, PARQUET, ROW, TOTAL, XLSX, Dialect
from shared.audit import trail
from shared.times import local
from shared.web.app import TAGGED, IfNoneMatch, etag_of, tagged
from shared.web.auth import Caller, CallerOf, Scope
from shared.web.permissions import ACCESS


def add(router: APIRouter, reports: Reports, clock: Callable[[], datetime]) -> None:
    async def make(
        caller: Caller,
        asked: AskedReport,
        request: Request,
        response: Response,
        known: str | None,
    ) -> "Made":
        """The report, or `NotModified` where the caller has it already."""
        query = asked.query_of(caller, asked.keys(), clock())
        shape = asked.shape(query)
        scope = await reports.scope(query)
        said = f"{fingerprint(query, shape)} {request.url}"
        if caller.scope is Scope.ALL:
            tagged(None, etag_of(said, scope.edition), known, response)
        answer = await reports.answer(scope)
        try:
            whole = await asyncio.to_thread(report, answer, query, shape)
        except TooManyGroups as error:
            raise wrong("empty", "too_many_groups", error.text) from None
        if caller.scope is not Scope.ALL:
            # the edition counts complaints as well, and would tell of each
            tagged(None, etag_of(said, whole.rows, whole.totals), known, response)
        after = None if whole.next is None else cursor_of(query, shape, whole.next)
        if after is not None:
            url = request.url.include_query_params(cursor=after)
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return Made(query, shape, scope, answer, whole, after)

    def add_file(suffix: str, media_type: str, model: type[AskedFile], title: str) -> None:
        async def report_as_file(
            caller: CallerOf,
            request: Request,
            asked: Annotated[AskedFile, Query()],
            if_none_match: IfNoneMatch = None,
        ) -> Response:
            dialect = asked.dialect() if isinstance(asked, AskedCsv) else Dialect()
            response = Response()
            made = await make(caller, asked, request, response, if_none_match)
            return await as_file(made, media_type, response.headers, asked.totals, dialect)

        responses: dict[int | str, Any] = {
            200: {"content": {media_type: {"schema": BINARY}}, **TAGGED[200]},
            304: TAGGED[304],
        }
        path, name = f"/reports/consultations.{suffix}", f"report_consultations_{suffix}"
        add_file_route(router, path, name, report_as_file, model, title=title, responses=responses)

    # before the route of the report itself, whose answers have a model
    add_file("csv", CSV, AskedCsv, "The same figures as CSV (RFC 4180, UTF-8).")
    add_file("xlsx", XLSX, AskedFile, "The same figures as an Excel workbook.")
    add_file("parquet", PARQUET, AskedFile, "The same figures as Apache Parquet.")

    @router.get(
        "/reports/consultations",
        response_model=ReportModel,
        responses={
            200: {"content": {name: {"schema": BINARY} for name in FORMATS}, **TAGGED[200]},
            304: TAGGED[304],
        },
    )
    async def report_consultations(
        caller: CallerOf,
        request: Request,
        asked: Annotated[AskedReport, Query()],
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Consultations by stage, with how long that took. Other formats by suffix or `Accept`."""
        wanted = request.headers.get("accept", "").split(",")[0].split(";")[0].strip()
        response = Response(media_type=wanted if wanted in FORMATS else "application/json")
        response.headers["Vary"] = "Accept"
        if wanted in FORMATS:
            trail.carries_away()
        made = await make(caller, asked, request, response, if_none_match)
        if wanted in FORMATS:
            return await as_file(made, wanted, response.headers)
        keys = made.query.group_by
        may_drill = caller.role in ACCESS["list_members"]
        body = {
            "as_of": local(made.query.as_of or clock()).isoformat(),
            "lag_seconds": await reports.lag(),
            # events of complaints and of other kecamatan among them
            "events_applied": made.answer.facts if caller.scope is Scope.ALL else None,
            "source": made.answer.source,
            "calendar_version": made.scope.calendar_version,
            "group_by": list(keys),
            "rows": [
                {
                    **named(keys, group),
                    **nested(row),
                    ROW: GROUP,
                    **({"members": members_link(made.query, group)} if may_drill else {}),
                }
                for group, row in made.report.rows.items()
            ],
            "totals": {**nested(made.report.totals), ROW: TOTAL},
            "next": made.cursor,
        }
        # not through the model, which would put a row's figures before its keys
        headers = {name: response.headers[name] for name in _SENT_ON if name in response.headers}
        return JSONResponse(body, headers=headers)


class Made:
    def __init__(
        self,
        query: ReportQuery,
        shape: Shape,
        scope: answers.Scope,
        answer: Answer,
        report: Report,
        cursor: str | None,
    ) -> None:
        self.query, self.shape, self.scope = query, shape, scope
        self.answer, self.report, self.cursor = answer, report, cursor


_SENT_ON = ("ETag", "Link", "Vary")


async def as_file(
    made: Made,
    media_type: str,
    headers: Mapping[str, str],
    totals: bool = False,
    dialect: Dialect = Dialect(),  # noqa: B008 - frozen
) -> Response:
    query = made.query
    # a workbook of thousands of rows takes seconds, in which others want answers
    content = await asyncio.to_thread(
        content_of, made.report, query, media_type, totals=totals, dialect=dialect
    )
    sent = {name: headers[name] for name in _SENT_ON if name in headers}
    name = name_of(query, made.shape, media_type)
    sent["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers=sent)


def members_link(query: ReportQuery, group: Group) -> str:
    first, last = days_of(query, query.group_by, group)
    asked: dict[str, str] = {
        name: ",".join(_written(value) for value in values)
        for name, values in query.filters.items()
    }
    for key, value in zip(query.group_by, group, strict=True):
        if key not in TIME_KEYS:
            asked[key] = _written(value)
    days = {"from": first, "to": last}
    asked |= {name: day.isoformat() for name, day in days.items() if day}
    if query.as_of is not None:
        asked["as_of"] = query.as_of.isoformat()
    return f"/v1/reports/members?{urlencode(asked)}"


def _written(value: object) -> str:
    """A value of a filter as it is written in one."""
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
