"""Reads and writes of many documents, in batches that the store answers within its time."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from shared.errors import Duplicate
from shared.storage.mongo import Collection, Document, Operation

#: Operations in one write, and ids in one query.
OPERATIONS_PER_BATCH = 200

T = TypeVar("T")


def batches(items: Sequence[T]) -> Iterable[list[T]]:
    return (
        list(items[at : at + OPERATIONS_PER_BATCH])
        for at in range(0, len(items), OPERATIONS_PER_BATCH)
    )


async def find(
    collection: Collection, ids: Sequence[str], only: Sequence[str] | None = None
) -> list[Document]:
    """Those of these documents that there are; `only`: these fields of them."""
    found: list[Document] = []
    for batch in batches(ids):
        found += await collection.find({"_id": {"$in": batch}}, only=only)
    return found


async def write(collection: Collection, operations: Sequence[Operation]) -> None:
    """Each by itself. One whose guard finds something newer does nothing."""
    for batch in batches(operations):
        outcomes = await collection.write_each(batch)
        # two replicas made the document at the same moment, or what is there is newer
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
