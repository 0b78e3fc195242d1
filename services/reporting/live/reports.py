"""What the hub looks at: the version index of the live generation, and the figures behind it."""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from services.reporting.domain.feed import Month
from services.reporting.domain.figures import nested
from services.reporting.domain.query import ReportQuery, of_kecamatan
from services.reporting.domain.report import Shape, named, report
from services.reporting.ports import Reports
from services.reporting.projection.generations import Generations

KEYS = ("day", "kecamatan")


class LiveReports:
    def __init__(self, generations: Generations, reports: Reports) -> None:
        self._generations = generations
        self._reports = reports

    async def revisions(self) -> tuple[int, Mapping[str, int]]:
        """The generation that is read, 0 before the first, and the revision of its months."""
        deriving = await self._generations.live()
        if deriving is None:
            return 0, {}
        return deriving.generation.number, await deriving.generation.version_index.revisions()

    async def months(self, generation: int, names: Sequence[str]) -> Mapping[str, Month]:
        if not names:
            return {}
        found = await (
            await self._generations.numbered(generation)
        ).generation.version_index.months(names)
        return {name: Month(revision, versions) for name, (revision, versions) in found.items()}

    async def digest(self, kecamatan: str) -> str:
        """Of its totals without complaints: sums that a change of one consultation changes."""
        query = of_kecamatan(ReportQuery(()), kecamatan)
        answer = await self._reports.answer(await self._reports.scope(query))
        totals = report(answer, query, Shape(limit=1)).totals
        return sha256(repr(totals).encode()).hexdigest()[:16]

    async def rows(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """Rows of a report by day and kecamatan, for these partition keys
        (`2026-11-24/64.02.06`)."""
        by_day: dict[str, list[str]] = {}
        for key in keys:
            day, _, kecamatan = key.partition("/")
            by_day.setdefault(day, []).append(kecamatan)
        rows = []
        for day, codes in by_day.items():
            on = date.fromisoformat(day)
            query = ReportQuery(KEYS, on, on, {"kecamatan": tuple(codes)})
            answer = await self._reports.answer(await self._reports.scope(query))
            found = report(answer, query, Shape(limit=len(codes))).rows
            rows += [{**named(KEYS, group), **nested(row)} for group, row in found.items()]
        return rows
