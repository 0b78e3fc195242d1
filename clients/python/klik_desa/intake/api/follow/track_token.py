from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.token_view import TokenView
from ...types import Response


def _get_kwargs(
    ticket: str,
    *,
    x_pin: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["X-Pin"] = x_pin

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/track/{ticket}/token".format(
            ticket=quote(str(ticket), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | TokenView | None:
    if response.status_code == 200:
        response_200 = TokenView.from_dict(response.json())

        return response_200

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | TokenView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    ticket: str,
    *,
    client: AuthenticatedClient | Client,
    x_pin: str,
) -> Response[Problem | TokenView]:
    """A new token for the requester, for whoever has ticket and PIN

     A new token for the requester, for whoever has ticket and PIN. Tries count as above.

    Args:
        ticket (str):
        x_pin (str): Six digits

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TokenView]
    """

    kwargs = _get_kwargs(
        ticket=ticket,
        x_pin=x_pin,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    ticket: str,
    *,
    client: AuthenticatedClient | Client,
    x_pin: str,
) -> Problem | TokenView | None:
    """A new token for the requester, for whoever has ticket and PIN

     A new token for the requester, for whoever has ticket and PIN. Tries count as above.

    Args:
        ticket (str):
        x_pin (str): Six digits

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TokenView
    """

    return sync_detailed(
        ticket=ticket,
        client=client,
        x_pin=x_pin,
    ).parsed


async def asyncio_detailed(
    ticket: str,
    *,
    client: AuthenticatedClient | Client,
    x_pin: str,
) -> Response[Problem | TokenView]:
    """A new token for the requester, for whoever has ticket and PIN

     A new token for the requester, for whoever has ticket and PIN. Tries count as above.

    Args:
        ticket (str):
        x_pin (str): Six digits

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TokenView]
    """

    kwargs = _get_kwargs(
        ticket=ticket,
        x_pin=x_pin,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    ticket: str,
    *,
    client: AuthenticatedClient | Client,
    x_pin: str,
) -> Problem | TokenView | None:
    """A new token for the requester, for whoever has ticket and PIN

     A new token for the requester, for whoever has ticket and PIN. Tries count as above.

    Args:
        ticket (str):
        x_pin (str): Six digits

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TokenView
    """

    return (
        await asyncio_detailed(
            ticket=ticket,
            client=client,
            x_pin=x_pin,
        )
    ).parsed
