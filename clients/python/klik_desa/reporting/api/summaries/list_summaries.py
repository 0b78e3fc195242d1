import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_summaries_every import ListSummariesEvery
from ...models.problem import Problem
from ...models.summaries_view import SummariesView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    every: ListSummariesEvery | Unset = UNSET,
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

    json_every: str | Unset = UNSET
    if not isinstance(every, Unset):
        json_every = every.value

    params["every"] = json_every

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/reports/summaries",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SummariesView | None:
    if response.status_code == 200:
        response_200 = SummariesView.from_dict(response.json())

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
) -> Response[Problem | SummariesView]:
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
    every: ListSummariesEvery | Unset = UNSET,
) -> Response[Problem | SummariesView]:
    """The summaries that camat and DPMD were told, the newest first; of the last three months where no
    days are named

     The summaries that camat and DPMD were told, the newest first; of the last three months
    where no days are named. Who sees one kecamatan alone reads those of its weeks.

    Args:
        from_ (datetime.date | Unset): They end on it or later
        to (datetime.date | Unset): They begin on it or earlier
        every (ListSummariesEvery | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SummariesView]
    """

    kwargs = _get_kwargs(
        from_=from_,
        to=to,
        every=every,
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
    every: ListSummariesEvery | Unset = UNSET,
) -> Problem | SummariesView | None:
    """The summaries that camat and DPMD were told, the newest first; of the last three months where no
    days are named

     The summaries that camat and DPMD were told, the newest first; of the last three months
    where no days are named. Who sees one kecamatan alone reads those of its weeks.

    Args:
        from_ (datetime.date | Unset): They end on it or later
        to (datetime.date | Unset): They begin on it or earlier
        every (ListSummariesEvery | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SummariesView
    """

    return sync_detailed(
        client=client,
        from_=from_,
        to=to,
        every=every,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    every: ListSummariesEvery | Unset = UNSET,
) -> Response[Problem | SummariesView]:
    """The summaries that camat and DPMD were told, the newest first; of the last three months where no
    days are named

     The summaries that camat and DPMD were told, the newest first; of the last three months
    where no days are named. Who sees one kecamatan alone reads those of its weeks.

    Args:
        from_ (datetime.date | Unset): They end on it or later
        to (datetime.date | Unset): They begin on it or earlier
        every (ListSummariesEvery | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SummariesView]
    """

    kwargs = _get_kwargs(
        from_=from_,
        to=to,
        every=every,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    every: ListSummariesEvery | Unset = UNSET,
) -> Problem | SummariesView | None:
    """The summaries that camat and DPMD were told, the newest first; of the last three months where no
    days are named

     The summaries that camat and DPMD were told, the newest first; of the last three months
    where no days are named. Who sees one kecamatan alone reads those of its weeks.

    Args:
        from_ (datetime.date | Unset): They end on it or later
        to (datetime.date | Unset): They begin on it or earlier
        every (ListSummariesEvery | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SummariesView
    """

    return (
        await asyncio_detailed(
            client=client,
            from_=from_,
            to=to,
            every=every,
        )
    ).parsed
