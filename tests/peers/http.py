"""A real HTTP/1.1 server whose protocol is kept by h11, and which fails as it is told to."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self
from urllib.parse import parse_qsl

import h11

from tests.peers.faults import Faulty

Fault = Literal["error", "busy", "close", "cut", "lost", "hang", "slow", "flood", "redirect"]
"""error: 500 and a page of HTML. busy: 429 with Retry-After. close: no word, and nothing done.
cut: done, and the connection closed in the middle of the reply. lost: done, and no word of it.
hang: no word as long as the caller waits. slow: done, and told after `slowness`. flood: a reply
that does not end. redirect: to itself."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """The JSON object in it, which its type must announce; empty where there is none."""
        if self.headers.get("content-type") != "application/json":
            return {}
        with contextlib.suppress(ValueError):
            found = json.loads(self.body)
            return found if isinstance(found, dict) else {}
        return {}

    def form(self) -> dict[str, str]:
        if self.headers.get("content-type") != "application/x-www-form-urlencoded":
            return {}
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    document: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpPeer(Faulty[Fault]):
    """A provider; `connections` counts the callers'."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.requests: list[Request] = []
        self.connections = 0
        self.retry_after = 7
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def answer(self, request: Request) -> Answer:
        """What the provider says. Overridden."""
        raise NotImplementedError

    def busy(self) -> Answer:
        return Answer(429, {}, {"Retry-After": str(self.retry_after)})

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, h11.RemoteProtocolError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; whether the connection stays."""
        protocol = h11.Connection(h11.SERVER)
        request = await _read(protocol, reader)
        if request is None:
            return False
        self.requests.append(request)
        fault = self.next_fault()
        if fault == "hang":
            await reader.read()
        if fault in ("close", "hang"):
            return False
        answer = await self._answer(request, fault)
        if fault == "slow":
            await self.be_slow()
        if fault == "lost":
            return False
        whole = _written(protocol, answer)
        writer.write(whole[: len(whole) - 3] if fault == "cut" else whole)
        await writer.drain()
        return fault != "cut"

    async def _answer(self, request: Request, fault: Fault | None) -> Answer:
        if fault == "error":
            return Answer(500, "<html>Internal Server Error</html>")
        if fault == "busy":
            return self.busy()
        if fault == "redirect":
            return Answer(307, "", {"Location": self.url + request.path})
        if fault == "flood":
            return Answer(200, {"ok": True, "status": True, "pad": "x" * 10_000_000})
        return await self.answer(request)


async def _read(protocol: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    head, body = None, b""
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            protocol.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode(): value.decode() for name, value in head.headers}
            return Request(head.method.decode(), head.target.decode(), headers, bytes(body))
        else:
            return None


def _written(protocol: h11.Connection, answer: Answer) -> bytes:
    page = answer.document if isinstance(answer.document, str) else json.dumps(answer.document)
    headers = {"Content-Type": "application/json", "Content-Length": str(len(page.encode()))}
    events: list[h11.Event] = [
        h11.Response(
            status_code=answer.status, headers=list((headers | dict(answer.headers)).items())
        ),
        h11.Data(data=page.encode()),
        h11.EndOfMessage(),
    ]
    return b"".join(protocol.send(event) or b"" for event in events)
