"""Looks for changes, once a second for all clients of this replica, and tells each of them.

What is told is made once and shared. A client has room for a few events: who does not read them in
time is dropped, comes back and is told what it missed. While nobody listens, nobody looks.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from services.reporting.domain.feed import History, Position, SeenVersions
from services.reporting.live.sse import encoded
from services.reporting.ports import Changes
from shared.errors import KlikError, describe
from shared.times import local
from shared.web.problems import Problem

log = logging.getLogger(__name__)

#: Seconds between looks.
LOOK_INTERVAL_SECONDS = 1.0
#: Seconds for which a replica that nobody listens to goes on looking: clients come back.
LINGER_SECONDS = 60.0
#: Clients of one replica.
MAX_CLIENTS = 500
#: Events that may be waiting for one client.
MAX_WAITING_EVENTS = 32
#: Days and kecamatan in one event; where more changed, the client is told to read anew.
MAX_PARTITIONS_PER_EVENT = 200


class Client:
    """One client's end: what is waiting for it."""

    def __init__(
        self, on_end: Callable[["Client"], None], kecamatan: str | None = None, digest: str = ""
    ) -> None:
        """`kecamatan`: the only one that it is told of; `digest`: of the figures that it knows."""
        self.kecamatan, self.digest = kecamatan, digest
        self._waiting: deque[bytes] = deque()
        self._something = asyncio.Event()
        self._on_end = on_end
        self._ended = False

    def tell(self, chunk: bytes) -> None:
        if len(self._waiting) == MAX_WAITING_EVENTS:
            log.info("slow stream dropped")
            self.end()
            return
        self._waiting.append(chunk)
        self._something.set()

    async def next(self, timeout: float) -> bytes | None:
        try:
            async with asyncio.timeout(timeout):
                await self._something.wait()
        except TimeoutError:
            return b""
        if self._ended:
            return None
        chunk = self._waiting.popleft()
        if not self._waiting:
            self._something.clear()
        return chunk

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._waiting.clear()
            self._something.set()
            self._on_end(self)


