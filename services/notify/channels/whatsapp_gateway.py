"""WhatsApp, over a gateway with Fonnte's interface: https://docs.fonnte.com/api-send-message/.

POST `{base}/send` with the form fields `target` and `message`. The status is 200 either way; the
JSON tells: `{"status": true, "id": ["…"]}` or `{"status": false, "reason": "…"}`.
"""

import re
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from services.notify.channels.base import (
    E164,
    SENDS_AT_ONCE,
    NotSent,
    Order,
    bad_address,
    provider_id,
)
from services.notify.channels.http import REQUEST_TIMEOUT_SECONDS, Http, Reply

#: Its yes, in a reply that broke off after it.
_YES = re.compile(rb'"[Ss]tatus"\s*:\s*true\b')
#: How long to wait where the gateway's quota is used up.
QUOTA_WAIT = timedelta(minutes=30)


class WhatsAppGatewaySender:
    """One device of a gateway. Without its word nobody knows whether the message was taken."""

    channel = "gateway"
    timeout = REQUEST_TIMEOUT_SECONDS + 1
    at_once = SENDS_AT_ONCE

    def __init__(self, http: Http, *, url: str, token: SecretStr) -> None:
        self._http = http
        self._url = f"{url}/send"
        self._token = token

    async def send(self, order: Order) -> str | None:
        if not E164.fullmatch(order.address):
            raise bad_address()
        reply = await self._http.post(
            self._url,
            headers={"Authorization": self._token.get_secret_value()},
            form={"target": order.address.removeprefix("+"), "message": order.message.short},
        )
        if reply.ok and reply.body is None and _YES.search(reply.part):
            return None  # it said yes before the connection broke: once more would be twice
        document = reply.document()
        # the documentation writes it both ways
        status = document.get("status", document.get("Status"))
        if reply.ok and status is True:
            return _first_id(document.get("id"), order.address.removeprefix("+"))
        if status is False:
            raise refusal(str(document.get("reason", "")))
        raise _no_answer(reply)

    async def close(self) -> None:
        await self._http.close()


def refusal(reason: str) -> NotSent:
    """What a gateway's words mean. They are prose: unknown ones count as a passing failure."""
    said = reason.lower()
    if "token" in said:
        return NotSent("gateway_token", permanent=False)
    if "target" in said or "invalid number" in said:
        return NotSent("gateway_target", permanent=True, address_is_bad=True)
    if "quota" in said:
        return NotSent("gateway_quota", permanent=False, retry_after=QUOTA_WAIT)
    if "rate limit" in said or "too many" in said:
        return NotSent("rate_limited", permanent=False)
    if "disconnect" in said or "not connected" in said:
        return NotSent("gateway_device", permanent=False)
    return NotSent("gateway_refused", permanent=False)


def _no_answer(reply: Reply) -> NotSent:
    if reply.status == 429:
        return NotSent("rate_limited", permanent=False, retry_after=reply.wait)
    if reply.status in (401, 403):
        return NotSent("gateway_token", permanent=False)
    if reply.body is None:
        return NotSent("connection_lost", permanent=False)
    why = "gateway_reply" if reply.ok else f"gateway_{reply.status}"
    return NotSent(why, permanent=False)


def _first_id(ids: Any, address: str) -> str | None:
    first = ids[0] if isinstance(ids, list) and ids else ids
    return provider_id(first, address)
