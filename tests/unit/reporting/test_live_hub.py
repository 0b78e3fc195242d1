"""The hub and its clients: told once, shared, bounded; on a real socket where that matters."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from services.reporting.domain.feed import Month, Position
from services.reporting.live import api, hub
from services.reporting.live.hub import Client, Hub
from services.reporting.live.tokens import StreamTokens
from shared.errors import StoreUnavailable
from shared.server import UNREAD_SECONDS, cut_unread
from shared.times import utc_now
from shared.web.app import create_http
from shared.web.auth import Keyring, Role
from shared.web.problems import Problem
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import KEYS, bearer, key_row, keyring_text
from tests.support.system import until

PARTITION_KEY = "2026-11-24/64.02.06"
READER = bearer(KEYS[Role.ANALYST])
ASKED = (
    f"GET /v1/reports/stream HTTP/1.1\r\nHost: test\r\nAuthorization: {READER['Authorization']}"
    "\r\n\r\n"
).encode()


class FakeReports:
    """A version index in memory, of one month or more."""

    def __init__(self) -> None:
        self.generation = 1
        self.versions: dict[str, int] = {}
        self.written: dict[str, int] = {}
        self.away = False
        self.looks = 0
        self.padding = ""

    def write(self, *keys: str) -> None:
        for key in keys:
            self.versions[key] = self.versions.get(key, 0) + 1
            self.written[key[:7]] = self.written.get(key[:7], 0) + 1

    async def revisions(self) -> tuple[int, Mapping[str, int]]:
        self.looks += 1
        if self.away:
            raise StoreUnavailable("away")
        return self.generation, dict(self.written)

    async def months(self, generation: int, names: Sequence[str]) -> Mapping[str, Month]:
        return {
            name: Month(
                self.written[name],
                {key: version for key, version in self.versions.items() if key[:7] == name},
            )
            for name in names
        }

    async def digest(self, kecamatan: str) -> str:
        return str(sum(of for key, of in self.versions.items() if key.endswith(kecamatan)))

    async def rows(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"day": key[:10], "kecamatan": key[11:], "submitted": self.versions[key]}
            | ({"padding": self.padding} if self.padding else {})
            for key in keys
        ]


@pytest.fixture
def reports() -> FakeReports:
    found = FakeReports()
    found.write(PARTITION_KEY)
    return found


@pytest.fixture
async def live(request: pytest.FixtureRequest, reports: FakeReports) -> AsyncGenerator[Hub, None]:
    """`tuned` gives what else it is made with."""
    found = Hub(reports, Clock(NOON), **getattr(request, "param", {}))
    yield found
    await found.stop()


def tuned(**values: float) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("live", [values], indirect=True, ids=[""])


def read(chunk: bytes | None) -> tuple[str, str, Any]:
    """(event, id, data)."""
    assert chunk is not None
    lines = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if line)
    return lines["event"], lines["id"], json.loads(lines["data"])


async def heard(client: Client) -> list[tuple[str, str, Any]]:
    """What is waiting for a client."""
    found = []
    while chunk := await client.next(0):
        found.append(read(chunk))
    return found


async def test_everybody_is_told_what_changed_and_nothing_else(
    live: Hub, reports: FakeReports
) -> None:
    clients = [await live.join(None) for _ in range(3)]
    reports.write(PARTITION_KEY, "2026-11-24/64.02.07", PARTITION_KEY)
    await live.look()
    await live.look()

    as_of = "2026-11-24T12:00:00+08:00"
    rows = [
        {"day": "2026-11-24", "kecamatan": "64.02.06", "submitted": 3},
        {"day": "2026-11-24", "kecamatan": "64.02.07", "submitted": 1},
    ]
    for client in clients:
        assert await heard(client) == [
            ("ready", "1-1", {"as_of": as_of}),
            ("changed", "1-4", {"as_of": as_of, "rows": rows}),
        ]


async def test_who_comes_back_is_told_what_it_missed(live: Hub, reports: FakeReports) -> None:
    first = await live.join(None)
    for _ in range(3):
        reports.write(PARTITION_KEY)
        await live.look()
    *_, (_, second, _), _ = await heard(first)
    first.end()

    again = await heard(await live.join(Position.read(second)))

    assert [(name, id_) for name, id_, _ in again][-2:] == [("changed", "1-4"), ("ready", "1-4")]
    assert again[-2][2]["rows"][0]["submitted"] == 4


async def test_a_change_by_another_replica_reaches_this_ones_clients(reports: FakeReports) -> None:
    """Whoever writes the version index, each replica's own look finds it."""
    replicas = [Hub(reports, Clock(NOON)), Hub(reports, Clock(NOON))]
    clients = [await replica.join(None) for replica in replicas]
    reports.write(PARTITION_KEY)
    for replica in replicas:
        await replica.look()
    told = [await heard(client) for client in clients]
    assert told[0] == told[1]
    assert told[0][-1][0] == "changed"
    for replica in replicas:
        await replica.stop()


