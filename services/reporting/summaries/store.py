"""Summaries in MongoDB: a document for each area and period, told by the event in its outbox.

{_id: "week/64.02.06/2026-11-16", event, told_at, due, summary, outbox}
"""

from collections.abc import Sequence
from typing import Any

from shared.errors import Duplicate
from shared.events import ReportSummarised
from shared.mongo import Collection, Document
from shared.outbox import Outbox


class SummaryStore:
    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox

    async def prepare(self) -> None:
        await self._collection.index(("told_at", -1))

    async def told(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are there."""
        found = await self._collection.find({"_id": {"$in": list(ids)}}, only=["_id"])
        return {one["_id"] for one in found}

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
        state: dict[str, Any] = {
            "event": str(event.id),
            "told_at": event.time,
            "due": event.due,
            "summary": event.summary.model_dump(mode="json"),
        }
        return {"_id": event.subject, **state, **self._outbox.fields([event])}
