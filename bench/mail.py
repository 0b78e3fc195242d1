"""A mail server that takes everything at next to no cost: what is measured is not its own work."""

import asyncio
from collections.abc import Callable
from typing import Self


class MailSink:
    """`taken`: e-mails so far. `on_taken`: gets the content of each."""

    def __init__(self) -> None:
        self.taken = 0
        self.on_taken: Callable[[bytes], None] | None = None
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None  # noqa: S101 - entered
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Session(self), "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()


class _Session(asyncio.Protocol):
    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a server
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_data else b"\r\n"
            line, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        assert self._transport is not None  # noqa: S101 - made
        if self._in_data:
            self._in_data = False
            self._sink.taken += 1
            if self._sink.on_taken:
                self._sink.on_taken(line)
            self._transport.write(b"250 taken\r\n")
        elif line[:4].upper() == b"DATA":
            self._in_data = True
            self._transport.write(b"354 go on\r\n")
        elif line[:4].upper() == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 sink\r\n")
