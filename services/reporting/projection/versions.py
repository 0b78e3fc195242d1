"""Pages and cubes in MongoDB: each has a **version**, the number of facts it rests on.

A document keeps its version under `weight`. A write that rests on fewer facts than what is there is
refused. So any replica may derive anything at any time, and the later knowledge stays.
"""

import contextlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Self, TypeVar

import pyarrow as pa
from cachetools import LRUCache

from services.reporting.domain.columns import PAGE, Cube, cells_schema, decoded, encoded, of_today
from services.reporting.projection.bulk import batches, find, write
from shared.errors import Duplicate
from shared.storage.mongo import Collection, Document, Operation, guarded


@dataclass(frozen=True, slots=True)
class Page:
    """`partition_key`: a day and kecamatan, or a whole day. `recorded`: of its latest event."""

    partition_key: str
    version: int
    recorded: int
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Node:
    """A cube of one period, as it is kept: that takes a third of the memory, and milliseconds to
    decode."""

    version: int
    recorded: int
    cells: bytes
    bins: bytes

    @classmethod
    def of(cls, version: int, recorded: int, cube: Cube) -> Self:
        return cls(version, recorded, encoded(cube.cells), encoded(cube.bins))

    @property
    def cube(self) -> Cube:
        """Decoded anew each time."""
        cells = decoded(self.cells)
        return Cube(of_today(cells, cells_schema(cells)), decoded(self.bins))


class Head(NamedTuple):
    version: int
    recorded: int


#: Of what is not there.
NO_HEAD = Head(0, 0)

#: Bytes that a table takes for each of its columns, however short they are (measured: 0.9 kB).
BYTES_PER_COLUMN = 1000

T = TypeVar("T", bound=Page | Node)


class VersionedStore(Generic[T]):
    def __init__(
        self,
        collection: Collection,
        packed: Callable[[T], Document],
        unpacked: Callable[[Document], T],
    ) -> None:
        """`packed`: what a document holds beside its id, version and `recorded`."""
        self._collection = collection
        self._packed = packed
        self._unpacked = unpacked

    async def drop(self) -> None:
        await self._collection.drop()

    async def keep(self, made: Mapping[str, T]) -> None:
        """By id; each where nothing is there, or what rests on less."""
        await write(
            self._collection,
            [self._where(id_, {"$lt": one.version}, one) for id_, one in made.items()],
        )

    async def replace(self, made: Mapping[str, T], bases: Mapping[str, int]) -> set[str]:
        """Each in place of the version that `bases` says; the ids where something else is by
        now."""
        lost: set[str] = set()
        for batch in batches([id_ for id_, one in made.items() if one.version > bases[id_]]):
            outcomes = await self._collection.write_each(
                [self._where(id_, bases[id_], made[id_]) for id_ in batch]
            )
            for id_, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Duplicate):
                    lost.add(id_)
                elif outcome is not None:
                    raise outcome
        return lost

    async def heads(self, ids: Sequence[str]) -> dict[str, Head]:
        found = await find(self._collection, ids, ["weight", "recorded"])
        return {one["_id"]: Head(one["weight"], one["recorded"]) for one in found}

    async def read(self, ids: Sequence[str]) -> dict[str, T]:
        """Those of them that are kept."""
        return {one["_id"]: self._unpacked(one) for one in await find(self._collection, ids)}

    def _where(self, id_: str, version: Any, one: T) -> Operation:
        """Writes where nothing is there, or something of this version; else it is a duplicate."""
        values = {"weight": one.version, "recorded": one.recorded, **self._packed(one)}
        return guarded({"_id": id_, "weight": version}, {"$set": values}, upsert=True)


def pages(collection: Collection) -> VersionedStore[Page]:
    """By partition key."""

    def unpacked(document: Document) -> Page:
        rows = of_today(decoded(document["rows"]), PAGE)
        return Page(document["_id"], document["weight"], document["recorded"], rows)

    return VersionedStore(collection, lambda page: {"rows": encoded(page.rows)}, unpacked)


def cubes(collection: Collection) -> VersionedStore[Node]:
    """By cube and period (`CubeKind.key`)."""

    def packed(node: Node) -> Document:
        return {"cells": node.cells, "bins": node.bins}

    def unpacked(document: Document) -> Node:
        return Node(document["weight"], document["recorded"], document["cells"], document["bins"])

    return VersionedStore(collection, packed, unpacked)


class VersionCache(Generic[T]):
    """The last version of each that a replica has in memory; the least used go first."""

    def __init__(self, at_most: int) -> None:
        """`at_most`: bytes."""
        self._cache: LRUCache[Hashable, T] = LRUCache(at_most, getsizeof=size)

    def get(self, key: Hashable, version: int) -> T | None:
        """What is kept, where it is of this version."""
        found = self._cache.get(key)
        return found if found is not None and found.version == version else None

    def put(self, key: Hashable, what: T) -> None:
        """In place of the version before; not where it alone is larger than there is room for."""
        self._cache.pop(key, None)
        with contextlib.suppress(ValueError):  # too large
            self._cache[key] = what


def size(what: Page | Node) -> int:
    """Bytes that it takes in memory."""
    if isinstance(what, Node):
        return len(what.cells) + len(what.bins)
    size: int = what.rows.get_total_buffer_size() + BYTES_PER_COLUMN * what.rows.num_columns
    return size
