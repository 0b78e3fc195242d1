"""Makes pages anew, and remembers what is in those it made: most are touched again in a moment.

A page replaces exactly the one on which it was based, by that one's version; where another replica
was faster, it is made again from all that is known. So whatever a page tells, its successor tells.
"""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from services.reporting.domain.columns import page as in_columns
from services.reporting.domain.columns import replaced
from services.reporting.domain.rows import Row, fold
from services.reporting.projection.facts import ConsultationFacts
from services.reporting.projection.generations import Deriving
from services.reporting.projection.store import Generation
from services.reporting.projection.versions import NO_HEAD, Page, VersionCache
from shared.calendar import Calendar

#: Bytes of the pages that are remembered.
PAGE_CACHE_BYTES = 4 * 2**20
#: Pages made at once.
PAGES_PER_BATCH = 20


class PageMaker:
    def __init__(self) -> None:
        self._pages: VersionCache[Page] = VersionCache(PAGE_CACHE_BYTES)

    async def make(self, deriving: Deriving, touched: Mapping[str, set[str]]) -> None:
        """`touched`: partition key → the consultations of which more is known than before."""
        left = sorted(touched)
        while left:
            batch, left = left[:PAGES_PER_BATCH], left[PAGES_PER_BATCH:]
            left += await self._make(deriving, {key: touched[key] for key in batch})

    async def _make(self, deriving: Deriving, touched: Mapping[str, set[str]]) -> list[str]:
        """The partition keys of which somebody else was faster."""
        generation, number = deriving.generation, deriving.generation.number
        heads = await generation.pages.heads(sorted(touched))
        made: dict[str, Page] = {}
        bases: dict[str, int] = {}
        for key, ids in touched.items():
            bases[key] = heads.get(key, NO_HEAD).version
            before = self._pages.get((number, key), bases[key])
            if before is not None:
                made[key] = await _amended(before, ids, generation, deriving.calendar)
            else:
                consultations = await generation.facts.in_partition(key)
                made[key] = page_of(key, consultations, deriving.calendar)
        lost = await generation.replace_pages(list(made.values()), bases)
        for key, page in made.items():
            if key not in lost:
                self._pages.put((number, key), page)
        return sorted(lost)


async def _amended(
    before: Page, ids: Iterable[str], generation: Generation, calendar: Calendar
) -> Page:
    """The page with some of its consultations read and folded anew."""
    again = await generation.facts.of(sorted(ids))
    table = replaced(before.rows, rows_of(again, calendar))
    recorded = max([before.recorded, *(_latest(one) for one in again)])
    return Page(before.partition_key, _version(table), recorded, table)


def page_of(key: str, consultations: Sequence[ConsultationFacts], calendar: Calendar) -> Page:
    table = in_columns(rows_of(consultations, calendar))
    recorded = max((_latest(one) for one in consultations), default=0)
    return Page(key, _version(table), recorded, table)


def rows_of(consultations: Iterable[ConsultationFacts], calendar: Calendar) -> list[Row]:
    """Of those whose submission is known."""
    return [row for one in consultations if (row := fold(one.id, one.facts, calendar)) is not None]


def _latest(one: ConsultationFacts) -> int:
    return max(one.recorded.values())


def _version(table: pa.Table) -> int:
    """On how many facts its rows rest."""
    return int(pa.compute.sum(table["facts"]).as_py() or 0)
