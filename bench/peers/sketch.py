"""How little a consultation may cost: the system's durable steps, everything written in groups.

    python -m bench.peers.sketch intake|routing|notify|reporting

Four processes: accept (checked, kept with its outbox, published), assign, two alerts claimed and
sent, counted; quorum queues, persistent messages with confirms, journaled writes, acknowledged only
after the write. It is a limit to compare with and no product: no retry, calendar, keys, sealed
contacts, logs or metrics, and what is half done at a crash stays so.
"""

import asyncio
import json
import os
import sys
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
import uvloop
from pymongo import UpdateOne

from bench.peers.group import Group
from bench.peers.link import Link
from bench.peers.post import OFFICERS, Document, Event, Post, case, claimed, recipients, sent


def relayed(collection: Any) -> Group[str]:
    """Takes published events out of their documents."""
    return Group(
        lambda ids: collection.update_many({"_id": {"$in": ids}}, {"$set": {"outbox": None}})
    )


async def intake(link: Link) -> None:
    consultations = link.db.consultations
    keep = Group[Document](lambda documents: consultations.insert_many(documents, ordered=False))
    done = relayed(consultations)

    async def relay(event: Event) -> None:
        await link.publish("submitted", event)
        await done(event["id"])

    async def accept(body: bytes) -> str:
        post = Post.model_validate_json(body)
        event = post.event()
        await keep({**post.document(event), "outbox": event})
        link.spawn(relay(event))
        return event["id"]

    def status(event: Event) -> UpdateOne:
        fields = {"status": "assigned", "officer": event["officer"]}
        return UpdateOne({"_id": event["id"]}, {"$set": fields})

    moved = Group[Event](
        lambda events: consultations.bulk_write(list(map(status, events)), ordered=False)
    )
    await link.consume("intake", ["assigned"], lambda _, event: moved(event))
    await serve(accept)


async def routing(link: Link) -> None:
    turns = Counter[str]()

    async def write(documents: list[Document]) -> None:
        await link.db.cases.insert_many(documents, ordered=False)
        touched = {document["kecamatan"] for document in documents}
        updates = [
            UpdateOne({"_id": one}, {"$max": {"turn": turns[one]}}, upsert=True) for one in touched
        ]
        await link.db.satgas.bulk_write(updates, ordered=False)

    keep, done = Group(write), relayed(link.db.cases)

    async def on_submitted(_: str, event: Event) -> None:
        turns[event["kecamatan"]] += 1
        event = {**event, "officer": f"officer-{turns[event['kecamatan']] % OFFICERS}"}
        due = datetime.now(UTC) + timedelta(days=1)
        await keep({**case(event, event["officer"]), "due": due, "outbox": event})
        await link.publish("assigned", event)
        await done(event["id"])

    await link.consume("routing", ["submitted"], on_submitted)
    await asyncio.Event().wait()


async def notify(link: Link) -> None:
    alerts = link.db.alerts
    keep = Group[list[Document]](
        lambda pairs: alerts.insert_many([one for pair in pairs for one in pair], ordered=False)
    )
    tell = Group[str](lambda ids: alerts.update_many({"_id": {"$in": ids}}, sent()))

    async def on_assigned(_: str, event: Event) -> None:
        told = recipients(event)
        await keep([claimed(id_, to) for id_, to in told.items()])
        await asyncio.gather(*map(tell, told))
        await link.publish("alerted", event)

    await link.consume("notify", ["assigned"], on_assigned)
    await asyncio.Event().wait()


async def reporting(link: Link) -> None:
    totals = Counter[tuple[str, str]]()
    for row in await link.db.report.find().to_list(None):
        totals.update({(row["_id"], what): row[what] for what in row if what != "_id"})

    async def write(events: list[Event]) -> None:
        await link.db.log.insert_one({"_id": str(uuid.uuid4()), "events": events})
        touched = {(f"{one['kecamatan']}|{one['topic']}", one["what"]) for one in events}
        totals.update((f"{one['kecamatan']}|{one['topic']}", one["what"]) for one in events)
        updates = [
            UpdateOne({"_id": row}, {"$max": {what: totals[row, what]}}, upsert=True)
            for row, what in touched
        ]
        await link.db.report.bulk_write(updates, ordered=False)

    count = Group(write)

    async def on_event(what: str, event: Event) -> None:
        await count({**{name: event[name] for name in ("id", "kecamatan", "topic")}, "what": what})

    await link.consume("reporting", ["submitted", "assigned", "alerted"], on_event)
    await asyncio.Event().wait()


async def serve(accept: Callable[[bytes], Awaitable[str]]) -> None:
    config = uvicorn.Config(
        accepting(accept),
        port=int(os.environ["BENCH_PORT"]),
        log_level="warning",
        access_log=False,
        lifespan="off",
    )
    await uvicorn.Server(config).serve()


def accepting(accept: Callable[[bytes], Awaitable[str]]) -> Callable[..., Awaitable[None]]:
    """`accept` behind ASGI, without a framework."""

    async def app(_: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        answer = json.dumps({"id": await accept(body)}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(answer)),
        ]
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


SERVICES = {"intake": intake, "routing": routing, "notify": notify, "reporting": reporting}


async def main(service: str) -> None:
    await SERVICES[service](await Link().open())


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
