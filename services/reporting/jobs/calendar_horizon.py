"""Keeps the calendar of what is derived some years ahead of today, and says where it does not."""

import logging

from services.reporting.ports import Calendars
from services.reporting.projection.generations import YEARS_AHEAD
from shared import metrics
from shared.periodic import PeriodicTask
from shared.times import Clock, local_day

log = logging.getLogger(__name__)

#: Seconds between looks.
LOOK_AHEAD_SECONDS = 3600.0
RETRY_SECONDS = 60.0


class CalendarHorizon:
    """Runs in every replica: each has its own copy of the calendar."""

    def __init__(self, generations: Calendars, clock: Clock) -> None:
        self._generations = generations
        self._clock = clock
        self._looking = PeriodicTask(
            "years ahead", self.tick, LOOK_AHEAD_SECONDS, after_failure=RETRY_SECONDS
        )

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def tick(self) -> None:
        """Raises `TryLater` where routing does not answer."""
        calendar = await self._generations.look_ahead()
        if calendar is None:
            return  # nothing was ever counted
        until = calendar.last.year
        metrics.CALENDAR_UNTIL.labels("days").set(until)
        if until < local_day(self._clock()).year + YEARS_AHEAD:
            log.warning("the calendar of the reports ends", extra={"year": until})
