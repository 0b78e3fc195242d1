"""Server-sent events as they go over the wire, and the response that carries them to one client."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.reporting.domain.feed import Position
from services.reporting.ports import StreamClient

log = logging.getLogger(__name__)

#: Seconds of silence after which a comment is sent: proxies and clients see that we are there.
HEARTBEAT_SECONDS = 15.0
#: Seconds that one chunk may take to be accepted by the connection.
WRITE_TIMEOUT_SECONDS = 20.0
#: Seconds of one connection. The client comes back, and its key is looked at again.
CONNECTION_SECONDS = 900.0
#: Milliseconds after which a client comes back.
RETRY_MILLISECONDS = 2000

COMMENT = b":\n\n"
MEDIA_TYPE = "text/event-stream"


def encoded(event: str, position: Position | str, data: Any) -> bytes:
    """One event. JSON has no line breaks of its own, so that the data is one line."""
    body = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return f"id: {position}\nevent: {event}\ndata: {body}\n\n".encode()


class EventStream(Response):
    """Sends what `source` has until it is over, or the client is: gone, too slow, let in no more.

    `is_let_in` is asked before each chunk, a heartbeat included; `seconds`: at most so long.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self,
        source: StreamClient,
        is_let_in: Callable[[], Awaitable[bool]],
        *,
        seconds: float = CONNECTION_SECONDS,
        heartbeat: float = HEARTBEAT_SECONDS,
        write_timeout: float = WRITE_TIMEOUT_SECONDS,
    ) -> None:
        super().__init__(
            headers={
                "Cache-Control": "no-store",
                # for proxies that go by it; ours is told so in its configuration
                "X-Accel-Buffering": "no",
            }
        )
        del self.headers["content-length"]
        self._source = source
        self._is_let_in = is_let_in
        self._seconds = min(seconds, CONNECTION_SECONDS)
        self._heartbeat = heartbeat
        self._write_timeout = write_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch = asyncio.create_task(_until_gone(receive))
        watch.add_done_callback(lambda _: self._source.end())
        try:
            await self._send_all(send)
        finally:
            self._source.end()
            watch.cancel()

    async def _send_all(self, send: Send) -> None:
        ends = time.monotonic() + self._seconds
        await send(
            {"type": "http.response.start", "status": 200, "headers": self.raw_headers},
        )
        try:
            await self._send(send, f"retry: {RETRY_MILLISECONDS}\n\n".encode())
            while (left := ends - time.monotonic()) > 0:
                chunk = await self._source.next(min(self._heartbeat, left))
                if chunk is None or not await self._is_let_in():
                    break
                await self._send(send, chunk or COMMENT)
            await self._send(send, b"", more=False)
        except TimeoutError:
            # the response stays unfinished: the server closes the connection, and with it goes
            # what the client has not read
            log.info("slow stream dropped")

    async def _send(self, send: Send, chunk: bytes, *, more: bool = True) -> None:
        async with asyncio.timeout(self._write_timeout):
            await send({"type": "http.response.body", "body": chunk, "more_body": more})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
