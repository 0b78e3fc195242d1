"""Makes everything derived anew from the log, beside what is read.

The new generation gets what is logged meanwhile from the replicas themselves, which write to both
while one is being built, so that readers see no gap when it takes over. It may take half an hour:
where the store is away meanwhile it waits, and goes on from there.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zlib import crc32

from services.reporting.domain.periods import Period
from services.reporting.domain.rows import Fact
from services.reporting.events.log import EventLog
from services.reporting.projection.facts import ConsultationFacts, RecordedFact
from services.reporting.projection.generations import Deriving, Generations
from services.reporting.projection.pages import PageMaker, page_of
from services.reporting.projection.projector import facts_in
from services.reporting.projection.rollups import day_of, refresh
from services.reporting.projection.store import Generation
from shared.storage.retrying import retry_while_unavailable

#: Seconds within which every replica knows of a generation that is being built: they ask with every
#: round of the projector.
ANNOUNCE_SECONDS = 3.0

#: How much earlier than it says a segment may have been written by another replica's clock.
CLOCK_MARGIN = timedelta(minutes=1)

#: Events whose facts are in memory at once, some 700 bytes each.
EVENTS_PER_PASS = 2_000_000

#: Where the JSON of an event says which consultation it is of.
_CONSULTATION = re.compile(rb'"consultation":"([^"]+)"')

Step = Callable[[str, int, int], None]
"""Told of progress: what is being done, how much of it is done, how much there is."""


async def rebuild(
    log: EventLog,
    generations: Generations,
    step: Step,
    *,
    announce_seconds: float = ANNOUNCE_SECONDS,
    events_per_pass: int = EVENTS_PER_PASS,
) -> Deriving:
    """A new generation, read from now on; the one before is dropped.

    Raises `Conflict` where another rebuild has begun since, and leaves everything to that.
    """
    built, started = await generations.build(), log.now()
    try:
        await asyncio.sleep(announce_seconds)  # from now on the replicas write to both
        keys = await _refill(log, built, step, events_per_pass)
        await _catch_up(log, built, started)
        await _make_cubes(built.generation, keys, step)
        before = await generations.change_over(built)
    except BaseException:
        await generations.give_up(built)
        raise
    await asyncio.sleep(announce_seconds)  # until nobody reads the old one any more
    await retry_while_unavailable(before.generation.drop)
    return built


async def _refill(log: EventLog, built: Deriving, step: Step, events_per_pass: int) -> set[str]:
    """Facts and pages of everything in the log; the partition keys that there are."""
    keys: set[str] = set()
    consultations: list[ConsultationFacts] = []
    parts = 0
    async for consultations in passes(log, step, events_per_pass):
        parts += 1
        for at in range(0, len(consultations), 1000):
            await retry_while_unavailable(
                partial(built.generation.facts.add, consultations[at : at + 1000])
            )
            step("writing facts", at, len(consultations))
        keys |= {key for one in consultations if (key := one.partition_key) is not None}
    if parts == 1:
        await _pages_of(built, consultations, step)
    else:
        await _pages_from_facts(built, sorted(keys), step)
    return keys


async def _catch_up(log: EventLog, built: Deriving, started: datetime) -> None:
    """What came in meanwhile, once more: a page that was made from memory may not know it, and one
    that a replica began may know nothing else."""
    async for segments in log.segments(started - CLOCK_MARGIN):
        facts = list(facts_in(segments))
        await retry_while_unavailable(partial(PageMaker(whole=True).carry_on, built, facts))


async def _pages_of(
    built: Deriving, consultations: Sequence[ConsultationFacts], step: Step
) -> None:
    """Pages straight from memory; what came meanwhile is of a higher version, and stays."""
    by_day: dict[str, dict[str, list[ConsultationFacts]]] = {}
    for one in consultations:
        if (key := one.partition_key) is not None:
            by_day.setdefault(key[:10], {}).setdefault(key, []).append(one)
    for done, (day, keys) in enumerate(sorted(by_day.items()), start=1):
        pages = [page_of(key, of, built.calendar) for key, of in sorted(keys.items())]
        await retry_while_unavailable(partial(built.generation.keep_pages, pages))
        whole = day_of(Period(day), pages)
        await retry_while_unavailable(partial(built.generation.days.keep, {day: whole}))
        step("making pages", done, len(by_day))


async def _pages_from_facts(built: Deriving, keys: Sequence[str], step: Step) -> None:
    for at, key in enumerate(keys, start=1):
        consultations = await retry_while_unavailable(
            partial(built.generation.facts.in_partition, key)
        )
        pages = [page_of(key, consultations, built.calendar)]
        await retry_while_unavailable(partial(built.generation.keep_pages, pages))
        step("making pages", at, len(keys))


async def _make_cubes(generation: Generation, keys: Iterable[str], step: Step) -> None:
    days = sorted({Period(key[:10]) for key in keys})
    months = sorted({day.parent for day in days})
    periods = [*days, *months, *sorted({month.parent for month in months})]
    for done, period in enumerate(periods, start=1):
        await retry_while_unavailable(partial(refresh, generation, period))
        step("summing up", done, len(periods))


@dataclass
class _Gathered:
    """What one pass has found."""

    facts: dict[str, dict[str, Fact]] = field(default_factory=dict)
    recorded: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, facts: Iterable[RecordedFact]) -> None:
        for one in facts:
            self.facts.setdefault(one.consultation, {})[one.event] = one.fact
            recorded = self.recorded.setdefault(one.consultation, {})
            recorded[one.event] = min(one.recorded, recorded.get(one.event, one.recorded))

    def consultations(self) -> list[ConsultationFacts]:
        return [
            ConsultationFacts(id_, of, self.recorded[id_]) for id_, of in sorted(self.facts.items())
        ]


async def passes(
    log: EventLog, step: Step, events_per_pass: int = EVENTS_PER_PASS
) -> AsyncIterator[list[ConsultationFacts]]:
    """All that the log knows of its consultations, a part of these at a time."""
    total = await log.count()
    parts = total // events_per_pass + 1
    done = 0
    for part in range(parts):
        gathered = _Gathered()

        def wanted(event: bytes, part: int = part) -> bool:
            return _part(event, parts) == part

        async for segments in log.segments(wanted=wanted):
            gathered.take(facts_in(segments))
            done += sum(len(one.events) for one in segments)
            step("reading the log", done, total)
        yield gathered.consultations()


def _part(event: bytes, parts: int) -> int:
    """To which part an event belongs, with all of its consultation: by its JSON."""
    found = _CONSULTATION.search(event)
    return crc32(found[1]) % parts if found else 0
