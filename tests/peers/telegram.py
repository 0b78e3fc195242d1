"""Telegram's Bot API, as far as sendMessage.

By https://core.telegram.org/bots/api#making-requests and #sendmessage: requests go to
`/bot<token>/METHOD`; `chat_id` and `text` are required; a text has 1 to 4,096 characters; an error
is `{"ok": false, "error_code", "description", "parameters"?}`. The descriptions are those that
https://github.com/TelegramBotAPI/errors has collected.
"""

from typing import Any, Literal

from tests.peers.http import Answer, HttpPeer, Request

Chat = Literal["open", "blocked", "deactivated", "not_started", "upgraded"]

_FORBIDDEN = {
    "blocked": "Forbidden: bot was blocked by the user",
    "deactivated": "Forbidden: user is deactivated",
    "not_started": "Forbidden: bot can't initiate conversation with a user",
}


class TelegramPeer(HttpPeer):
    def __init__(self, token: str, chats: dict[str, Chat] | None = None, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.token = token
        self.chats = chats or {}

    async def answer(self, request: Request) -> Answer:
        if request.path != f"/bot{self.token}/sendMessage":
            known = request.path.startswith("/bot") and request.path.count("/") == 2
            return _no(401, "Unauthorized") if known else _no(404, "Not Found")
        asked = request.document()
        chat, text = asked.get("chat_id"), asked.get("text")
        if request.method != "POST" or chat in (None, ""):
            return _no(400, "Bad Request: chat_id is empty")
        state = self.chats.get(str(chat))
        if state is None:
            return _no(400, "Bad Request: chat not found")
        if state == "upgraded":
            more = {"migrate_to_chat_id": -1001234567890}
            return _no(400, "Bad Request: group chat was upgraded to a supergroup chat", **more)
        if state in _FORBIDDEN:
            return _no(403, _FORBIDDEN[state])
        if not isinstance(text, str) or not text.strip():
            return _no(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            return _no(400, "Bad Request: message is too long")
        self.take({"chat": str(chat), **asked})
        return Answer(200, {"ok": True, "result": {"message_id": len(self.taken), "text": text}})

    def busy(self) -> Answer:
        after = self.retry_after
        return _no(429, f"Too Many Requests: retry after {after}", retry_after=after)


def _no(code: int, description: str, **parameters: Any) -> Answer:
    document: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return Answer(code, document | ({"parameters": parameters} if parameters else {}))
