"""Taskiq: three tasks, each kicks the next; acknowledged when done, retried where one fails.

uvicorn bench.peers.taskiq_pipeline:web
taskiq worker bench.peers.taskiq_pipeline:broker --workers 3
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from taskiq import SimpleRetryMiddleware
from taskiq_aio_pika import AioPikaBroker, Exchange, Queue

from bench.peers.awaited import Steps
from bench.peers.post import AMQP, Event, Post

#: Messages in hand of a worker: of 10, its default, it waits more than it works.
IN_HAND = 100

broker = AioPikaBroker(
    AMQP,
    qos=IN_HAND,
    exchange=Exchange(name="bench-taskiq"),
    task_queues=[Queue(name="bench-taskiq")],
).with_middlewares(SimpleRetryMiddleware(default_retry_count=5))
steps = cache(Steps)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    await broker.startup()
    yield
    await broker.shutdown()


web = FastAPI(lifespan=lifespan)


@web.post("/v1/consultations", status_code=202)
async def submit(post: Post) -> dict[str, str]:
    event = await steps().accept(post)
    await assign.kiq(event)
    return {"id": event["id"]}


@broker.task(retry_on_error=True)
async def assign(event: Event) -> None:
    await alert.kiq(await steps().assign(event))


@broker.task(retry_on_error=True)
async def alert(event: Event) -> None:
    await count.kiq(await steps().alert(event))


@broker.task(retry_on_error=True)
async def count(event: Event) -> None:
    await steps().count(event)
