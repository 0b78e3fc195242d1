"""Dramatiq: a pipeline of three actors, with its own retries.

uvicorn bench.peers.dramatiq_pipeline:web
dramatiq bench.peers.dramatiq_pipeline --processes 3 --threads 8
"""

from functools import cache

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from fastapi import FastAPI

from bench.peers.post import AMQP, Event, Post
from bench.peers.steps import Steps

dramatiq.set_broker(RabbitmqBroker(url=AMQP, confirm_delivery=True))
web = FastAPI()
#: Of this process: opened at its first message, after the fork.
steps = cache(Steps)

QUEUE = "bench-dramatiq"


@web.post("/v1/consultations", status_code=202)
def submit(post: Post) -> dict[str, str]:
    event = steps().accept(post)
    (assign.message(event) | alert.message() | count.message()).run()
    return {"id": event["id"]}


@dramatiq.actor(queue_name=QUEUE)
def assign(event: Event) -> Event:
    return steps().assign(event)


@dramatiq.actor(queue_name=QUEUE)
def alert(event: Event) -> Event:
    return steps().alert(event)


@dramatiq.actor(queue_name=QUEUE)
def count(event: Event) -> None:
    steps().count(event)
