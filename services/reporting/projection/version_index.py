"""A document a month, with the version of each of its pages: what there is to read, at a look."""

from collections.abc import Mapping, Sequence

from services.reporting.domain.periods import Period
from services.reporting.projection.bulk import find, write
from services.reporting.projection.versions import Page
from shared.storage.mongo import Collection, upsert

Versions = Mapping[str, Mapping[str, int]]
"""Day → kecamatan → the version of its page."""


class VersionIndex:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def drop(self) -> None:
        await self._collection.drop()

    async def enter(self, pages: Sequence[Page]) -> None:
        entries: dict[str, dict[str, int]] = {}
        for page in pages:
            day, _, kecamatan = page.partition_key.partition("/")
            name = f"{day[8:]}.{kecamatan.replace('.', '-')}"
            entries.setdefault(day[:7], {})[f"weights.{name}"] = page.version
        await write(
            self._collection,
            [
                upsert(month, {"$max": versions, "$inc": {"revision": 1}})
                for month, versions in entries.items()
            ],
        )

    async def versions(self, months: Sequence[str] | None = None) -> dict[str, dict[str, int]]:
        """Day → kecamatan → version; of all months where none is named."""
        query = {} if months is None else {"_id": {"$gte": months[0], "$lte": months[-1]}}
        found = await self._collection.find(query)
        return {
            f"{month['_id']}-{day}": {
                code.replace("-", "."): version for code, version in of.items()
            }
            for month in sorted(found, key=lambda one: str(one["_id"]))
            for day, of in sorted(month["weights"].items())
        }

    async def revisions(self) -> dict[str, int]:
        """Month → how often its document was written."""
        found = await self._collection.find({}, only=["revision"])
        return {month["_id"]: month["revision"] for month in found}

    async def months(self, names: Sequence[str]) -> dict[str, tuple[int, dict[str, int]]]:
        """Month → its revision, and partition key → version, both of one moment."""
        return {
            month["_id"]: (
                month["revision"],
                {
                    f"{month['_id']}-{day}/{code.replace('-', '.')}": version
                    for day, of in month["weights"].items()
                    for code, version in of.items()
                },
            )
            for month in await find(self._collection, names)
        }


def sum_of(versions: Versions, period: Period) -> int:
    """The version of what is summed up from all pages of a period: on how many facts they rest."""
    if period.grain == "day":
        return sum(versions.get(period.text, {}).values())
    return sum(sum(of.values()) for day, of in versions.items() if day.startswith(period.text))
