"""Reads what an answer is summed up from: cubes where they hold, pages where none does.

The version index says on how many facts each page rests, so that a cube which is behind is known as
such; then its parts are read in its place, down to the pages. Under `as_of`, so are those that know
more than was known then, down to the facts. What was read is kept in memory by its version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from services.reporting.domain.answers import Scope
from services.reporting.domain.columns import page
from services.reporting.domain.cubes import CubeKind
from services.reporting.domain.periods import Period
from services.reporting.domain.query import ReportQuery
from services.reporting.domain.rows import known_until
from services.reporting.ports import CubeRefresh
from services.reporting.projection.generations import Deriving, Generations
from services.reporting.projection.pages import rows_of
from services.reporting.projection.version_index import sum_of
from services.reporting.projection.versions import (
    NO_HEAD,
    Head,
    Node,
    Page,
    VersionCache,
    VersionedStore,
)
from shared.errors import StoreUnavailable
from shared.times import milliseconds

#: Bytes of cubes that are kept in memory: those of a year of a million consultations take 16 MB.
CUBE_CACHE_BYTES = 24 * 2**20

T = TypeVar("T", bound=Page | Node)


class Sources:
    def __init__(
        self, generations: Generations, rollups: CubeRefresh, pages: VersionCache[Page]
    ) -> None:
        self._generations = generations
        self._rollups = rollups
        self._pages = pages
        self._nodes: VersionCache[Node] = VersionCache(CUBE_CACHE_BYTES)

    async def cubes(
        self, scope: Scope, kind: CubeKind, periods: Sequence[Period]
    ) -> tuple[dict[Period, Node], list[Period]]:
        """Cubes that hold, and the days that no such cube covers."""
        generation, until = (await self._derived(scope)).generation, _until(scope.query)
        nodes: dict[Period, Node] = {}
        left: list[Period] = []
        while periods := [one for one in periods if sum_of(scope.versions, one)]:
            left += [one for one in periods if one.grain == "day"]
            keys = {kind.key(one): one for one in periods if one.grain != "day"}
            heads = await generation.cubes.heads(list(keys))
            good, deeper = dict[str, int](), list[Period]()
            for key, period in keys.items():
                head = heads.get(key, NO_HEAD)
                if self._holds(head, scope, period, until):
                    good[key] = head.version
                else:
                    deeper += period.parts()
            read = await _read(self._nodes, generation.number, generation.cubes, good)
            nodes |= {keys[key]: node for key, node in read.items()}
            periods = deeper
        return nodes, sorted(left)

    async def pages(self, scope: Scope, days: Sequence[Period]) -> dict[Period, Sequence[Page]]:
        """The pages of some days, as they are, or as they were; of a day in one where it is kept
        so, unless one kecamatan is asked for."""
        if scope.generation is None:
            return {}
        deriving, until = await self._derived(scope), _until(scope.query)
        generation, only = deriving.generation, scope.query.filters.get("kecamatan")
        heads: dict[str, Head] = {}
        if only is None or len(only) > 1:
            heads = await generation.days.heads([day.text for day in days])
        whole: dict[str, int] = {}
        keys: dict[str, int] = {}
        for day in days:
            head = heads.get(day.text, NO_HEAD)
            if heads and self._holds(head, scope, day, until):
                whole[day.text] = head.version
                continue
            for code, version in scope.versions.get(day.text, {}).items():
                if only is None or code in only:
                    keys[f"{day.text}/{code}"] = version
        found = await _read(self._pages, generation.number, generation.days, whole)
        found |= await _read(self._pages, generation.number, generation.pages, keys)
        by_day: dict[Period, list[Page]] = {day: [] for day in days}
        for key, one in sorted(found.items()):
            if until is not None and one.recorded > until:
                one = await _as_of(deriving, key, until)
            by_day[Period(key[:10])].append(one)
        return dict(by_day)

    async def _derived(self, scope: Scope) -> Deriving:
        assert scope.generation is not None  # noqa: S101 - nothing is asked of one that is not there
        return await self._generations.numbered(scope.generation)

    def _holds(self, head: Head, scope: Scope, period: Period, until: int | None) -> bool:
        """Whether it knows all that there is to know, and nothing that came after `until`."""
        behind = head.version < sum_of(scope.versions, period)
        if behind:
            self._rollups.wanted(period)
        return not behind and (until is None or head.recorded <= until)


async def _read(
    cache: VersionCache[T], generation: int, store: VersionedStore[T], versions: Mapping[str, int]
) -> dict[str, T]:
    """From memory, where it is of this version, or else from the store."""
    found: dict[str, T] = {}
    for id_, version in versions.items():
        if (one := cache.get((generation, id_), version)) is not None:
            found[id_] = one
    missing = [id_ for id_ in versions if id_ not in found]
    for id_, one in (await store.read(missing)).items():
        found[id_] = one
        cache.put((generation, id_), one)
    if len(found) < len(versions):
        raise replaced(generation)
    return found


async def _as_of(deriving: Deriving, key: str, until: int) -> Page:
    consultations = await deriving.generation.facts.in_partition(key)
    if not consultations:
        raise replaced(deriving.generation.number)
    rows = rows_of(
        (replace(one, facts=known_until(one.facts, one.recorded, until)) for one in consultations),
        deriving.calendar,
    )
    return Page(key, sum(row.facts for row in rows), until, page(rows))


def replaced(generation: int) -> StoreUnavailable:
    """Whoever asks again reads the new one. Nothing is ever taken out of a generation but by
    dropping all of it, some seconds after a rebuild."""
    return StoreUnavailable(f"generation {generation} was replaced while it was read")


def _until(query: ReportQuery) -> int | None:
    return None if query.as_of is None else milliseconds(query.as_of)
