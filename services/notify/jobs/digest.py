"""Queues the digests: on working mornings, one for each recipient who wants one."""

from collections.abc import Callable
from datetime import date, datetime

from services.notify.domain.audience import digest
from services.notify.domain.delivery_decision import digest_day
from services.notify.ports import Alerts, Office, Recipients
from shared.periodic import PeriodicTask
from shared.times import local_day, new_id

#: Seconds between looks at the clock: how late a digest may be.
DIGEST_CHECK_INTERVAL_SECONDS = 20.0


class Digests:
    """Runs in every replica: the alert's id is the day's and the recipient's, so it is one."""

    def __init__(
        self,
        alerts: Alerts,
        recipients: Recipients,
        office: Office,
        clock: Callable[[], datetime],
    ) -> None:
        self._alerts = alerts
        self._recipients = recipients
        self._office = office
        self._clock = clock
        self._done: date | None = None
        self._looking = PeriodicTask("digests", self.tick, DIGEST_CHECK_INTERVAL_SECONDS)

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def tick(self) -> None:
        """Queue those of today, once their hour has come. The dispatcher does the rest."""
        now = self._clock()
        wanting = (await self._recipients.directory()).with_digest()
        if self._done == local_day(now) or not wanting:
            return
        day = digest_day(now, await self._office.working_days(local_day(now)))
        if day is None:
            return
        for recipient in wanting:
            await self._alerts.add(digest(recipient, day, new_id(), now))
        self._done = day
