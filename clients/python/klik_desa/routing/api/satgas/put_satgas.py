from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.roster_body import RosterBody
from ...models.satgas_view import SatgasView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    kecamatan: str,
    *,
    body: RosterBody,
    accept_nobody: bool | Unset = False,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    params: dict[str, Any] = {}

    params["accept_nobody"] = accept_nobody

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/satgas/{kecamatan}".format(
            kecamatan=quote(str(kecamatan), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SatgasView | None:
    if response.status_code == 200:
        response_200 = SatgasView.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())

        return response_408

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
) -> Response[Problem | SatgasView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    kecamatan: str,
    *,
    client: AuthenticatedClient,
    body: RosterBody,
    accept_nobody: bool | Unset = False,
    if_match: str | Unset = UNSET,
) -> Response[Problem | SatgasView]:
    """Put a new roster in the place of the old one, from the next case on

     Put a new roster in the place of the old one, from the next case on.

    Who has open cases cannot be left out: mark him unavailable and transfer his cases first.

    Args:
        kecamatan (str): The satgas: a kecamatan, or `dpmd`
        accept_nobody (bool | Unset): Keep the roster although on some day nobody will be there
            Default: False.
        if_match (str | Unset): The ETag of the version that is to be replaced; 412 if it has
            changed
        body (RosterBody): The whole roster: what is left out is as if it had never been there.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SatgasView]
    """

    kwargs = _get_kwargs(
        kecamatan=kecamatan,
        body=body,
        accept_nobody=accept_nobody,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    kecamatan: str,
    *,
    client: AuthenticatedClient,
    body: RosterBody,
    accept_nobody: bool | Unset = False,
    if_match: str | Unset = UNSET,
) -> Problem | SatgasView | None:
    """Put a new roster in the place of the old one, from the next case on

     Put a new roster in the place of the old one, from the next case on.

    Who has open cases cannot be left out: mark him unavailable and transfer his cases first.

    Args:
        kecamatan (str): The satgas: a kecamatan, or `dpmd`
        accept_nobody (bool | Unset): Keep the roster although on some day nobody will be there
            Default: False.
        if_match (str | Unset): The ETag of the version that is to be replaced; 412 if it has
            changed
        body (RosterBody): The whole roster: what is left out is as if it had never been there.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SatgasView
    """

    return sync_detailed(
        kecamatan=kecamatan,
        client=client,
        body=body,
        accept_nobody=accept_nobody,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    kecamatan: str,
    *,
    client: AuthenticatedClient,
    body: RosterBody,
    accept_nobody: bool | Unset = False,
    if_match: str | Unset = UNSET,
) -> Response[Problem | SatgasView]:
    """Put a new roster in the place of the old one, from the next case on

     Put a new roster in the place of the old one, from the next case on.

    Who has open cases cannot be left out: mark him unavailable and transfer his cases first.

    Args:
        kecamatan (str): The satgas: a kecamatan, or `dpmd`
        accept_nobody (bool | Unset): Keep the roster although on some day nobody will be there
            Default: False.
        if_match (str | Unset): The ETag of the version that is to be replaced; 412 if it has
            changed
        body (RosterBody): The whole roster: what is left out is as if it had never been there.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SatgasView]
    """

    kwargs = _get_kwargs(
        kecamatan=kecamatan,
        body=body,
        accept_nobody=accept_nobody,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    kecamatan: str,
    *,
    client: AuthenticatedClient,
    body: RosterBody,
    accept_nobody: bool | Unset = False,
    if_match: str | Unset = UNSET,
) -> Problem | SatgasView | None:
    """Put a new roster in the place of the old one, from the next case on

     Put a new roster in the place of the old one, from the next case on.

    Who has open cases cannot be left out: mark him unavailable and transfer his cases first.

    Args:
        kecamatan (str): The satgas: a kecamatan, or `dpmd`
        accept_nobody (bool | Unset): Keep the roster although on some day nobody will be there
            Default: False.
        if_match (str | Unset): The ETag of the version that is to be replaced; 412 if it has
            changed
        body (RosterBody): The whole roster: what is left out is as if it had never been there.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SatgasView
    """

    return (
        await asyncio_detailed(
            kecamatan=kecamatan,
            client=client,
            body=body,
            accept_nobody=accept_nobody,
            if_match=if_match,
        )
    ).parsed
