"""WhatsApp, over Meta's Cloud API.

POST `/{phone number id}/messages`; see
https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
and, for the error codes, …/whatsapp/support/error-codes.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from services.notify.channels.base import E164, SENDS_AT_ONCE, NotSent, Order, bad_address
from services.notify.channels.http import REQUEST_TIMEOUT_SECONDS, Http, Reply
from services.notify.domain.message import Message

#: The recipient last wrote more than 24 hours ago: only an approved template may be sent.
WINDOW_CLOSED = 131047

#: Beyond this it is no code of Meta's.
_HIGHEST = 9_999_999
#: How long to wait where Meta asks for less and does not say how much less.
_RATES: Mapping[int, timedelta] = {
    4: timedelta(minutes=10),  # calls of the app
    80007: timedelta(minutes=10),  # calls of the business account
    130429: timedelta(seconds=30),  # messages a second
    131048: timedelta(hours=1),  # too many were reported as spam
    131056: timedelta(minutes=1),  # to this one recipient
    133016: timedelta(hours=1),
}
#: Token and permissions.
_TOKEN = frozenset({0, 3, 10, 190, 131005, *range(200, 300)})
#: Account, number, payment and templates: the operator can mend them while we try again.
_OPERATOR = frozenset(
    {33, 368, 131030, 131031, 131037, 131042, 131045, 133010, *range(132000, 132016)}
)
#: The number has no WhatsApp, or cannot take messages of a business.
_NO_SUCH_NUMBER = frozenset({131021, 131026})
_PASSING = frozenset({1, 2, 130472, 131000, 131016, 131049, 131057, 133004, WINDOW_CLOSED})


class WhatsAppCloudSender:
    """A text while the recipient's window of 24 hours is open, else an approved template."""

    channel = "whatsapp"
    timeout = REQUEST_TIMEOUT_SECONDS + 1
    at_once = SENDS_AT_ONCE

    def __init__(self, http: Http, *, url: str, phone_number_id: str, token: SecretStr) -> None:
        self._http = http
        self._url = f"{url}/{phone_number_id}/messages"
        self._token = token

    async def send(self, order: Order) -> str | None:
        if not E164.fullmatch(order.address):
            raise bad_address()
        deadline = asyncio.get_running_loop().time() + REQUEST_TIMEOUT_SECONDS
        if order.in_session:
            reply = await self._post(order, text(order.message), deadline)
            if _error(reply).get("code") != WINDOW_CLOSED:
                return _taken(reply)
            # it closed since the caller looked, or by Meta's clock
        return _taken(await self._post(order, template(order.message), deadline))

    async def close(self) -> None:
        await self._http.close()

    async def _post(self, order: Order, content: Mapping[str, Any], deadline: float) -> Reply:
        return await self._http.post(
            self._url,
            headers={"Authorization": f"Bearer {self._token.get_secret_value()}"},
            deadline=deadline,
            json={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": order.address,
                # comes back in the webhooks about this message
                "biz_opaque_callback_data": order.id,
                **content,
            },
        )


def text(message: Message) -> dict[str, Any]:
    return {"type": "text", "text": {"body": message.short, "preview_url": False}}


def template(message: Message) -> dict[str, Any]:
    """The approved template that the message names, in its language."""
    body = {
        "type": "body",
        "parameters": [{"type": "text", "text": _one_line(value)} for value in message.parameters],
    }
    return {
        "type": "template",
        "template": {
            "name": message.template,
            "language": {"code": message.language},
            "components": [body] if message.parameters else [],
        },
    }


def _one_line(value: str) -> str:
    """A variable as Meta takes it: not empty, no line breaks, tabs or runs of spaces."""
    return " ".join(value.split()) or "-"


def _taken(reply: Reply) -> str | None:
    """What stands for Meta's id of the message. Raises `NotSent` where it was not taken."""
    if reply.ok and reply.body is None:
        return None  # it said yes before the connection broke: once more would be twice
    messages = reply.document().get("messages")
    if reply.ok and isinstance(messages, list) and messages and isinstance(messages[0], dict):
        wamid = messages[0].get("id")
        return message_key(wamid) if isinstance(wamid, str) else None
    error = _error(reply)
    if error:
        raise refusal(error["code"], reply.status, error.get("error_subcode"))
    if reply.status == 429:
        raise NotSent("rate_limited", permanent=False, retry_after=reply.wait)
    why = "whatsapp_reply" if reply.ok else f"whatsapp_http_{reply.status}"
    raise NotSent(why, permanent=False)  # not Meta's own word: a proxy's, perhaps


def _error(reply: Reply) -> Mapping[str, Any]:
    error = reply.document().get("error")
    known = isinstance(error, dict) and isinstance(error.get("code"), int)
    return error if known and isinstance(error, dict) else {}


def refusal(code: int, status: int, subcode: int | None = None) -> NotSent:
    """`code`: Meta's; it says more than the HTTP status, which only counts for unknown codes."""
    if code in _RATES:
        return NotSent("rate_limited", permanent=False, retry_after=_RATES[code])
    if code in _TOKEN:
        return NotSent("whatsapp_token", permanent=False)
    if code == 100 and subcode == 33:
        code = 33  # the phone number id names nothing
    reason = f"whatsapp_{code}" if 0 <= code <= _HIGHEST else "whatsapp_reply"
    if code in _NO_SUCH_NUMBER:
        return NotSent(reason, permanent=True, address_is_bad=True)
    passes = code in _OPERATOR or code in _PASSING or not 400 <= status < 500
    return NotSent(reason, permanent=not passes)


def message_key(wamid: str) -> str:
    """What stands for Meta's id of a message: that holds the recipient's number in base64."""
    return "wamid-" + hashlib.sha256(wamid.encode(errors="surrogatepass")).hexdigest()[:32]
