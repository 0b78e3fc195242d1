"""Proves that what is read is what follows from the log, and each cube what it is the sum of."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from services.reporting.domain.cubes import CUBES
from services.reporting.domain.periods import Period
from services.reporting.domain.rows import Row
from services.reporting.events.log import EventLog
from services.reporting.projection.generations import Deriving
from services.reporting.projection.pages import rows_of
from services.reporting.projection.rebuild import Step, passes
from services.reporting.projection.rollups import day_of, is_stored, of_days, of_months
from services.reporting.projection.store import Generation
from services.reporting.projection.version_index import Versions, sum_of
from services.reporting.projection.versions import Node


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
    of_log = Digest()
    async for consultations in passes(log, step):
        of_log.add(rows_of(consultations, live.calendar))
    of_live, wrong = Digest(), list[str]()
    versions = await live.generation.version_index.versions()
    for done, (day, of) in enumerate(versions.items(), start=1):
        pages = await live.generation.pages.read([f"{day}/{kecamatan}" for kecamatan in of])
        for page in pages.values():
            names = [column for column in page.rows.column_names if column in _ROW]
            of_live.add(Row(**line) for line in page.rows.select(names).to_pylist())
        step("reading pages", done, len(versions))
    periods = {Period(day) for day in versions}
    periods |= {day.parent for day in periods}
    periods |= {month.parent for month in periods if month.grain == "month"}
    for done, period in enumerate(sorted(periods), start=1):
        wrong += await _wrong_cubes(live.generation, period, versions)
        step("checking cubes", done, len(periods))
    return Verdict(of_log.text, of_live.text, of_log.rows, of_live.rows, tuple(wrong))


_ROW = frozenset(Row._fields)


class Digest:
    """A hash of a set of rows, in whatever order they are added."""

    def __init__(self) -> None:
        self._sum = 0
        self.rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._sum += int.from_bytes(sha256(repr(row).encode()).digest())
            self.rows += 1

    @property
    def text(self) -> str:
        return f"{self._sum % 2**256:064x}"


async def _wrong_cubes(generation: Generation, period: Period, versions: Versions) -> list[str]:
    """Of one period, those that differ from the sum of the level below; none that are behind."""
    wanted = sum_of(versions, period)
    if period.grain == "day":
        day = (await generation.days.read([period.text])).get(period.text)
        if day is None or day.version != wanted:
            return []
        keys = [f"{period.text}/{kecamatan}" for kecamatan in sorted(versions[period.text])]
        again = day_of(period, (await generation.pages.read(keys)).values())
        same = day.rows.sort_by("id").equals(again.rows.sort_by("id"))
        return [] if same else [period.text]
    kinds = [cube for cube in CUBES if is_stored(cube, period.grain)]
    stored = await generation.cubes.read([cube.key(period) for cube in kinds])
    current = [
        cube
        for cube in kinds
        if (node := stored.get(cube.key(period))) is not None and node.version == wanted
    ]
    sums: dict[str, Node] = {}
    if period.grain == "month":
        found = await of_days(generation, period, current, versions)
        sums = {} if isinstance(found, set) else found
    else:
        for cube in current:
            summed = await of_months(generation, period, cube, versions)
            if isinstance(summed, Node):
                sums[cube.key(period)] = summed
    return [
        key
        for cube in current
        if (key := cube.key(period)) in sums and stored[key].cube != sums[key].cube
    ]
