import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.secret_webhook_view import SecretWebhookView
from ...models.webhook_body import WebhookBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: WebhookBody,
    from_: datetime.date | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/webhooks",
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SecretWebhookView | None:
    if response.status_code == 201:
        response_201 = SecretWebhookView.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())

        return response_408

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
) -> Response[Problem | SecretWebhookView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: WebhookBody,
    from_: datetime.date | Unset = UNSET,
) -> Response[Problem | SecretWebhookView]:
    """Have events posted to an address, from now on or from a day on

     Have events posted to an address, from now on or from a day on.

    The secret is shown here and never again. A key for one kecamatan gets what it could also
    read: events from there and of what was transferred there; complaints only the latter. A
    front-end's key gets those of what it posted itself.

    Args:
        from_ (datetime.date | Unset): Deliver what the journal has from this day on (WITA)
        body (WebhookBody): A subscription; replaced whole.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecretWebhookView]
    """

    kwargs = _get_kwargs(
        body=body,
        from_=from_,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: WebhookBody,
    from_: datetime.date | Unset = UNSET,
) -> Problem | SecretWebhookView | None:
    """Have events posted to an address, from now on or from a day on

     Have events posted to an address, from now on or from a day on.

    The secret is shown here and never again. A key for one kecamatan gets what it could also
    read: events from there and of what was transferred there; complaints only the latter. A
    front-end's key gets those of what it posted itself.

    Args:
        from_ (datetime.date | Unset): Deliver what the journal has from this day on (WITA)
        body (WebhookBody): A subscription; replaced whole.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecretWebhookView
    """

    return sync_detailed(
        client=client,
        body=body,
        from_=from_,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: WebhookBody,
    from_: datetime.date | Unset = UNSET,
) -> Response[Problem | SecretWebhookView]:
    """Have events posted to an address, from now on or from a day on

     Have events posted to an address, from now on or from a day on.

    The secret is shown here and never again. A key for one kecamatan gets what it could also
    read: events from there and of what was transferred there; complaints only the latter. A
    front-end's key gets those of what it posted itself.

    Args:
        from_ (datetime.date | Unset): Deliver what the journal has from this day on (WITA)
        body (WebhookBody): A subscription; replaced whole.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecretWebhookView]
    """

    kwargs = _get_kwargs(
        body=body,
        from_=from_,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: WebhookBody,
    from_: datetime.date | Unset = UNSET,
) -> Problem | SecretWebhookView | None:
    """Have events posted to an address, from now on or from a day on

     Have events posted to an address, from now on or from a day on.

    The secret is shown here and never again. A key for one kecamatan gets what it could also
    read: events from there and of what was transferred there; complaints only the latter. A
    front-end's key gets those of what it posted itself.

    Args:
        from_ (datetime.date | Unset): Deliver what the journal has from this day on (WITA)
        body (WebhookBody): A subscription; replaced whole.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecretWebhookView
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            from_=from_,
        )
    ).parsed
