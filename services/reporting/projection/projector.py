"""Carries the log on into facts and pages: a loop in every replica, over what that replica took in.

Each round takes everything that was logged since the last, puts the facts on their consultations
and makes anew the pages of the days and kecamatan that were touched. What a replica logged and
never carried on, because it died, is taken over by the others after a while. Doing it twice does
nothing.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.reporting.domain.rows import fact
from services.reporting.events.log import EventLog, Segment
from services.reporting.projection.facts import RecordedFact
from services.reporting.projection.generations import Generations
from services.reporting.projection.pages import PageMaker
from services.reporting.projection.rollups import Rollups
from shared.events import ConsultationEvent
from shared.periodic import PeriodicTask
from shared.times import local_day, moment

#: Seconds between rounds, most of how old a report is: so many times what the last one took, within
#: these bounds. The more there is to do, the more of it shares a round.
PAUSE_FACTOR, SHORTEST_PAUSE, LONGEST_PAUSE = 20.0, 0.2, 1.0
#: Seconds without anything new after which a pause ends: nothing more is on its way.
LULL_SECONDS = 0.2
#: How old an open segment is before another replica takes it over.
ABANDONED_AFTER = timedelta(seconds=10)
#: Seconds between looks for such segments.
TAKE_OVER_INTERVAL_SECONDS = 5.0
#: Events that may be waiting; who brings more waits as well. No pause lasts beyond half of them.
MAX_WAITING_EVENTS = 1_000


class Projector:
    def __init__(
        self,
        log: EventLog,
        generations: Generations,
        rollups: Rollups,
        pages: PageMaker | None = None,
    ) -> None:
        self._log = log
        self._generations = generations
        self._rollups = rollups
        self._pages = pages or PageMaker()
        self._applying = asyncio.Lock()
        self._waiting: list[Segment] = []
        self._events = 0
        self._pause = SHORTEST_PAUSE
        self._something = asyncio.Event()
        self._much = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
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
        if self._events >= MAX_WAITING_EVENTS // 2:
            self._much.set()
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
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause):
                await self._lull()
        self._something.clear()
        self._much.clear()
        began = time.monotonic()
        await self.carry_on()
        took = time.monotonic() - began
        self._pause = min(max(took * PAUSE_FACTOR, SHORTEST_PAUSE), LONGEST_PAUSE)

    async def _lull(self) -> None:
        """Returns once much is waiting, or nothing new came for a while."""
        known = -1
        while self._events != known and not self._much.is_set():
            known = self._events
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LULL_SECONDS):
                    await self._much.wait()

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
            self._rollups.touched(await self._pages.carry_on(deriving, facts))


def facts_in(segments: Iterable[Segment]) -> Iterable[RecordedFact]:
    for segment in segments:
        for event in segment.events:
            if isinstance(event, ConsultationEvent) and (what := fact(event)) is not None:
                yield RecordedFact(str(event.id), str(event.consultation), segment.recorded, what)
