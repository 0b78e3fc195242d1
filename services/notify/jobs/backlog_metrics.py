"""What an operator watches: the alerts that are not over, and whether anybody looks after them."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from services.notify.domain.alert import NO_CHANNEL
from services.notify.ports import Alerts
from shared import metrics
from shared.messaging.outbox import MEASURE_REST_FACTOR, MEASURE_SECONDS
from shared.periodic import PeriodicTask

#: How many are counted: beyond that it is many in any case.
MOST_COUNTED = 5_000
#: Seconds after a store that did not answer: it may be this question that is too much for it.
FAILURE_PAUSE_SECONDS = MEASURE_REST_FACTOR * MEASURE_SECONDS


class BacklogMetrics:
    """Runs in every replica; each tells of all alerts."""

    def __init__(self, alerts: Alerts, clock: Callable[[], datetime]) -> None:
        self._alerts = alerts
        self._clock = clock
        self._took = 0.0
        self._looking = PeriodicTask(
            "gauges", self.tick, self._rest, after_failure=FAILURE_PAUSE_SECONDS
        )

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def tick(self) -> None:
        began = monotonic()
        found = await self._alerts.backlog(MOST_COUNTED)
        self._took = monotonic() - began
        metrics.ALERTS_OPEN.clear()  # also what nobody waits for any more
        for one in found:
            metrics.ALERTS_OPEN.labels(one.state, one.channel or NO_CHANNEL).set(one.number)
        now = self._clock()
        late = max(((now - one.first).total_seconds() for one in found), default=0.0)
        metrics.ALERTS_LATE.set(max(0.0, late))

    async def _rest(self) -> None:
        await asyncio.sleep(max(MEASURE_SECONDS, MEASURE_REST_FACTOR * self._took))
