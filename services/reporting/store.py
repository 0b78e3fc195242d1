"""What is derived from the event log, as one **generation**: facts, pages, cubes and the ledger.

The log only grows, and so does the set of facts of a consultation. Everything derived says on how
many facts it rests (its `weight`), and a write that rests on fewer than what is there is refused:
so any replica may derive anything at any time, and the later knowledge stays.

    facts_<n>   a document a consultation: its facts, put there blindly, in any order
    pages_<n>   a document a day and kecamatan: the rows folded from their facts, in columns
    days_<n>    a document a day: its pages in one, for whoever reads all kecamatan
    ledger_<n>  a document a month: the weight of each page
    cubes_<n>   a document a cube and month or year: sums of pages
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pyarrow as pa

from services.reporting.columns import Cube, decoded, encoded
from services.reporting.domain import Fact, Facts, received_day, unit_of
from services.reporting.periods import Period
from shared.errors import Duplicate
from shared.mongo import Collection, Database, Document, Operation, guarded, upsert

#: Operations in one write, and ids in one query: the store answers either within its time.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a consultation. `recorded`: event id → when (milliseconds since 1970)."""

    id: str
    facts: Facts
    recorded: Mapping[str, int]

    @property
    def unit(self) -> str | None:
        """Where it is counted; None before its submission is known."""
        submitted = _submission(self.facts)
        return unit_of(submitted) if submitted else None


@dataclass(frozen=True, slots=True)
class Told:
    """A fact with the event it comes from."""

    event: str
    consultation: str
    recorded: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Page:
    """`unit`: a day and kecamatan, or a whole day. `recorded`: when the latest event in it came."""

    unit: str
    weight: int
    recorded: int
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Node:
    """A cube of one period."""

    weight: int
    recorded: int
    cube: Cube


Weights = Mapping[str, Mapping[str, int]]
"""Day → kecamatan → how many facts its page rests on."""


