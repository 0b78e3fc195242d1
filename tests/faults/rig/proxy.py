"""A TCP proxy between a service and a server, and what can happen to a link."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from random import Random
from typing import Any, Self

CHUNK = 65536
#: Seconds for connections to end that were cut.
TIMEOUT = 10.0


class Proxy:
    """One link: every connection through it shares its fate.

    `hold_up` and `hold_down` keep what the client or the server sends, connections open, as a
    network that swallows packets. `delay` is added to each chunk on its way, in seconds; of a
    `share` of them one `resend` more, as TCP makes of a lost packet.
    """

    def __init__(self, host: str, port: int, seed: int = 1) -> None:
        self._target = host, port
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._serving: set[asyncio.Task[Any]] = set()
        """One for each connection, from before it is a link."""
        self._random = Random(seed)  # noqa: S311 - the same losses in each run
        self._port = 0
        self.delay = 0.0
        self.share = 0.0
        self.resend = 0.2
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self.release()

    @property
    def port(self) -> int:
        return self._port

    async def start(self) -> None:
        """Take connections, on the same port as before."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cut everything, and refuse what comes, until `start()`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.sleep(0)

    def cut(self) -> None:
        """Reset all connections; new ones are taken."""
        for link in list(self._links):
            link.reset()

    def hold(self, *, up: bool = True, down: bool = True) -> None:
        if up:
            self._up.clear()
        if down:
            self._down.clear()

    def release(self) -> None:
        self._up.set()
        self._down.set()

    def heal(self) -> None:
        self.release()
        self.delay = self.share = 0.0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()
        await self.refuse()
        if self._serving:
            await asyncio.wait(self._serving, timeout=TIMEOUT)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        try:
            await self._join(reader, writer)
        finally:
            writer.transport.abort()
            self._serving.discard(serving)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream = await asyncio.open_connection(*self._target)
        except OSError:
            return
        if self._server is None:  # refused meanwhile
            upstream[1].transport.abort()
            return
        link = _Link(
            (writer, upstream[1]),
            (
                self._pipe(reader, upstream[1], self._up),
                self._pipe(upstream[0], writer, self._down),
            ),
        )
        self._links.add(link)
        try:
            await link.ended()
        finally:
            self._links.discard(link)

    async def _pipe(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: asyncio.Event
    ) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)
        sending = asyncio.create_task(_send(under_way, sink, way))
        now = asyncio.get_running_loop().time
        try:
            with contextlib.suppress(OSError):
                while chunk := await source.read(CHUNK):
                    lost = self.share and self._random.random() < self.share
                    await under_way.put((now() + self.delay + (self.resend if lost else 0), chunk))
                await under_way.put((now() + self.delay, b""))
                await sending
        finally:
            sending.cancel()
            await asyncio.wait([sending])


async def _send(
    under_way: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, way: asyncio.Event
) -> None:
    """In order, each chunk at its time; an empty one is the end."""
    now = asyncio.get_running_loop().time
    with contextlib.suppress(OSError):
        while True:
            at, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, at - now()))
            await way.wait()
            if not chunk:
                return
            sink.write(chunk)
            await sink.drain()


class _Link:
    """The two directions of a connection; the end of one ends both."""

    def __init__(
        self, writers: Iterable[asyncio.StreamWriter], pipes: Iterable[Coroutine[Any, Any, None]]
    ) -> None:
        self._writers = tuple(writers)
        self._pipes = [asyncio.create_task(pipe) for pipe in pipes]

    def reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        for pipe in self._pipes:
            pipe.cancel()

    async def ended(self) -> None:
        await asyncio.wait(self._pipes, return_when=asyncio.FIRST_COMPLETED)
        self.reset()
        await asyncio.wait(self._pipes)
