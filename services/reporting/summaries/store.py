"""Summaries in MongoDB: a document for each area and period, told by the event in its outbox.

{_id: "week/64.02.06/2026-11-16", event: {…}, outbox: […]}
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.reporting.domain.periods import Every
from shared.errors import Duplicate
from shared.events import ReportSummarised
from shared.messaging.outbox import Outbox
from shared.storage.mongo import Collection, Document


class SummaryStore:
    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox

    async def prepare(self) -> None:
        await self._collection.index(("event.summary.last", -1))

    async def told(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are there."""
        found = await self._collection.find({"_id": {"$in": list(ids)}}, only=["_id"])
        return {one["_id"] for one in found}

    async def within(self, first: date, last: date, every: Every | None) -> list[ReportSummarised]:
        """Those of which a day is in the range, the newest first."""
        query: dict[str, Any] = {
            "event.summary.last": {"$gte": first.isoformat()},
            "event.summary.first": {"$lte": last.isoformat()},
        }
        if every is not None:
            query["event.summary.every"] = every
        found = await self._collection.find(
            query, sort=[("event.summary.last", -1), ("_id", 1)], only=["event"]
        )
        return [ReportSummarised.model_validate(one["event"]) for one in found]

    async def add(self, events: Sequence[ReportSummarised]) -> int:
        """Keep those that no replica told before; how many that are. The first has its say."""
        documents = [self._document(event) for event in events]
        outcomes = await self._collection.insert_each(documents)
        fresh = 0
        for document, outcome in zip(documents, outcomes, strict=True):
            if outcome is None:
                fresh += 1
                self._outbox.offer(document["_id"], document["outbox"])
            elif not isinstance(outcome, Duplicate):
                raise outcome
        return fresh

    def _document(self, event: ReportSummarised) -> Document:
        kept = event.model_dump(mode="json")
        return {"_id": event.subject, "event": kept, **self._outbox.fields([event])}
