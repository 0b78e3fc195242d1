"""Asks the reports for all that the dashboard shows, once for everybody who wants the same."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from cachetools import LRUCache

from services.reporting.dashboard.overview import Language, Part, assembled, parts
from services.reporting.domain.open_data import open_edition
from services.reporting.domain.query import ReportQuery
from services.reporting.domain.report import Report, fingerprint, report
from services.reporting.ports import Reports, Stream, Targets
from shared.times import local, local_day

#: Overviews that are kept: as many as there are views that people look at.
CACHED_OVERVIEWS = 64


@dataclass
class CachedOverview:
    """The last overview of one view, and whose turn it is to make the next."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    edition: str = ""
    overview: dict[str, Any] = field(default_factory=dict)


class Overviews:
    def __init__(
        self, reports: Reports, live: Stream, rules: Targets, clock: Callable[[], datetime]
    ) -> None:
        self._reports = reports
        self._live = live
        self._rules = rules
        self._clock = clock
        self._cache: LRUCache[tuple[str, Language, str | None], CachedOverview] = LRUCache(
            CACHED_OVERVIEWS
        )

    async def of(
        self, whole: ReportQuery, language: Language, territory: str | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Its edition, which changes with whatever it shows, and the overview.

        `whole`: names its days, and groups by nothing; `territory`: the kecamatan of who sees no
        other, to which it is narrowed down.
        """
        entry = self._cached(whole, language, territory)
        async with entry.lock:
            # first: what changes while the figures are read is told by the stream
            position = await self._position(territory)
            now = whole.as_of or self._clock()
            everything = parts(whole, local_day(now), open_data=False, territory=territory)
            scope = await self._reports.scope(everything["backlog"].query)
            targets = await self._rules.targets()
            edition = f"{scope.edition}-{local_day(now)}-{targets}"
            if entry.edition != edition:
                entry.overview = await self._made(everything, whole, now, language, open_data=False)
                entry.overview["targets"] = targets
                entry.edition = edition
            if territory is not None:
                # the edition counts complaints as well, and would tell of each
                edition = sha256(str(entry.overview).encode()).hexdigest()
            return edition, {
                **entry.overview,
                "as_of": local(now),
                "lag_seconds": await self._reports.lag(),
                "position": position,
            }

    async def _position(self, territory: str | None) -> str:
        if territory is None:
            return str(await self._live.position())
        return await self._live.position_of(territory)

    async def open(self, language: Language) -> tuple[str, dict[str, Any]]:
        """The open edition of this quarter."""
        whole = open_edition(self._clock())
        assert whole.as_of is not None  # noqa: S101 - made a line above
        entry = self._cached(whole, language)
        async with entry.lock:
            everything = parts(whole, local_day(whole.as_of), open_data=True)
            scope = await self._reports.scope(everything["totals"].query)
            # facts that came in later do not change what was known then
            edition = f"{scope.generation}-{whole.as_of}"
            if entry.edition != edition:
                made = await self._made(everything, whole, whole.as_of, language, open_data=True)
                entry.overview = {
                    **made,
                    "targets": None,
                    "as_of": local(whole.as_of),
                    "lag_seconds": None,
                    "position": None,
                    "territory": None,
                    "lists": False,
                    "conversations": False,
                }
                entry.edition = edition
            return edition, entry.overview

    def _cached(
        self, whole: ReportQuery, language: Language, territory: str | None = None
    ) -> CachedOverview:
        key = (fingerprint(whole, Part(whole).shape(open_data=False)), language, territory)
        return self._cache.setdefault(key, CachedOverview())

    async def _made(
        self,
        everything: Mapping[str, Part],
        whole: ReportQuery,
        now: datetime,
        language: Language,
        *,
        open_data: bool,
    ) -> dict[str, Any]:
        async def ask(part: Part) -> Report:
            answer = await self._reports.answer(await self._reports.scope(part.query))
            return report(answer, part.query, part.shape(open_data=open_data))

        found = await asyncio.gather(*(ask(part) for part in everything.values()))
        reports = dict(zip(everything, found, strict=True))
        return {"open_data": open_data, **assembled(reports, whole, now, language)}
