import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.members import Members
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
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
    limit: int | Unset = 1000,
    after: UUID | Unset = UNSET,
    details: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

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

    params["details"] = details

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/reports/members",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Members | Problem | None:
    if response.status_code == 200:
        response_200 = Members.from_dict(response.json())

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
) -> Response[Members | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
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
    limit: int | Unset = 1000,
    after: UUID | Unset = UNSET,
    details: bool | Unset = False,
) -> Response[Members | Problem]:
    """The consultations that a figure counts, in the order of their ids: the oldest first

     The consultations that a figure counts, in the order of their ids: the oldest first.

    Args:
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
        limit (int | Unset): Consultations on a page Default: 1000.
        after (UUID | Unset): `next` of the page before
        details (bool | Unset): Also `rows`: place, topic, stage and waiting time of each Default:
            False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Members | Problem]
    """

    kwargs = _get_kwargs(
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
        details=details,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
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
    limit: int | Unset = 1000,
    after: UUID | Unset = UNSET,
    details: bool | Unset = False,
) -> Members | Problem | None:
    """The consultations that a figure counts, in the order of their ids: the oldest first

     The consultations that a figure counts, in the order of their ids: the oldest first.

    Args:
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
        limit (int | Unset): Consultations on a page Default: 1000.
        after (UUID | Unset): `next` of the page before
        details (bool | Unset): Also `rows`: place, topic, stage and waiting time of each Default:
            False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Members | Problem
    """

    return sync_detailed(
        client=client,
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
        details=details,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
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
    limit: int | Unset = 1000,
    after: UUID | Unset = UNSET,
    details: bool | Unset = False,
) -> Response[Members | Problem]:
    """The consultations that a figure counts, in the order of their ids: the oldest first

     The consultations that a figure counts, in the order of their ids: the oldest first.

    Args:
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
        limit (int | Unset): Consultations on a page Default: 1000.
        after (UUID | Unset): `next` of the page before
        details (bool | Unset): Also `rows`: place, topic, stage and waiting time of each Default:
            False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Members | Problem]
    """

    kwargs = _get_kwargs(
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
        details=details,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
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
    limit: int | Unset = 1000,
    after: UUID | Unset = UNSET,
    details: bool | Unset = False,
) -> Members | Problem | None:
    """The consultations that a figure counts, in the order of their ids: the oldest first

     The consultations that a figure counts, in the order of their ids: the oldest first.

    Args:
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
        limit (int | Unset): Consultations on a page Default: 1000.
        after (UUID | Unset): `next` of the page before
        details (bool | Unset): Also `rows`: place, topic, stage and waiting time of each Default:
            False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Members | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
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
            details=details,
        )
    ).parsed
