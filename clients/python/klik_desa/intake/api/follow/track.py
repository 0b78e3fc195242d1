from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.track_view import TrackView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    ticket: str,
    *,
    x_pin: str,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["X-Pin"] = x_pin

    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/track/{ticket}".format(
            ticket=quote(str(ticket), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | Problem | TrackView | None:
    if response.status_code == 200:
        response_200 = TrackView.from_dict(response.json())

        return response_200

    if response.status_code == 304:
        response_304 = cast(Any, None)
        return response_304

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
) -> Response[Any | Problem | TrackView]:
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
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | TrackView]:
    """Where a consultation is and what happened, for whoever has its ticket and PIN

     Where a consultation is and what happened, for whoever has its ticket and PIN.

    One answer, 404, for a ticket that is not known, a wrong PIN, and too many of them: five in
    a quarter of an hour from one address for one ticket.

    Args:
        ticket (str):
        x_pin (str): Six digits
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | TrackView]
    """

    kwargs = _get_kwargs(
        ticket=ticket,
        x_pin=x_pin,
        if_none_match=if_none_match,
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
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | TrackView | None:
    """Where a consultation is and what happened, for whoever has its ticket and PIN

     Where a consultation is and what happened, for whoever has its ticket and PIN.

    One answer, 404, for a ticket that is not known, a wrong PIN, and too many of them: five in
    a quarter of an hour from one address for one ticket.

    Args:
        ticket (str):
        x_pin (str): Six digits
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | TrackView
    """

    return sync_detailed(
        ticket=ticket,
        client=client,
        x_pin=x_pin,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    ticket: str,
    *,
    client: AuthenticatedClient | Client,
    x_pin: str,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | TrackView]:
    """Where a consultation is and what happened, for whoever has its ticket and PIN

     Where a consultation is and what happened, for whoever has its ticket and PIN.

    One answer, 404, for a ticket that is not known, a wrong PIN, and too many of them: five in
    a quarter of an hour from one address for one ticket.

    Args:
        ticket (str):
        x_pin (str): Six digits
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | TrackView]
    """

    kwargs = _get_kwargs(
        ticket=ticket,
        x_pin=x_pin,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    ticket: str,
    *,
    client: AuthenticatedClient | Client,
    x_pin: str,
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | TrackView | None:
    """Where a consultation is and what happened, for whoever has its ticket and PIN

     Where a consultation is and what happened, for whoever has its ticket and PIN.

    One answer, 404, for a ticket that is not known, a wrong PIN, and too many of them: five in
    a quarter of an hour from one address for one ticket.

    Args:
        ticket (str):
        x_pin (str): Six digits
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | TrackView
    """

    return (
        await asyncio_detailed(
            ticket=ticket,
            client=client,
            x_pin=x_pin,
            if_none_match=if_none_match,
        )
    ).parsed