async def test_too_much_at_once_is_told_as_a_reset(live: Hub, reports: FakeReports) -> None:
    client = await live.join(None)
    reports.write(
        *(f"2026-11-{day:02}/64.02.{code:02}" for day in range(1, 16) for code in range(20))
    )
    await live.look()
    assert [name for name, _, _ in await heard(client)] == ["ready", "reset"]


async def test_another_generation_is_told_as_a_reset(live: Hub, reports: FakeReports) -> None:
    client = await live.join(None)
    reports.generation = 2
    await live.look()
    assert [(name, id_) for name, id_, _ in await heard(client)] == [
        ("ready", "1-1"),
        ("reset", "2-1"),
    ]
    again = await live.join(Position(1, 1))
    assert [name for name, _, _ in await heard(again)] == ["reset"]


async def test_who_does_not_read_is_dropped_and_forgotten(live: Hub, reports: FakeReports) -> None:
    slow, quick = await live.join(None), await live.join(None)
    for _ in range(hub.MAX_WAITING_EVENTS + 1):
        reports.write(PARTITION_KEY)
        await live.look()
        await heard(quick)
    assert await slow.next(0) is None
    assert len(live) == 1


@tuned(max_clients=2)
async def test_no_more_clients_than_there_is_room_for(live: Hub) -> None:
    first, _ = await live.join(None), await live.join(None)
    with pytest.raises(Problem) as refused:
        await live.join(None)
    assert refused.value.status == 503
    assert refused.value.headers["Retry-After"] == "5"
    first.end()
    await live.join(None)


@tuned(look_interval=0.001, linger=0.0)
async def test_nobody_looks_while_nobody_listens(live: Hub, reports: FakeReports) -> None:
    assert reports.looks == 0
    client = await live.join(None)
    client.end()

    async def rests() -> bool:
        return not live.looking

    await until(rests, 5, "the end of the looks")
    looks = reports.looks
    reports.write(PARTITION_KEY)
    assert [name for name, _, _ in await heard(await live.join(Position(1, 1)))] == ["reset"]
    assert reports.looks > looks


@tuned(look_interval=0.001)
async def test_clients_start_afresh_after_the_store_was_away(
    live: Hub, reports: FakeReports
) -> None:
    client = await live.join(None)
    assert read(await client.next(5))[0] == "ready"
    reports.away = True
    looks = reports.looks

    async def looked() -> bool:
        return reports.looks > looks

    await until(looked, 5, "a look while the store is away")
    reports.away = False
    reports.write(PARTITION_KEY)
    assert read(await client.next(5))[0] == "reset"
    reports.write(PARTITION_KEY)
    assert read(await client.next(5))[0] == "changed"


