"""Carries the log on into facts and pages: a loop in every replica, over what that replica took in.

Each round takes everything that was logged since the last, puts the facts on their consultations
and makes anew the pages of the days and kecamatan that were touched. What a replica logged and
never carried on, because it died, is taken over by the others after a while. Doing it twice does
nothing.
"""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta

from cachetools import LRUCache

from services.reporting.domain.rows import fact, moment, partition_key_of
from services.reporting.events.log import EventLog, Segment
from services.reporting.projection.facts import RecordedFact
from services.reporting.projection.generations import Generations
from services.reporting.projection.pages import PageMaker
from services.reporting.projection.rollups import Rollups
from services.reporting.projection.store import Generation
from shared.events import ConsultationEvent
from shared.periodic import PeriodicTask
from shared.times import local_day

#: Seconds between rounds: most of how old a report is.
ROUND_INTERVAL_SECONDS = 0.2
#: How old an open segment is before another replica takes it over.
ABANDONED_AFTER = timedelta(seconds=10)
#: Seconds between looks for such segments.
TAKE_OVER_INTERVAL_SECONDS = 3.0
#: Events that may be waiting; who brings more waits as well.
MAX_WAITING_EVENTS = 500
#: Consultations of which a replica remembers where they are counted.
CACHED_CONSULTATIONS = 20_000


class Projector:
    def __init__(
        self,
        log: EventLog,
        generations: Generations,
        rollups: Rollups,
        *,
        cached_consultations: int = CACHED_CONSULTATIONS,
    ) -> None:
        self._log = log
        self._generations = generations
        self._rollups = rollups
        self._pages = PageMaker()
        self._applying = asyncio.Lock()
        self._waiting: list[Segment] = []
        self._events = 0
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._partition_keys: LRUCache[str, str] = LRUCache(cached_consultations)
        self._loops = (
            PeriodicTask("reports", self._round, 0.0),
            PeriodicTask("reports of others", self.take_over, TAKE_OVER_INTERVAL_SECONDS),
        )

    def written(self, segment: Segment) -> None:
        """Carry this on with the next round."""
        self._waiting.append(segment)
        self._events += len(segment.events)
        if self._events >= MAX_WAITING_EVENTS:
            self._room.clear()
        self._something.set()

    async def room(self) -> None:
        """Returns once there is not too much waiting."""
        await self._room.wait()

    async def start(self) -> None:
        for loop in self._loops:
            await loop.start()

    async def stop(self) -> None:
        """What is waiting stays open in the log, and is carried on after the next start."""
        for loop in self._loops:
            await loop.stop()

    async def _round(self) -> None:
        if not self._waiting:  # else the round before has failed, or more has come meanwhile
            await self._something.wait()
        await asyncio.sleep(ROUND_INTERVAL_SECONDS)
        self._something.clear()
        await self.carry_on()

    async def take_over(self) -> None:
        """What whoever logged it did not carry on."""
        ours = {segment.id for segment in self._waiting}
        found = [one for one in await self._log.left_open(ABANDONED_AFTER) if one.id not in ours]
        await self._apply(found)

    async def carry_on(self) -> None:
        """Everything that is waiting."""
        taken = list(self._waiting)
        await self._apply(taken)
        # only now: what failed is tried again with the next round
        del self._waiting[: len(taken)]
        self._events -= sum(len(segment.events) for segment in taken)
        if self._events < MAX_WAITING_EVENTS:
            self._room.set()

    async def _apply(self, segments: Sequence[Segment]) -> None:
        if not segments:
            return
        facts = list(facts_in(segments))
        async with self._applying:  # what is remembered of a page is changed by one at a time
            await self._apply_facts(facts)
        await self._log.close([segment.id for segment in segments])

    async def _apply_facts(self, facts: Sequence[RecordedFact]) -> None:
        until = local_day(moment(max(one.fact["at"] for one in facts))) if facts else None
        for deriving in await self._generations.writing(until):
            await deriving.generation.facts.add(facts)
            keys = await self._partition_keys_of(deriving.generation, facts)
            await self._pages.make(deriving, keys)
            self._rollups.touched({key.partition("/")[0] for key in keys})

    async def _partition_keys_of(
        self, generation: Generation, facts: Sequence[RecordedFact]
    ) -> dict[str, set[str]]:
        """Partition key → its consultations, of those whose submission is known."""
        found: dict[str, str] = {}
        for one in facts:
            # where a consultation was submitted never changes
            if (key := self._partition_keys.get(one.consultation)) is not None:
                found[one.consultation] = key
            elif one.fact["what"] == "consultation.submitted":
                found.setdefault(one.consultation, sys.intern(partition_key_of(one.fact)))
        unknown = {one.consultation for one in facts} - found.keys()
        for id_, key in (await generation.facts.partition_keys_of(unknown)).items():
            found[id_] = sys.intern(key)
        self._partition_keys.update(found)
        keys: dict[str, set[str]] = {}
        for id_, key in found.items():
            keys.setdefault(key, set()).add(id_)
        return keys


def facts_in(segments: Iterable[Segment]) -> Iterable[RecordedFact]:
    for segment in segments:
        for event in segment.events:
            if isinstance(event, ConsultationEvent) and (what := fact(event)) is not None:
                yield RecordedFact(str(event.id), str(event.consultation), segment.recorded, what)
