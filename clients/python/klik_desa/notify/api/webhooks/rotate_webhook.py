from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.secret_webhook_view import SecretWebhookView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: UUID,
    *,
    overlap_hours: int | Unset = 24,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["overlap_hours"] = overlap_hours

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/webhooks/{id}/rotate".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SecretWebhookView | None:
    if response.status_code == 200:
        response_200 = SecretWebhookView.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

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
) -> Response[Problem | SecretWebhookView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    overlap_hours: int | Unset = 24,
) -> Response[Problem | SecretWebhookView]:
    """Give it a new secret, shown here and never again

     Give it a new secret, shown here and never again.

    Args:
        id (UUID):
        overlap_hours (int | Unset): How long the old secret signs as well Default: 24.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecretWebhookView]
    """

    kwargs = _get_kwargs(
        id=id,
        overlap_hours=overlap_hours,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: UUID,
    *,
    client: AuthenticatedClient,
    overlap_hours: int | Unset = 24,
) -> Problem | SecretWebhookView | None:
    """Give it a new secret, shown here and never again

     Give it a new secret, shown here and never again.

    Args:
        id (UUID):
        overlap_hours (int | Unset): How long the old secret signs as well Default: 24.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecretWebhookView
    """

    return sync_detailed(
        id=id,
        client=client,
        overlap_hours=overlap_hours,
    ).parsed


async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    overlap_hours: int | Unset = 24,
) -> Response[Problem | SecretWebhookView]:
    """Give it a new secret, shown here and never again

     Give it a new secret, shown here and never again.

    Args:
        id (UUID):
        overlap_hours (int | Unset): How long the old secret signs as well Default: 24.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecretWebhookView]
    """

    kwargs = _get_kwargs(
        id=id,
        overlap_hours=overlap_hours,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    overlap_hours: int | Unset = 24,
) -> Problem | SecretWebhookView | None:
    """Give it a new secret, shown here and never again

     Give it a new secret, shown here and never again.

    Args:
        id (UUID):
        overlap_hours (int | Unset): How long the old secret signs as well Default: 24.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecretWebhookView
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            overlap_hours=overlap_hours,
        )
    ).parsed
