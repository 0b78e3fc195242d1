import datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_members_csv_decimal import ListMembersCsvDecimal
from ...models.list_members_csv_delimiter import ListMembersCsvDelimiter
from ...models.list_members_csv_excel import ListMembersCsvExcel
from ...models.problem import Problem
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    excel: ListMembersCsvExcel | Unset = UNSET,
    delimiter: ListMembersCsvDelimiter | Unset = UNSET,
    decimal: ListMembersCsvDecimal | Unset = UNSET,
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
    of: str | Unset = "submitted",
    limit: int | Unset = 10000,
    after: UUID | Unset = UNSET,
) -> dict[str, Any]:

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

    params["of"] = of

    params["limit"] = limit

    json_after: str | Unset = UNSET
    if not isinstance(after, Unset):
        json_after = str(after)
    params["after"] = json_after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/reports/members.csv",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> File | Problem | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.text))

        return response_200

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
) -> Response[File | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    excel: ListMembersCsvExcel | Unset = UNSET,
    delimiter: ListMembersCsvDelimiter | Unset = UNSET,
    decimal: ListMembersCsvDecimal | Unset = UNSET,
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
    of: str | Unset = "submitted",
    limit: int | Unset = 10000,
    after: UUID | Unset = UNSET,
) -> Response[File | Problem]:
    """The same list as CSV (RFC 4180, UTF-8)

     The same list as CSV (RFC 4180, UTF-8).

    Args:
        excel (ListMembersCsvExcel | Unset): For Excel under Indonesian settings (`;`, decimal
            comma, byte order mark) or English ones (`,`, point, byte order mark); what is said beside
            it goes first
        delimiter (ListMembersCsvDelimiter | Unset): Between fields: `,`, and `;` where the
            decimal is a comma
        decimal (ListMembersCsvDecimal | Unset): Before the fraction of a number: `.` where
            nothing is said
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
        of (str | Unset): Behind which figure; of `sla_met_ratio`: `sla_met` of `sla_due` Default:
            'submitted'.
        limit (int | Unset): Consultations in the file Default: 10000.
        after (UUID | Unset): `next` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
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
        of=of,
        limit=limit,
        after=after,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    excel: ListMembersCsvExcel | Unset = UNSET,
    delimiter: ListMembersCsvDelimiter | Unset = UNSET,
    decimal: ListMembersCsvDecimal | Unset = UNSET,
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
    of: str | Unset = "submitted",
    limit: int | Unset = 10000,
    after: UUID | Unset = UNSET,
) -> File | Problem | None:
    """The same list as CSV (RFC 4180, UTF-8)

     The same list as CSV (RFC 4180, UTF-8).

    Args:
        excel (ListMembersCsvExcel | Unset): For Excel under Indonesian settings (`;`, decimal
            comma, byte order mark) or English ones (`,`, point, byte order mark); what is said beside
            it goes first
        delimiter (ListMembersCsvDelimiter | Unset): Between fields: `,`, and `;` where the
            decimal is a comma
        decimal (ListMembersCsvDecimal | Unset): Before the fraction of a number: `.` where
            nothing is said
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
        of (str | Unset): Behind which figure; of `sla_met_ratio`: `sla_met` of `sla_due` Default:
            'submitted'.
        limit (int | Unset): Consultations in the file Default: 10000.
        after (UUID | Unset): `next` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
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
        of=of,
        limit=limit,
        after=after,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    excel: ListMembersCsvExcel | Unset = UNSET,
    delimiter: ListMembersCsvDelimiter | Unset = UNSET,
    decimal: ListMembersCsvDecimal | Unset = UNSET,
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
    of: str | Unset = "submitted",
    limit: int | Unset = 10000,
    after: UUID | Unset = UNSET,
) -> Response[File | Problem]:
    """The same list as CSV (RFC 4180, UTF-8)

     The same list as CSV (RFC 4180, UTF-8).

    Args:
        excel (ListMembersCsvExcel | Unset): For Excel under Indonesian settings (`;`, decimal
            comma, byte order mark) or English ones (`,`, point, byte order mark); what is said beside
            it goes first
        delimiter (ListMembersCsvDelimiter | Unset): Between fields: `,`, and `;` where the
            decimal is a comma
        decimal (ListMembersCsvDecimal | Unset): Before the fraction of a number: `.` where
            nothing is said
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
        of (str | Unset): Behind which figure; of `sla_met_ratio`: `sla_met` of `sla_due` Default:
            'submitted'.
        limit (int | Unset): Consultations in the file Default: 10000.
        after (UUID | Unset): `next` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
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
        of=of,
        limit=limit,
        after=after,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    excel: ListMembersCsvExcel | Unset = UNSET,
    delimiter: ListMembersCsvDelimiter | Unset = UNSET,
    decimal: ListMembersCsvDecimal | Unset = UNSET,
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
    of: str | Unset = "submitted",
    limit: int | Unset = 10000,
    after: UUID | Unset = UNSET,
) -> File | Problem | None:
    """The same list as CSV (RFC 4180, UTF-8)

     The same list as CSV (RFC 4180, UTF-8).

    Args:
        excel (ListMembersCsvExcel | Unset): For Excel under Indonesian settings (`;`, decimal
            comma, byte order mark) or English ones (`,`, point, byte order mark); what is said beside
            it goes first
        delimiter (ListMembersCsvDelimiter | Unset): Between fields: `,`, and `;` where the
            decimal is a comma
        decimal (ListMembersCsvDecimal | Unset): Before the fraction of a number: `.` where
            nothing is said
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
        of (str | Unset): Behind which figure; of `sla_met_ratio`: `sla_met` of `sla_due` Default:
            'submitted'.
        limit (int | Unset): Consultations in the file Default: 10000.
        after (UUID | Unset): `next` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
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
            of=of,
            limit=limit,
            after=after,
        )
    ).parsed
