"""What is derived from the event log, as one **generation**: facts, pages, cubes, versions.

The log only grows, and so does the set of facts of a consultation. Everything that follows from
them says on how many it rests, so that less never takes the place of more (`versions.py`).

    facts_<n>   what was taken in of a consultation at once: its facts, in any order
    pages_<n>   a document a day and kecamatan: the rows folded from their facts, in columns
    days_<n>    a document a day: its pages in one, for whoever reads all kecamatan
    ledger_<n>  a document a month: the version of each page
    cubes_<n>   a document a cube and month or year: sums of pages
"""

from collections.abc import Mapping, Sequence

from services.reporting.projection import versions
from services.reporting.projection.facts import FactStore
from services.reporting.projection.version_index import VersionIndex
from services.reporting.projection.versions import Page
from shared.storage.mongo import Database


class Generation:
    def __init__(self, database: Database, number: int) -> None:
        self.number = number
        self.facts = FactStore(database.collection(f"facts_{number}"))
        self.pages = versions.pages(database.collection(f"pages_{number}"))
        self.days = versions.pages(database.collection(f"days_{number}"))
        self.version_index = VersionIndex(database.collection(f"ledger_{number}"))
        self.cubes = versions.cubes(database.collection(f"cubes_{number}"))

    async def prepare(self) -> None:
        await self.facts.prepare()

    async def drop(self) -> None:
        for part in (self.facts, self.pages, self.days, self.version_index, self.cubes):
            await part.drop()

    async def keep_pages(self, pages: Sequence[Page]) -> None:
        """Pages first, then the index that says which are the latest."""
        await self.pages.keep({page.partition_key: page for page in pages})
        await self.version_index.enter(pages)

    async def replace_pages(self, pages: Sequence[Page], bases: Mapping[str, int]) -> set[str]:
        """Each in place of the page of the version that `bases` says; the partition keys of which
        another is there by now."""
        lost = await self.pages.replace({page.partition_key: page for page in pages}, bases)
        # also those that were there already: who wrote them may have died before this
        await self.version_index.enter([page for page in pages if page.partition_key not in lost])
        return lost
