"""The event log and the projection: one row a consultation, from which every figure is counted."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.reporting.domain import COUNTS, Facts, Question
from shared import metrics
from shared.coalesce import Coalescer
from shared.errors import Duplicate
from shared.events import Event
from shared.mongo import Collection, Document, Operation, upsert


class ReportStore:
    def __init__(self, events: Collection, rows: Collection, clock: Callable[[], datetime]) -> None:
        self._events = events
        self._rows = rows
        self._clock = clock
        self._logging: Coalescer[Document] = Coalescer(events.insert_each)
        self._projecting: Coalescer[Operation] = Coalescer(rows.write_each)

    async def prepare(self) -> None:
        await self._events.index(("recorded_at", 1))
        await self._events.index(("consultation", 1), ("sequence", 1))
        await self._rows.index(("day", 1), ("kecamatan", 1))
        await self._rows.index(("received_day", 1), ("kecamatan", 1))

    async def log(self, event: Event) -> None:
        """Keep the event as it came; a repeated one is kept once."""
        try:
            await self._logging.submit(
                {
                    "_id": str(event.id),
                    "type": event.type(),
                    "consultation": str(event.consultation),
                    "sequence": event.sequence,
                    "time": event.time,
                    "recorded_at": self._clock(),
                    "data": json.loads(event.model_dump_json()),
                }
            )
        except Duplicate:
            metrics.DUPLICATES.labels(event.type()).inc()

    async def project(self, event: Event, what: Facts) -> None:
        """Put the facts on the consultation's row, whatever is there already."""
        change: dict[str, Any] = {"$max": {"last_event_at": event.time}}
        if what.values:
            change["$set"] = dict(what.values)
        if what.earliest:
            change["$min"] = dict(what.earliest)
        operation = upsert(str(event.consultation), change)
        try:
            await self._projecting.submit(operation)
        except Duplicate:  # two replicas made the row at the same moment; now it is there
            await self._projecting.submit(operation)

    async def freshness(self) -> tuple[int, float]:
        """How many events are counted, and how old (seconds) the latest was when it came in."""
        latest = await self._events.find({}, sort=[("recorded_at", -1)], limit=1)
        lag = (latest[0]["recorded_at"] - latest[0]["time"]).total_seconds() if latest else 0.0
        return await self._events.size(), max(lag, 0.0)

    async def count(self, question: Question) -> list[dict[str, Any]]:
        """Rows `{<group keys>, submitted, assigned, alerted}`, sorted by their keys."""
        days: dict[str, str] = {}
        if question.first:
            days["$gte"] = question.first.isoformat()
        if question.last:
            days["$lte"] = question.last.isoformat()
        # a row that other events opened before its consultation.submitted came has no day yet
        matching: Mapping[str, Any] = {"day": days or {"$gt": ""}}
        counts = {
            name: {"$sum": {"$cond": [{"$gt": [f"${field}", None]}, 1, 0]}}
            for name, field in COUNTS.items()
        }
        keys = question.group_by
        rows = await self._rows.aggregate(
            [
                {"$match": matching},
                {"$group": {"_id": {key: f"${key}" for key in keys}, **counts}},
            ]
        )
        flat = [{**row["_id"], **{name: row[name] for name in COUNTS}} for row in rows]
        return sorted(flat, key=lambda row: [row[key] for key in keys])

    async def reported(self, first_day: str, last_day: str) -> dict[tuple[str, str], int]:
        """Consultations counted, by day of receipt and kecamatan."""
        rows = await self._rows.aggregate(
            [
                {"$match": {"received_day": {"$gte": first_day, "$lte": last_day}}},
                {
                    "$group": {
                        "_id": {"day": "$received_day", "kecamatan": "$kecamatan"},
                        "reported": {"$sum": 1},
                    }
                },
            ]
        )
        return {(row["_id"]["day"], row["_id"]["kecamatan"]): row["reported"] for row in rows}
