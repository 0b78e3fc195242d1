"""The event log: every event as it came, in the order in which it was taken in.

Events that arrive within a moment are one document, a **segment**: an append is one insert, however
many they are. A delivery that is repeated is kept again; who reads goes by the events' ids. A
segment is `open` until all that follows from it is written, so that a crash in between leaves a
trace.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.reporting.domain import milliseconds
from shared.coalesce import Coalescer
from shared.events import EVENTS, Event
from shared.ids import new_id
from shared.mongo import Collection, Document, Operation, change

#: Seconds that the first event waits for others.
WINDOW = 0.05
#: Events in one segment.
LIMIT = 500
#: Segments read at once.
PAGE = 100

_CLASSES = {event.type(): event for event in EVENTS}


@dataclass(frozen=True, slots=True)
class Segment:
    """`recorded`: when it was taken in, in milliseconds since 1970."""

    id: str
    recorded: int
    events: tuple[Event, ...]


class EventLog:
    def __init__(self, collection: Collection, clock: Callable[[], datetime]) -> None:
        self._collection = collection
        self._clock = clock
        self._written: Callable[[Segment], None] = lambda _: None
        self._appending: Coalescer[Event] = Coalescer(self._append, window=WINDOW, limit=LIMIT)

    async def prepare(self) -> None:
        await self._collection.index(("open", 1))

    def on_written(self, tell: Callable[[Segment], None]) -> None:
        """`tell` hears of each segment that this process wrote, once it is kept."""
        self._written = tell

    async def append(self, event: Event) -> None:
        """Returns once it is kept."""
        await self._appending.submit(event)

    async def _append(self, events: list[Event]) -> Sequence[Exception | None]:
        segment = Segment(str(new_id()), milliseconds(self._clock()), tuple(events))
        await self._collection.insert(_document(segment))
        self._written(segment)
        return [None] * len(events)

    async def close(self, ids: Sequence[str]) -> None:
        """All that follows from these segments is written."""
        closed: list[Operation] = [change(id_, {"$unset": {"open": ""}}) for id_ in ids]
        if closed:
            await self._collection.write_each(closed)

    async def left_open(self, age: timedelta, limit: int = PAGE) -> list[Segment]:
        """Segments that are open for so long that whoever wrote them is gone."""
        before = milliseconds(self._clock() - age)
        found = await self._collection.find({"open": 1}, limit=limit)
        return [_segment(one) for one in found if one["recorded"] <= before]

    async def waiting_since(self) -> float:
        """Seconds for which the oldest open segment has been waiting; 0 where none is."""
        found = await self._collection.find({"open": 1}, only=["recorded"], limit=PAGE)
        now = milliseconds(self._clock())
        waited = max((now - int(one["recorded"]) for one in found), default=0)
        return max(waited, 0) / 1000

    async def segments(self, after: str = "") -> AsyncGenerator[list[Segment], None]:
        """All of them, a page at a time; those written meanwhile may be among them or not."""
        while found := await self._collection.find(
            {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=PAGE
        ):
            yield [_segment(one) for one in found]
            after = found[-1]["_id"]

    async def size(self) -> int:
        """How many segments there are."""
        return await self._collection.size()


def _document(segment: Segment) -> Document:
    return {
        "_id": segment.id,
        "open": 1,
        "recorded": segment.recorded,
        "events": [
            {"id": str(event.id), "type": event.type(), "data": event.model_dump_json()}
            for event in segment.events
        ],
    }


def _segment(document: Document) -> Segment:
    events = (_CLASSES[one["type"]].model_validate_json(one["data"]) for one in document["events"])
    return Segment(document["_id"], document["recorded"], tuple(events))
