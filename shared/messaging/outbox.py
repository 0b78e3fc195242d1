"""How an event leaves with the state that it tells of, and is published at least once.

A document and its unpublished events are one document, so one write keeps both or neither:
`{_id, …state…, outbox: [envelope, …], outbox_due: time}`. The process that wrote it publishes at
once (`offer`); what a crash or a broken link leaves behind is found by the sweep after
`outbox_due`, leased for a while and published again. Confirmed envelopes are then taken out, in
bulk. A crash between confirmation and removal repeats an event with the same id, which consumers
do not mind. The envelopes of one document are published in their order.

Works on any MongoDB: no transaction, no change stream, no second collection.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from shared import metrics
from shared.errors import PublishFailed, StoreUnavailable, describe
from shared.events import Event
from shared.logs import traceparent
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import Publisher
from shared.periodic import PeriodicTask
from shared.storage.batching import GroupCommit
from shared.storage.mongo import EPOCH, Collection, Database, Document, until
from shared.times import utc_now, whole_milliseconds

log = logging.getLogger(__name__)

#: The writer's head start before the sweep takes a document up.
PUBLISH_GRACE = timedelta(seconds=3)
#: How long a sweep has a document to itself; longer than a batch takes with every confirm late.
SWEEP_LEASE = timedelta(seconds=15)
#: Pause between sweeps, in seconds.
SWEEP_SECONDS = 1.0
#: Seconds between looks at the server's time and at the gauges; and how many times as long as the
#: last look took, at least: what is watched is not slowed down by it.
MEASURE_SECONDS = 5.0
MEASURE_REST_FACTOR = 20
#: Documents in one sweep, and publishes in flight at once.
SWEEP_DOCUMENTS = 500
PUBLISHES_IN_FLIGHT = 256
#: Offers waiting in memory; beyond that the sweep does the work, so memory stays bounded.
OFFERS_WAITING = 5000


class Outbox:
    """The outbox of one collection and its relay."""

    def __init__(
        self,
        database: Database,
        collection: Collection,
        name: str,
        publisher: Publisher,
        *,
        grace: timedelta = PUBLISH_GRACE,
    ) -> None:
        self._database = database
        self._collection = collection
        self._name = name
        self._publisher = publisher
        self._grace = grace
        self._clean_up: GroupCommit[tuple[Any, list[str]], None] = GroupCommit(self._remove)
        self._slots = asyncio.Semaphore(PUBLISHES_IN_FLIGHT)
        self._offers: set[asyncio.Task[None]] = set()
        self._sweeping = PeriodicTask("outbox", self._round, self._rest)
        self._swept = 0
        self._measure_at = 0.0
        self._clock_offset = timedelta()

    async def prepare(self) -> None:
        await self._collection.index(("outbox_due", 1))
        self._clock_offset = await self._database.clock_offset()

    def fields(self, events: Iterable[Event]) -> Document:
        """The fields that a new document takes along: `{**state, **outbox.fields(events)}`."""
        envelopes = [Envelope.of(event, traceparent()).document() for event in events]
        return {"outbox": envelopes, "outbox_due": self._now() + self._grace} if envelopes else {}

    def changes(self, events: Iterable[Event]) -> dict[str, Document]:
        """The same for a document that exists: `$push` and `$set` for its update."""
        fields = self.fields(events)
        if not fields:
            return {}
        return {
            "$push": {"outbox": {"$each": fields["outbox"]}},
            "$set": {"outbox_due": fields["outbox_due"]},
        }

    def offer(self, id_: Any, envelopes: list[Document]) -> None:
        """Publish what was just written for document `id_`, in the background.

        `envelopes` is the document's whole outbox, earlier ones first. If they cannot be published
        now they stay in the document for the sweep.
        """
        if envelopes and len(self._offers) < OFFERS_WAITING and self._publisher.connected.is_set():
            task = asyncio.create_task(self._relay_offer(id_, envelopes))
            self._offers.add(task)
            task.add_done_callback(self._offers.discard)

    async def offer_stored(self, id_: Any) -> None:
        """Publish what waits in a document that existed before: earlier envelopes may be among
        it."""
        if not self._publisher.connected.is_set():
            return  # left for the sweep: what waits there need not be read again and again
        found = await self._collection.find({"_id": id_}, limit=1, only=["outbox"])
        self.offer(id_, found[0].get("outbox", []) if found else [])

    async def _relay_offer(self, id_: Any, envelopes: list[Document]) -> None:
        try:
            await self._relay(id_, envelopes)
        except (PublishFailed, StoreUnavailable) as error:
            log.debug("left for the sweep", extra={"error": describe(error)})

    async def _relay(self, id_: Any, envelopes: list[Document]) -> None:
        async with self._slots:
            for envelope in envelopes:
                await self._publisher.publish(Envelope(**envelope))
        await self._clean_up.submit((id_, [envelope["id"] for envelope in envelopes]))

    async def _remove(self, confirmed: list[tuple[Any, list[str]]]) -> list[None]:
        """Take the confirmed envelopes out of these documents, by one command."""
        ids = [id_ for id_, _ in confirmed]
        envelopes = [envelope for _, of_one in confirmed for envelope in of_one]
        await self._collection.update_all({"_id": {"$in": ids}}, _removal(envelopes))
        return [None] * len(confirmed)

    async def start(self) -> None:
        await self._sweeping.start()

    async def stop(self, timeout: float) -> None:
        """Let offers under way finish within `timeout` seconds; the rest waits in the documents."""
        await self._sweeping.stop()
        if self._offers:
            _, late = await asyncio.wait(self._offers, timeout=timeout)
            for task in late:
                task.cancel()

    async def _round(self) -> None:
        self._swept = 0
        if monotonic() >= self._measure_at:
            began = monotonic()
            self._measure_at = began + MEASURE_SECONDS
            await self._measure()
            self._measure_at += MEASURE_REST_FACTOR * (monotonic() - began)
        if self._publisher.connected.is_set():
            self._swept = await self.sweep()

    async def _rest(self) -> None:
        if self._swept < SWEEP_DOCUMENTS:
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Lease due documents and publish their envelopes; the number of documents taken."""
        now = self._now()
        due = await self._collection.find(
            {"outbox_due": until(now)},
            sort=[("outbox_due", 1)],
            limit=SWEEP_DOCUMENTS,
            only=["_id"],
        )
        if not due:
            return 0
        ids = [document["_id"] for document in due]
        # the guard on outbox_due lets one of several sweepers win each document; a document that
        # two of them read is at worst published twice
        leased_until = now + SWEEP_LEASE
        await self._collection.update_all(
            {"_id": {"$in": ids}, "outbox_due": until(now)},
            {"$set": {"outbox_due": leased_until}},
        )
        documents = await self._collection.find(
            {"_id": {"$in": ids}, "outbox_due": leased_until}, only=["outbox"]
        )
        outcomes = await asyncio.gather(
            *(self._relay(document["_id"], document["outbox"]) for document in documents),
            return_exceptions=True,
        )
        failed = [
            document["_id"]
            for document, outcome in zip(documents, outcomes, strict=True)
            if outcome is not None
        ]
        if failed:
            first = next(o for o in outcomes if o is not None)
            log.warning(
                "events stay in the outbox", extra={"count": len(failed), "error": describe(first)}
            )
            await self._collection.update_all(
                {"_id": {"$in": failed}, "outbox_due": leased_until},
                {"$set": {"outbox_due": self._now() + timedelta(seconds=SWEEP_SECONDS)}},
            )
            return 0
        log.info("swept", extra={"collection": self._name, "count": len(documents)})
        return len(due)

    async def _measure(self) -> None:
        """The server's time, and the gauges an operator watches: how much is unpublished, and
        since when."""
        self._clock_offset = await self._database.clock_offset()
        always = {"outbox_due": {"$gt": EPOCH}}
        pending = await self._collection.count(always)
        metrics.OUTBOX_PENDING.labels(self._name).set(pending)
        age = 0.0
        if pending:
            oldest = await self._collection.find(
                always, sort=[("outbox_due", 1)], limit=1, only=["outbox_due"]
            )
            age = (self._now() - oldest[0]["outbox_due"]).total_seconds() if oldest else 0.0
        metrics.OUTBOX_OLDEST.labels(self._name).set(max(age, 0.0))

    def _now(self) -> datetime:
        """The database server's time, which all replicas share."""
        return whole_milliseconds(utc_now() + self._clock_offset)


def _removal(confirmed: list[str]) -> list[Document]:
    """Take the confirmed envelopes out; an outbox left empty goes, and its due time with it."""
    rest = {
        "$filter": {
            "input": {"$ifNull": ["$outbox", []]},
            "cond": {"$not": [{"$in": ["$$this.id", confirmed]}]},
        }
    }
    return [
        {"$set": {"outbox": rest}},
        {"$set": {"outbox_due": {"$cond": [{"$eq": ["$outbox", []]}, "$$REMOVE", "$outbox_due"]}}},
    ]
