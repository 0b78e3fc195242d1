"""The sketch's store and broker, by the packages that `BENCH_SKETCH` names.

`raw`: aio-pika and PyMongo's asyncio. `project`: FastStream and Motor, as the system has them.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aio_pika
import pymongo
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage
from motor.motor_asyncio import AsyncIOMotorClient

from bench.peers.post import AMQP, DATABASE, MONGO, Event

Handle = Callable[[str, Event], Awaitable[None]]
"""Of an event, by its name."""

PROJECT = os.environ.get("BENCH_SKETCH") == "project"
EXCHANGE = f"bench-{DATABASE}"
#: Messages in hand of a process.
IN_HAND = 200


class Link:
    """`db`: writes there are journaled. Open it once."""

    db: Any

    async def open(self) -> "Link":
        client: Any = AsyncIOMotorClient(MONGO) if PROJECT else pymongo.AsyncMongoClient(MONGO)
        self.db = client.get_database(DATABASE, write_concern=pymongo.WriteConcern(w=1, j=True))
        self._connection = await aio_pika.connect_robust(AMQP)
        channel = await self._connection.channel(publisher_confirms=True)
        self._exchange = await channel.declare_exchange(EXCHANGE, "topic", durable=True)
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    def spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def publish(self, name: str, event: Event) -> None:
        """Persistent, and confirmed."""
        body = json.dumps(event).encode()
        message = aio_pika.Message(
            body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, headers={"type": name}
        )
        await self._exchange.publish(message, name)

    async def consume(self, service: str, names: Sequence[str], handle: Handle) -> None:
        """Acknowledged when handled."""
        queue = f"{EXCHANGE}.{service}"
        channel = await self._connection.channel()
        await channel.set_qos(IN_HAND)
        declared = await channel.declare_queue(
            queue, durable=True, arguments={"x-queue-type": "quorum"}
        )
        for name in names:
            await declared.bind(EXCHANGE, name)
        if PROJECT:
            await self._by_faststream(queue, handle)
            return

        async def one(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            await handle(str(message.headers["type"]), json.loads(message.body))
            await message.ack()

        async def on_message(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            self.spawn(one(message))

        await declared.consume(on_message)

    async def _by_faststream(self, queue: str, handle: Handle) -> None:
        self._broker = RabbitBroker(
            AMQP, default_channel=Channel(prefetch_count=IN_HAND), logger=None
        )

        @self._broker.subscriber(
            RabbitQueue(queue, queue_type=QueueType.QUORUM, durable=True, declare=False),
            no_reply=True,
        )
        async def on_message(message: RabbitMessage) -> None:
            await handle(message.headers["type"], json.loads(message.body))

        await self._broker.start()
