"""Answers a question from the fewest cubes that hold it, and from pages where none does.

The ledger says on how many facts each page rests, so that a cube which is behind is known as such;
then its parts are read in its place, down to the pages. Under `as_of`, so are those that know more
than was known then, down to the facts. What was read is kept in memory by its weight.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pyarrow as pa

from services.reporting.answers import PROJECTION, Answer, Scope
from services.reporting.columns import COUNTED, Cube, added, empty, labelled, narrowed, page, summed
from services.reporting.cubes import CubeKind, grain_of, serving
from services.reporting.domain import fold, known_until, milliseconds
from services.reporting.generations import Deriving
from services.reporting.kept import Kept
from services.reporting.measures import DURATIONS
from services.reporting.periods import Period, coarsest_for, cover, label
from services.reporting.question import TIME_KEYS, Question
from services.reporting.rollups import sum_of
from services.reporting.store import Generation, Node, Page, key_of

#: Bytes of pages and of cubes that are kept in memory.
KEPT_PAGES, KEPT_CUBES = 4 * 2**20, 8 * 2**20
#: Days read at once.
DAYS = 10


class Derived(Protocol):
    async def live(self) -> Deriving | None: ...
    async def numbered(self, number: int) -> Deriving: ...


class Log(Protocol):
    async def waiting_since(self) -> float:
        """Seconds for which the oldest open segment has been waiting; 0 where none is."""


class Wanted(Protocol):
    def wanted(self, period: Period) -> None:
        """The cubes of this period are behind."""


@dataclass
class Reader:
    generations: Derived
    rollups: Wanted
    log: Log
    _pages: Kept[Page] = field(default_factory=lambda: Kept(KEPT_PAGES))
    _nodes: Kept[Node] = field(default_factory=lambda: Kept(KEPT_CUBES))

    async def scope(self, question: Question) -> Scope:
        deriving = await self.generations.live()
        if deriving is None:
            return Scope(question, {}, question.first, question.last, None, None)
        months = None
        if question.first and question.last:
            months = [question.first.isoformat()[:7], question.last.isoformat()[:7]]
        weights = await deriving.generation.weights(months)
        known = sorted(weights)
        # whole years where no day is named: their cubes are the fewest
        first, last = question.first, question.last
        if known and (first is None or last is None):
            first = max(first or date.min, date(int(known[0][:4]), 1, 1))
        last = last or (date(int(known[-1][:4]), 12, 31) if known else None)
        within = {
            day: of
            for day, of in weights.items()
            if first and last and first.isoformat() <= day <= last.isoformat()
        }
        number = deriving.generation.number
        return Scope(question, within, first, last, number, deriving.version)

    async def answer(self, scope: Scope) -> Answer:
        question = scope.question
        keys = question.group_by
        coarsest = coarsest_for(frozenset(keys))
        kind = serving(question.needs, coarsest)
        if scope.generation is None or scope.first is None or scope.last is None:
            return Answer(empty(keys), PROJECTION, 0, scope.first, scope.last)
        generation = (await self.generations.numbered(scope.generation)).generation
        if kind is None:
            nodes: dict[Period, Node] = {}
            left = [Period(day) for day in scope.weights]
        else:
            periods = cover(scope.first, scope.last, grain_of(kind, coarsest))
            nodes, left = await self._walk(scope, generation, kind, list(periods))
        dimensions = kind.dimensions if kind else _dimensions(question)
        parts = [(period, node.cube) for period, node in nodes.items()]
        facts = sum(node.weight for node in nodes.values())
        for at in range(0, len(left), DAYS):
            days = await self.pages(scope, left[at : at + DAYS])
            facts += sum(one.weight for of in days.values() for one in of)
            parts += await asyncio.to_thread(_summed_days, days, dimensions)
        cube = await asyncio.to_thread(_combined, question, dimensions, parts)
        source = kind.name if kind else PROJECTION
        return Answer(cube, source, facts, scope.first, scope.last)

    async def lag(self) -> float:
        return await self.log.waiting_since()

    async def members(self, scope: Scope, of: str) -> list[str]:
        """The ids of the consultations that a figure counts, in their order."""
        found: list[str] = []
        days = [Period(day) for day in scope.weights]
        for at in range(0, len(days), DAYS):
            for pages in (await self.pages(scope, days[at : at + DAYS])).values():
                for one in pages:
                    rows = one.rows
                    for name, values in scope.question.filters.items():
                        rows = narrowed(rows, name, values)
                    column = f"{of}_bin" if of in DURATIONS else COUNTED[of]
                    counted = pa.compute.is_valid(rows[column])
                    if of not in DURATIONS:
                        counted = pa.compute.equal(rows[column], 1)
                    found += rows.filter(counted)["id"].to_pylist()
        return sorted(found)

    async def received_on(self, days: Sequence[str]) -> dict[tuple[str, str], int]:
        """(day of receipt, kecamatan) → consultations of which an event tells."""
        deriving = await self.generations.live()
        if deriving is None:
            return {}
        found: dict[tuple[str, str], int] = {}
        for at in range(0, len(days), DAYS):
            batch = days[at : at + DAYS]
            told = await asyncio.gather(*map(deriving.generation.received_on, batch))
            for day, of in zip(batch, told, strict=True):
                found |= {(day, kecamatan): count for kecamatan, count in of.items()}
        return found

    async def _walk(
        self, scope: Scope, generation: Generation, kind: CubeKind, periods: list[Period]
    ) -> tuple[dict[Period, Node], list[Period]]:
        """Cubes that hold, and the days that no such cube covers."""
        until = _until(scope.question)
        nodes: dict[Period, Node] = {}
        left: list[Period] = []
        while periods:
            periods = [one for one in periods if sum_of(scope.weights, one)]
            keys = [key_of(kind.name, one) for one in periods if one.grain != "day"]
            heads = await generation.cube_heads(keys)
            good: dict[str, Period] = {}
            deeper: list[Period] = []
            left += [one for one in periods if one.grain == "day"]
            for period in (one for one in periods if one.grain != "day"):
                key = key_of(kind.name, period)
                weight, recorded = heads.get(key, (0, 0))
                behind = weight < sum_of(scope.weights, period)
                if behind:
                    self.rollups.wanted(period)
                if not behind and (until is None or recorded <= until):
                    good[key] = period
                else:
                    deeper += period.parts()
            read = await self._cubes(generation, {key: heads[key][0] for key in good})
            nodes |= {good[key]: node for key, node in read.items()}
            periods = deeper
        return nodes, sorted(left)

    async def _cubes(self, generation: Generation, weights: Mapping[str, int]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, weight in weights.items():
            kept = self._nodes.get((generation.number, key), weight)
            if kept is not None:
                found[key] = kept
        missing = [key for key in weights if key not in found]
        for key, node in (await generation.cubes(missing)).items():
            found[key] = node
            self._nodes.put((generation.number, key), node)
        return found

    async def pages(self, scope: Scope, days: Sequence[Period]) -> dict[Period, Sequence[Page]]:
        """The pages of some days, as they are, or as they were; of a day in one where it is kept
        so."""
        if scope.generation is None:
            return {}
        deriving = await self.generations.numbered(scope.generation)
        generation, until = deriving.generation, _until(scope.question)
        heads = await generation.day_heads([day.text for day in days])
        whole: dict[str, int] = {}
        units: dict[str, int] = {}
        only = scope.question.filters.get("kecamatan")
        for day in days:
            weight, recorded = heads.get(day.text, (0, 0))
            behind = weight < sum_of(scope.weights, day)
            if behind:
                self.rollups.wanted(day)
            if not behind and (until is None or recorded <= until):
                whole[day.text] = weight
                continue
            for code, weight in scope.weights.get(day.text, {}).items():
                if only is None or code in only:
                    units[f"{day.text}/{code}"] = weight
        found = await self._read(generation, whole, generation.days)
        found |= await self._read(generation, units, generation.pages)
        if until is not None:
            for unit, one in list(found.items()):
                if one.recorded > until:
                    found[unit] = await self._as_of(deriving, unit, until)
        by_day: dict[Period, list[Page]] = {day: [] for day in days}
        for unit in sorted(found):
            by_day[Period(unit[:10])].append(found[unit])
        return dict(by_day)

    async def _read(
        self,
        generation: Generation,
        weights: Mapping[str, int],
        read: Callable[[Sequence[str]], Awaitable[list[Page]]],
    ) -> dict[str, Page]:
        found: dict[str, Page] = {}
        for unit, weight in weights.items():
            kept = self._pages.get((generation.number, unit), weight)
            if kept is not None:
                found[unit] = kept
        for one in await read([unit for unit in weights if unit not in found]):
            found[one.unit] = one
            self._pages.put((generation.number, one.unit), one)
        return found

    async def _as_of(self, deriving: Deriving, unit: str, until: int) -> Page:
        rows = []
        for known in await deriving.generation.known_of(unit):
            facts = known_until(known.facts, known.recorded, until)
            row = fold(known.id, facts, deriving.calendar)
            if row is not None:
                rows.append(row)
        return Page(unit, sum(row.facts for row in rows), until, page(rows))


def _until(question: Question) -> int | None:
    return None if question.as_of is None else milliseconds(question.as_of)


def _dimensions(question: Question) -> tuple[str, ...]:
    return tuple(sorted(question.needs))


def _summed_days(
    pages: Mapping[Period, Sequence[Page]], dimensions: Sequence[str]
) -> list[tuple[Period, Cube]]:
    return [
        (day, summed(pa.concat_tables(one.rows for one in of), dimensions))
        for day, of in pages.items()
        if of
    ]


def _combined(
    question: Question, dimensions: Sequence[str], parts: Sequence[tuple[Period, Cube]]
) -> Cube:
    """The parts narrowed down, under the labels of their times, and summed by the keys."""
    times = [key for key in question.group_by if key in TIME_KEYS]
    cubes = []
    for period, cube in parts:
        tables = []
        for table in (cube.cells, cube.bins):
            for name, values in question.filters.items():
                table = narrowed(table, name, values)
            for key in times:
                table = _with_label(table, key, period, "day" in dimensions)
            tables.append(table)
        cubes.append(Cube(*tables))
    return added(cubes, question.group_by)


def _with_label(table: pa.Table, key: str, period: Period, knows_day: bool) -> pa.Table:
    if not knows_day:
        return labelled(table, key, label(period, key))
    if key == "day":
        return table
    days = table["day"].combine_chunks().dictionary_encode()
    names = pa.array([label(Period(day), key) for day in days.dictionary.to_pylist()], pa.string())
    return table.append_column(key, names.take(days.indices))
