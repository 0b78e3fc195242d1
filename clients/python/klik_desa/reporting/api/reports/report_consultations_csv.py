import datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.report_consultations_csv_decimal import ReportConsultationsCsvDecimal
from ...models.report_consultations_csv_delimiter import ReportConsultationsCsvDelimiter
from ...models.report_consultations_csv_excel import ReportConsultationsCsvExcel
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    excel: ReportConsultationsCsvExcel | Unset = UNSET,
    delimiter: ReportConsultationsCsvDelimiter | Unset = UNSET,
    decimal: ReportConsultationsCsvDecimal | Unset = UNSET,
    bom: bool | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    as_of: datetime.datetime | Unset = UNSET,
    kecamatan: str | Unset = UNSET,
    desa: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    topic_group: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    channel: str | Unset = UNSET,
    role: str | Unset = UNSET,
    sdgs_goal: str | Unset = UNSET,
    satgas: str | Unset = UNSET,
    officer: str | Unset = UNSET,
    alerted_by: str | Unset = UNSET,
    requester_alerted_by: str | Unset = UNSET,
    vulnerable: str | Unset = UNSET,
    level: str | Unset = UNSET,
    group_by: str | Unset = "kecamatan",
    empty: bool | Unset = False,
    open_data: bool | Unset = False,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
    totals: bool | Unset = False,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    params: dict[str, Any] = {}

    json_excel: str | Unset = UNSET
    if not isinstance(excel, Unset):
        json_excel = excel.value

    params["excel"] = json_excel

    json_delimiter: str | Unset = UNSET
    if not isinstance(delimiter, Unset):
        json_delimiter = delimiter.value

    params["delimiter"] = json_delimiter

    json_decimal: str | Unset = UNSET
    if not isinstance(decimal, Unset):
        json_decimal = decimal.value

    params["decimal"] = json_decimal

    params["bom"] = bom

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    json_as_of: str | Unset = UNSET
    if not isinstance(as_of, Unset):
        json_as_of = as_of.isoformat()
    params["as_of"] = json_as_of

    params["kecamatan"] = kecamatan

    params["desa"] = desa

    params["topic"] = topic

    params["topic_group"] = topic_group

    params["kind"] = kind

    params["channel"] = channel

    params["role"] = role

    params["sdgs_goal"] = sdgs_goal

    params["satgas"] = satgas

    params["officer"] = officer

    params["alerted_by"] = alerted_by

    params["requester_alerted_by"] = requester_alerted_by

    params["vulnerable"] = vulnerable

    params["level"] = level

    params["group_by"] = group_by

    params["empty"] = empty

    params["open_data"] = open_data

    params["limit"] = limit

    params["cursor"] = cursor

    params["totals"] = totals

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/reports/consultations.csv",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | File | Problem | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.text))

        return response_200

    if response.status_code == 304:
        response_304 = cast(Any, None)
        return response_304

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Any | File | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    excel: ReportConsultationsCsvExcel | Unset = UNSET,
    delimiter: ReportConsultationsCsvDelimiter | Unset = UNSET,
    decimal: ReportConsultationsCsvDecimal | Unset = UNSET,
    bom: bool | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    as_of: datetime.datetime | Unset = UNSET,
    kecamatan: str | Unset = UNSET,
    desa: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    topic_group: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    channel: str | Unset = UNSET,
    role: str | Unset = UNSET,
    sdgs_goal: str | Unset = UNSET,
    satgas: str | Unset = UNSET,
    officer: str | Unset = UNSET,
    alerted_by: str | Unset = UNSET,
    requester_alerted_by: str | Unset = UNSET,
    vulnerable: str | Unset = UNSET,
    level: str | Unset = UNSET,
    group_by: str | Unset = "kecamatan",
    empty: bool | Unset = False,
    open_data: bool | Unset = False,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
    totals: bool | Unset = False,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | File | Problem]:
    """The same figures as CSV (RFC 4180, UTF-8)

     The same figures as CSV (RFC 4180, UTF-8).

    Args:
        excel (ReportConsultationsCsvExcel | Unset): For Excel under Indonesian settings (`;`,
            decimal comma, byte order mark) or English ones (`,`, point, byte order mark); what is
            said beside it goes first
        delimiter (ReportConsultationsCsvDelimiter | Unset): Between fields: `,`, and `;` where
            the decimal is a comma
        decimal (ReportConsultationsCsvDecimal | Unset): Before the fraction of a number: `.`
            where nothing is said
        bom (bool | Unset): A byte order mark first, by which Excel knows UTF-8
        from_ (datetime.date | Unset): First day, Asia/Makassar
        to (datetime.date | Unset): Last day, included
        as_of (datetime.datetime | Unset): As it was known at that moment
        kecamatan (str | Unset): One or more, separated by commas, of `kecamatan`
        desa (str | Unset): One or more, separated by commas, of `desa`
        topic (str | Unset): One or more, separated by commas, of `topic`
        topic_group (str | Unset): One or more, separated by commas, of `topic_group`
        kind (str | Unset): One or more, separated by commas, of `kind`
        channel (str | Unset): One or more, separated by commas, of `channel`
        role (str | Unset): One or more, separated by commas, of `role`
        sdgs_goal (str | Unset): One or more, separated by commas, of `sdgs_goal`
        satgas (str | Unset): One or more, separated by commas, of `satgas`
        officer (str | Unset): One or more, separated by commas, of `officer`
        alerted_by (str | Unset): One or more, separated by commas, of `alerted_by`
        requester_alerted_by (str | Unset): One or more, separated by commas, of
            `requester_alerted_by`
        vulnerable (str | Unset): One or more, separated by commas, of `vulnerable`
        level (str | Unset): One or more, separated by commas, of `level`
        group_by (str | Unset): One or more of kecamatan, desa, topic, topic_group, kind, channel,
            role, sdgs_goal, satgas, officer, alerted_by, requester_alerted_by, day, week, month,
            quarter, year, separated by commas Default: 'kecamatan'.
        empty (bool | Unset): Also groups without any consultation Default: False.
        open_data (bool | Unset): Of one quarter that is over, by one key, without figures of
            fewer than five Default: False.
        limit (int | Unset): Rows on a page Default: 1000.
        cursor (str | Unset): From `next` or `Link` of the page before
        totals (bool | Unset): A last row of all groups, and a first column `row`: `group` or
            `total` Default: False.
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | File | Problem]
    """

    kwargs = _get_kwargs(
        excel=excel,
        delimiter=delimiter,
        decimal=decimal,
        bom=bom,
        from_=from_,
        to=to,
        as_of=as_of,
        kecamatan=kecamatan,
        desa=desa,
        topic=topic,
        topic_group=topic_group,
        kind=kind,
        channel=channel,
        role=role,
        sdgs_goal=sdgs_goal,
        satgas=satgas,
        officer=officer,
        alerted_by=alerted_by,
        requester_alerted_by=requester_alerted_by,
        vulnerable=vulnerable,
        level=level,
        group_by=group_by,
        empty=empty,
        open_data=open_data,
        limit=limit,
        cursor=cursor,
        totals=totals,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    excel: ReportConsultationsCsvExcel | Unset = UNSET,
    delimiter: ReportConsultationsCsvDelimiter | Unset = UNSET,
    decimal: ReportConsultationsCsvDecimal | Unset = UNSET,
    bom: bool | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    as_of: datetime.datetime | Unset = UNSET,
    kecamatan: str | Unset = UNSET,
    desa: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    topic_group: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    channel: str | Unset = UNSET,
    role: str | Unset = UNSET,
    sdgs_goal: str | Unset = UNSET,
    satgas: str | Unset = UNSET,
    officer: str | Unset = UNSET,
    alerted_by: str | Unset = UNSET,
    requester_alerted_by: str | Unset = UNSET,
    vulnerable: str | Unset = UNSET,
    level: str | Unset = UNSET,
    group_by: str | Unset = "kecamatan",
    empty: bool | Unset = False,
    open_data: bool | Unset = False,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
    totals: bool | Unset = False,
    if_none_match: str | Unset = UNSET,
) -> Any | File | Problem | None:
    """The same figures as CSV (RFC 4180, UTF-8)

     The same figures as CSV (RFC 4180, UTF-8).

    Args:
        excel (ReportConsultationsCsvExcel | Unset): For Excel under Indonesian settings (`;`,
            decimal comma, byte order mark) or English ones (`,`, point, byte order mark); what is
            said beside it goes first
        delimiter (ReportConsultationsCsvDelimiter | Unset): Between fields: `,`, and `;` where
            the decimal is a comma
        decimal (ReportConsultationsCsvDecimal | Unset): Before the fraction of a number: `.`
            where nothing is said
        bom (bool | Unset): A byte order mark first, by which Excel knows UTF-8
        from_ (datetime.date | Unset): First day, Asia/Makassar
        to (datetime.date | Unset): Last day, included
        as_of (datetime.datetime | Unset): As it was known at that moment
        kecamatan (str | Unset): One or more, separated by commas, of `kecamatan`
        desa (str | Unset): One or more, separated by commas, of `desa`
        topic (str | Unset): One or more, separated by commas, of `topic`
        topic_group (str | Unset): One or more, separated by commas, of `topic_group`
        kind (str | Unset): One or more, separated by commas, of `kind`
        channel (str | Unset): One or more, separated by commas, of `channel`
        role (str | Unset): One or more, separated by commas, of `role`
        sdgs_goal (str | Unset): One or more, separated by commas, of `sdgs_goal`
        satgas (str | Unset): One or more, separated by commas, of `satgas`
        officer (str | Unset): One or more, separated by commas, of `officer`
        alerted_by (str | Unset): One or more, separated by commas, of `alerted_by`
        requester_alerted_by (str | Unset): One or more, separated by commas, of
            `requester_alerted_by`
        vulnerable (str | Unset): One or more, separated by commas, of `vulnerable`
        level (str | Unset): One or more, separated by commas, of `level`
        group_by (str | Unset): One or more of kecamatan, desa, topic, topic_group, kind, channel,
            role, sdgs_goal, satgas, officer, alerted_by, requester_alerted_by, day, week, month,
            quarter, year, separated by commas Default: 'kecamatan'.
        empty (bool | Unset): Also groups without any consultation Default: False.
        open_data (bool | Unset): Of one quarter that is over, by one key, without figures of
            fewer than five Default: False.
        limit (int | Unset): Rows on a page Default: 1000.
        cursor (str | Unset): From `next` or `Link` of the page before
        totals (bool | Unset): A last row of all groups, and a first column `row`: `group` or
            `total` Default: False.
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | File | Problem
    """

    return sync_detailed(
        client=client,
        excel=excel,
        delimiter=delimiter,
        decimal=decimal,
        bom=bom,
        from_=from_,
        to=to,
        as_of=as_of,
        kecamatan=kecamatan,
        desa=desa,
        topic=topic,
        topic_group=topic_group,
        kind=kind,
        channel=channel,
        role=role,
        sdgs_goal=sdgs_goal,
        satgas=satgas,
        officer=officer,
        alerted_by=alerted_by,
        requester_alerted_by=requester_alerted_by,
        vulnerable=vulnerable,
        level=level,
        group_by=group_by,
        empty=empty,
        open_data=open_data,
        limit=limit,
        cursor=cursor,
        totals=totals,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    excel: ReportConsultationsCsvExcel | Unset = UNSET,
    delimiter: ReportConsultationsCsvDelimiter | Unset = UNSET,
    decimal: ReportConsultationsCsvDecimal | Unset = UNSET,
    bom: bool | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    as_of: datetime.datetime | Unset = UNSET,
    kecamatan: str | Unset = UNSET,
    desa: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    topic_group: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    channel: str | Unset = UNSET,
    role: str | Unset = UNSET,
    sdgs_goal: str | Unset = UNSET,
    satgas: str | Unset = UNSET,
    officer: str | Unset = UNSET,
    alerted_by: str | Unset = UNSET,
    requester_alerted_by: str | Unset = UNSET,
    vulnerable: str | Unset = UNSET,
    level: str | Unset = UNSET,
    group_by: str | Unset = "kecamatan",
    empty: bool | Unset = False,
    open_data: bool | Unset = False,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
    totals: bool | Unset = False,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | File | Problem]:
    """The same figures as CSV (RFC 4180, UTF-8)

     The same figures as CSV (RFC 4180, UTF-8).

    Args:
        excel (ReportConsultationsCsvExcel | Unset): For Excel under Indonesian settings (`;`,
            decimal comma, byte order mark) or English ones (`,`, point, byte order mark); what is
            said beside it goes first
        delimiter (ReportConsultationsCsvDelimiter | Unset): Between fields: `,`, and `;` where
            the decimal is a comma
        decimal (ReportConsultationsCsvDecimal | Unset): Before the fraction of a number: `.`
            where nothing is said
        bom (bool | Unset): A byte order mark first, by which Excel knows UTF-8
        from_ (datetime.date | Unset): First day, Asia/Makassar
        to (datetime.date | Unset): Last day, included
        as_of (datetime.datetime | Unset): As it was known at that moment
        kecamatan (str | Unset): One or more, separated by commas, of `kecamatan`
        desa (str | Unset): One or more, separated by commas, of `desa`
        topic (str | Unset): One or more, separated by commas, of `topic`
        topic_group (str | Unset): One or more, separated by commas, of `topic_group`
        kind (str | Unset): One or more, separated by commas, of `kind`
        channel (str | Unset): One or more, separated by commas, of `channel`
        role (str | Unset): One or more, separated by commas, of `role`
        sdgs_goal (str | Unset): One or more, separated by commas, of `sdgs_goal`
        satgas (str | Unset): One or more, separated by commas, of `satgas`
        officer (str | Unset): One or more, separated by commas, of `officer`
        alerted_by (str | Unset): One or more, separated by commas, of `alerted_by`
        requester_alerted_by (str | Unset): One or more, separated by commas, of
            `requester_alerted_by`
        vulnerable (str | Unset): One or more, separated by commas, of `vulnerable`
        level (str | Unset): One or more, separated by commas, of `level`
        group_by (str | Unset): One or more of kecamatan, desa, topic, topic_group, kind, channel,
            role, sdgs_goal, satgas, officer, alerted_by, requester_alerted_by, day, week, month,
            quarter, year, separated by commas Default: 'kecamatan'.
        empty (bool | Unset): Also groups without any consultation Default: False.
        open_data (bool | Unset): Of one quarter that is over, by one key, without figures of
            fewer than five Default: False.
        limit (int | Unset): Rows on a page Default: 1000.
        cursor (str | Unset): From `next` or `Link` of the page before
        totals (bool | Unset): A last row of all groups, and a first column `row`: `group` or
            `total` Default: False.
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | File | Problem]
    """

    kwargs = _get_kwargs(
        excel=excel,
        delimiter=delimiter,
        decimal=decimal,
        bom=bom,
        from_=from_,
        to=to,
        as_of=as_of,
        kecamatan=kecamatan,
        desa=desa,
        topic=topic,
        topic_group=topic_group,
        kind=kind,
        channel=channel,
        role=role,
        sdgs_goal=sdgs_goal,
        satgas=satgas,
        officer=officer,
        alerted_by=alerted_by,
        requester_alerted_by=requester_alerted_by,
        vulnerable=vulnerable,
        level=level,
        group_by=group_by,
        empty=empty,
        open_data=open_data,
        limit=limit,
        cursor=cursor,
        totals=totals,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    excel: ReportConsultationsCsvExcel | Unset = UNSET,
    delimiter: ReportConsultationsCsvDelimiter | Unset = UNSET,
    decimal: ReportConsultationsCsvDecimal | Unset = UNSET,
    bom: bool | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    as_of: datetime.datetime | Unset = UNSET,
    kecamatan: str | Unset = UNSET,
    desa: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    topic_group: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    channel: str | Unset = UNSET,
    role: str | Unset = UNSET,
    sdgs_goal: str | Unset = UNSET,
    satgas: str | Unset = UNSET,
    officer: str | Unset = UNSET,
    alerted_by: str | Unset = UNSET,
    requester_alerted_by: str | Unset = UNSET,
    vulnerable: str | Unset = UNSET,
    level: str | Unset = UNSET,
    group_by: str | Unset = "kecamatan",
    empty: bool | Unset = False,
    open_data: bool | Unset = False,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
    totals: bool | Unset = False,
    if_none_match: str | Unset = UNSET,
) -> Any | File | Problem | None:
    """The same figures as CSV (RFC 4180, UTF-8)

     The same figures as CSV (RFC 4180, UTF-8).

    Args:
        excel (ReportConsultationsCsvExcel | Unset): For Excel under Indonesian settings (`;`,
            decimal comma, byte order mark) or English ones (`,`, point, byte order mark); what is
            said beside it goes first
        delimiter (ReportConsultationsCsvDelimiter | Unset): Between fields: `,`, and `;` where
            the decimal is a comma
        decimal (ReportConsultationsCsvDecimal | Unset): Before the fraction of a number: `.`
            where nothing is said
        bom (bool | Unset): A byte order mark first, by which Excel knows UTF-8
        from_ (datetime.date | Unset): First day, Asia/Makassar
        to (datetime.date | Unset): Last day, included
        as_of (datetime.datetime | Unset): As it was known at that moment
        kecamatan (str | Unset): One or more, separated by commas, of `kecamatan`
        desa (str | Unset): One or more, separated by commas, of `desa`
        topic (str | Unset): One or more, separated by commas, of `topic`
        topic_group (str | Unset): One or more, separated by commas, of `topic_group`
        kind (str | Unset): One or more, separated by commas, of `kind`
        channel (str | Unset): One or more, separated by commas, of `channel`
        role (str | Unset): One or more, separated by commas, of `role`
        sdgs_goal (str | Unset): One or more, separated by commas, of `sdgs_goal`
        satgas (str | Unset): One or more, separated by commas, of `satgas`
        officer (str | Unset): One or more, separated by commas, of `officer`
        alerted_by (str | Unset): One or more, separated by commas, of `alerted_by`
        requester_alerted_by (str | Unset): One or more, separated by commas, of
            `requester_alerted_by`
        vulnerable (str | Unset): One or more, separated by commas, of `vulnerable`
        level (str | Unset): One or more, separated by commas, of `level`
        group_by (str | Unset): One or more of kecamatan, desa, topic, topic_group, kind, channel,
            role, sdgs_goal, satgas, officer, alerted_by, requester_alerted_by, day, week, month,
            quarter, year, separated by commas Default: 'kecamatan'.
        empty (bool | Unset): Also groups without any consultation Default: False.
        open_data (bool | Unset): Of one quarter that is over, by one key, without figures of
            fewer than five Default: False.
        limit (int | Unset): Rows on a page Default: 1000.
        cursor (str | Unset): From `next` or `Link` of the page before
        totals (bool | Unset): A last row of all groups, and a first column `row`: `group` or
            `total` Default: False.
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | File | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            excel=excel,
            delimiter=delimiter,
            decimal=decimal,
            bom=bom,
            from_=from_,
            to=to,
            as_of=as_of,
            kecamatan=kecamatan,
            desa=desa,
            topic=topic,
            topic_group=topic_group,
            kind=kind,
            channel=channel,
            role=role,
            sdgs_goal=sdgs_goal,
            satgas=satgas,
            officer=officer,
            alerted_by=alerted_by,
            requester_alerted_by=requester_alerted_by,
            vulnerable=vulnerable,
            level=level,
            group_by=group_by,
            empty=empty,
            open_data=open_data,
            limit=limit,
            cursor=cursor,
            totals=totals,
            if_none_match=if_none_match,
        )
    ).parsed
