"""A private RabbitMQ and store, and processes of one service on them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import aio_pika
from rich.console import Console
from rich.progress import Progress

from klik.local.processes import HIGH_LIMITS, ServiceProcess, stop_all
from klik.local.secrets import make_secrets
from klik.nodes import Rabbit, Store
from shared.events import Event
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from shared.messaging.signing import EventKeys, Signing
from shared.storage.mongo import Database

#: Messages published at once, each waiting for its confirmation.
IN_FLIGHT = 500


@dataclass
class Bench:
    """`database`: the service's own. `channel`: confirms what is published."""

    service: str
    env: dict[str, str]
    logs: Path
    database: Database
    channel: aio_pika.abc.AbstractChannel
    rabbit: Rabbit
    store: Store
    signing: Signing
    """With the keys of all services."""

    def processes(self, replicas: int, **settings: str) -> list[ServiceProcess]:
        """Not started yet."""
        logs = (self.logs / f"{self.service}-{number}.log" for number in range(replicas))
        return [ServiceProcess(self.service, self.env | settings, log) for log in logs]

    async def queue(self, events: Sequence[Event], console: Console) -> None:
        """Put them into the queue of this service alone."""
        queue = topology.main_queue(self.service)
        exchange, left = self.channel.default_exchange, iter(events)

        async def publish(event: Event) -> None:
            message = Envelope.of(event, "").message("bench")
            self.signing.sign(message)
            await exchange.publish(message, queue, mandatory=True)

        with Progress(console=console) as progress:
            task = progress.add_task("queueing", total=len(events))
            while batch := list(islice(left, IN_FLIGHT)):
                await asyncio.gather(*(publish(event) for event in batch))
                progress.advance(task, len(batch))

    async def depth(self, queue: str) -> int:
        """Messages in it that nobody has in hand."""
        declared = await self.channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0


@asynccontextmanager
async def bench(service: str) -> AsyncGenerator[Bench]:
    with TemporaryDirectory(prefix="klik-bench-") as folder:
        root = Path(folder)
        make_secrets(root / "secrets", passwords=False)
        async with AsyncExitStack() as stack:
            rabbit = stack.enter_context(Rabbit(root / "rabbitmq"))
            store = stack.enter_context(Store(root / "store"))
            connection = await stack.enter_async_context(await aio_pika.connect(rabbit.url))
            await topology.declare(connection)
            channel = await connection.channel(publisher_confirms=True)
            database = Database(store.url, f"klik_{service}")
            stack.push_async_callback(database.close)
            env = {
                "KLIK_SECRETS_DIR": str(root / "secrets"),
                "KLIK_AMQP_URL": rabbit.url,
                "KLIK_MONGO_URL": store.url,
                # nobody: the usual port may be another system's
                "KLIK_ROUTING_URL": "http://127.0.0.1:9",
                "KLIK_LOG_LEVEL": "WARNING",
                **HIGH_LIMITS,
            }
            keys = EventKeys.parse((root / "secrets" / "klik_event_keys").read_text())
            signing = Signing.fixed(keys)
            yield Bench(service, env, root / "logs", database, channel, rabbit, store, signing)


@asynccontextmanager
async def running(processes: list[ServiceProcess]) -> AsyncGenerator[None]:
    for process in processes:
        process.start()
    try:
        for process in processes:
            await asyncio.to_thread(process.wait_ready)
        yield
    finally:
        await asyncio.to_thread(stop_all, processes)
