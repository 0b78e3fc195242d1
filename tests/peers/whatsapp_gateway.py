"""A WhatsApp gateway with Fonnte's interface.

By https://docs.fonnte.com/api-send-message/: `POST /send`, the token as it is in `Authorization`,
form fields `target` (digits with the country's code; commas and bars would make several of it) and
`message`. The status is 200 either way; the JSON says `status`, and `reason` where that is false.
"""

import re

from tests.peers.http import Answer, HttpPeer, Request


class WhatsAppGatewayPeer(HttpPeer):
    def __init__(self, token: str, numbers: set[str] | None = None, *, seed: int = 1) -> None:
        """`numbers`: digits that have WhatsApp."""
        super().__init__(seed=seed)
        self.token = token
        self.numbers = numbers or set()
        self.reason: str | None = None
        """Refuse everything with it, such as `insufficient quota`."""

    async def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", "/send"):
            return Answer(404, "Not Found")
        if request.headers.get("authorization") != self.token:
            return _no("invalid token")
        if self.reason:
            return _no(self.reason)
        form = request.form()
        target, message = form.get("target", ""), form.get("message", "")
        if not re.fullmatch(r"62[0-9]{8,13}", target) or target not in self.numbers:
            return _no("target invalid")
        if not 1 <= len(message) <= 60_000:
            return _no("input invalid")
        self.take(form)
        return Answer(
            200,
            {
                "detail": "success! message in queue",
                "id": [str(80367170 + len(self.taken))],
                "process": "pending",
                "status": True,
                "target": [target],
            },
        )


def _no(reason: str) -> Answer:
    return Answer(200, {"reason": reason, "status": False})
