from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.alerts_view import AlertsView
from ...models.list_alerts_state import ListAlertsState
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    consultation: UUID | Unset = UNSET,
    recipient: str | Unset = UNSET,
    state: ListAlertsState | Unset = UNSET,
    cursor: UUID | Unset = UNSET,
    limit: int | Unset = 50,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_consultation: str | Unset = UNSET
    if not isinstance(consultation, Unset):
        json_consultation = str(consultation)
    params["consultation"] = json_consultation

    params["recipient"] = recipient

    json_state: str | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = state.value

    params["state"] = json_state

    json_cursor: str | Unset = UNSET
    if not isinstance(cursor, Unset):
        json_cursor = str(cursor)
    params["cursor"] = json_cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/alerts",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> AlertsView | Problem | None:
    if response.status_code == 200:
        response_200 = AlertsView.from_dict(response.json())

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
) -> Response[AlertsView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    consultation: UUID | Unset = UNSET,
    recipient: str | Unset = UNSET,
    state: ListAlertsState | Unset = UNSET,
    cursor: UUID | Unset = UNSET,
    limit: int | Unset = 50,
) -> Response[AlertsView | Problem]:
    """Alerts, newest first, each with its delivery log

     Alerts, newest first, each with its delivery log.

    A key for one kecamatan lists those about what comes from there or was transferred there.

    Args:
        consultation (UUID | Unset):
        recipient (str | Unset):
        state (ListAlertsState | Unset):
        cursor (UUID | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AlertsView | Problem]
    """

    kwargs = _get_kwargs(
        consultation=consultation,
        recipient=recipient,
        state=state,
        cursor=cursor,
        limit=limit,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    consultation: UUID | Unset = UNSET,
    recipient: str | Unset = UNSET,
    state: ListAlertsState | Unset = UNSET,
    cursor: UUID | Unset = UNSET,
    limit: int | Unset = 50,
) -> AlertsView | Problem | None:
    """Alerts, newest first, each with its delivery log

     Alerts, newest first, each with its delivery log.

    A key for one kecamatan lists those about what comes from there or was transferred there.

    Args:
        consultation (UUID | Unset):
        recipient (str | Unset):
        state (ListAlertsState | Unset):
        cursor (UUID | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AlertsView | Problem
    """

    return sync_detailed(
        client=client,
        consultation=consultation,
        recipient=recipient,
        state=state,
        cursor=cursor,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    consultation: UUID | Unset = UNSET,
    recipient: str | Unset = UNSET,
    state: ListAlertsState | Unset = UNSET,
    cursor: UUID | Unset = UNSET,
    limit: int | Unset = 50,
) -> Response[AlertsView | Problem]:
    """Alerts, newest first, each with its delivery log

     Alerts, newest first, each with its delivery log.

    A key for one kecamatan lists those about what comes from there or was transferred there.

    Args:
        consultation (UUID | Unset):
        recipient (str | Unset):
        state (ListAlertsState | Unset):
        cursor (UUID | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AlertsView | Problem]
    """

    kwargs = _get_kwargs(
        consultation=consultation,
        recipient=recipient,
        state=state,
        cursor=cursor,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    consultation: UUID | Unset = UNSET,
    recipient: str | Unset = UNSET,
    state: ListAlertsState | Unset = UNSET,
    cursor: UUID | Unset = UNSET,
    limit: int | Unset = 50,
) -> AlertsView | Problem | None:
    """Alerts, newest first, each with its delivery log

     Alerts, newest first, each with its delivery log.

    A key for one kecamatan lists those about what comes from there or was transferred there.

    Args:
        consultation (UUID | Unset):
        recipient (str | Unset):
        state (ListAlertsState | Unset):
        cursor (UUID | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AlertsView | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            consultation=consultation,
            recipient=recipient,
            state=state,
            cursor=cursor,
            limit=limit,
        )
    ).parsed
