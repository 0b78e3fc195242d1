"""Pages and cubes that a replica keeps in memory, by their size; the least used go first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

import pyarrow as pa

from services.reporting.projection.versions import Node, Page

#: Bytes that a table takes for each of its columns, however short they are (measured: 0.9 kB).
COLUMN = 1000

T = TypeVar("T", bound=Page | Node)


class Kept(Generic[T]):
    """One version of each: a newer one takes the place of the older."""

    def __init__(self, at_most: int) -> None:
        """`at_most`: bytes."""
        self._at_most = at_most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, weight: int) -> T | None:
        """What is kept, where it is of this weight."""
        found = self._kept.get(key)
        if found is None or found.weight != weight:
            return None
        self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, what: T) -> None:
        self.drop(key)
        self._kept[key] = what
        self._bytes += size(what)
        while self._bytes > self._at_most:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        if (found := self._kept.pop(key, None)) is not None:
            self._bytes -= size(found)


def size(what: Page | Node) -> int:
    """Bytes that it takes in memory."""
    tables = [what.rows] if isinstance(what, Page) else [what.cube.cells, what.cube.bins]
    return sum(_size(table) for table in tables)


def _size(table: pa.Table) -> int:
    size: int = table.get_total_buffer_size() + COLUMN * table.num_columns
    return size
