"""The event log: every event as it came, in the order in which it was taken in.

Events that arrive within a moment are one document, a **segment**: an append is one insert, however
many they are. A delivery that is repeated is kept again; who reads goes by the events' ids. A
segment is `open` until all that follows from it is written, so that a crash in between leaves a
trace.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pyarrow as pa

from shared.events import EVENTS, Event
from shared.storage.batching import GroupCommit
from shared.storage.mongo import Collection, Database, Document, Operation, change
from shared.storage.retrying import retry_while_unavailable
from shared.times import local_day, milliseconds, moment, new_id

#: Seconds that the first event waits for others.
COMMIT_WINDOW_SECONDS = 0.2
#: Events in one segment.
EVENTS_PER_SEGMENT = 500
#: A minute bucket: a minute, UTC.
BUCKET_FORMAT = "%Y-%m-%d %H%M"
#: Open segments looked at once.
OPEN_SEGMENTS_PER_LOOK = 100
#: Of the events of a segment, a line each.
COMPRESSION = "zstd"

_CLASSES = {event.type(): event for event in EVENTS}


@dataclass(frozen=True, slots=True)
class Segment:
    """`recorded`: when it was taken in, in milliseconds since 1970."""

    id: str
    recorded: int
    events: tuple[Event, ...]


class EventLog:
    def __init__(
        self, collection: Collection, buckets: Collection, clock: Callable[[], datetime]
    ) -> None:
        """`buckets` lists the minutes (UTC) in which something was taken in."""
        self._collection = collection
        self._buckets = buckets
        self._bucket = ""
        self._clock = clock
        self._written: Callable[[Segment], None] = lambda _: None
        self._appending: GroupCommit[Event, None] = GroupCommit(
            self._append, window=COMMIT_WINDOW_SECONDS, limit=EVENTS_PER_SEGMENT
        )

    async def prepare(self) -> None:
        await self._collection.index(("open", 1))
        await self._collection.index(("chapter", 1))

    def now(self) -> datetime:
        return self._clock()

    def on_written(self, tell: Callable[[Segment], None]) -> None:
        """`tell` hears of each segment that this process wrote, once it is kept."""
        self._written = tell

    async def append(self, event: Event) -> None:
        """Returns once it is kept."""
        await self._appending.submit(event)

    async def _append(self, events: list[Event]) -> Sequence[Exception | None]:
        segment = Segment(str(new_id()), milliseconds(self._clock()), tuple(events))
        await self.keep([segment])
        self._written(segment)
        return [None] * len(events)

    async def keep(self, segments: Sequence[Segment], *, is_open: bool = True) -> None:
        """Write segments of one minute: first the minute, so that it is known to all who read."""
        bucket = bucket_of(segments[0].recorded)
        if bucket != self._bucket:
            day, minute = bucket.split()
            await self._buckets.update({"_id": day}, {"$set": {f"of.{minute}": 1}}, upsert=True)
            self._bucket = bucket
        documents = [_document(one, is_open) for one in segments]
        for outcome in await self._collection.insert_each(documents):
            if outcome is not None:
                raise outcome

    async def close(self, ids: Sequence[str]) -> None:
        """All that follows from these segments is written."""
        closed: list[Operation] = [change(id_, {"$unset": {"open": ""}}) for id_ in ids]
        if closed:
            await self._collection.write_each(closed)

    async def left_open(self, age: timedelta, limit: int = OPEN_SEGMENTS_PER_LOOK) -> list[Segment]:
        """Segments that are open for so long that whoever wrote them is gone."""
        before = milliseconds(self._clock() - age)
        found = await self._collection.find({"open": 1}, limit=limit)
        return [_segment(one) for one in found if one["recorded"] <= before]

    async def waiting_since(self) -> float:
        """Seconds for which the oldest open segment has been waiting; 0 where none is."""
        found = await self._collection.find(
            {"open": 1}, only=["recorded"], limit=OPEN_SEGMENTS_PER_LOOK
        )
        now = milliseconds(self._clock())
        waited = max((now - int(one["recorded"]) for one in found), default=0)
        return max(waited, 0) / 1000

    async def segments(
        self, since: datetime | None = None, wanted: Callable[[bytes], bool] | None = None
    ) -> AsyncGenerator[list[Segment], None]:
        """All of them, or those of a moment and later, one minute bucket at a time; those that are
        written meanwhile may be among them or not. `wanted`: of an event's JSON, whether it is to
        be among those of its segment: to decode it takes ten times as long as to look at it."""
        for bucket in await self._known_buckets(since):
            found = await retry_while_unavailable(
                partial(self._collection.find, {"chapter": bucket})
            )
            yield [_segment(one, wanted) for one in found]

    async def count(self) -> int:
        """How many events there are, repeated deliveries among them."""
        total = 0
        for bucket in await self._known_buckets(None):
            query = {"chapter": bucket}
            found = await retry_while_unavailable(
                partial(self._collection.find, query, only=["count"])
            )
            total += sum(int(one["count"]) for one in found)
        return total

    async def began(self) -> date | None:
        """The day (Asia/Makassar) on which the first event was taken in; None before that."""
        found = await self._buckets.find({}, sort=[("_id", 1)], limit=1)
        if not found:
            return None
        first = datetime.strptime(f"{found[0]['_id']} {min(found[0]['of'])}", BUCKET_FORMAT)
        return local_day(first.replace(tzinfo=UTC))

    async def _known_buckets(self, since: datetime | None) -> list[str]:
        first = "" if since is None else bucket_of(milliseconds(since))
        return sorted(
            bucket
            for day in await retry_while_unavailable(partial(self._buckets.find, {}))
            for bucket in (f"{day['_id']} {minute}" for minute in day["of"])
            if bucket >= first
        )


def open_log(database: Database, clock: Callable[[], datetime]) -> EventLog:
    return EventLog(database.collection("log"), database.collection("chapters"), clock)


def bucket_of(recorded: int) -> str:
    """The minute bucket (UTC) by which segments are read: a store reads what is equal from an
    index, whatever it does with ranges and orders."""
    return f"{moment(recorded):{BUCKET_FORMAT}}"


def _document(segment: Segment, is_open: bool) -> Document:
    lines = (f"{event.type()} {event.model_dump_json()}" for event in segment.events)
    text = "\n".join(lines).encode()
    return {
        "_id": segment.id,
        **({"open": 1} if is_open else {}),
        "chapter": bucket_of(segment.recorded),
        "count": len(segment.events),
        "recorded": segment.recorded,
        "size": len(text),
        # a twentieth of their text where they are many: it is written, and closed as a whole again
        "events": pa.compress(text, COMPRESSION, asbytes=True),
    }


def _segment(document: Document, wanted: Callable[[bytes], bool] | None = None) -> Segment:
    kept = document["events"]
    if isinstance(kept, bytes):
        text: bytes = pa.decompress(kept, document["size"], COMPRESSION, asbytes=True)
        found = (line.split(b" ", 1) for line in text.split(b"\n"))
        told = [(type_.decode(), data) for type_, data in found]
    else:  # until 2026-11
        told = [(one["type"], one["data"].encode()) for one in kept]
    events = (
        _CLASSES[type_].model_validate_json(data)
        for type_, data in told
        if wanted is None or wanted(data)
    )
    return Segment(document["_id"], document["recorded"], tuple(events))
