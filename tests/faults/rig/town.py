"""The whole system on private nodes, every link through a proxy of its own, and its invariant."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from aiormq.exceptions import AMQPError
from pymongo.errors import PyMongoError

from klik.local.processes import HIGH_LIMITS, MOST_MEMORY, ServiceProcess
from shared.errors import KlikError
from shared.times import new_id, utc_now
from tests.faults.rig.census import Census, Registrar
from tests.faults.rig.load import Load
from tests.faults.rig.proxy import Proxy
from tests.peers.smtp import SmtpPeer
from tests.support.builders import NOON
from tests.support.system import System, running_system

#: Replicas of each service that a town has.
REPLICAS = {"intake": 2, "routing": 2, "notify": 1, "reporting": 1}
#: Seconds from the end of a fault until all is as if there had been none. A process that died
#: keeps what it had in hand for as long as its claims and leases last.
SETTLE = 90.0
POLL = 0.5
#: What does not answer yet while a system recovers.
NOT_YET = (httpx.HTTPError, OSError, AMQPError, PyMongoError, KlikError, TimeoutError)


@dataclass
class Links:
    """The connections of one process."""

    broker: Proxy
    store: Proxy

    def both(self) -> tuple[Proxy, Proxy]:
        return self.broker, self.store


@dataclass
class Outcome:
    """What came of one fault. `recovery`: seconds from its end until all was quiet and whole."""

    posts: int
    lost: int
    doubled: int
    by_crash: int
    parked: int
    recovery: float
    largest: int
    """Bytes that the largest process has had in memory."""


@dataclass
class Town:
    system: System
    mail: SmtpPeer
    registrar: Registrar
    stack: AsyncExitStack
    """Closed when the town falls."""
    links: dict[ServiceProcess, Links] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    """All ids that were accepted since the town stands."""
    pids: dict[ServiceProcess, int | None] = field(default_factory=dict)
    """As the test left them: whoever else starts or ends a process breaks the invariant."""
    ahead: float = 0.0
    """Seconds that the services' clocks are."""
    healed_at: float = 0.0
    outcome: Outcome | None = None
    """Of the fault that was settled last."""
    _by_crash: int = 0
    _loads: list[Load] = field(default_factory=list)

    def now(self) -> datetime:
        """What the services take for now: their offices are open."""
        return utc_now() + timedelta(seconds=self.ahead)

    def replicas(self, service: str) -> list[ServiceProcess]:
        return self.system.services[service]

    def load(self, number: int, rate: float, seed: str = "") -> Load:
        """Other consultations in each load of the town, unless `seed` says which."""
        load = Load(self.system, number, rate, seed or f"load {len(self._loads)}")
        self._loads.append(load)
        return load

    async def stop_loads(self) -> None:
        """What a test that failed has left running."""
        for load in self._loads:
            await load.stop()

    async def another(self, service: str) -> ServiceProcess:
        """One more replica, started, with links of its own."""
        replicas = self.replicas(service)
        log = replicas[0].log.with_name(f"{service}-{new_id().hex}.log")
        process = ServiceProcess(service, replicas[0].env, log)
        await wire(self.system, process, self.links, self.stack)
        replicas.append(process)
        self.start(process)
        return process

    async def without(self, process: ServiceProcess) -> int:
        """One replica less; its exit code."""
        self.replicas(process.name).remove(process)
        del self.pids[process], self.links[process]
        return await asyncio.to_thread(process.stop)

    async def restart(self, process: ServiceProcess, *, kill: bool = False) -> int:
        """Stop it with SIGTERM, or `kill` it, and start it again; the exit code."""
        if kill:
            await asyncio.to_thread(process.kill)
            code = -9
        else:
            code = await asyncio.to_thread(process.stop)
        self.start(process)
        return code

    def start(self, process: ServiceProcess) -> None:
        process.start()
        self.pids[process] = process.pid

    async def ready(self, *processes: ServiceProcess) -> None:
        for process in processes or self.system.processes():
            await asyncio.to_thread(process.wait_ready)

    def healed(self) -> None:
        """The fault is over: what follows is recovery."""
        self.healed_at = time.monotonic()

    async def settle(self, *loads: Load, within: float = SETTLE) -> Outcome:
        """Wait until everything is quiet and nothing is missing, and hold the invariant against it.

        Raises `AssertionError` with what is missing, doubled or parked.
        """
        since = self.healed_at or time.monotonic()
        for load in loads:
            await load.done()
            assert not self.accepted & load.accepted, "these were posted before: no load at all"
            self.accepted |= load.accepted
        census = await self._quiet(since + within)
        recovery = time.monotonic() - since
        self.healed_at = 0.0
        outcome = Outcome(
            posts=sum(len(load.accepted) for load in loads)
            + (self.outcome.posts if self.outcome else 0),
            lost=len(self._lost(census)),
            doubled=census.doubled(self.accepted),
            by_crash=census.by_crash() - self._by_crash,
            parked=len(census.parked),
            recovery=recovery,
            largest=max(process.most_memory() for process in self.system.processes()),
        )
        self._by_crash = census.by_crash()
        self.outcome = outcome
        assert (outcome.lost, outcome.doubled) == (0, 0), f"{outcome}; {self._differs(census)}"
        self._processes_are_as_they_were()
        return outcome

    async def _quiet(self, deadline: float) -> Census:
        """Two looks in a row that see the same, with nothing under way and nothing missing; or the
        last look, when the time is over."""
        before: Census | None = None
        problem: Exception | None = None
        while True:
            now, is_late = None, time.monotonic() > deadline
            try:
                if is_late or await self.registrar.is_quiet():
                    now = await self.registrar.take()
            except NOT_YET as error:
                problem = error
            if now is not None and now.is_quiet and not self._lost(now) and now == before:
                return now
            if is_late:
                if now is None:
                    raise AssertionError(f"the system does not answer: {problem!r}")
                assert now.is_quiet, (
                    f"still under way: {now.pending} unpublished, {now.queued} queued, "
                    f"{now.undecided} alerts; {self._differs(now)}"
                )
                return now
            before = now
            await asyncio.sleep(POLL)

    def _lost(self, census: Census) -> set[str]:
        return census.lost(self.accepted)

    def _differs(self, census: Census) -> str:
        """Where something is missing or too much, in numbers: for whoever looks for the cause."""
        known = self.accepted
        return (
            ", ".join(
                f"{name} {len(known - ids)} missing {len(ids - known)} too many"
                for name, ids in (
                    ("intake", census.kept),
                    ("routing", census.routed),
                    ("reporting", census.reported),
                    ("alerts", set(census.told)),
                )
            )
            + f", counted {census.counted}, mails {census.mails.total()}"
        )

    def _processes_are_as_they_were(self) -> None:
        for process, pid in self.pids.items():
            assert process.exit_code() is None, f"{process.name} ended: {process.tail()}"
            assert process.pid == pid, f"{process.name} was started by somebody else"
            used = process.most_memory()
            assert used < MOST_MEMORY, f"{process.name} has {used / 2**20:.0f} MB"