class Hub:
    def __init__(
        self,
        reports: Changes,
        clock: Callable[[], datetime],
        *,
        look_interval: float = LOOK_INTERVAL_SECONDS,
        linger: float = LINGER_SECONDS,
        max_clients: int = MAX_CLIENTS,
    ) -> None:
        self._look_interval = look_interval
        self._linger = linger
        self._max_clients = max_clients
        self._reports = reports
        self._clock = clock
        self._seen = SeenVersions()
        self._history: History[bytes] = History()
        self._clients: set[Client] = set()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False
        self._beginning = asyncio.Lock()
        self._look = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._clients)

    @property
    def looking(self) -> bool:
        return self._looking is not None and not self._looking.done()

    async def join(self, last: Position | None) -> Client:
        """A client that has come to `last`, or is new. Raises `Problem` where there are too many.

        Raises `StoreUnavailable` where nobody was listening and the store does not answer.
        """
        await self._let_in()
        client = Client(self._clients.discard)
        self._clients.add(client)
        if last is None:
            client.tell(self._event("ready", {}))
            return client
        missed = self._history.since(last, time.monotonic())
        if missed is None or len(missed) >= MAX_WAITING_EVENTS:
            client.tell(self._event("reset", {}))
            return client
        for entry in missed:
            client.tell(entry.what)
        client.tell(self._event("ready", {}))
        return client

    async def join_of(self, kecamatan: str, last: str | None) -> Client:
        """A client that is told of one kecamatan without its complaints; raises as `join`.

        It is told `reset` alone, and only where a figure is another one: rows of days, or word of
        any change, would tell of a complaint by nothing else having changed.
        """
        await self._let_in()
        async with self._look:
            digest = await self._reports.digest(kecamatan)
            client = Client(self._clients.discard, kecamatan, digest)
            self._clients.add(client)
        client.tell(self._event_of(client, "ready" if last in (None, digest) else "reset"))
        return client

    async def _let_in(self) -> None:
        if self._closed or len(self._clients) >= self._max_clients:
            raise Problem("unavailable", headers={"Retry-After": "5"})
        if not self.looking:
            await self._begin()

    def seconds_until(self, time: datetime) -> float:
        return (time - self._clock()).total_seconds()

    async def position_of(self, kecamatan: str) -> str:
        """The same for who is told of one kecamatan alone. Raises `StoreUnavailable`."""
        return await self._reports.digest(kecamatan)

    async def position(self) -> Position:
        """How far a reader is who reads the figures now. Raises `StoreUnavailable`."""
        generation, revisions = await self._reports.revisions()
        return Position(generation, sum(revisions.values()))

    def leave(self) -> None:
        """The replica is about to stop: clients find another."""
        self._closed = True
        self.end_streams()

    def end_streams(self) -> None:
        """Clients come back, here or to another replica."""
        for client in list(self._clients):
            client.end()

    async def stop(self) -> None:
        self.leave()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    async def _begin(self) -> None:
        """The first of several that come at once looks; the others wait for it."""
        async with self._beginning:
            if not self.looking:
                await self._start_over()
                self._looking = asyncio.create_task(self._look_on())

    async def _look_on(self) -> None:
        heard = time.monotonic()
        lost = False
        while not self._closed and (self._clients or time.monotonic() < heard + self._linger):
            await asyncio.sleep(self._look_interval)
            if self._clients:
                heard = time.monotonic()
            try:
                if lost:
                    await self._start_over()
                    self._tell(self._event("reset", {}))
                    await self._tell_kecamatan(None)
                    lost = False
                await self.look()
            except KlikError as error:
                lost = True
                log.warning("stream waits", extra={"error": describe(error)})
            except Exception as error:
                lost = True
                log.exception("stream failed", extra={"error": describe(error)})

    async def _start_over(self) -> None:
        generation, revisions = await self._reports.revisions()
        self._seen.start(generation, await self._reports.months(generation, list(revisions)))
        self._history.start(self._seen.position)

    async def look(self) -> None:
        """Tell what changed since the last look."""
        async with self._look:
            await self._look_once()

    async def _look_once(self) -> None:
        generation, revisions = await self._reports.revisions()
        if generation != self._seen.generation:
            await self._start_over()
            self._tell(self._event("reset", {}))
            await self._tell_kecamatan(None)
            return
        behind = self._seen.behind(revisions)
        if not behind:
            return
        keys = self._seen.see(await self._reports.months(generation, behind))
        if not keys:
            return
        await self._tell_kecamatan({key.partition("/")[2] for key in keys})
        if len(keys) > MAX_PARTITIONS_PER_EVENT:
            self._history.start(self._seen.position)
            self._tell(self._event("reset", {}))
            return
        rows = await self._reports.rows(keys)
        event = self._event("changed", {"rows": rows})
        self._history.add(self._seen.position, time.monotonic(), event)
        self._tell(event)

    def _event(self, name: str, data: Mapping[str, Any]) -> bytes:
        as_of = local(self._clock()).isoformat()
        return encoded(name, self._seen.position, {"as_of": as_of, **data})

    def _event_of(self, client: Client, name: str) -> bytes:
        as_of = local(self._clock()).isoformat()
        return encoded(name, client.digest, {"as_of": as_of})

    def _tell(self, event: bytes) -> None:
        for client in list(self._clients):
            if client.kecamatan is None:
                client.tell(event)

    async def _tell_kecamatan(self, touched: Collection[str] | None) -> None:
        """Who sees one kecamatan alone, where its figures are others; of all where None."""
        of_one = [one for one in self._clients if one.kecamatan is not None]
        for code in {one.kecamatan for one in of_one if one.kecamatan is not None}:
            if touched is not None and code not in touched:
                continue
            digest = await self._reports.digest(code)
            for client in of_one:
                if client.kecamatan == code and client.digest != digest:
                    client.digest = digest
                    client.tell(self._event_of(client, "reset"))
