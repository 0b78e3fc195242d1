"""The whole system as real processes on private nodes, and the questions that tests ask of it."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import httpx

from klik.gateway.node import Gateway, installed_nginx
from klik.local.broker_users import declare_topology, node_with_users
from klik.local.processes import ROOT, ServiceProcess, stop_all
from klik.local.secrets import make_secrets, read_keys
from klik.nodes import NodeUnavailable, Rabbit, Store
from klik.secret_files.shares import share_of
from shared.messaging import topology
from shared.messaging.signing import Signing
from tests.support.backends import unavailable
from tests.support.keys import signing_in

POLL = 0.1
#: Seconds between looks at the totals: a report and a count over everything, which take their share
#: of what is being waited for.
TOTALS_POLL = 0.5


@dataclass
class System:
    """Private RabbitMQ and store, some replicas of each service, and a client."""

    folder: Path
    rabbit: Rabbit
    store: Store
    keys: dict[str, str]
    amqp_urls: dict[str, str]
    """Service → where it connects, as its own user."""
    services: dict[str, list[ServiceProcess]] = field(default_factory=dict)
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30.0))

    @property
    def signing(self) -> Signing:
        """With the keys of all its services."""
        return signing_in(self.folder / "secrets")

    def processes(self) -> list[ServiceProcess]:
        return [process for replicas in self.services.values() for process in replicas]

    def url(self, service: str, replica: int = 0) -> str:
        return self.services[service][replica].url

    async def get(self, service: str, path: str, role: str = "admin", **params: str) -> Any:
        reply = await self.http.get(
            self.url(service) + path, params=params, headers=self.bearer(role)
        )
        reply.raise_for_status()
        return reply.json()

    def bearer(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    async def post(
        self, body: Mapping[str, Any], *, key: str | None = None, replica: int = 0
    ) -> httpx.Response:
        """One POST to intake, as a front-end."""
        headers = self.bearer("frontend") | ({"Idempotency-Key": key} if key else {})
        return await self.http.post(
            self.url("intake", replica) + "/v1/consultations", json=body, headers=headers
        )

    async def klik(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of a command that an operator types."""
        env = {
            "PATH": os.defpath,
            "COLUMNS": "200",
            "KLIK_SECRETS_DIR": str(self.folder / "secrets"),
            "KLIK_AMQP_URL": self.rabbit.url,
            "KLIK_MONGO_URL": self.store.url,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "klik", *arguments),
            env=env,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    async def totals(self) -> dict[str, int]:
        """accepted, and what the report counts; alerted: told, or written to the log alone."""
        report = await self.get("reporting", "/v1/reports/consultations", group_by="kecamatan")
        reconciliation = await self.get("reporting", "/v1/reconciliation")
        rows = report["rows"]
        return {
            "accepted": reconciliation["accepted"],
            "counted": sum(row["submitted"] for row in rows),
            "assigned": sum(row["assigned"] for row in rows),
            "alerted": sum(row["alerted"] + row["log_only"] for row in rows),
        }

    async def wait_for_totals(self, expected: int, within: float) -> None:
        """Until accepted = counted = assigned = alerted = `expected`."""
        wanted = dict.fromkeys(("accepted", "counted", "assigned", "alerted"), expected)

        async def all_there() -> bool:
            return await self.totals() == wanted

        try:
            await until(all_there, within, f"{expected} everywhere", poll=TOTALS_POLL)
        except AssertionError as error:
            raise AssertionError(f"{error}; now {await self.totals()}") from None

    async def spy(self, channel: aio_pika.abc.AbstractChannel) -> aio_pika.abc.AbstractQueue:
        """A queue of one's own that gets a copy of every event."""
        queue = await channel.declare_queue(exclusive=True, durable=False)
        await queue.bind(topology.EXCHANGE, "#")
        return queue


@asynccontextmanager
async def running_system(
    folder: Path,
    env: Mapping[str, str] | None = None,
    wire: Callable[[System], Awaitable[None]] | None = None,
    **replicas: int,
) -> AsyncGenerator[System, None]:
    """`env`: settings besides. `wire`: what is done to the processes before they start.
    `replicas`: how many of a service, one where it is not said."""
    make_secrets(folder / "secrets", passwords=False)
    async with AsyncExitStack() as stack:
        rabbit, amqp_urls = node_with_users(folder / "rabbitmq")
        stack.enter_context(rabbit)
        store = stack.enter_context(Store(folder / "store"))
        await declare_topology(rabbit.url)
        system = System(folder, rabbit, store, read_keys(folder / "secrets"), amqp_urls)
        stack.push_async_callback(system.http.aclose)
        # not in this thread: what processes have to say last may go through proxies of this loop
        stack.push_async_callback(lambda: asyncio.to_thread(stop_all, system.processes()))
        common = {"KLIK_MONGO_URL": store.url, **(env or {})}
        for name in topology.SERVICES:
            own = {
                "KLIK_SECRETS_DIR": str(share_of(folder / "secrets", name)),
                "KLIK_AMQP_URL": amqp_urls[name],
            } | {
                f"KLIK_{known.upper()}_URL": replicas_of[0].url
                for known, replicas_of in system.services.items()
            }
            system.services[name] = [
                ServiceProcess(name, own | common, folder / "logs" / f"{name}-{number}.log")
                for number in range(replicas.get(name, 1))
            ]
        if wire is not None:
            await wire(system)
        for process in system.processes():
            process.start()
        for process in system.processes():
            await asyncio.to_thread(process.wait_ready)
        yield system


@asynccontextmanager
async def system_at_one_address(
    folders: Callable[[str], Path], port: int, env: Mapping[str, str]
) -> AsyncGenerator[tuple[System, Gateway], None]:
    """A system behind a gateway on `port`; skips where a node cannot be had. `folders`: gives a
    new one by name."""
    async with AsyncExitStack() as stack:
        running = running_system(folders("system"), env)
        try:
            system = await stack.enter_async_context(running)
        except NodeUnavailable as missing:
            unavailable(str(missing))
        urls = {name: system.url(name) for name in system.services}
        gateway = Gateway(folders("gateway"), urls, port, nginx=installed_nginx())
        await asyncio.to_thread(gateway.start)
        stack.push_async_callback(asyncio.to_thread, gateway.stop)
        yield system, gateway


async def until(
    condition: Callable[[], Awaitable[bool]], within: float, what: str, *, poll: float = POLL
) -> None:
    """Poll until `condition` holds; an error in it counts as "not yet"."""
    deadline = time.monotonic() + within
    failure: Exception | None = None
    while time.monotonic() < deadline:
        try:
            if await condition():
                return
            failure = None
        except (httpx.HTTPError, OSError) as error:
            failure = error
        await asyncio.sleep(poll)
    raise AssertionError(
        f"not within {within:.0f} s: {what}" + (f" ({failure!r})" if failure else "")
    )


def files_holding(folder: Path, text: bytes) -> list[str]:
    """Which files below `folder` have these bytes somewhere: logs, the store's, RabbitMQ's."""
    found = []
    for path in folder.rglob("*"):
        # what is left behind by a process that ends right now is in none
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and text in path.read_bytes():
                found.append(str(path.relative_to(folder)))
    return found