@asynccontextmanager
async def served(
    live: Hub, *, unread_seconds: float = UNREAD_SECONDS, **tuned: float
) -> AsyncGenerator[tuple[int, uvicorn.Server], None]:
    """The route on a port of its own; `server.config.app.state.keyring` says who is let in."""
    keyring = Keyring.parse(keyring_text())
    app = create_http("reporting", "", keyring, lambda: True, None)
    app.include_router(api.routes(live, StreamTokens(b"secret", keyring, utc_now), **tuned))
    listening = socket.create_server(("127.0.0.1", 0))
    cut_unread(listening, unread_seconds=unread_seconds)
    running = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
    serving = asyncio.create_task(running.serve(sockets=[listening]))
    try:
        yield listening.getsockname()[1], running
    finally:
        running.should_exit = True
        await serving


async def test_over_the_wire_with_heartbeats_and_an_end(live: Hub, reports: FakeReports) -> None:
    async with served(live, heartbeat=0.05) as (port, _), httpx.AsyncClient(timeout=10) as http:
        url = f"http://127.0.0.1:{port}/v1/reports/stream"
        headers = {**READER, "Last-Event-ID": "nonsense"}
        async with http.stream("GET", url, headers=headers) as reply:
            assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert reply.headers["cache-control"] == "no-store"
            assert "content-length" not in reply.headers
            lines = reply.aiter_lines()
            assert [await anext(lines) for _ in range(4)] == [
                "retry: 2000",
                "",
                "id: 1-1",
                "event: reset",
            ]
            while await anext(lines) != ":":
                pass
            live.leave()
            async for _ in lines:
                pass  # until the server ends it, which `timeout` above would not wait for
        assert len(live) == 0


@pytest.mark.parametrize(
    "after",
    [
        {"revoked_at": NOON.isoformat()},
        {"expires_at": NOON.isoformat()},
        {"role": Role.OFFICER, "territory": "64.02.06"},
        {"id": "somebody-else"},
    ],
)
async def test_stream_ends_at_the_next_heartbeat_when_its_key_is_let_in_no_more(
    live: Hub, after: Mapping[str, Any]
) -> None:
    async with served(live, heartbeat=0.05) as (port, server), httpx.AsyncClient(timeout=10) as one:
        url = f"http://127.0.0.1:{port}/v1/reports/stream"
        async with one.stream("GET", url, headers=READER) as reply:
            lines = reply.aiter_lines()
            while await anext(lines) != ":":
                pass
            row = key_row("test-analyst", KEYS[Role.ANALYST], Role.ANALYST) | dict(after)
            app: Any = server.config.app
            app.state.keyring = Keyring.parse(keyring_text(row))
            async with asyncio.timeout(5):
                async for _ in lines:
                    pass
        assert len(live) == 0


async def test_a_client_that_never_reads_is_dropped_and_costs_nothing(
    live: Hub, reports: FakeReports
) -> None:
    reports.padding = "x" * 50_000
    async with served(live, unread_seconds=1.0, write_timeout=0.3) as (port, running):
        lazy = socket.create_connection(("127.0.0.1", port))
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(ASKED)

        async def joined() -> bool:
            return len(live) == 1

        await until(joined, 5, "the client's arrival")

        async def dropped() -> bool:
            reports.write(PARTITION_KEY)
            await live.look()
            return len(live) == 0

        await until(dropped, 20, "the drop of who does not read")

        async def cut() -> bool:
            return not running.server_state.connections

        # the client is still there and has read nothing: only cutting frees what waits for it
        await until(cut, 20, "the end of the connection")
        lazy.close()


async def test_a_client_that_goes_away_is_forgotten(live: Hub) -> None:
    async with served(live) as (port, _):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(ASKED)

        async def joined() -> bool:
            return len(live) == 1

        async def forgotten() -> bool:
            return len(live) == 0

        await until(joined, 5, "the client's arrival")
        client.close()
        await until(forgotten, 5, "its leaving")
