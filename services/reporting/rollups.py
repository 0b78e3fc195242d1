"""Keeps the cubes up to date: only those of periods that were touched, each from the level below.

A cube of a day is summed up from its pages, one of a month from those of its days, one of a year
from those of its months. No report waits for that: who reads goes down to the days and pages where
a cube is behind (`reader.py`), and says so here, so that it is not behind for long.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from services.reporting.columns import PAGE, Cube, added, summed
from services.reporting.cubes import CUBES, CubeKind
from services.reporting.generations import Deriving
from services.reporting.periods import GRAINS, Grain, Period
from services.reporting.store import Generation, Node, key_of
from shared.errors import KlikError, describe

log = logging.getLogger(__name__)

#: Seconds between looks, and for which a touched period waits for more to touch it.
INTERVAL = 0.25
PATIENCE: Mapping[Grain, float] = {"day": 1.0, "month": 5.0, "year": 20.0}
PAUSE = 1.0

Weights = Mapping[str, Mapping[str, int]]


class Derived(Protocol):
    async def writing(self) -> list[Deriving]: ...


class Rollups:
    def __init__(self, generations: Derived) -> None:
        self._generations = generations
        self._since: dict[Period, float] = {}
        self._task: asyncio.Task[None] | None = None

    def touched(self, days: Iterable[str]) -> None:
        for day in days:
            self.wanted(Period(day))

    def wanted(self, period: Period) -> None:
        """This period and those that it is part of are behind."""
        now = time.monotonic()
        self._since.setdefault(period, now)
        if period.grain != "year":
            self.wanted(period.parent)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _for_ever(self) -> None:
        while True:
            try:
                await asyncio.sleep(INTERVAL)
                now = time.monotonic()
                due = [
                    one for one, since in self._since.items() if now - since > PATIENCE[one.grain]
                ]
                if due:
                    await self.refresh(due)
            except KlikError as error:
                log.warning("rollups wait", extra={"error": describe(error)})
                await asyncio.sleep(PAUSE)
            except Exception as error:
                log.exception("rollups failed", extra={"error": describe(error)})
                await asyncio.sleep(PAUSE)

    async def refresh(self, periods: Iterable[Period]) -> None:
        """The cubes of these periods, days first."""
        for period in sorted(periods, key=lambda one: (GRAINS.index(one.grain), one)):
            # before it is read: what is written meanwhile wants it again
            self._since.pop(period, None)
            for deriving in await self._generations.writing():
                for part in await refresh(deriving.generation, period):
                    self.wanted(part)


async def refresh(generation: Generation, period: Period) -> set[Period]:
    """Every cube of one period that is behind its pages; the parts that must be first."""
    months = [one.text for one in period.parts()] if period.grain == "year" else [period.text[:7]]
    weights = await generation.weights(months)
    wanted = sum_of(weights, period)
    cubes = [cube for cube in CUBES if is_kept(cube, period.grain)]
    heads = await generation.cube_heads([key_of(cube.name, period) for cube in cubes])
    behind = [cube for cube in cubes if heads.get(key_of(cube.name, period), (0, 0))[0] < wanted]
    if not behind:
        return set()
    if period.grain == "day":
        units = [f"{period.text}/{kecamatan}" for kecamatan in weights[period.text]]
        await generation.keep_cubes(await of_pages(generation, period, units, behind))
        return set()
    missing: set[Period] = set()
    for cube in behind:  # one at a time: a year of some is large
        node = await of_parts(generation, period, cube, weights)
        if isinstance(node, Node):
            await generation.keep_cubes({key_of(cube.name, period): node})
        else:
            missing |= node
    return missing


async def of_pages(
    generation: Generation, day: Period, units: Sequence[str], cubes: Sequence[CubeKind]
) -> dict[str, Node]:
    """The cubes of a day from its pages."""
    pages = await generation.pages(units)
    table = pa.concat_tables([PAGE.empty_table(), *(page.rows for page in pages)])
    weight = sum(page.weight for page in pages)
    recorded = max((page.recorded for page in pages), default=0)

    def sums() -> dict[str, Node]:
        return {
            key_of(cube.name, day): Node(weight, recorded, summed(table, cube.dimensions))
            for cube in cubes
        }

    return await asyncio.to_thread(sums)


async def of_parts(
    generation: Generation, period: Period, cube: CubeKind, weights: Weights
) -> Node | set[Period]:
    """A cube of a month or year from its parts; those that are behind, where there are any."""
    parts = [part for part in period.parts() if sum_of(weights, part)]
    nodes = await generation.cubes([key_of(cube.name, part) for part in parts])
    behind = {
        part
        for part in parts
        if (node := nodes.get(key_of(cube.name, part))) is None
        or node.weight < sum_of(weights, part)
    }
    if behind:
        return behind

    def total() -> Cube:
        return added([node.cube for node in nodes.values()], cube.dimensions)

    return Node(
        weight=sum(node.weight for node in nodes.values()),
        recorded=max((node.recorded for node in nodes.values()), default=0),
        cube=await asyncio.to_thread(total),
    )


def is_kept(cube: CubeKind, grain: Grain) -> bool:
    return GRAINS.index(grain) <= GRAINS.index(cube.coarsest)


def sum_of(weights: Weights, period: Period) -> int:
    """On how many facts all pages of a period rest."""
    return sum(sum(of.values()) for day, of in weights.items() if day.startswith(period.text))
