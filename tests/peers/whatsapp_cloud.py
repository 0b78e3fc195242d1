"""Meta's WhatsApp Cloud API, as far as sending texts and templates.

By https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages,
…/templates/overview and …/support/error-codes: `POST /<version>/<phone number id>/messages` with a
bearer token; `messaging_product`, `to` and the object of the message's `type` are required; a text
has at most 4,096 characters; outside the 24 hours after the recipient's last message only an
approved template goes, with as many body parameters as it has variables, each without line breaks,
tabs or more than four spaces in a row. The real API tells 131026 and 131047 often in webhooks only;
this one tells them at once.
"""

import re
from typing import Any

from tests.peers.http import Answer, HttpPeer, Request


class WhatsAppCloudPeer(HttpPeer):
    """`numbers` have WhatsApp; `sessions` of them wrote within 24 hours; `templates` are approved:
    name and language, with the count of variables."""

    def __init__(self, token: str, phone_number_id: str, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.token = token
        self.phone_number_id = phone_number_id
        self.numbers: set[str] = set()
        self.sessions: set[str] = set()
        self.templates: dict[tuple[str, str], int] = {}
        self.error: tuple[int, int] | None = None
        """An error code and its HTTP status, instead of any answer."""

    async def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _no(190, "Invalid OAuth access token - Cannot parse access token", 401)
        if not re.fullmatch(rf"/v\d+\.\d/{self.phone_number_id}/messages", request.path):
            return _no(100, "Unsupported post request. Object does not exist", 400, 33)
        if self.error:
            code, status = self.error
            return _no(code, f"(#{code})", status)
        asked = request.document()
        if asked.get("messaging_product") != "whatsapp":
            return _no(100, "(#100) The parameter messaging_product is required.")
        to = re.sub(r"\D", "", str(asked.get("to", "")))
        if not to:
            return _no(100, "(#100) The parameter to is required.")
        if len(str(asked.get("biz_opaque_callback_data", ""))) > 512:
            return _no(100, "(#100) biz_opaque_callback_data is too long")
        if "+" + to not in self.numbers:
            return _no(131026, "(#131026) Message undeliverable")
        refused = self._text(asked, to) if asked.get("type") == "text" else self._template(asked)
        return refused or self._take(asked, to)

    def _text(self, asked: dict[str, Any], to: str) -> Answer | None:
        body = (asked.get("text") or {}).get("body")
        if not isinstance(body, str) or not body:
            return _no(131008, "(#131008) Required parameter is missing")
        if len(body) > 4096:
            return _no(100, "(#100) Param text['body'] must be at most 4096 characters long.")
        if "+" + to not in self.sessions:
            return _no(131047, "(#131047) Re-engagement message")
        return None

    def _template(self, asked: dict[str, Any]) -> Answer | None:
        if asked.get("type") != "template":
            return _no(131051, "(#131051) Unsupported message type")
        template = asked.get("template") or {}
        language = (template.get("language") or {}).get("code")
        if not template.get("name") or not language:
            return _no(131008, "(#131008) Required parameter is missing")
        wanted = self.templates.get((template["name"], language))
        if wanted is None:
            return _no(132001, "(#132001) Template name does not exist in the translation", 404)
        given = [
            one
            for component in template.get("components", [])
            if component["type"] == "body"
            for one in component["parameters"]
        ]
        if len(given) != wanted:
            return _no(132000, "(#132000) Number of parameters does not match")
        if not all(one.get("type") == "text" and one.get("text") for one in given):
            return _no(131008, "(#131008) Parameter of type text is missing text value")
        if any(re.search(r"[\n\t]| {5}", one["text"]) for one in given):
            return _no(132018, "(#132018) Param text cannot have new-line/tab characters")
        return None

    def _take(self, asked: dict[str, Any], to: str) -> Answer:
        self.take(asked)
        messages = [{"id": f"wamid.{to}={len(self.taken)}", "message_status": "accepted"}]
        contacts = [{"input": asked["to"], "wa_id": to}]
        return Answer(
            200, {"messaging_product": "whatsapp", "contacts": contacts, "messages": messages}
        )

    def busy(self) -> Answer:
        return _no(130429, "(#130429) Rate limit hit", 429)


def _no(code: int, message: str, status: int = 400, subcode: int | None = None) -> Answer:
    error: dict[str, Any] = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": message},
        "fbtrace_id": "A1b2C3d4",
    }
    return Answer(status, {"error": error | ({"error_subcode": subcode} if subcode else {})})
