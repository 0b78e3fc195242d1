"""A front-end that takes webhooks, as strictly as Standard Webhooks says.

Each post is verified with `standardwebhooks`, the reference library: without the right signature,
or with a time that is off by more than five minutes, it is 401 and not taken. CloudEvents
attributes have to be there and to fit the body.
"""

import asyncio
import json
import ssl
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError

from tests.peers.http import Answer, HttpPeer, Request


class WebhookPeer(HttpPeer):
    def __init__(
        self, *secrets: str, path: str = "/hook", tls: ssl.SSLContext | None = None, seed: int = 1
    ) -> None:
        """`secrets`: one of them has to have signed; without any, nothing is verified."""
        super().__init__(seed=seed)
        self.secrets = list(secrets)
        self.path = path
        self.status = 204
        self.hosts: list[str] = []
        self._tls = tls

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def at(self, host: str) -> str:
        """The URL under which `host` would find it."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{self.path}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", self.path):
            return Answer(404, "Not Found")
        self.hosts.append(request.headers["host"])
        if self.secrets and not any(_verified(one, request) for one in self.secrets):
            return Answer(401, {"error": "signature"})
        event = json.loads(request.body)
        if problem := _wrong(request, event):
            return Answer(400, {"error": problem})
        if self.status < 300:
            self.taken.append({"type": request.headers["ce-type"], "body": request.body.decode()})
        return Answer(self.status, {"taken": True} if self.status == 200 else "")

    @property
    def ids(self) -> list[str]:
        """Of the events that were taken, in order."""
        return [json.loads(one["body"])["id"] for one in self.taken]


def _verified(secret: str, request: Request) -> bool:
    try:
        Webhook(secret).verify(request.body, dict(request.headers))
    except WebhookVerificationError:
        return False
    return True


def _wrong(request: Request, event: dict[str, Any]) -> str | None:
    headers = request.headers
    if headers["content-type"] != "application/json":
        return "content-type"
    if headers["ce-specversion"] != "1.0" or not headers["ce-source"].startswith("klikdesa/"):
        return "not a CloudEvent"
    if not headers["webhook-id"] == headers["ce-id"] == event["id"]:
        return "id"
    if headers.get("ce-subject") != event.get("consultation"):
        return "ce-subject"
    if headers["ce-time"] != event["time"]:
        return "ce-time"
    return None
