"""What WhatsApp's providers post to us, read leniently: what is unknown is passed over.

Meta: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference.
Fonnte: https://docs.fonnte.com/webhook-update-message-status/ and …/webhook-reply-message/.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from services.notify.channels.whatsapp_cloud import message_key, refusal
from services.notify.domain.alert import plain_id
from services.notify.domain.receipts import Receipt, Report
from services.notify.domain.recipients import OptOutWish, wish_of
from shared.text import phones

#: What we gave Meta to send back: an alert's id, and which resending it was.
_ORDER = re.compile(r"[0-9a-f]{32}(-[0-9]{1,9})?")
_NUMBER = re.compile(r"\+?([0-9]{7,15})(?:@[a-z.]{1,40})?")
_META: Mapping[str, Receipt] = {
    "sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed",
}  # fmt: skip
#: Of Fonnte's `status`, what the message can still come back from is left out.
_FONNTE: Mapping[str, Receipt] = {
    "sent": "sent", "delivered": "delivered", "read": "read",
    "invalid": "failed", "expired": "failed", "failed": "failed", "url unreachable": "failed",
}  # fmt: skip


def of_meta(document: Any, phone_number_id: str) -> Iterator[Report | OptOutWish]:
    for value in _values(document):
        if _part(value, "metadata").get("phone_number_id") != phone_number_id:
            continue
        for status in _list(value, "statuses"):
            yield from _status(status)
        for message in _list(value, "messages"):
            said = _part(message, "text").get("body") or _part(message, "button").get("text")
            yield from _wish(message.get("from"), said, message.get("timestamp"))


def of_fonnte(document: Any) -> Iterator[Report | OptOutWish]:
    if not isinstance(document, dict):
        return
    if "sender" in document:
        sent_at = document.get("timestamp")
        yield from _wish(document["sender"], document.get("message"), sent_at)
        return
    told = str(document.get("state") or document.get("status") or "").lower()
    receipt = _FONNTE.get(told)
    ids = [_id(document.get(name)) for name in ("id", "stateid")]
    if receipt is None or ids == [None, None]:
        return
    reason = f"gateway_{told.replace(' ', '_')}" if receipt == "failed" else None
    yield Report("gateway", receipt, reason, message=ids[0], chain=ids[1])


def _status(status: Mapping[str, Any]) -> Iterator[Report]:
    receipt = _META.get(str(status.get("status")))
    order, wamid = status.get("biz_opaque_callback_data"), status.get("id")
    if receipt is None or not isinstance(order, str) or not isinstance(wamid, str):
        return
    if not _ORDER.fullmatch(order):
        return
    reason = None
    if receipt == "failed":
        codes = [one.get("code") for one in _list(status, "errors")]
        code = next((one for one in codes if isinstance(one, int)), None)
        reason = "whatsapp_failed" if code is None else refusal(code, 400).reason
    yield Report("whatsapp", receipt, reason, order=order, message=message_key(wamid))


def _wish(number: Any, said: Any, at: Any) -> Iterator[OptOutWish]:
    found = _NUMBER.fullmatch(str(number))
    if not isinstance(said, str) or found is None:
        return
    if wish := wish_of(said):
        yield OptOutWish(_e164(found[1]), wish == "out", _time(at))


def _e164(digits: str) -> str:
    """Providers put the country first, and leave the plus out."""
    written = digits if digits.startswith("0") else f"+{digits}"
    return phones.canonical(written) or written


def _time(seconds: Any) -> datetime | None:
    text = str(seconds)
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _id(value: Any) -> str | None:
    """A provider's id, which may come as a number; none where it is empty or absurd."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return plain_id(text)


def _values(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, dict):
        for entry in _list(document, "entry"):
            for change in _list(entry, "changes"):
                yield _part(change, "value")


def _list(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = document.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}
