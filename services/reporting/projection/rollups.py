"""Keeps the cubes up to date: only those of periods that were touched, each from the level below.

The pages of a day are put into one, the cubes of a month summed up from its days, those of a year
from its months. No report waits for that: who reads goes down to the days and pages where a cube
is behind (`query/engine.py`), and says so here, so that it is not behind for long.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence

import pyarrow as pa

from services.reporting.domain.columns import PAGE, added, in_order, summed_by
from services.reporting.domain.cubes import CUBES, CubeKind
from services.reporting.domain.periods import GRAINS, Grain, Period
from services.reporting.projection.generations import Generations
from services.reporting.projection.store import Generation
from services.reporting.projection.version_index import Versions, sum_of
from services.reporting.projection.versions import NO_HEAD, Node, Page
from shared.periodic import PeriodicTask

#: Seconds between looks, and for which a touched period waits for more to touch it.
LOOK_INTERVAL_SECONDS = 0.5
SETTLE_SECONDS: Mapping[Grain, float] = {"day": 3.0, "month": 5.0, "year": 20.0}


class Rollups:
    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._since: dict[Period, float] = {}
        self._behind = asyncio.Event()
        self._looking = PeriodicTask("rollups", self._refresh_due, self._rest)

    def touched(self, days: Iterable[str]) -> None:
        for day in days:
            self.wanted(Period(day))

    def wanted(self, period: Period) -> None:
        """This period and those that it is part of are behind."""
        now = time.monotonic()
        self._since.setdefault(period, now)
        self._behind.set()
        if period.grain != "year":
            self.wanted(period.parent)

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def _rest(self) -> None:
        if not self._since:
            self._behind.clear()
            await self._behind.wait()
        await asyncio.sleep(LOOK_INTERVAL_SECONDS)

    async def _refresh_due(self) -> None:
        now = time.monotonic()
        await self.refresh(
            [one for one, since in self._since.items() if now - since > SETTLE_SECONDS[one.grain]]
        )

    async def refresh(self, periods: Iterable[Period]) -> None:
        """What is kept of these periods, days first."""
        ordered = sorted(periods, key=lambda one: (GRAINS.index(one.grain), one))
        derivings = await self._generations.writing() if ordered else []
        for period in ordered:
            # before it is read: what is written meanwhile wants it again
            self._since.pop(period, None)
            for deriving in derivings:
                for part in await refresh(deriving.generation, period):
                    self.wanted(part)


async def refresh(generation: Generation, period: Period) -> set[Period]:
    """What is kept of one period, where it is behind its pages; the parts that must be first."""
    months = [one.text for one in period.parts()] if period.grain == "year" else [period.text[:7]]
    versions = await generation.version_index.versions(months)
    wanted = sum_of(versions, period)
    if period.grain == "day":
        heads = await generation.days.heads([period.text])
        if heads.get(period.text, NO_HEAD).version < wanted:
            keys = [f"{period.text}/{kecamatan}" for kecamatan in versions[period.text]]
            pages = await generation.pages.read(keys)
            await generation.days.keep({period.text: day_of(period, pages.values())})
        return set()
    kinds = [cube for cube in CUBES if is_stored(cube, period.grain)]
    heads = await generation.cubes.heads([cube.key(period) for cube in kinds])
    behind = [cube for cube in kinds if heads.get(cube.key(period), NO_HEAD).version < wanted]
    if not behind:
        return set()
    if period.grain == "month":
        return await _refresh_month(generation, period, behind, versions)
    missing: set[Period] = set()
    for cube in behind:  # one at a time: a year of some is large
        node = await of_months(generation, period, cube, versions)
        if isinstance(node, Node):
            await generation.cubes.keep({cube.key(period): node})
        else:
            missing |= node
    return missing


def day_of(day: Period, pages: Collection[Page]) -> Page:
    """The pages of a day in one."""
    return Page(
        day.text,
        sum(page.version for page in pages),
        max((page.recorded for page in pages), default=0),
        pa.concat_tables([PAGE.empty_table(), *(page.rows for page in pages)]),
    )


async def _refresh_month(
    generation: Generation, month: Period, cubes: Sequence[CubeKind], versions: Versions
) -> set[Period]:
    nodes = await of_days(generation, month, cubes, versions)
    if isinstance(nodes, set):
        return nodes
    await generation.cubes.keep(nodes)
    return set()


async def of_days(
    generation: Generation, month: Period, cubes: Sequence[CubeKind], versions: Versions
) -> dict[str, Node] | set[Period]:
    """Cubes of a month from its days; those that are behind, where there are any."""
    parts = [part for part in month.parts() if sum_of(versions, part)]
    days = await generation.days.read([part.text for part in parts])
    behind = {
        part
        for part in parts
        if part.text not in days or days[part.text].version < sum_of(versions, part)
    }
    if behind:
        return behind
    whole = day_of(month, days.values())

    def sums() -> dict[str, Node]:
        summed = summed_by(whole.rows, [cube.dimensions for cube in cubes])
        return {
            cube.key(month): Node.of(whole.version, whole.recorded, of)
            for cube, of in zip(cubes, summed, strict=True)
        }

    return await asyncio.to_thread(sums)


async def of_months(
    generation: Generation, year: Period, cube: CubeKind, versions: Versions
) -> Node | set[Period]:
    """A cube of a year from those of its months; those that are behind, where there are any."""
    parts = [part for part in year.parts() if sum_of(versions, part)]
    nodes = await generation.cubes.read([cube.key(part) for part in parts])
    behind = {
        part
        for part in parts
        if (node := nodes.get(cube.key(part))) is None or node.version < sum_of(versions, part)
    }
    if behind:
        return behind

    def total() -> Node:
        return Node.of(
            sum(node.version for node in nodes.values()),
            max((node.recorded for node in nodes.values()), default=0),
            in_order(added([node.cube for node in nodes.values()], cube.dimensions)),
        )

    return await asyncio.to_thread(total)


def is_stored(cube: CubeKind, grain: Grain) -> bool:
    return GRAINS.index(grain) <= GRAINS.index(cube.coarsest)
