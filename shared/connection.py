"""One connection of a service: how large a request's head may be, and how long it may take.

uvicorn's parser keeps a head of any size and waits for its end for ever. Nothing is counted for a
head that comes whole, in one piece: the limits cost a request no timer.
"""

import json
from collections.abc import Iterable
from typing import Any

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.web.problems import Problem

#: Bytes of a request's line and headers. The gateway passes on 32 KiB, and adds its own.
HEAD_BYTES = 64 * 1024
#: Seconds from opening a connection, or from a head's first byte, until the head is there; and for
#: what is left of a body after its answer.
HEAD_SECONDS = 10.0


class Connection(HttpToolsProtocol):
    """As uvicorn's, with limits, and with problems for what cannot be read."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_open = False
        self._head_bytes = 0
        """Of a head that came in pieces, without the first of them: that may have held a body."""
        self._awaited_since: float | None = self.loop.time()
        """Since when something is overdue that only the client can send."""

    def data_received(self, data: bytes) -> None:
        was_open = self._head_open
        super().data_received(data)
        if not self._head_open or self.transport.is_closing():
            return
        if self._awaited_since is None:
            self._awaited_since = self.loop.time()
        if was_open:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse("head_too_large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_open, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._head_open, self._awaited_since = False, None
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES:
            self._head_bytes = size
            raise HttpParserError("the head is too large")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._awaited_since = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # of pipelined requests it may have been an earlier one
        if self.cycle.response_complete and self.cycle.more_body:
            self._awaited_since = self.loop.time()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls where a request cannot be read."""
        self._refuse("head_too_large" if self._head_bytes > HEAD_BYTES else "malformed")

    def cut_if_slow(self, now: float) -> None:
        """`now`: on the loop's clock."""
        if self._awaited_since is None or now - self._awaited_since < HEAD_SECONDS:
            return
        if self._head_open:
            self._refuse("too_slow")
        else:
            self.transport.close()

    def _refuse(self, kind: str) -> None:
        if self.transport.is_closing():
            return
        problem = Problem(kind)
        # the caller's language is in the head that was not read
        body = json.dumps(problem.body("id"), ensure_ascii=False).encode()
        lines = (
            STATUS_LINE[problem.status].rstrip(),
            b"content-type: application/problem+json",
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"connection: close",
        )
        self.transport.write(b"\r\n".join((*lines, b"", body)))
        self.transport.close()


def cut_slow(connections: Iterable[Any], now: float) -> None:
    """Close those of `connections` whose client keeps them waiting."""
    for connection in tuple(connections):
        if isinstance(connection, Connection):
            connection.cut_if_slow(now)
