"""Telegram, over the Bot API's sendMessage: https://core.telegram.org/bots/api#sendmessage."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from services.notify.channels.base import (
    SENDS_AT_ONCE,
    Moved,
    NotSent,
    Order,
    bad_address,
    provider_id,
)
from services.notify.channels.http import REQUEST_TIMEOUT_SECONDS, Http, Reply
from shared.web.responses import seconds

_CHAT = re.compile(r"-?[1-9][0-9]{0,19}|@[A-Za-z][A-Za-z0-9_]{3,31}")
#: What a 400 says where the chat is the reason; every other 400 is about the message.
_NO_SUCH_CHAT = (
    "chat not found", "user not found", "peer_id_invalid", "group is deactivated",
    "group chat was upgraded",
)  # fmt: skip


class TelegramSender:
    """One bot. The token is a part of the path, so it goes over the wire only, never in a URL."""

    channel = "telegram"
    timeout = REQUEST_TIMEOUT_SECONDS + 1
    at_once = SENDS_AT_ONCE

    def __init__(self, http: Http, *, url: str, token: SecretStr) -> None:
        self._http = http
        self._url = f"{url}/sendMessage"
        self._path = urlsplit(url).path
        self._token = token

    async def send(self, order: Order) -> str | None:
        if not _CHAT.fullmatch(order.address):
            raise bad_address()
        reply = await self._http.post(
            self._url,
            target=f"{self._path}/bot{self._token.get_secret_value()}/sendMessage".encode(),
            json={
                "chat_id": order.address,
                "text": order.message.short,
                # else Telegram's servers would open the link
                "link_preview_options": {"is_disabled": True},
            },
        )
        if reply.ok and reply.body is None:
            return None  # it said yes before the connection broke: once more would be twice
        document = reply.document()
        if reply.ok and document.get("ok") is True:
            return _message_id(document, order.address)
        raise refusal(reply, document)

    async def close(self) -> None:
        await self._http.close()


def refusal(reply: Reply, document: Mapping[str, Any]) -> NotSent:
    """What a reply that is no yes means; only Telegram's own word counts against an address."""
    code = document.get("error_code")
    if document.get("ok") is not False or not isinstance(code, int):
        if reply.status == 429:
            return NotSent("rate_limited", permanent=False, retry_after=reply.wait)
        why = "telegram_reply" if reply.ok else f"telegram_{reply.status}"
        return NotSent(why, permanent=False)
    if code in (401, 404):
        # the token was revoked or mistyped: the operator can mend that while we try again
        return NotSent("telegram_token", permanent=False)
    if code == 429:
        parameters = document.get("parameters")
        told = parameters.get("retry_after") if isinstance(parameters, dict) else None
        return NotSent("rate_limited", permanent=False, retry_after=seconds(told) or reply.wait)
    if code == 403:
        return NotSent("telegram_403", permanent=True, address_is_bad=True)
    if code == 400:
        if address := _migrated(document):
            return Moved(address)
        said = str(document.get("description")).lower()
        bad = any(words in said for words in _NO_SUCH_CHAT)
        return NotSent("telegram_400", permanent=True, address_is_bad=bad)
    return NotSent(f"telegram_{code}" if 100 <= code <= 599 else "telegram_reply", permanent=False)


def _migrated(document: Mapping[str, Any]) -> str | None:
    """The supergroup that a group became, which has an id of its own."""
    parameters = document.get("parameters")
    found = parameters.get("migrate_to_chat_id") if isinstance(parameters, dict) else None
    if isinstance(found, bool) or not isinstance(found, int) or not abs(found) < 2**63:
        return None
    return str(found) if _CHAT.fullmatch(str(found)) else None


def _message_id(document: Mapping[str, Any], address: str) -> str | None:
    result = document.get("result")
    return provider_id(result.get("message_id"), address) if isinstance(result, dict) else None
