"""Every event that front-ends may subscribe to goes into the event log, once it was handled."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.notify.ports import EventLog
from shared.events import (
    CaseSilenceElapsed,
    ConsultationAcknowledged,
    ConsultationEscalationRequested,
    ConsultationEvent,
    ConsultationRated,
    ConsultationTransferRequested,
)
from shared.messaging.consumer import Subscriptions

ONLY_LOGGED: tuple[type[ConsultationEvent], ...] = (
    ConsultationAcknowledged,
    ConsultationRated,
    ConsultationTransferRequested,
    ConsultationEscalationRequested,
    CaseSilenceElapsed,
)
"""What nobody is told of, except by webhook."""

Handler = Callable[[Any], Awaitable[None]]


def with_event_log(event_log: EventLog, subscriptions: Subscriptions) -> Subscriptions:
    """`subscriptions` with the event log behind each handler, and with what is only logged.

    Behind it: alerts wait for nothing here, and what a handler puts off is not logged twice.
    What is of no consultation is not logged.
    """
    handled = {
        event: _then(event_log, one) if issubclass(event, ConsultationEvent) else one
        for event, one in subscriptions.items()
    }
    return handled | dict.fromkeys(ONLY_LOGGED, event_log.add)


def _then(event_log: EventLog, handler: Handler) -> Handler:
    async def handle(event: ConsultationEvent) -> None:
        await handler(event)
        await event_log.add(event)

    return handle