@asynccontextmanager
async def standing_town(folder: Path, **settings: str) -> AsyncGenerator[Town, None]:
    """`settings`: of the services, besides."""
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(SmtpPeer())
        links: dict[ServiceProcess, Links] = {}

        async def wire_all(system: System) -> None:
            for process in system.processes():
                await wire(system, process, links, stack)

        ahead = round((NOON - timedelta(hours=2) - utc_now()).total_seconds())
        env = {
            "KLIK_CLOCK_SHIFT": str(ahead),
            "KLIK_SMTP_HOST": "127.0.0.1",
            "KLIK_SMTP_PORT": str(mail.port),
            "KLIK_SMTP_RATE": "1000",
            "KLIK_RETRY_SCALE": "0.05",
            **HIGH_LIMITS,
        }
        system = await stack.enter_async_context(
            running_system(folder, env | settings, wire_all, **REPLICAS)
        )
        registrar = Registrar(system, mail)
        stack.push_async_callback(registrar.close)
        town = Town(system, mail, registrar, stack, links, ahead=ahead)
        town.pids = {process: process.pid for process in system.processes()}
        yield town


async def wire(
    system: System,
    process: ServiceProcess,
    links: dict[ServiceProcess, Links],
    stack: AsyncExitStack,
) -> None:
    """Have a process reach RabbitMQ and the store through proxies of its own."""
    broker = await stack.enter_async_context(Proxy("127.0.0.1", system.rabbit.port))
    store = await stack.enter_async_context(Proxy("127.0.0.1", system.store.port))
    links[process] = Links(broker, store)
    process.env |= {
        "KLIK_AMQP_URL": system.amqp_urls[process.name].replace(
            f":{system.rabbit.port}/", f":{broker.port}/"
        ),
        "KLIK_MONGO_URL": system.store.url.replace(f":{system.store.port}/", f":{store.port}/"),
    }
