"""Celery: a chain of three tasks, acknowledged late, retried where the store refuses.

uvicorn bench.peers.celery_pipeline:web
celery -A bench.peers.celery_pipeline worker --concurrency 3
"""

from functools import cache

from celery import Celery
from fastapi import FastAPI
from pymongo.errors import PyMongoError

from bench.peers.post import AMQP, Event, Post
from bench.peers.steps import Steps

app = Celery("bench", broker=AMQP)
app.conf.update(
    task_default_queue="bench-celery",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    broker_transport_options={"confirm_publish": True},
    broker_connection_retry_on_startup=True,
)
web = FastAPI()
#: Of this process: opened at its first task.
steps = cache(Steps)

RETRY = {"autoretry_for": (PyMongoError,), "retry_backoff": True}


@web.post("/v1/consultations", status_code=202)
def submit(post: Post) -> dict[str, str]:
    event = steps().accept(post)
    (assign.s(event) | alert.s() | count.s()).delay()
    return {"id": event["id"]}


@app.task(**RETRY)
def assign(event: Event) -> Event:
    return steps().assign(event)


@app.task(**RETRY)
def alert(event: Event) -> Event:
    return steps().alert(event)


@app.task(**RETRY)
def count(event: Event) -> None:
    steps().count(event)
