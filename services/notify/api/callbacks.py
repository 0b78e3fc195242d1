"""What providers call. Public, since they have none of our keys: each proves itself in its own way.

Meta signs every body with the app's secret. Fonnte signs nothing, so the address that it is given
ends with a secret. The interfaces are theirs, so they are not in our OpenAPI document.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

from services.notify.channels.callback_payloads import of_fonnte, of_meta
from services.notify.domain.receipts import Report
from services.notify.domain.recipients import OptOutWish
from services.notify.ports import DeliveryReports
from services.notify.settings import CallbackSecrets
from shared.errors import TryLater
from shared.web.problems import Problem


def add_callbacks(router: APIRouter, callbacks: DeliveryReports, secrets: CallbackSecrets) -> None:
    @router.get("/callbacks/whatsapp", include_in_schema=False)
    async def verify_whatsapp(
        mode: Annotated[str, Query(alias="hub.mode")] = "",
        token: Annotated[str, Query(alias="hub.verify_token")] = "",
        challenge: Annotated[str, Query(alias="hub.challenge", max_length=200)] = "",
    ) -> Response:
        """Meta asks once whether this address is ours: the token that it was given proves it."""
        if mode != "subscribe" or not _is(token, secrets.whatsapp_verify_token):
            raise Problem("forbidden")
        return PlainTextResponse(challenge)

    @router.post("/callbacks/whatsapp", include_in_schema=False)
    async def whatsapp_callback(
        request: Request,
        signature: Annotated[str, Header(alias="X-Hub-Signature-256")] = "",
    ) -> Response:
        """Delivery reports and inbound messages of the Cloud API, signed over the raw body."""
        body = await request.body()
        secret = secrets.whatsapp_app_secret
        right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() if secret else ""
        if not _is(signature.removeprefix("sha256="), right):
            raise Problem("forbidden")
        return await _taken(of_meta(_document(body), secrets.whatsapp_phone_number_id))

    @router.post("/callbacks/gateway/{token}", include_in_schema=False)
    async def gateway_callback(
        token: Annotated[str, Path(max_length=200)], request: Request
    ) -> Response:
        """Likewise of a gateway with Fonnte's interface."""
        if not _is(token, secrets.gateway_callback_token):
            raise Problem("not_found")
        return await _taken(of_fonnte(_document(await request.body())))

    async def _taken(items: Iterable[Report | OptOutWish]) -> Response:
        try:
            await callbacks.take(items)
        except TryLater:
            raise Problem("unavailable") from None
        return Response(status_code=200)


def _is(given: str, right: str) -> bool:
    """Without telling by its time how much of it was right; what is not set is never right."""
    return bool(right) and hmac.compare_digest(given.encode(), right.encode())


def _document(body: bytes) -> Any:
    if not body:
        raise Problem("malformed")
    return json.loads(body)
