"""What a report of a year costs with ten thousand, a hundred thousand, a million consultations."""

import asyncio
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import aio_pika
import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.compared.record import p95
from bench.routing import submitted
from bench.waiting import until_up
from klik.bars import Bars
from klik.history.seed import write
from klik.local.processes import ServiceProcess, stop_all
from klik.local.secrets import make_secrets, read_keys
from klik.nodes import Rabbit, Store, free_port
from services.reporting.events.log import open_log
from services.reporting.projection.generations import Generations
from services.reporting.projection.rebuild import rebuild
from services.routing.api.calendar_schemas import CalendarView
from services.routing.data.calendar import load_calendar
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from shared.messaging.signing import EventKeys, Signing
from shared.storage.mongo import Database
from shared.times import utc_now
from shared.web.permissions import Role
from shared.working_calendar import Office

YEAR = 2025
#: Reports of a year that are asked for, over and over.
REPORTS = ("kecamatan", "month", "topic", "desa", "kind,channel", "role", "kecamatan,topic", "day")
#: One that no cube serves.
PROJECTED = "role,channel"
#: How often each is asked for once it is warm.
REPEATS = 50
#: Events a second while freshness is measured, and for how many seconds.
RATE, SECONDS = 50, 60


async def reports(sizes: list[int], console: Console) -> int:
    table = Table("consultations", "report of a year", "buckets", "first ms", "p50 ms", "p99 ms")
    for size in sizes:
        with Place(size) as place:
            await place.fill(console)
            async with place.client() as client:
                for keys in REPORTS:
                    table.add_row(f"{size:,}", keys, *await _measure(client, keys, REPEATS))
                before = place.service.most_memory()
                table.add_row(f"{size:,}", f"{PROJECTED} *", *await _measure(client, PROJECTED, 3))
                peaks = (before / 1e6, place.service.most_memory() / 1e6)
        console.print(table)
        console.print("reporting took at most {:.0f} MB, with the last one {:.0f}".format(*peaks))
    console.print("* no cube serves it: read from the projection")
    return 0


async def _measure(client: httpx.AsyncClient, keys: str, repeats: int) -> tuple[str, ...]:
    params = {"group_by": keys, "from": f"{YEAR}-01-01", "to": f"{YEAR}-12-31"}
    took = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        reply = await client.get("/v1/reports/consultations", params=params)
        reply.raise_for_status()
        took.append((time.perf_counter() - started) * 1000)
    first, *warm = took
    p99 = statistics.quantiles(warm, n=100, method="inclusive")[98]
    rows = len(reply.json()["rows"])
    return str(rows), f"{first:.0f}", f"{statistics.median(warm):.0f}", f"{p99:.0f}"


async def oversee(sizes: list[int], console: Console) -> int:
    table = Table("consultations", "as", "asked", "behind it", "first ms", "p50 ms", "p95 ms")
    for size in sizes:
        with Place(size) as place:
            await place.fill(console)
            async with place.client() as client:
                for role in (Role.DPMD, Role.CAMAT):
                    client.headers["Authorization"] = f"Bearer {place.keys[role]}"
                    behind, took = await _lists(client)
                    table.add_row(f"{size:,}", role, "list", f"{behind:,}", *_spread(took))
                    behind, took = await _other_lists(client)
                    table.add_row(f"{size:,}", role, "other lists", f"{behind:,}", *_spread(took))
                    behind, took = await _overviews(client)
                    table.add_row(f"{size:,}", role, "dashboard", f"{behind:,}", *_spread(took))
        console.print(table)
    return 0


async def _lists(client: httpx.AsyncClient) -> tuple[int, list[float]]:
    """How many are behind the figure, and the milliseconds of each page of fifty."""
    params: dict[str, Any] = {"from": f"{YEAR}-01-01", "to": f"{YEAR}-12-31", "details": True}
    took, count, after = list[float](), 0, dict[str, str]()
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        reply = await client.get("/v1/reports/members", params={**params, **after, "limit": 50})
        took.append((time.perf_counter() - started) * 1000)
        found = reply.raise_for_status().json()
        count = found["count"]
        after = {"after": found["next"]} if found["next"] else {}
    return count, took


async def _other_lists(client: httpx.AsyncClient) -> tuple[int, list[float]]:
    """The first page behind a figure that nobody asked for before: each of other days."""
    took, count = list[float](), 0
    for day in range(1, 21):
        started = time.perf_counter()
        params: dict[str, Any] = {"from": f"{YEAR}-02-{day:02}", "to": f"{YEAR}-12-31", "limit": 50}
        reply = await client.get("/v1/reports/members", params={**params, "details": True})
        took.append((time.perf_counter() - started) * 1000)
        count = reply.raise_for_status().json()["count"]
    return count, took


async def _overviews(client: httpx.AsyncClient) -> tuple[int, list[float]]:
    """Each of other days, or it would be the one before."""
    took, count = list[float](), 0
    for day in range(1, 21):
        started = time.perf_counter()
        params = {"from": f"{YEAR}-01-{day:02}", "to": f"{YEAR}-12-31"}
        reply = await client.get("/v1/reports/overview", params=params)
        took.append((time.perf_counter() - started) * 1000)
        count = reply.raise_for_status().json()["totals"]["submitted"]
    return count, took


