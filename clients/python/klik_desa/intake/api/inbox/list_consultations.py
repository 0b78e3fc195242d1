from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.inbox_view import InboxView
from ...models.list_consultations_order import ListConsultationsOrder
from ...models.list_consultations_status import ListConsultationsStatus
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    kecamatan: str | Unset = UNSET,
    status: ListConsultationsStatus | Unset = UNSET,
    officer: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    ticket: str | Unset = UNSET,
    order: ListConsultationsOrder | Unset = ListConsultationsOrder.NEWEST,
    q: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["kecamatan"] = kecamatan

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status.value

    params["status"] = json_status

    params["officer"] = officer

    params["topic"] = topic

    params["ticket"] = ticket

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order.value

    params["order"] = json_order

    params["q"] = q

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/consultations",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> InboxView | Problem | None:
    if response.status_code == 200:
        response_200 = InboxView.from_dict(response.json())

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
) -> Response[InboxView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    kecamatan: str | Unset = UNSET,
    status: ListConsultationsStatus | Unset = UNSET,
    officer: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    ticket: str | Unset = UNSET,
    order: ListConsultationsOrder | Unset = ListConsultationsOrder.NEWEST,
    q: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
) -> Response[InboxView | Problem]:
    """A satgas's inbox, newest first; paging is stable while new ones come in

     A satgas's inbox, newest first; paging is stable while new ones come in.

    A key for one kecamatan lists what comes from there or was transferred there. Complaints
    are in nobody's inbox but that of whom they were given to.

    With `q` it lists those that have these words, newest first whatever the `order`: a page
    looks through 500 at most, and may be shorter than `limit`, or empty, while there is a
    `next`. `counts` are those without `q`.

    Args:
        kecamatan (str | Unset):
        status (ListConsultationsStatus | Unset):
        officer (str | Unset):
        topic (str | Unset):
        ticket (str | Unset): As people type it
        order (ListConsultationsOrder | Unset): `due`: what awaits its first answer, by its
            deadline Default: ListConsultationsOrder.NEWEST.
        q (str | Unset): Words, or parts of them, all of which title, body or messages have
        cursor (str | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[InboxView | Problem]
    """

    kwargs = _get_kwargs(
        kecamatan=kecamatan,
        status=status,
        officer=officer,
        topic=topic,
        ticket=ticket,
        order=order,
        q=q,
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
    kecamatan: str | Unset = UNSET,
    status: ListConsultationsStatus | Unset = UNSET,
    officer: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    ticket: str | Unset = UNSET,
    order: ListConsultationsOrder | Unset = ListConsultationsOrder.NEWEST,
    q: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
) -> InboxView | Problem | None:
    """A satgas's inbox, newest first; paging is stable while new ones come in

     A satgas's inbox, newest first; paging is stable while new ones come in.

    A key for one kecamatan lists what comes from there or was transferred there. Complaints
    are in nobody's inbox but that of whom they were given to.

    With `q` it lists those that have these words, newest first whatever the `order`: a page
    looks through 500 at most, and may be shorter than `limit`, or empty, while there is a
    `next`. `counts` are those without `q`.

    Args:
        kecamatan (str | Unset):
        status (ListConsultationsStatus | Unset):
        officer (str | Unset):
        topic (str | Unset):
        ticket (str | Unset): As people type it
        order (ListConsultationsOrder | Unset): `due`: what awaits its first answer, by its
            deadline Default: ListConsultationsOrder.NEWEST.
        q (str | Unset): Words, or parts of them, all of which title, body or messages have
        cursor (str | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        InboxView | Problem
    """

    return sync_detailed(
        client=client,
        kecamatan=kecamatan,
        status=status,
        officer=officer,
        topic=topic,
        ticket=ticket,
        order=order,
        q=q,
        cursor=cursor,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    kecamatan: str | Unset = UNSET,
    status: ListConsultationsStatus | Unset = UNSET,
    officer: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    ticket: str | Unset = UNSET,
    order: ListConsultationsOrder | Unset = ListConsultationsOrder.NEWEST,
    q: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
) -> Response[InboxView | Problem]:
    """A satgas's inbox, newest first; paging is stable while new ones come in

     A satgas's inbox, newest first; paging is stable while new ones come in.

    A key for one kecamatan lists what comes from there or was transferred there. Complaints
    are in nobody's inbox but that of whom they were given to.

    With `q` it lists those that have these words, newest first whatever the `order`: a page
    looks through 500 at most, and may be shorter than `limit`, or empty, while there is a
    `next`. `counts` are those without `q`.

    Args:
        kecamatan (str | Unset):
        status (ListConsultationsStatus | Unset):
        officer (str | Unset):
        topic (str | Unset):
        ticket (str | Unset): As people type it
        order (ListConsultationsOrder | Unset): `due`: what awaits its first answer, by its
            deadline Default: ListConsultationsOrder.NEWEST.
        q (str | Unset): Words, or parts of them, all of which title, body or messages have
        cursor (str | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[InboxView | Problem]
    """

    kwargs = _get_kwargs(
        kecamatan=kecamatan,
        status=status,
        officer=officer,
        topic=topic,
        ticket=ticket,
        order=order,
        q=q,
        cursor=cursor,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    kecamatan: str | Unset = UNSET,
    status: ListConsultationsStatus | Unset = UNSET,
    officer: str | Unset = UNSET,
    topic: str | Unset = UNSET,
    ticket: str | Unset = UNSET,
    order: ListConsultationsOrder | Unset = ListConsultationsOrder.NEWEST,
    q: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
) -> InboxView | Problem | None:
    """A satgas's inbox, newest first; paging is stable while new ones come in

     A satgas's inbox, newest first; paging is stable while new ones come in.

    A key for one kecamatan lists what comes from there or was transferred there. Complaints
    are in nobody's inbox but that of whom they were given to.

    With `q` it lists those that have these words, newest first whatever the `order`: a page
    looks through 500 at most, and may be shorter than `limit`, or empty, while there is a
    `next`. `counts` are those without `q`.

    Args:
        kecamatan (str | Unset):
        status (ListConsultationsStatus | Unset):
        officer (str | Unset):
        topic (str | Unset):
        ticket (str | Unset): As people type it
        order (ListConsultationsOrder | Unset): `due`: what awaits its first answer, by its
            deadline Default: ListConsultationsOrder.NEWEST.
        q (str | Unset): Words, or parts of them, all of which title, body or messages have
        cursor (str | Unset): From the last page's `next`
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        InboxView | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            kecamatan=kecamatan,
            status=status,
            officer=officer,
            topic=topic,
            ticket=ticket,
            order=order,
            q=q,
            cursor=cursor,
            limit=limit,
        )
    ).parsed
