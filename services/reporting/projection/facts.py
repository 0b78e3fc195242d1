"""The fact store: what the events say of each consultation, in any order.

What is taken in of a consultation at once is one document, which never changes: to put one there
costs the store a fifth of what it costs to change one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.reporting.domain.rows import Fact, Facts, partition_key_of, received_day
from services.reporting.projection.bulk import batches, write
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

    A document is called after the first of its events. The one that tells of the submission keeps
    the consultation's partition key, under `unit`.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await self._collection.index(("consultation", 1))
        await self._collection.index(("unit", 1))
        await self._collection.index(("received_day", 1))

    async def drop(self) -> None:
        await self._collection.drop()

    async def add(self, consultations: Sequence[ConsultationFacts]) -> None:
        """Put facts there, beside whatever is there already."""
        known: list[Operation] = []
        for batch in batches(consultations):
            outcomes = await self._collection.insert_each([_document(one) for one in batch])
            for one, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Duplicate):  # of a delivery that is repeated
                    known.append(_added(one))
                elif outcome is not None:
                    raise outcome
        await write(self._collection, known)

    async def in_partition(self, key: str) -> list[ConsultationFacts]:
        """The facts of all consultations of one partition."""
        found = await self._collection.find({"unit": key}, only=["consultation"])
        return await self.of(sorted({one["consultation"] for one in found}))

    async def of(self, ids: Sequence[str]) -> list[ConsultationFacts]:
        """The facts of these consultations; none of one that no event tells of."""
        found: dict[str, ConsultationFacts] = {}
        for batch in batches(ids):
            for document in await self._collection.find({"consultation": {"$in": batch}}):
                one = _consultation(document)
                before = found.get(one.id)
                found[one.id] = before.joined(one) if before else one
        return list(found.values())

    async def received_on(self, day: str) -> dict[str, int]:
        """Kecamatan → consultations received on that day, of which an event tells."""
        rows = await self._collection.aggregate(
            [
                {"$match": {"received_day": day}},
                {"$group": {"_id": {"kecamatan": "$kecamatan", "of": "$consultation"}}},
            ]
        )
        return Counter(row["_id"]["kecamatan"] for row in rows)


def _added(one: ConsultationFacts) -> Operation:
    document = _document(one)
    facts = {f"facts.{id_}": fact for id_, fact in document.pop("facts").items()}
    recorded = {f"recorded.{id_}": at for id_, at in document.pop("recorded").items()}
    return upsert(document.pop("_id"), {"$set": facts | document, "$min": recorded})


def _document(one: ConsultationFacts) -> Document:
    submitted = _submission(one.facts)
    place = (
        {
            "unit": partition_key_of(submitted),
            "kecamatan": submitted["kecamatan"],
            "received_day": received_day(submitted),
        }
        if submitted
        else {}
    )
    return {
        "_id": min(one.facts),
        "consultation": one.id,
        "facts": {id_: dict(fact) for id_, fact in one.facts.items()},
        "recorded": dict(one.recorded),
        **place,
    }


def _consultation(document: Document) -> ConsultationFacts:
    return ConsultationFacts(document["consultation"], document["facts"], document["recorded"])


def _submission(facts: Facts) -> Fact | None:
    told = (one for one in facts.values() if one["what"] == "consultation.submitted")
    return next(told, None)
