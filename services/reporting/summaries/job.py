"""Looks whether a summary is due, and tells it: in every replica, since its id makes it single."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from services.reporting.domain.query import ReportQuery
from services.reporting.domain.report import Report, report
from services.reporting.ports import (
    Link,
    LiveGeneration,
    LogStart,
    Office,
    Reports,
    Summaries,
    Targets,
)
from services.reporting.summaries.due import Due, due
from services.reporting.summaries.summing import SHAPE, areas, queries, summaries
from shared.calendar import OutsideCalendar
from shared.errors import TryLater
from shared.events import ReportSummarised
from shared.periodic import PeriodicTask
from shared.times import local_day, new_id, whole_milliseconds

log = logging.getLogger(__name__)

#: Seconds between looks: how late a summary may be.
LOOK_INTERVAL_SECONDS = 10.0
#: Seconds for which what was logged may wait to be counted.
MAX_LAG_SECONDS = 5.0


class SummaryJob:
    def __init__(
        self,
        store: Summaries,
        reports: Reports,
        generations: LiveGeneration,
        events: LogStart,
        rules: Targets,
        office: Office,
        link: Link,
        clock: Callable[[], datetime],
        skew: Callable[[], Awaitable[timedelta]],
    ) -> None:
        """`skew`: how far the database's clock is ahead. All replicas go by that one, so that a
        host with a wrong clock sums up nothing that is not over."""
        self._store = store
        self._reports = reports
        self._generations = generations
        self._events = events
        self._rules = rules
        self._office = office
        self._link = link
        self._clock = clock
        self._skew = skew
        self._done: list[Due] = []
        self._heard_all = False
        self._looking = PeriodicTask(
            "summaries", self.tick, LOOK_INTERVAL_SECONDS, after_failure=LOOK_INTERVAL_SECONDS
        )

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def tick(self) -> None:
        """Tell what is due and was not told. Raises `TryLater` while not all is counted."""
        deriving = await self._generations.live()
        if deriving is None:
            return  # nothing was ever counted
        now = whole_milliseconds(self._clock() + await self._skew())
        # what people have by now, whatever the figures are reckoned by
        calendar = await self._office.calendar(local_day(now)) or deriving.calendar
        try:
            found = due(now, calendar)
        except OutsideCalendar as error:
            raise TryLater(f"the calendar: {error}") from None
        fresh = [one for one in found if one not in self._done and await self._is_untold(one)]
        if fresh:
            if not await self._has_heard_all():
                return
            for one in fresh:
                await self._tell(one, now)
        self._done = found

    async def _is_untold(self, one: Due) -> bool:
        """Of days before the first event there is nothing to say."""
        began = await self._events.began()
        if began is None or began > one.last:
            return False
        ids = [one.subject(area) for area in areas(one)]
        return len(await self._store.told(ids)) < len(ids)

    async def _has_heard_all(self) -> bool:
        """Whether what happened is counted: a summary that is late is better than a wrong one.

        Raises `TryLater`.
        """
        before, self._heard_all = self._heard_all, False
        if not self._link.connected():
            raise TryLater("no link to RabbitMQ")
        if waiting := await self._link.waiting():
            raise TryLater(f"{waiting} events wait in the queue")
        if (lag := await self._reports.lag()) > MAX_LAG_SECONDS:
            raise TryLater(f"events of {lag:.0f} s are not counted yet")
        # also then only with the next look: the last messages are taken, and being handled
        self._heard_all = not before
        return before

    async def _tell(self, one: Due, now: datetime) -> None:
        of_days, of_all, of_old = [await self._report(query) for query in queries(one)]
        targets = await self._rules.targets()
        answer_days = targets["answer_days"] if targets else None
        events = [
            ReportSummarised(id=new_id(), sequence=1, time=now, summary=summary, due=one.at)
            for summary in summaries(one, of_days, of_all, of_old, answer_days)
        ]
        fresh = await self._store.add(events)
        if fresh:
            about = {"every": one.every, "first": one.first.isoformat(), "count": fresh}
            log.info("summed up", extra=about)

    async def _report(self, query: ReportQuery) -> Report:
        answer = await self._reports.answer(await self._reports.scope(query))
        return report(answer, query, SHAPE)
