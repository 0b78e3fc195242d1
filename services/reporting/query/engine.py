"""Answers a query from the fewest cubes that hold it, and from pages where none does."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain

import pyarrow as pa
from cachetools import LRUCache

from services.reporting.domain.answers import PROJECTION, Answer, Scope
from services.reporting.domain.columns import (
    COUNTED,
    PAGE,
    Cube,
    added,
    chosen,
    empty,
    has,
    labelled,
    summed,
)
from services.reporting.domain.cubes import grain_of, serving
from services.reporting.domain.measures import DURATIONS
from services.reporting.domain.periods import Period, coarsest_for, cover, label
from services.reporting.domain.query import TIME_KEYS, ReportQuery
from services.reporting.domain.report import Shape, fingerprint
from services.reporting.ports import CubeRefresh, LogLag
from services.reporting.projection.generations import Deriving, Generations
from services.reporting.projection.pages import page_cache
from services.reporting.projection.versions import Node, Page, VersionCache
from services.reporting.query.members import LISTED
from services.reporting.query.sources import Sources, replaced

#: Days read at once.
DAYS_PER_READ = 10
#: Facts of what is read at once for a list: of some 15,000 consultations, 10 MB.
FACTS_PER_READ = 100_000
#: Bytes of lists that are kept: of 10,000 consultations one takes 3 MB.
LIST_CACHE_BYTES = 16 * 2**20


class QueryEngine:
    def __init__(
        self,
        generations: Generations,
        rollups: CubeRefresh,
        log: LogLag,
        pages: VersionCache[Page] | None = None,
    ) -> None:
        """`pages`: those that are in memory, by generation and key."""
        self._generations = generations
        self._log = log
        self._sources = Sources(generations, rollups, pages or page_cache())
        self._members: LRUCache[tuple[str, str, str], pa.Table] = LRUCache(
            LIST_CACHE_BYTES, getsizeof=lambda table: table.nbytes
        )

    async def scope(self, query: ReportQuery) -> Scope:
        deriving = await self._generations.live()
        if deriving is None:
            return Scope(query, {}, query.first, query.last, None, None)
        months = None
        if query.first and query.last:
            months = [query.first.isoformat()[:7], query.last.isoformat()[:7]]
        versions = await deriving.generation.version_index.versions(months)
        if not versions:
            await self._still_read(deriving)
        known = sorted(versions)
        # whole years where no day is named: their cubes are the fewest
        first, last = query.first, query.last
        if known and (first is None or last is None):
            first = max(first or date.min, date(int(known[0][:4]), 1, 1))
        last = last or (date(int(known[-1][:4]), 12, 31) if known else None)
        within = {
            day: of
            for day, of in versions.items()
            if first and last and first.isoformat() <= day <= last.isoformat()
        }
        number = deriving.generation.number
        return Scope(query, within, first, last, number, deriving.calendar_version)

    async def answer(self, scope: Scope) -> Answer:
        query = scope.query
        keys = query.group_by
        coarsest = coarsest_for(frozenset(keys))
        kind = serving(query.needs, coarsest)
        if scope.generation is None or scope.first is None or scope.last is None:
            return Answer(empty(keys), PROJECTION, 0, scope.first, scope.last)
        if kind is None:
            nodes: dict[Period, Node] = {}
            left = [Period(day) for day in scope.versions]
        else:
            periods = cover(scope.first, scope.last, grain_of(kind, coarsest))
            nodes, left = await self._sources.cubes(scope, kind, list(periods))
        dimensions = kind.dimensions if kind else _dimensions(query)
        parts: list[tuple[Period, Cube]] = []
        facts = sum(node.version for node in nodes.values())
        for at in range(0, len(left), DAYS_PER_READ):
            days = await self._sources.pages(scope, left[at : at + DAYS_PER_READ])
            facts += sum(one.version for of in days.values() for one in of)
            if not any(key in TIME_KEYS for key in keys):  # no label tells the days apart
                days = {left[at]: [one for of in days.values() for one in of]}
            parts += await asyncio.to_thread(_summed_days, days, dimensions)
        decoded = ((period, node.cube) for period, node in nodes.items())
        cube = await asyncio.to_thread(_combined, query, dimensions, chain(decoded, parts))
        source = kind.name if kind else PROJECTION
        return Answer(cube, source, facts, scope.first, scope.last)

    async def lag(self) -> float:
        return await self._log.waiting_since()

    async def members(self, scope: Scope, of: str) -> pa.Table:
        """The consultations that a figure counts: their rows, as `LISTED`, in the order of ids.

        The last ones are kept, for who turns a page.
        """
        key = (fingerprint(scope.query, Shape(limit=1)), of, scope.edition)
        if (found := self._members.get(key)) is None:
            found = await self._members_of(scope, of)
            if found.nbytes <= self._members.maxsize:
                self._members[key] = found
        return found

    async def _members_of(self, scope: Scope, of: str) -> pa.Table:
        filters = scope.query.filters
        column = f"{of}_bin" if of in DURATIONS else COUNTED[of]
        columns = list(dict.fromkeys([*LISTED, *filters, column]))

        def counted(tables: Sequence[pa.Table]) -> pa.Table:
            # in one piece: of hundreds, filters and the order would take longer than reading them
            rows = pa.concat_tables([PAGE.empty_table().select(columns), *tables]).combine_chunks()
            for name, values in filters.items():
                rows = rows.filter(has(rows, name, values))
            does = pa.compute.is_valid(rows[column])
            if of not in DURATIONS:
                does = pa.compute.equal(rows[column], 1)
            return rows.filter(does).select(list(LISTED))

        parts = [counted([])]
        for days in _batches(scope):
            pages = await self._sources.pages(scope, days)
            tables = [one.rows.select(columns) for found in pages.values() for one in found]
            parts.append(await asyncio.to_thread(counted, tables))
        return await asyncio.to_thread(lambda: pa.concat_tables(parts).sort_by("id"))

    async def received_on(self, days: Sequence[str]) -> dict[tuple[str, str], int]:
        """(day of receipt, kecamatan) → consultations of which an event tells."""
        deriving = await self._generations.live()
        if deriving is None:
            return {}
        found: dict[tuple[str, str], int] = {}
        for at in range(0, len(days), DAYS_PER_READ):
            batch = days[at : at + DAYS_PER_READ]
            told = await asyncio.gather(*map(deriving.generation.facts.received_on, batch))
            for day, of in zip(batch, told, strict=True):
                found |= {(day, kecamatan): count for kecamatan, count in of.items()}
        await self._still_read(deriving)
        return found

    async def _still_read(self, deriving: Deriving) -> None:
        """Raises `StoreUnavailable` where it may be that nothing was found because a rebuild has
        dropped it."""
        live, number = await self._generations.live(), deriving.generation.number
        if live is None or live.generation.number != number:
            raise replaced(number)


def _batches(scope: Scope) -> Iterator[list[Period]]:
    """The days on which there is something of the places asked for, so many at once as fit into
    memory."""
    only = scope.query.filters.get("kecamatan")
    batch, there = list[Period](), 0
    for day, of in scope.versions.items():
        number = sum(facts for code, facts in of.items() if only is None or code in only)
        if number:
            batch.append(Period(day))
            there += number
        if there > FACTS_PER_READ:
            yield batch
            batch, there = [], 0
    if batch:
        yield batch


def _dimensions(query: ReportQuery) -> tuple[str, ...]:
    return tuple(sorted(query.needs))


def _summed_days(
    pages: Mapping[Period, Sequence[Page]], dimensions: Sequence[str]
) -> list[tuple[Period, Cube]]:
    return [
        (day, summed(pa.concat_tables(one.rows for one in of), dimensions))
        for day, of in pages.items()
        if of
    ]


def _combined(
    query: ReportQuery, dimensions: Sequence[str], parts: Iterable[tuple[Period, Cube]]
) -> Cube:
    """The parts narrowed down, under the labels of their times, and summed by the keys."""
    times = [key for key in query.group_by if key in TIME_KEYS]
    cubes = []
    for period, cube in parts:
        for name, values in query.filters.items():
            cube = chosen(cube, has(cube.cells, name, values))
        cells = cube.cells
        for key in times:
            cells = _with_label(cells, key, period, "day" in dimensions)
        cubes.append(replace(cube, cells=cells))
    return added(cubes, query.group_by)


def _with_label(table: pa.Table, key: str, period: Period, knows_day: bool) -> pa.Table:
    if not knows_day:
        return labelled(table, key, label(period, key))
    if key == "day":
        return table
    days = table["day"].combine_chunks().dictionary_encode()
    names = pa.array([label(Period(day), key) for day in days.dictionary.to_pylist()], pa.string())
    return table.append_column(key, names.take(days.indices))
