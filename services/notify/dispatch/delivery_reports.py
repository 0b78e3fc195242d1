"""Takes what providers report and requesters answer to where it belongs. Safe to repeat."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

from services.notify.domain.alert import Alert
from services.notify.domain.receipts import Report, reported
from services.notify.domain.recipients import Address, OptOutWish
from services.notify.ports import Alerts, OptOuts
from shared.errors import Conflict, TryLater
from shared.times import new_id

#: Looks at an alert that is being recorded right now: reports may be quicker than our own record.
RECORDING_TRIES = 10
RECORDING_PAUSE_SECONDS = 0.2


class DeliveryReports:
    def __init__(
        self,
        alerts: Alerts,
        opt_outs: OptOuts,
        clock: Callable[[], datetime],
        pause: float = RECORDING_PAUSE_SECONDS,
    ) -> None:
        """`pause`: seconds between looks at an alert that is being recorded."""
        self._alerts = alerts
        self._opt_outs = opt_outs
        self._clock = clock
        self._pause = pause

    async def take(self, items: Iterable[Report | OptOutWish]) -> None:
        """Raises `TryLater` where one has to come again; the others are done by then."""
        late = False
        for item in items:
            if isinstance(item, OptOutWish):
                address = Address.meant("whatsapp", item.number)
                await self._opt_outs.put(address, out=item.out, at=item.at)
            else:
                late |= not await self._report(item)
        if late:
            raise TryLater("an alert is being recorded")

    async def _report(self, report: Report) -> bool:
        """Whether it is settled, with or without a change."""
        for _ in range(RECORDING_TRIES):
            alert = await self._find(report)
            if alert is None:
                return True
            if alert.state != "claimed":
                after, told = reported(alert, report, event_id=new_id(), now=self._clock())
                if after is alert:
                    return True
                try:
                    await self._alerts.save(alert, after, told)
                except Conflict:
                    continue
                return True
            await asyncio.sleep(self._pause)
        return False

    async def _find(self, report: Report) -> Alert | None:
        if report.order is not None:
            return await self._alerts.get(report.order.partition("-")[0])
        ids = [one for one in (report.message, report.chain) if one is not None]
        return await self._alerts.by_message(report.channel, ids)
