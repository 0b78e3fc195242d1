from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    token: str | Unset = UNSET,
    last_event: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    params: dict[str, Any] = {}

    params["token"] = token

    params["last_event"] = last_event

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/reports/stream",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | str | None:
    if response.status_code == 200:
        response_200 = response.text
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
) -> Response[Problem | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    token: str | Unset = UNSET,
    last_event: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[Problem | str]:
    """Server-sent events of figures that changed, as they do

     Server-sent events of figures that changed, as they do.

    - `changed`: `{as_of, rows}`, the figures of each day and kecamatan that changed, as rows of
      a report by `day,kecamatan`. A row may come again.
    - `reset`: more changed than can be told, or what changed is no longer known: read the
      reports anew.
    - `ready`: all that was missed is told.

    A comment comes after 15 s of silence. A connection lasts for 15 min, and ends at once where
    events are not read; come back with `Last-Event-ID`, which any replica understands. With a
    key that is revoked it ends at the next comment, with a token of the issuer when that ends.

    Who sees one kecamatan alone is told `reset` where a figure of it is another one, and no
    rows.

    A browser's EventSource sends no key: it takes a token in the address, and `last_event`
    where it is made anew with another one.

    Args:
        token (str | Unset): A token of `POST /v1/reports/stream-token`, in place of
            `Authorization`
        last_event (str | Unset): As the header, for a browser's EventSource that is made anew
        last_event_id (str | Unset): The id of the last event that was read

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | str]
    """

    kwargs = _get_kwargs(
        token=token,
        last_event=last_event,
        last_event_id=last_event_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    token: str | Unset = UNSET,
    last_event: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Problem | str | None:
    """Server-sent events of figures that changed, as they do

     Server-sent events of figures that changed, as they do.

    - `changed`: `{as_of, rows}`, the figures of each day and kecamatan that changed, as rows of
      a report by `day,kecamatan`. A row may come again.
    - `reset`: more changed than can be told, or what changed is no longer known: read the
      reports anew.
    - `ready`: all that was missed is told.

    A comment comes after 15 s of silence. A connection lasts for 15 min, and ends at once where
    events are not read; come back with `Last-Event-ID`, which any replica understands. With a
    key that is revoked it ends at the next comment, with a token of the issuer when that ends.

    Who sees one kecamatan alone is told `reset` where a figure of it is another one, and no
    rows.

    A browser's EventSource sends no key: it takes a token in the address, and `last_event`
    where it is made anew with another one.

    Args:
        token (str | Unset): A token of `POST /v1/reports/stream-token`, in place of
            `Authorization`
        last_event (str | Unset): As the header, for a browser's EventSource that is made anew
        last_event_id (str | Unset): The id of the last event that was read

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | str
    """

    return sync_detailed(
        client=client,
        token=token,
        last_event=last_event,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    token: str | Unset = UNSET,
    last_event: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[Problem | str]:
    """Server-sent events of figures that changed, as they do

     Server-sent events of figures that changed, as they do.

    - `changed`: `{as_of, rows}`, the figures of each day and kecamatan that changed, as rows of
      a report by `day,kecamatan`. A row may come again.
    - `reset`: more changed than can be told, or what changed is no longer known: read the
      reports anew.
    - `ready`: all that was missed is told.

    A comment comes after 15 s of silence. A connection lasts for 15 min, and ends at once where
    events are not read; come back with `Last-Event-ID`, which any replica understands. With a
    key that is revoked it ends at the next comment, with a token of the issuer when that ends.

    Who sees one kecamatan alone is told `reset` where a figure of it is another one, and no
    rows.

    A browser's EventSource sends no key: it takes a token in the address, and `last_event`
    where it is made anew with another one.

    Args:
        token (str | Unset): A token of `POST /v1/reports/stream-token`, in place of
            `Authorization`
        last_event (str | Unset): As the header, for a browser's EventSource that is made anew
        last_event_id (str | Unset): The id of the last event that was read

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | str]
    """

    kwargs = _get_kwargs(
        token=token,
        last_event=last_event,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    token: str | Unset = UNSET,
    last_event: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Problem | str | None:
    """Server-sent events of figures that changed, as they do

     Server-sent events of figures that changed, as they do.

    - `changed`: `{as_of, rows}`, the figures of each day and kecamatan that changed, as rows of
      a report by `day,kecamatan`. A row may come again.
    - `reset`: more changed than can be told, or what changed is no longer known: read the
      reports anew.
    - `ready`: all that was missed is told.

    A comment comes after 15 s of silence. A connection lasts for 15 min, and ends at once where
    events are not read; come back with `Last-Event-ID`, which any replica understands. With a
    key that is revoked it ends at the next comment, with a token of the issuer when that ends.

    Who sees one kecamatan alone is told `reset` where a figure of it is another one, and no
    rows.

    A browser's EventSource sends no key: it takes a token in the address, and `last_event`
    where it is made anew with another one.

    Args:
        token (str | Unset): A token of `POST /v1/reports/stream-token`, in place of
            `Authorization`
        last_event (str | Unset): As the header, for a browser's EventSource that is made anew
        last_event_id (str | Unset): The id of the last event that was read

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | str
    """

    return (
        await asyncio_detailed(
            client=client,
            token=token,
            last_event=last_event,
            last_event_id=last_event_id,
        )
    ).parsed
