"""Makes everything derived anew from the log, beside what is read; and proves both to be the same.

The new generation gets what is logged meanwhile from the replicas themselves, which write to both
while one is being built, so that readers see no gap when it takes over. The log is read in as many
passes as its consultations need to fit into memory, each over a part of them.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from zlib import crc32

from services.reporting.columns import Cube
from services.reporting.cubes import CUBES, CubeKind
from services.reporting.domain import Fact, Row, fold
from services.reporting.generations import Deriving, Generations
from services.reporting.log import EventLog
from services.reporting.pages import PageMaker, page_of
from services.reporting.periods import Period
from services.reporting.projector import facts_in
from services.reporting.rollups import day_of, is_kept, of_days, of_months, refresh, sum_of
from services.reporting.store import Generation, Known, Node, Told, key_of
from shared.calendar import Calendar

#: Events whose facts are in memory at once, some 700 bytes each.
PASS = 2_000_000
#: Seconds within which every replica knows of a generation that is being built: they ask with every
#: round of the projector.
HEARD = 3.0

#: How much earlier than it says a segment may have been written by another replica's clock.
MARGIN = timedelta(minutes=1)

Step = Callable[[str, int, int], None]
"""Told of progress: what is being done, how much of it is done, how much there is."""


@dataclass
class Gathered:
    """What one pass has found."""

    facts: dict[str, dict[str, Fact]] = field(default_factory=dict)
    recorded: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, told: Iterable[Told]) -> None:
        for one in told:
            self.facts.setdefault(one.consultation, {})[one.event] = one.fact
            recorded = self.recorded.setdefault(one.consultation, {})
            recorded[one.event] = min(one.recorded, recorded.get(one.event, one.recorded))

    def known(self) -> list[Known]:
        return [Known(id_, of, self.recorded[id_]) for id_, of in sorted(self.facts.items())]


async def rebuild(log: EventLog, generations: Generations, step: Step) -> Deriving:
    """A new generation, read from now on; the one before is dropped."""
    (before, *_) = await generations.writing()
    built, started = await generations.build(), log.now()
    try:
        await asyncio.sleep(HEARD)  # from now on the replicas write to both
        units = await _refill(log, built, step)
        await _catch_up(log, built, started)
        await _make_cubes(built.generation, units, step)
    except BaseException:
        await generations.give_up(built)
        raise
    await generations.change_over(built)
    await asyncio.sleep(HEARD)  # until nobody reads the old one any more
    await before.generation.drop()
    return built


async def _refill(log: EventLog, built: Deriving, step: Step) -> set[str]:
    """Facts and pages of everything in the log; the units that there are."""
    total = await log.count()
    passes = total // PASS + 1
    units: set[str] = set()
    for number in range(passes):
        gathered, done = Gathered(), 0
        async for segments in log.segments():
            gathered.take(
                one for one in facts_in(segments) if _part(one.consultation, passes) == number
            )
            done += sum(len(one.events) for one in segments)
            step("reading the log", number * total + done, passes * total)
        known = gathered.known()
        # a replica may have put some there already, from what came meanwhile
        for at in range(0, len(known), 1000):
            await built.generation.merge(known[at : at + 1000])
            step("writing facts", at, len(known))
        units |= {unit for one in known if (unit := one.unit) is not None}
        if passes == 1:
            await _pages_of(built, known, step)
    if passes > 1:
        await _pages_from_facts(built, sorted(units), step)
    return units


async def _catch_up(log: EventLog, built: Deriving, started: datetime) -> None:
    """What came in meanwhile, once more: a page that was made from memory may not know it."""
    async for segments in log.segments(started - MARGIN):
        told = list(facts_in(segments))
        await built.generation.tell(told)
        units: dict[str, set[str]] = {}
        ids = {one.consultation for one in told}
        for id_, unit in (await built.generation.units_of(ids)).items():
            units.setdefault(unit, set()).add(id_)
        await PageMaker().make(built, units)


def _part(consultation: str, passes: int) -> int:
    return crc32(consultation.encode()) % passes


async def _pages_of(built: Deriving, known: Sequence[Known], step: Step) -> None:
    """Pages straight from memory; what came meanwhile is heavier, and stays."""
    by_day: dict[str, dict[str, list[Known]]] = {}
    for one in known:
        if (unit := one.unit) is not None:
            by_day.setdefault(unit[:10], {}).setdefault(unit, []).append(one)
    for done, (day, units) in enumerate(sorted(by_day.items()), start=1):
        pages = [page_of(unit, of, built.calendar) for unit, of in sorted(units.items())]
        await built.generation.keep_pages(pages)
        await built.generation.keep_days([day_of(Period(day), pages)])
        step("making pages", done, len(by_day))


async def _pages_from_facts(built: Deriving, units: Sequence[str], step: Step) -> None:
    for at, unit in enumerate(units, start=1):
        known = await built.generation.known_of(unit)
        await built.generation.keep_pages([page_of(unit, known, built.calendar)])
        step("making pages", at, len(units))


async def _make_cubes(generation: Generation, units: Iterable[str], step: Step) -> None:
    days = sorted({Period(unit[:10]) for unit in units})
    months = sorted({day.parent for day in days})
    periods = [*days, *months, *sorted({month.parent for month in months})]
    for done, period in enumerate(periods, start=1):
        await refresh(generation, period)
        step("summing up", done, len(periods))


# Proof


@dataclass(frozen=True, slots=True)
class Verdict:
    """`log`, `live`: the hashes of all rows as they follow from the log, and as they are read."""

    log: str
    live: str
    rows_of_log: int
    rows_live: int
    wrong_cubes: tuple[str, ...]
    """Those that say something else than what they were summed up from."""

    @property
    def holds(self) -> bool:
        return self.log == self.live and not self.wrong_cubes


async def verify(log: EventLog, live: Deriving, step: Step) -> Verdict:
    """Whether what is read is what follows from the log. Run it while nothing comes in."""
    total, of_log = await log.count(), Digest()
    passes = total // PASS + 1
    for number in range(passes):
        gathered, done = Gathered(), 0
        async for segments in log.segments():
            gathered.take(
                one for one in facts_in(segments) if _part(one.consultation, passes) == number
            )
            done += sum(len(one.events) for one in segments)
            step("reading the log", number * total + done, passes * total)
        of_log.add(_rows(gathered.known(), live.calendar))
    of_live, wrong = Digest(), list[str]()
    weights = await live.generation.weights()
    for done, (day, of) in enumerate(weights.items(), start=1):
        pages = await live.generation.pages([f"{day}/{kecamatan}" for kecamatan in of])
        for page in pages:
            names = [column for column in page.rows.column_names if column in _ROW]
            of_live.add(Row(**line) for line in page.rows.select(names).to_pylist())
        step("reading pages", done, len(weights))
    periods = {Period(day) for day in weights}
    periods |= {day.parent for day in periods}
    periods |= {month.parent for month in periods if month.grain == "month"}
    for done, period in enumerate(sorted(periods), start=1):
        wrong += await _wrong_cubes(live.generation, period, weights)
        step("checking cubes", done, len(periods))
    return Verdict(of_log.text, of_live.text, of_log.rows, of_live.rows, tuple(wrong))


_ROW = frozenset(Row.__dataclass_fields__)


class Digest:
    """A hash of a set of rows, in whatever order they are added."""

    def __init__(self) -> None:
        self._sum = 0
        self.rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._sum += int.from_bytes(sha256(repr(asdict(row)).encode()).digest())
            self.rows += 1

    @property
    def text(self) -> str:
        return f"{self._sum % 2**256:064x}"


def _rows(known: Iterable[Known], calendar: Calendar) -> Iterable[Row]:
    return (row for one in known if (row := fold(one.id, one.facts, calendar)) is not None)


async def _wrong_cubes(
    generation: Generation, period: Period, weights: Mapping[str, Mapping[str, int]]
) -> list[str]:
    """Of one period, those that differ from the sum of the level below; none that are behind."""
    wanted = sum_of(weights, period)
    if period.grain == "day":
        days = await generation.days([period.text])
        if not days or days[0].weight != wanted:
            return []
        units = [f"{period.text}/{kecamatan}" for kecamatan in sorted(weights[period.text])]
        again = day_of(period, await generation.pages(units))
        same = days[0].rows.sort_by("id").equals(again.rows.sort_by("id"))
        return [] if same else [period.text]
    kinds = [cube for cube in CUBES if is_kept(cube, period.grain)]
    kept = await generation.cubes([key_of(cube.name, period) for cube in kinds])
    current = [
        cube
        for cube in kinds
        if (node := kept.get(key_of(cube.name, period))) is not None and node.weight == wanted
    ]
    sums: dict[str, Node] = {}
    if period.grain == "month":
        found = await of_days(generation, period, current, weights)
        sums = {} if isinstance(found, set) else found
    else:
        for cube in current:
            summed = await of_months(generation, period, cube, weights)
            if isinstance(summed, Node):
                sums[key_of(cube.name, period)] = summed
    return [
        key
        for cube in current
        if (key := key_of(cube.name, period)) in sums
        and not _same(kept[key].cube, sums[key].cube, cube)
    ]


def _same(one: Cube, other: Cube, kind: CubeKind) -> bool:
    orders = [(name, "ascending") for name in (*kind.dimensions, "measure", "bin")]
    cells = orders[: len(kind.dimensions)]
    tables = [cube.cells.sort_by(cells) if cells else cube.cells for cube in (one, other)]
    return bool(tables[0].equals(tables[1])) and bool(
        one.bins.sort_by(orders).equals(other.bins.sort_by(orders))
    )
