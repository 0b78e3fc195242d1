from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.reference_name import ReferenceName
from ...models.reference_view import ReferenceView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    name: ReferenceName,
    *,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/reference/{name}".format(
            name=quote(str(name), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | Problem | ReferenceView | None:
    if response.status_code == 200:
        response_200 = ReferenceView.from_dict(response.json())

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
) -> Response[Any | Problem | ReferenceView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    name: ReferenceName,
    *,
    client: AuthenticatedClient | Client,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | ReferenceView]:
    """The codes that a form offers, and those that answers carry, with their names

     The codes that a form offers, and those that answers carry, with their names.

    For anybody, without a key.
    Regions, topics, roles, SDGs Desa, kinds and channels; statuses, moves, reasons and others.

    Args:
        name (ReferenceName):
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | ReferenceView]
    """

    kwargs = _get_kwargs(
        name=name,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    name: ReferenceName,
    *,
    client: AuthenticatedClient | Client,
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | ReferenceView | None:
    """The codes that a form offers, and those that answers carry, with their names

     The codes that a form offers, and those that answers carry, with their names.

    For anybody, without a key.
    Regions, topics, roles, SDGs Desa, kinds and channels; statuses, moves, reasons and others.

    Args:
        name (ReferenceName):
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | ReferenceView
    """

    return sync_detailed(
        name=name,
        client=client,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    name: ReferenceName,
    *,
    client: AuthenticatedClient | Client,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | ReferenceView]:
    """The codes that a form offers, and those that answers carry, with their names

     The codes that a form offers, and those that answers carry, with their names.

    For anybody, without a key.
    Regions, topics, roles, SDGs Desa, kinds and channels; statuses, moves, reasons and others.

    Args:
        name (ReferenceName):
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | ReferenceView]
    """

    kwargs = _get_kwargs(
        name=name,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    name: ReferenceName,
    *,
    client: AuthenticatedClient | Client,
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | ReferenceView | None:
    """The codes that a form offers, and those that answers carry, with their names

     The codes that a form offers, and those that answers carry, with their names.

    For anybody, without a key.
    Regions, topics, roles, SDGs Desa, kinds and channels; statuses, moves, reasons and others.

    Args:
        name (ReferenceName):
        if_none_match (str | Unset): ETags of the versions the caller has

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | ReferenceView
    """

    return (
        await asyncio_detailed(
            name=name,
            client=client,
            if_none_match=if_none_match,
        )
    ).parsed