def _spread(took: list[float]) -> tuple[str, str, str]:
    first, *warm = took
    return f"{first:.0f}", f"{statistics.median(warm):.0f}", f"{p95(warm):.0f}"


async def freshness(console: Console) -> int:
    """How long an event takes from RabbitMQ into the report."""
    with Place(0) as place:
        rabbit = place.stack.enter_context(Rabbit(place.folder / "rabbitmq"))
        place.env["KLIK_AMQP_URL"] = rabbit.url
        connection = await aio_pika.connect(rabbit.url)
        channel = await connection.channel(publisher_confirms=True)
        await place.fill(console)
        await topology.declare(connection)
        exchange = await channel.get_exchange(topology.EXCHANGE)
        async with place.client() as client:
            sent: list[float] = []
            publishing = asyncio.create_task(_publish(exchange, place.signing(), sent))
            lags = await _watch(client, sent, console)
            await publishing
        await connection.close()
    cut = statistics.quantiles(lags, n=100)
    console.print(
        f"{len(lags)} events at {RATE} a second: in the report after p50 {cut[49]:.2f} s, "
        f"p95 {cut[94]:.2f} s, p99 {cut[98]:.2f} s, at most {max(lags):.2f} s"
    )
    return 0 if cut[98] <= 2 else 1


async def _publish(
    exchange: aio_pika.abc.AbstractExchange, signing: Signing, sent: list[float]
) -> None:
    chance = Random(7)  # noqa: S311 - the same places in every run
    began = time.monotonic()
    for number in range(RATE * SECONDS):
        event = submitted(chance)
        envelope = Envelope.of(event, "")
        message = envelope.message("bench")
        signing.sign(message)
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        sent.append(time.monotonic())
        await exchange.publish(message, event.routing_key)


async def _watch(client: httpx.AsyncClient, sent: list[float], console: Console) -> list[float]:
    """Seconds from the sending of the n-th event to the first report that counts n."""
    lags: list[float] = []
    total = RATE * SECONDS
    with Progress(console=console) as progress:
        task = progress.add_task("counted", total=total)
        while len(lags) < total:
            reply = await client.get("/v1/reports/consultations")
            now, counted = time.monotonic(), reply.json()["totals"]["submitted"]
            lags += [now - at for at in sent[len(lags) : counted]]
            progress.update(task, completed=counted)
            await asyncio.sleep(0.2)
    return lags


class Place:
    """A private store with `size` consultations, and one process of reporting on it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.stack = ExitStack()

    def __enter__(self) -> "Place":
        self.folder = Path(self.stack.enter_context(TemporaryDirectory(prefix="klik-bench-")))
        make_secrets(self.folder / "secrets", passwords=False)
        self.store = self.stack.enter_context(Store(self.folder / "store"))
        self.env = {
            "KLIK_SECRETS_DIR": str(self.folder / "secrets"),
            "KLIK_AMQP_URL": f"amqp://nobody:nobody@127.0.0.1:{free_port()}/",
            "KLIK_MONGO_URL": self.store.url,
            "KLIK_LOG_LEVEL": "WARNING",
        }
        return self

    def __exit__(self, *exc: object) -> None:
        self.stack.close()

    async def fill(self, console: Console) -> None:
        database = Database(self.store.url, "klik_reporting")
        log = open_log(database, utc_now)
        await log.prepare()
        generations = Generations(database, office())
        await generations.writing()
        if self.size:
            with Bars(console) as bars:
                await write(log, self.size, 1, YEAR, bars.step)
                started = time.monotonic()
                await rebuild(log, generations, bars.step)
                took = time.monotonic() - started
            events = await log.count()
            console.print(
                f"{self.size:,} consultations, {events:,} events: rebuilt in {took:.0f} s, "
                f"{events / took:,.0f} events a second"
            )
        await database.close()

    def signing(self) -> Signing:
        """With the keys of all services."""
        return Signing.fixed(
            EventKeys.parse((self.folder / "secrets" / "klik_event_keys").read_text())
        )

    def client(self) -> Any:
        self.service = ServiceProcess(
            "reporting",
            self.env,
            self.folder / "logs" / "reporting.log",
        )
        self.stack.callback(lambda: stop_all([self.service]))
        return _Client(self.service, self.keys["analyst"])

    @property
    def keys(self) -> dict[str, str]:
        return read_keys(self.folder / "secrets")


class _Client:
    def __init__(self, service: ServiceProcess, key: str) -> None:
        self._service, self._key = service, key

    async def __aenter__(self) -> httpx.AsyncClient:
        self._service.start()
        await until_up(self._service)
        self._http = httpx.AsyncClient(
            base_url=self._service.url,
            headers={"Authorization": f"Bearer {self._key}"},
            timeout=120,
        )
        return self._http

    async def __aexit__(self, *exc: object) -> None:
        await self._http.aclose()


def office() -> Office:
    """routing's answers about its calendar, without routing."""
    calendar, sources = load_calendar()

    def answer(request: httpx.Request) -> httpx.Response:
        view = CalendarView.of(calendar, sources, int(request.url.params["year"]))
        return httpx.Response(200, json=view.model_dump(mode="json"))

    return Office("http://routing", "key", httpx.MockTransport(answer))
