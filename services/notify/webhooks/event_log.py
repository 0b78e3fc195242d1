"""The event log in MongoDB: numbered segments, each written once, read by all workers.

A segment holds what came within a moment, so that an event costs the store next to nothing. Whoever
writes takes the number after the last; the second to take it takes the next. So a segment is there
only when all before it are, and a reader that has come to one has missed none, however many
processes write. A unique index over the ids of events keeps each event in one segment.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from cachetools import LRUCache

from services.notify.webhooks.domain.segment import Entry, Segment
from shared.errors import Duplicate
from shared.events import ConsultationEvent
from shared.storage.batching import BACKGROUND_SECONDS, GroupCommit
from shared.storage.mongo import Collection, Document

#: Events in one segment.
SEGMENT_EVENTS = 200
#: Segments that a process keeps at hand for its workers.
SEGMENTS_CACHED = 50
#: Seconds after which a process looks for the last segment before it writes the next. Far less than
#: segments are kept: the number after one that is long gone could be free, and behind every reader.
STALE_AFTER_SECONDS = 60.0
#: Events of which a process remembers that they are written.
WRITTEN_CACHED = 5_000


class EventLog:
    def __init__(self, collection: Collection, clock: Callable[[], datetime]) -> None:
        self._collection = collection
        self._clock = clock
        self._writes: GroupCommit[Entry, None] = GroupCommit(
            self._append, window=BACKGROUND_SECONDS, limit=SEGMENT_EVENTS
        )
        # only a short cut: what another process wrote, the index finds out
        self._written: LRUCache[UUID, None] = LRUCache(WRITTEN_CACHED)
        self._segments: LRUCache[int, Segment] = LRUCache(SEGMENTS_CACHED)
        self._last = 0
        self._looked = -math.inf
        self._grown = asyncio.Event()

    async def prepare(self) -> None:
        await self._collection.index(("ids", 1), unique=True)
        await self._collection.index(("at", 1))
        await self.look()

    # writing

    async def add(self, event: ConsultationEvent) -> None:
        """Returns when it is in a segment, by this call or by an earlier one."""
        if event.id not in self._written:
            await self._writes.submit(Entry.of(event))

    async def _append(self, entries: list[Entry]) -> list[Exception | None]:
        fresh = list({one.id: one for one in entries}.values())
        if time.monotonic() - self._looked > STALE_AFTER_SECONDS:
            await self.look()
        while fresh:
            segment = Segment(self._last + 1, self._clock(), tuple(fresh))
            try:
                await self._collection.insert(_document(segment))
            except Duplicate:
                # another process has that number, or an event is in a segment already
                await self.look()
                known = await self._known([one.id for one in fresh])
                fresh = [one for one in fresh if one.id not in known]
                continue
            self._segments[segment.number] = segment
            self._reach(segment.number)
            break
        self._written.update(dict.fromkeys(one.id for one in entries))
        return [None] * len(entries)

    async def _known(self, ids: list[UUID]) -> set[UUID]:
        texts = [str(one) for one in ids]
        found = await self._collection.find({"ids": {"$in": texts}}, only=["ids"])
        return {UUID(one) for segment in found for one in segment["ids"]}

    # reading

    @property
    def last(self) -> int:
        """The number of the last segment that is known of here; 0 where there is none."""
        return self._last

    async def look(self) -> None:
        """See what other processes wrote."""
        found = await self._collection.find({}, sort=[("_id", -1)], limit=1, only=["_id"])
        self._looked = time.monotonic()
        if found:
            self._reach(found[0]["_id"])

    async def beyond(self, segment: int, timeout: float) -> None:
        """Until segment `segment` is there, or `timeout` seconds have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._last < segment:
                    await self._grown.wait()

    async def segment(self, number: int) -> Segment | None:
        """None where it is not there yet, or no more."""
        if (cached := self._segments.get(number)) is not None:
            return cached
        found = await self._collection.get(number)
        if found is None:
            return None
        self._segments[number] = segment = _segment(found)
        return segment

    async def first(self) -> int | None:
        """The number of the oldest segment there is."""
        found = await self._collection.find({}, sort=[("_id", 1)], limit=1, only=["_id"])
        return found[0]["_id"] if found else None

    async def since(self, moment: datetime) -> int:
        """The number of the first segment that was written at `moment` or later; of the next to
        come where there is none."""
        await self.look()
        found = await self._collection.find(
            {"at": {"$gte": moment}}, sort=[("at", 1)], limit=1, only=["_id"]
        )
        return found[0]["_id"] if found else self._last + 1

    async def forget(self, before: datetime) -> int:
        """Drop the segments that were written before; how many. The last stays: the next has its
        number from it."""
        await self.look()
        return await self._collection.delete_all(
            {"at": {"$lt": before}, "_id": {"$lt": self._last}}
        )

    def _reach(self, number: int) -> None:
        if number > self._last:
            self._last = number
            self._grown.set()
            self._grown = asyncio.Event()


def _document(segment: Segment) -> Document:
    return {
        "_id": segment.number,
        "at": segment.at,
        "ids": [str(one.id) for one in segment.entries],
        "events": [
            {"type": one.type, "kecamatan": one.kecamatan, "body": one.body}
            for one in segment.entries
        ],
    }


def _segment(document: Document) -> Segment:
    return Segment(
        number=document["_id"],
        at=document["at"],
        entries=tuple(
            Entry(UUID(id_), event["type"], event["kecamatan"], event["body"])
            for id_, event in zip(document["ids"], document["events"], strict=True)
        ),
    )
