"""Has what waits for the end of quiet hours decided anew when the working calendar changes."""

import logging
from collections.abc import Callable
from datetime import datetime

from services.notify.domain.alert import QUIET_HOURS
from services.notify.ports import Alerts, Office
from shared.periodic import PeriodicTask
from shared.times import local_day

log = logging.getLogger(__name__)

#: Seconds between looks, most of them at our own copy, which is a minute old at most.
CALENDAR_CHECK_INTERVAL_SECONDS = 10.0


class CalendarWatch:
    """Runs in every replica: each has its own copy, and deciding anew changes nothing by itself."""

    def __init__(self, alerts: Alerts, office: Office, clock: Callable[[], datetime]) -> None:
        self._alerts = alerts
        self._office = office
        self._clock = clock
        self._followed = ""
        self._looking = PeriodicTask("calendar", self.tick, CALENDAR_CHECK_INTERVAL_SECONDS)

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def tick(self) -> None:
        now = self._clock()
        calendar = await self._office.working_days(local_day(now))
        if calendar.version == self._followed:
            return
        if number := await self._alerts.look_again(QUIET_HOURS, now):
            log.info("planned anew by another calendar", extra={"count": number})
        self._followed = calendar.version
