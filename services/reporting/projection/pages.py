"""Makes pages anew where more is known, and remembers them: most are touched again in a moment.

A page is the one before with some of its consultations folded anew. It replaces exactly that one,
by its version; where another replica was faster, it is made again from the other's. A consultation
is folded from facts that were read after the page it goes into, and facts are kept before any page
rests on them. So whatever a page tells, its successor tells.

The facts of the consultations that were touched last are remembered too. They may lack what another
replica has put there since: that one makes the page anew as well, or whoever takes over from it.
They never lack what is in a page of our own making: those of another's page are forgotten.
"""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
from cachetools import LRUCache

from services.reporting.domain.columns import page as in_columns
from services.reporting.domain.columns import replaced
from services.reporting.domain.rows import Row, fold
from services.reporting.projection.facts import ConsultationFacts, RecordedFact, by_consultation
from services.reporting.projection.generations import Deriving
from services.reporting.projection.store import Generation
from services.reporting.projection.versions import NO_HEAD, Page, VersionCache
from shared.calendar import Calendar

#: Bytes of the pages that are remembered, by those who make them and those who read them.
PAGE_CACHE_BYTES = 8 * 2**20
#: Consultations whose facts are remembered, some 5 kB each.
CACHED_CONSULTATIONS = 1_000
#: Pages of which it is remembered that we made them.
OWN_PAGES = 5_000
#: Pages made at once.
PAGES_PER_BATCH = 20
#: Facts carried on at once: all that is known of their consultations is in memory then.
FACTS_PER_BATCH = 1_000


def page_cache() -> VersionCache[Page]:
    return VersionCache(PAGE_CACHE_BYTES)


class PageMaker:
    """For one caller at a time."""

    def __init__(
        self,
        pages: VersionCache[Page] | None = None,
        *,
        cached_consultations: int = CACHED_CONSULTATIONS,
        whole: bool = False,
    ) -> None:
        """`pages`: by generation and partition key, shared with who reads them; `whole`: make them
        from all facts there are, whatever page is there."""
        self._whole = whole
        self._pages = page_cache() if pages is None else pages
        self._own: LRUCache[tuple[int, str], int] = LRUCache(OWN_PAGES)
        self._facts: LRUCache[tuple[int, str], ConsultationFacts] = LRUCache(cached_consultations)

    async def carry_on(self, deriving: Deriving, facts: Sequence[RecordedFact]) -> set[str]:
        """Put facts on their consultations, and make the pages anew that are touched; the days of
        these."""
        days: set[str] = set()
        for at in range(0, len(facts), FACTS_PER_BATCH):
            touched: dict[str, list[ConsultationFacts]] = {}
            for one in await self._added(deriving.generation, facts[at : at + FACTS_PER_BATCH]):
                if (key := one.partition_key) is not None:
                    touched.setdefault(key, []).append(one)
            left = sorted(touched)
            while left:
                keys, left = left[:PAGES_PER_BATCH], left[PAGES_PER_BATCH:]
                left += await self._make(deriving, {key: touched[key] for key in keys})
            days |= {key.partition("/")[0] for key in touched}
        return days

    async def _added(
        self, generation: Generation, facts: Sequence[RecordedFact]
    ) -> list[ConsultationFacts]:
        """The consultations of these facts, which are kept now, with what was known before."""
        fresh = by_consultation(facts)
        await generation.facts.add(list(fresh.values()))
        found, unread = list[ConsultationFacts](), list[str]()
        for id_, one in fresh.items():
            if before := self._facts.get((generation.number, id_)):
                found.append(before.joined(one))
            else:
                unread.append(id_)
        # after ours are there: of two replicas that add to one at once, the later reads both
        found += await generation.facts.of(unread)
        self._remember(generation, found)
        return found

    def _remember(self, generation: Generation, found: Iterable[ConsultationFacts]) -> None:
        # where it was submitted may be known to another replica first: then ask again
        self._facts.update(
            {(generation.number, one.id): one for one in found if one.partition_key is not None}
        )

    async def _make(
        self, deriving: Deriving, touched: Mapping[str, Sequence[ConsultationFacts]]
    ) -> list[str]:
        """`touched`: partition key → the consultations of which more is known than before. The
        partition keys of which somebody else was faster."""
        generation, number = deriving.generation, deriving.generation.number
        heads = await generation.pages.heads(sorted(touched))
        bases = {key: heads.get(key, NO_HEAD).version for key in touched}
        pages = {key: self._pages.get((number, key), base) for key, base in bases.items()}
        unread = [key for key, base in bases.items() if base and not pages[key]]
        pages |= await generation.pages.read([] if self._whole else unread)
        made: dict[str, Page] = {}
        for key, consultations in touched.items():
            before = pages[key]
            if before is None:
                if self._whole:
                    consultations = await generation.facts.in_partition(key)
                made[key] = page_of(key, consultations, deriving.calendar)
                continue
            bases[key] = before.version  # later than its head perhaps
            if self._own.get((number, key)) != before.version:
                for id_ in before.rows["id"].to_pylist():
                    self._facts.pop((number, id_), None)
                consultations = await generation.facts.of([one.id for one in consultations])
                self._remember(generation, consultations)
            made[key] = _amended(before, consultations, deriving.calendar)
        lost = await generation.replace_pages(list(made.values()), bases)
        for key, page in made.items():
            if key not in lost:
                self._pages.put((number, key), page)
                self._own[number, key] = page.version
        return sorted(lost)


def _amended(before: Page, again: Sequence[ConsultationFacts], calendar: Calendar) -> Page:
    """The page with some of its consultations folded anew."""
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
