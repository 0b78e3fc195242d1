"""What reporting listens to: everything."""

from services.reporting.ports import EventLog, Projector
from shared.events import EVENTS, Event
from shared.messaging.consumer import Subscriptions


class Handlers:
    """An event is handled once it is in the log; what follows from it is the projector's work."""

    def __init__(self, log: EventLog, projector: Projector) -> None:
        self._log = log
        self._projector = projector

    async def on_event(self, event: Event) -> None:
        await self._projector.room()
        await self._log.append(event)

    def subscriptions(self) -> Subscriptions:
        return dict.fromkeys(EVENTS, self.on_event)