class Generation:
    def __init__(self, database: Database, number: int) -> None:
        self.number = number
        self._facts = database.collection(f"facts_{number}")
        self._pages = database.collection(f"pages_{number}")
        self._days = database.collection(f"days_{number}")
        self._ledger = database.collection(f"ledger_{number}")
        self._cubes = database.collection(f"cubes_{number}")

    async def prepare(self) -> None:
        await self._facts.index(("unit", 1))
        await self._facts.index(("received_day", 1))

    async def drop(self) -> None:
        for collection in (self._facts, self._pages, self._days, self._ledger, self._cubes):
            await collection.drop()

    # facts

    async def tell(self, told: Iterable[Told]) -> None:
        """Put facts on their consultations, whatever is there already."""
        changes: dict[str, tuple[dict[str, Any], dict[str, int]]] = {}
        for one in told:
            values, recorded = changes.setdefault(one.consultation, ({}, {}))
            values[f"facts.{one.event}"] = dict(one.fact)
            earlier = recorded.get(f"recorded.{one.event}", one.recorded)
            recorded[f"recorded.{one.event}"] = min(earlier, one.recorded)
            if one.fact["what"] == "consultation.submitted":
                values |= _place(one.fact)
        operations = [
            upsert(id_, {"$set": values, "$min": recorded})
            for id_, (values, recorded) in changes.items()
        ]
        await self._write(self._facts, operations)

    async def merge(self, known: Sequence[Known]) -> None:
        """Put all of it there: as new documents, or onto those that are there already."""
        there: list[Known] = []
        for batch in _batches(known):
            outcomes = await self._facts.insert_each([_document(one) for one in batch])
            for one, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Duplicate):
                    there.append(one)
                elif outcome is not None:
                    raise outcome
        await self.tell(
            Told(event, one.id, one.recorded[event], fact)
            for one in there
            for event, fact in one.facts.items()
        )

    async def units_of(self, consultations: Iterable[str]) -> dict[str, str]:
        """Consultation → unit, of those whose submission is known."""
        units: dict[str, str] = {}
        for batch in _batches(sorted(consultations)):
            found = await self._facts.find({"_id": {"$in": batch}}, only=["unit"])
            units |= {one["_id"]: one["unit"] for one in found if "unit" in one}
        return units

    async def known_of(self, unit: str) -> list[Known]:
        """All that is known of the consultations of one unit."""
        found = await self._facts.find({"unit": unit})
        return [Known(one["_id"], one["facts"], one["recorded"]) for one in found]

    async def known_by(self, ids: Sequence[str]) -> list[Known]:
        """All that is known of these consultations."""
        found = await self._find(self._facts, ids)
        return [Known(one["_id"], one["facts"], one["recorded"]) for one in found]

    async def received_on(self, day: str) -> dict[str, int]:
        """Kecamatan → consultations received on that day, of which an event tells."""
        rows = await self._facts.aggregate(
            [
                {"$match": {"received_day": day}},
                {"$group": {"_id": "$kecamatan", "count": {"$sum": 1}}},
            ]
        )
        return {row["_id"]: row["count"] for row in rows}

    # pages and the ledger

    async def keep_pages(self, pages: Sequence[Page]) -> None:
        """Pages first, then the ledger that says which are the latest."""
        await self._write(self._pages, [_of_page(page) for page in pages])
        await self._enter(pages)

    async def _enter(self, pages: Sequence[Page]) -> None:
        entries: dict[str, dict[str, int]] = {}
        for page in pages:
            day, _, kecamatan = page.unit.partition("/")
            name = f"{day[8:]}.{kecamatan.replace('.', '-')}"
            entries.setdefault(day[:7], {})[f"weights.{name}"] = page.weight
        await self._write(
            self._ledger,
            [
                upsert(month, {"$max": weights, "$inc": {"revision": 1}})
                for month, weights in entries.items()
            ],
        )

    async def replace_pages(self, pages: Sequence[Page], bases: Mapping[str, int]) -> set[str]:
        """Each in place of the page that weighs as `bases` says; the units of which another is
        there by now."""
        lost: set[str] = set()
        for batch in _batches([page for page in pages if page.weight > bases[page.unit]]):
            operations = [_in_place_of(bases[page.unit], page) for page in batch]
            outcomes = await self._pages.write_each(operations)
            for page, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Duplicate):
                    lost.add(page.unit)
                elif outcome is not None:
                    raise outcome
        # also those that were there already: who wrote them may have died before this
        await self._enter([page for page in pages if page.unit not in lost])
        return lost

    async def page_heads(self, units: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Unit → weight, recorded."""
        return await self._heads(self._pages, units)

    async def weights(self, months: Sequence[str] | None = None) -> dict[str, dict[str, int]]:
        """Day → kecamatan → weight; of all months where none is named."""
        query = {} if months is None else {"_id": {"$gte": months[0], "$lte": months[-1]}}
        return {
            f"{month['_id']}-{day}": {code.replace("-", "."): weight for code, weight in of.items()}
            for month in sorted(await self._ledger.find(query), key=lambda one: str(one["_id"]))
            for day, of in sorted(month["weights"].items())
        }

    async def revisions(self) -> dict[str, int]:
        """Month → how often its part of the ledger was written."""
        found = await self._ledger.find({}, only=["revision"])
        return {month["_id"]: month["revision"] for month in found}

    async def months(self, names: Sequence[str]) -> dict[str, tuple[int, dict[str, int]]]:
        """Month → its revision, and unit → weight, both of one moment."""
        return {
            month["_id"]: (
                month["revision"],
                {
                    f"{month['_id']}-{day}/{code.replace('-', '.')}": weight
                    for day, of in month["weights"].items()
                    for code, weight in of.items()
                },
            )
            for month in await self._find(self._ledger, names)
        }

    async def pages(self, units: Sequence[str]) -> list[Page]:
        return [_page(one) for one in await self._find(self._pages, units)]

    async def keep_days(self, days: Sequence[Page]) -> None:
        await self._write(self._days, [_of_page(day) for day in days])

    async def day_heads(self, days: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Day → weight, recorded."""
        return await self._heads(self._days, days)

    async def days(self, days: Sequence[str]) -> list[Page]:
        """Those that are kept, each as one page."""
        return [_page(one) for one in await self._find(self._days, days)]

    # cubes

    async def keep_cubes(self, cubes: Mapping[str, Node]) -> None:
        """By `<cube>:<period>`."""
        operations = []
        for key, node in cubes.items():
            values = {
                "recorded": node.recorded,
                "cells": encoded(node.cube.cells),
                "bins": encoded(node.cube.bins),
            }
            operations.append(_heavier(key, node.weight, values))
        await self._write(self._cubes, operations)

    async def cube_heads(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Cube → weight, recorded."""
        return await self._heads(self._cubes, keys)

    async def cubes(self, keys: Sequence[str]) -> dict[str, Node]:
        return {
            one["_id"]: Node(
                one["weight"], one["recorded"], Cube(decoded(one["cells"]), decoded(one["bins"]))
            )
            for one in await self._find(self._cubes, keys)
        }

    async def _heads(
        self, collection: Collection, ids: Sequence[str]
    ) -> dict[str, tuple[int, int]]:
        found = await self._find(collection, ids, ["weight", "recorded"])
        return {one["_id"]: (one["weight"], one["recorded"]) for one in found}

    @staticmethod
    async def _find(
        collection: Collection, ids: Sequence[str], only: Sequence[str] | None = None
    ) -> list[Document]:
        found: list[Document] = []
        for batch in _batches(ids):
            found += await collection.find({"_id": {"$in": batch}}, only=only)
        return found

    @staticmethod
    async def _write(collection: Collection, operations: Sequence[Operation]) -> None:
        for batch in _batches(operations):
            outcomes = await collection.write_each(batch)
            # two replicas made the document at the same moment, or what is there weighs more
            again = [
                operation
                for operation, outcome in zip(batch, outcomes, strict=True)
                if isinstance(outcome, Duplicate)
            ]
            if again:
                outcomes = [*await collection.write_each(again), *outcomes]
            for outcome in outcomes:
                if outcome is not None and not isinstance(outcome, Duplicate):
                    raise outcome


def key_of(cube: str, period: Period) -> str:
    return f"{cube}:{period.text}"


def _heavier(id_: str, weight: int, values: Mapping[str, Any]) -> Operation:
    """Writes where nothing is there, or what rests on less; else it is a duplicate."""
    guard = {"_id": id_, "weight": {"$lt": weight}}
    return guarded(guard, {"$set": {"weight": weight, **values}}, upsert=True)


def _of_page(page: Page) -> Operation:
    values = {"recorded": page.recorded, "rows": encoded(page.rows)}
    return _heavier(page.unit, page.weight, values)


def _in_place_of(weight: int, page: Page) -> Operation:
    """Where another page is there by now, this is a duplicate."""
    values = {"weight": page.weight, "recorded": page.recorded, "rows": encoded(page.rows)}
    return guarded({"_id": page.unit, "weight": weight}, {"$set": values}, upsert=True)


def _page(document: Document) -> Page:
    rows = decoded(document["rows"])
    return Page(document["_id"], document["weight"], document["recorded"], rows)


def _place(submitted: Fact) -> dict[str, Any]:
    return {
        "unit": unit_of(submitted),
        "kecamatan": submitted["kecamatan"],
        "received_day": received_day(submitted),
    }


def _document(known: Known) -> Document:
    first = _submission(known.facts)
    return {
        "_id": known.id,
        "facts": {id_: dict(one) for id_, one in known.facts.items()},
        "recorded": dict(known.recorded),
        **(_place(first) if first else {}),
    }


T = TypeVar("T")


def _submission(facts: Facts) -> Fact | None:
    told = (one for one in facts.values() if one["what"] == "consultation.submitted")
    return next(told, None)


def _batches(items: Sequence[T]) -> Iterable[list[T]]:
    return (list(items[at : at + BATCH]) for at in range(0, len(items), BATCH))
