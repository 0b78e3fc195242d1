"""The fact store: a document for each consultation with all of its facts, in any order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.reporting.domain.rows import Fact, Facts, partition_key_of, received_day
from services.reporting.projection.bulk import batches, find, write
from shared.errors import Duplicate
from shared.storage.mongo import Collection, Document, Operation, upsert


@dataclass(frozen=True, slots=True)
class ConsultationFacts:
    """All facts of a consultation. `recorded`: event id → when (milliseconds since 1970)."""

    id: str
    facts: Facts
    recorded: Mapping[str, int]

    @property
    def partition_key(self) -> str | None:
        """Where it is counted; None before its submission is known."""
        submitted = _submission(self.facts)
        return partition_key_of(submitted) if submitted else None

    def joined(self, other: "ConsultationFacts") -> "ConsultationFacts":
        """With what another tells of the same consultation."""
        recorded = {id_: min(at, self.recorded.get(id_, at)) for id_, at in other.recorded.items()}
        return ConsultationFacts(
            self.id, {**self.facts, **other.facts}, {**self.recorded, **recorded}
        )


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """A fact with the event it comes from."""

    event: str
    consultation: str
    recorded: int
    fact: Fact


def by_consultation(facts: Iterable[RecordedFact]) -> dict[str, ConsultationFacts]:
    """Consultation → what these tell of it; what was recorded twice, as of the first time."""
    found: dict[str, tuple[dict[str, Fact], dict[str, int]]] = {}
    for one in facts:
        of, recorded = found.setdefault(one.consultation, ({}, {}))
        of[one.event] = one.fact
        recorded[one.event] = min(one.recorded, recorded.get(one.event, one.recorded))
    return {id_: ConsultationFacts(id_, *of) for id_, of in found.items()}


class FactStore:
    """The set of facts of a consultation only grows, whoever writes to it, and when.

    A document keeps its partition key under `unit`.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await self._collection.index(("unit", 1))
        await self._collection.index(("received_day", 1))

    async def drop(self) -> None:
        await self._collection.drop()

    async def add(self, consultations: Iterable[ConsultationFacts]) -> None:
        """Put facts on their consultations, whatever is there already."""
        await write(self._collection, [_added(one) for one in consultations])

    async def merge(self, consultations: Sequence[ConsultationFacts]) -> list[str]:
        """Put all of it there: as new documents, or onto those that are there already; the ids of
        these."""
        there: list[ConsultationFacts] = []
        for batch in batches(consultations):
            outcomes = await self._collection.insert_each([_document(one) for one in batch])
            for one, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Duplicate):
                    there.append(one)
                elif outcome is not None:
                    raise outcome
        await self.add(there)
        return [one.id for one in there]

    async def in_partition(self, key: str) -> list[ConsultationFacts]:
        """The facts of all consultations of one partition."""
        return [_consultation(one) for one in await self._collection.find({"unit": key})]

    async def of(self, ids: Sequence[str]) -> list[ConsultationFacts]:
        """The facts of these consultations."""
        return [_consultation(one) for one in await find(self._collection, ids)]

    async def received_on(self, day: str) -> dict[str, int]:
        """Kecamatan → consultations received on that day, of which an event tells."""
        rows = await self._collection.aggregate(
            [
                {"$match": {"received_day": day}},
                {"$group": {"_id": "$kecamatan", "count": {"$sum": 1}}},
            ]
        )
        return {row["_id"]: row["count"] for row in rows}


def _added(one: ConsultationFacts) -> Operation:
    submitted = _submission(one.facts)
    values = {f"facts.{id_}": dict(fact) for id_, fact in one.facts.items()}
    recorded = {f"recorded.{id_}": at for id_, at in one.recorded.items()}
    place = _place(submitted) if submitted else {}
    return upsert(one.id, {"$set": values | place, "$min": recorded})


def _place(submitted: Fact) -> dict[str, Any]:
    return {
        "unit": partition_key_of(submitted),
        "kecamatan": submitted["kecamatan"],
        "received_day": received_day(submitted),
    }


def _document(one: ConsultationFacts) -> Document:
    first = _submission(one.facts)
    return {
        "_id": one.id,
        "facts": {id_: dict(fact) for id_, fact in one.facts.items()},
        "recorded": dict(one.recorded),
        **(_place(first) if first else {}),
    }


def _consultation(document: Document) -> ConsultationFacts:
    return ConsultationFacts(document["_id"], document["facts"], document["recorded"])


def _submission(facts: Facts) -> Fact | None:
    told = (one for one in facts.values() if one["what"] == "consultation.submitted")
    return next(told, None)
