"""Every event that front-ends may subscribe to goes into the journal, once it was handled."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from shared.events import (
    CaseSilenceElapsed,
    ConsultationAcknowledged,
    ConsultationEscalationRequested,
    ConsultationEvent,
    ConsultationRated,
    ConsultationTransferRequested,
)
from shared.messaging.consumer import Subscriptions

ONLY_JOURNALED: tuple[type[ConsultationEvent], ...] = (
    ConsultationAcknowledged,
    ConsultationRated,
    ConsultationTransferRequested,
    ConsultationEscalationRequested,
    CaseSilenceElapsed,
)
"""What nobody is told of, except by webhook."""

Handler = Callable[[Any], Awaitable[None]]


class Journal(Protocol):
    async def add(self, event: ConsultationEvent) -> None: ...


def with_journal(journal: Journal, subscriptions: Subscriptions) -> Subscriptions:
    """`subscriptions` with the journal behind each handler, and with what is only journaled.

    Behind it: alerts wait for nothing here, and what a handler puts off is not journaled twice.
    What is of no consultation is not journaled.
    """
    handled = {
        event: _then(journal, event, one) if issubclass(event, ConsultationEvent) else one
        for event, one in subscriptions.items()
    }
    return handled | {event: _then(journal, event, None) for event in ONLY_JOURNALED}


def _then(journal: Journal, kind: type[ConsultationEvent], handler: Handler | None) -> Handler:
    async def handle(event: ConsultationEvent) -> None:
        if handler is not None:
            await handler(event)
        await journal.add(event)

    # bodies are read as what this says: a bare base would lose all that makes it one of its kind
    handle.__annotations__["event"] = kind
    return handle
