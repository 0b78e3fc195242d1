"""How a service is put together, started and stopped: the same for all four.

    service = Service("routing", settings, "Assigns cases", needs={"store", "broker"})
    cases = CaseStore(service.database, service.outbox(...))
    service.prepare(cases.prepare)
    service.consume(Handlers(cases).subscriptions(), prefetch=100)
    service.api(api.routes(cases))

Start: HTTP at once (probes answer, everything else 503), then the database's indexes, then the
service's part of RabbitMQ's topology and a look at its user's rights, then the relays, then
consuming, then who looks after the queues. Each step waits for its dependency as long as it takes;
a right that is missing ends the process. Stop: no new requests, then consuming, then relays, then
connections.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Protocol

from aiormq.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed
from fastapi import APIRouter, FastAPI

from shared.audit.log import COLLECTION, HEAD_SECONDS, AuditLog
from shared.errors import StoreUnavailable, describe
from shared.limits.buckets import Buckets
from shared.limits.callers import CallerLimits
from shared.limits.sharing import SharedBuckets
from shared.messaging import topology
from shared.messaging.connection import LINK_ERRORS, REFUSALS, close_link, open_link
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.monitor import TOPOLOGY_TIMEOUT_SECONDS, TopologyMonitor
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher, asked_to_stop
from shared.messaging.signing import Signing
from shared.periodic import PeriodicTask
from shared.settings import Settings
from shared.storage.mongo import Collection, Database
from shared.web.app import add_probes, create_http
from shared.web.auth import open_keys, open_tokens
from shared.web.cors import Cors

log = logging.getLogger(__name__)

#: Seconds between attempts to prepare while a dependency is away.
START_RETRY_SECONDS = 1.0

Step = Callable[[], Awaitable[None]]


class Work(Protocol):
    """Something that a service does by itself, in a task of its own."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Service:
    """One service: its database, its connections to RabbitMQ, its HTTP app, and their order."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        description: str,
        *,
        needs: set[str],
        documentation: Path | None = None,
    ) -> None:
        """`needs`: dependencies (`store`, `broker`) without which the service is not ready;
        `documentation`: tags and examples for its OpenAPI document.
        """
        self.name = name
        self.settings = settings
        self.database = Database(
            settings.mongo_dsn, f"{settings.mongo_prefix}_{name}", settings.mongo_driver
        )
        self._signing = Signing.of(settings, name)
        self.publisher = Publisher(settings.amqp_dsn, name, self._signing)
        self._consumer: Consumer | None = None
        self._monitor: TopologyMonitor | None = None
        self._works: list[Work] = []
        self._outboxes: list[Outbox] = []
        self._preparations: list[Step] = []
        self._closings: list[Step] = []
        self._leavings: list[Callable[[], None]] = []
        self.prepared = False
        """Whether the store is ready, and requests are answered."""
        self.failed = False
        self.app = create_http(
            name,
            description,
            open_keys(settings),
            lambda: self.prepared,
            self._lifespan,
            open_tokens(settings),
            documentation,
            CallerLimits.of(settings.limit_wrong_keys, settings.limit_anonymous),
            Cors(settings.cors_origins),
        )
        source_key = settings.audit_key.get_secret_value()
        audit = AuditLog(self.database.collection(COLLECTION), name, source_key)
        self.app.state.audit = audit
        self.prepare(audit.prepare)
        self.work(PeriodicTask("audit head", audit.tell_head, HEAD_SECONDS))
        self.on_stop(audit.tell_head)
        checks = {
            "store": self._store_up,
            "broker": self._broker_up,
            "consumer": self._consumer_up,
        }
        needed = needs | ({"consumer"} if "broker" in needs else set())
        add_probes(self.app, checks, needed, settings.instance)

    def outbox(self, collection: Collection, name: str) -> Outbox:
        """The outbox of one collection; its relay runs with the service."""
        outbox = Outbox(self.database, collection, name, self.publisher)
        self._outboxes.append(outbox)
        return outbox

    def share(self, *limits: Buckets) -> None:
        """Have the replicas of the service count together what is taken from these buckets."""
        shared = SharedBuckets(self.database, *limits)
        self.prepare(shared.prepare)
        for work in shared.works:
            self.work(work)

    def prepare(self, step: Step) -> None:
        """Run `step` (indexes, seeds; safe to repeat) once the database answers."""
        self._preparations.append(step)

    def on_stop(self, step: Step) -> None:
        self._closings.append(step)

    def on_leaving(self, step: Callable[[], None]) -> None:
        """Run `step` as soon as the process is to stop: before that waits for open requests."""
        self._leavings.append(step)

    def leave(self) -> None:
        for step in self._leavings:
            step()

    def consume(self, subscriptions: Subscriptions, *, prefetch: int) -> None:
        """`prefetch`: messages in hand at once, the bound of this process's memory and load."""
        self._consumer = Consumer(
            self.settings.amqp_dsn,
            self.name,
            self.publisher,
            subscriptions,
            self._signing,
            prefetch=prefetch,
            stop_timeout=self.settings.stop_timeout * 0.6,
        )

    def work(self, work: Work) -> None:
        """Run `work` while the service consumes; it is stopped before anything else."""
        self._works.append(work)

    def connected(self) -> bool:
        """Whether there is a link to RabbitMQ."""
        return self.publisher.connected.is_set()

    async def waiting(self) -> int:
        """Messages in the service's queue that nobody has taken yet. Raises `PublishFailed`."""
        return await self.publisher.depth(topology.main_queue(self.name))

    def api(self, router: APIRouter) -> None:
        self.app.include_router(router)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncGenerator[None, None]:
        starting = asyncio.create_task(self._start())
        starting.add_done_callback(self._end_process_on_failure)
        yield
        log.info("stopping")
        starting.cancel()
        await asyncio.wait([starting])
        for work in self._works:
            await work.stop()
        if self._monitor is not None:
            await self._monitor.stop()
        if self._consumer is not None:
            await self._consumer.stop()
        for outbox in self._outboxes:
            await outbox.stop(timeout=self.settings.stop_timeout * 0.2)
        for step in self._closings:
            await step()
        await self.publisher.close()
        await self.database.close()
        log.info("stopped")

    async def _start(self) -> None:
        await self.publisher.start()
        await self._prepare_store()
        self.prepared = True
        log.info("ready for requests")
        await self._declare_topology()
        for outbox in self._outboxes:
            await outbox.start()
        if self._consumer is not None:
            await self._consumer.start()
        self._monitor = TopologyMonitor(
            self.settings.amqp_dsn, self.name, self.publisher, self._consumer
        )
        await self._monitor.start()
        for work in self._works:
            await work.start()
        log.info("started")

    def _end_process_on_failure(self, starting: asyncio.Task[None]) -> None:
        """A start that failed for good must be seen: the process ends, with the reason logged."""
        if starting.cancelled() or (error := starting.exception()) is None:
            return
        if isinstance(error, TopologyDrift):
            log.critical("the queues in RabbitMQ differ from this version's: %s", error)
        elif isinstance(error, REFUSALS):
            log.critical("RabbitMQ refuses this user; `klik provision` gives its rights: %s", error)
        else:
            log.critical("start failed", exc_info=error)
        self.failed = True
        signal.raise_signal(signal.SIGTERM)

    async def _prepare_store(self) -> None:
        while True:
            try:
                for step in (*(outbox.prepare for outbox in self._outboxes), *self._preparations):
                    await step()
                return
            except StoreUnavailable as error:
                log.warning("waiting for the database", extra={"error": describe(error)})
                await asyncio.sleep(START_RETRY_SECONDS)

    async def _declare_topology(self) -> None:
        """Raises one of `REFUSALS` where the service's user lacks a right."""
        while True:
            try:
                async with asyncio.timeout(TOPOLOGY_TIMEOUT_SECONDS):
                    await self._begin_in_rabbitmq()
                return
            except ChannelPreconditionFailed as error:
                raise TopologyDrift(str(error)) from error
            except REFUSALS:
                raise
            except ChannelNotFoundEntity as error:
                log.warning("waiting for `klik provision`", extra={"error": str(error)})
            except LINK_ERRORS as error:
                log.warning("waiting for RabbitMQ", extra={"error": describe(error)})
            except asyncio.CancelledError:
                if asked_to_stop():
                    raise
            await asyncio.sleep(START_RETRY_SECONDS)

    async def _begin_in_rabbitmq(self) -> None:
        link = await open_link(self.settings.amqp_dsn, f"{self.name} begins")
        try:
            await topology.begin(link, self.name)
        finally:
            await close_link(link, within=START_RETRY_SECONDS)

    async def _store_up(self) -> bool:
        if not self.prepared:
            return False
        try:
            await self.database.ping()
        except StoreUnavailable:
            return False
        return True

    async def _broker_up(self) -> bool:
        connected = self._consumer is None or await self._consumer.connected()
        return connected and self.publisher.connected.is_set()

    async def _consumer_up(self) -> bool:
        return self._consumer is None or await self._consumer.consuming()


class TopologyDrift(Exception):
    """A queue exists with other arguments than this version declares."""
