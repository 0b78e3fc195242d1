"""The wire to a server: it can be cut, and it can go dead without anybody being told."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

CHUNK = 65536


class Wire:
    """Passes everything on between whoever connects to `url` and the server at `target`."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._passing = asyncio.Event()
        self._passing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        """How many were made so far."""

    @property
    def url(self) -> str:
        user, _, _ = self._target.netloc.rpartition("@")
        place = f"127.0.0.1:{self.port}"
        return urlunsplit(self._target._replace(netloc=f"{user}@{place}" if user else place))

    def freeze(self) -> None:
        """Nothing gets through any more, in either direction; nobody is told."""
        self._passing.clear()

    def mend(self) -> None:
        self._passing.set()

    def cut(self) -> None:
        """Every connection ends at once; new ones are taken."""
        for end in list(self._ends):
            end.transport.abort()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        host, port = str(self._target.hostname), self._target.port
        try:
            await self._passing.wait()
            there, here = await asyncio.open_connection(host, port)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, here}
        for source, drain in ((reader, here), (there, writer)):
            pump = asyncio.create_task(self._pump(source, drain))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(CHUNK):
                await self._passing.wait()
                drain.write(data)
                await drain.drain()
        drain.transport.abort()
        self._ends.discard(drain)

    async def close(self) -> None:
        pumps = list(self._pumps)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        self.cut()


@asynccontextmanager
async def wire_to(target: str) -> AsyncGenerator[Wire, None]:
    wire = Wire(target)
    server = await asyncio.start_server(wire.take, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        await wire.close()
