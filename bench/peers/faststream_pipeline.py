"""FastStream as it comes: three subscribers, each publishes to the next, and again where one fails.

uvicorn bench.peers.faststream_pipeline:web
faststream run bench.peers.faststream_pipeline:app --workers 3
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from bench.peers.awaited import Steps
from bench.peers.post import AMQP, Event, Post

#: Messages in hand of a worker.
IN_HAND = 100

broker = RabbitBroker(
    AMQP,
    default_channel=Channel(prefetch_count=IN_HAND),
    ack_policy=AckPolicy.NACK_ON_ERROR,
    logger=None,
)
app = FastStream(broker)
steps = cache(Steps)


def queue(name: str) -> RabbitQueue:
    return RabbitQueue(f"bench-faststream-{name}", queue_type=QueueType.QUORUM, durable=True)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    await broker.connect()
    await broker.declare_queue(queue("assign"))
    yield
    await broker.stop()


web = FastAPI(lifespan=lifespan)


@web.post("/v1/consultations", status_code=202)
async def submit(post: Post) -> dict[str, str]:
    event = await steps().accept(post)
    await broker.publish(event, queue("assign"), persist=True)
    return {"id": event["id"]}


@broker.subscriber(queue("assign"))
@broker.publisher(queue("alert"), persist=True)
async def assign(event: Event) -> Event:
    return await steps().assign(event)


@broker.subscriber(queue("alert"))
@broker.publisher(queue("count"), persist=True)
async def alert(event: Event) -> Event:
    return await steps().alert(event)


@broker.subscriber(queue("count"))
async def count(event: Event) -> None:
    await steps().count(event)
