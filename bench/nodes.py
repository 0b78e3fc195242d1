"""A private RabbitMQ and store, and processes of one service on them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aio_pika

from klik.nodes import Rabbit, Store
from klik.processes import ServiceProcess, stop_all
from klik.secrets import make_secrets
from shared import topology
from shared.mongo import Database


@dataclass
class Bench:
    """`database`: the service's own. `channel`: confirms what is published."""

    service: str
    env: dict[str, str]
    logs: Path
    database: Database
    channel: aio_pika.abc.AbstractChannel

    def processes(self, replicas: int, **settings: str) -> list[ServiceProcess]:
        """Not started yet."""
        logs = (self.logs / f"{self.service}-{number}.log" for number in range(replicas))
        return [ServiceProcess(self.service, self.env | settings, log) for log in logs]


@asynccontextmanager
async def bench(service: str) -> AsyncGenerator[Bench]:
    with TemporaryDirectory(prefix="klik-bench-") as folder:
        root = Path(folder)
        make_secrets(root / "secrets", passwords=False)
        async with AsyncExitStack() as stack:
            rabbit = stack.enter_context(Rabbit(root / "rabbitmq"))
            store = stack.enter_context(Store(root / "store"))
            connection = await stack.enter_async_context(await aio_pika.connect(rabbit.url))
            channel = await connection.channel(publisher_confirms=True)
            await topology.declare(channel)
            database = Database(store.url, f"klik_{service}")
            stack.push_async_callback(database.close)
            env = {
                "KLIK_SECRETS_DIR": str(root / "secrets"),
                "KLIK_AMQP_URL": rabbit.url,
                "KLIK_MONGO_URL": store.url,
                "KLIK_LOG_LEVEL": "WARNING",
            }
            yield Bench(service, env, root / "logs", database, channel)


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
