"""What notify knows of consultations, in MongoDB: one document each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.notify.domain.case_view import CaseView, News, news
from shared.errors import Duplicate
from shared.events import ConsultationEvent, ConsultationSubmitted, Region
from shared.storage.batching import BACKGROUND_SECONDS, GroupCommit, Loader
from shared.storage.mongo import Collection, Document, upsert

OPEN = {"$nin": ["waiting", "over"]}
#: Cases in one digest; who has more sees the rest in the inbox.
MOST_IN_DIGEST = 100


class CaseViews:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._cases: Loader[str, CaseView] = Loader(self._of, window=BACKGROUND_SECONDS)
        self._changes: GroupCommit[tuple[str, Document], None] = GroupCommit(
            self._change_each, window=BACKGROUND_SECONDS
        )
        self._inserts: GroupCommit[Document, None] = GroupCommit(
            collection.insert_each, window=BACKGROUND_SECONDS
        )

    async def prepare(self) -> None:
        await self._collection.index(("officer", 1), ("stage", 1))
        await self._collection.index(("satgas", 1), ("stage", 1))

    async def get(self, consultation: UUID) -> CaseView | None:
        return await self._cases.load(str(consultation))

    async def _of(self, ids: list[str]) -> dict[str, CaseView]:
        found = await self._collection.find({"_id": {"$in": ids}})
        return {document["_id"]: _case(document) for document in found}

    async def note(self, event: ConsultationEvent) -> None:
        """Put what `event` tells on its consultation; repeated or late, it does no harm."""
        told = news(event)
        if told is None:
            return
        if isinstance(event, ConsultationSubmitted) and await self._is_first(event, told):
            return
        change = str(event.consultation), _fields(event, told)
        try:
            await self._changes.submit(change)
        except Duplicate:  # another process made it at the same moment; now it is there
            await self._changes.submit(change)

    async def _change_each(
        self, changes: Sequence[tuple[str, Document]]
    ) -> Sequence[Exception | None]:
        # a statement changes a document once: the last of several goes with the others' last ones
        last = dict(changes)
        there = await self._collection.merge_each(last)
        apart = [
            n
            for n, (id_, fields) in enumerate(changes)
            if not (id_ in there and fields is last[id_])
        ]
        operations = [
            upsert(id_, [{"$set": fields}]) for id_, fields in map(changes.__getitem__, apart)
        ]
        outcomes = dict(zip(apart, await self._collection.write_each(operations), strict=True))
        return [outcomes.get(n) for n in range(len(changes))]

    async def _is_first(self, event: ConsultationEvent, told: News) -> bool:
        """Most consultations are heard of here first; an insert costs a tenth of an upsert."""
        stage = {"stage": told.stage, "stage_sequence": event.sequence}
        region = event.region.model_dump()
        try:
            await self._inserts.submit(
                {"_id": str(event.consultation), "region": region, **told.always, **stage}
            )
        except Duplicate:
            return False
        return True

    async def open_of_officer(self, officer: str) -> list[CaseView]:
        return await self._open({"officer": officer})

    async def open_of_satgas(self, satgas: str) -> list[CaseView]:
        return await self._open({"satgas": satgas})

    async def _open(self, whose: Document) -> list[CaseView]:
        found = await self._collection.find(
            {**whose, "stage": OPEN}, sort=[("_id", 1)], limit=MOST_IN_DIGEST
        )
        return [_case(document) for document in found]


def _fields(event: ConsultationEvent, told: News) -> Document:
    """Expressions; a stage of a pipeline sees the document as it was before it: all fields change,
    or none."""
    fields: dict[str, Any] = {"region": event.region.model_dump(), **told.always}
    if told.case is not None:
        fields |= _if_newer("case_sequence", event.sequence, told.case)
    if told.stage is not None:
        fields |= _if_newer("stage_sequence", event.sequence, {"stage": told.stage})
    return fields


def _if_newer(counter: str, sequence: int, values: Any) -> Document:
    """`values` and the counter, where `sequence` is above the counter; what is there otherwise."""
    newer = {"$lt": [{"$ifNull": [f"${counter}", 0]}, sequence]}
    return {
        name: {"$cond": [newer, value, f"${name}"]}
        for name, value in {**values, counter: sequence}.items()
    }


_PLAIN = frozenset(CaseView.__dataclass_fields__) - {"consultation", "region"}


def _case(document: Document) -> CaseView:
    plain: dict[str, Any] = {name: document[name] for name in _PLAIN & document.keys()}
    return CaseView(
        consultation=UUID(document["_id"]),
        region=Region.model_validate(document["region"]),
        **plain,
    )
