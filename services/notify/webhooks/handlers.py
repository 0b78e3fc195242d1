"""Every event that front-ends may subscribe to goes into the journal, once it was handled."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from shared.events import (
    CaseSilenceElapsed,
    ConsultationAcknowledged,
    ConsultationEscalationRequested,
    ConsultationRated,
    ConsultationTransferRequested,
    Event,
)
from shared.messaging import Subscriptions

ONLY_JOURNALED: tuple[type[Event], ...] = (
    ConsultationAcknowledged,
    ConsultationRated,
    ConsultationTransferRequested,
    ConsultationEscalationRequested,
    CaseSilenceElapsed,
)
"""What nobody is told of, except by webhook."""

Handler = Callable[[Any], Awaitable[None]]


class Journal(Protocol):
    async def add(self, event: Event) -> None: ...


def with_journal(journal: Journal, subscriptions: Subscriptions) -> Subscriptions:
    """`subscriptions` with the journal behind each handler, and with what is only journaled.

    Behind it: alerts wait for nothing here, and what a handler puts off is not journaled twice.
    """
    handled = {event: _then(journal, event, one) for event, one in subscriptions.items()}
    return handled | {event: _then(journal, event, None) for event in ONLY_JOURNALED}


def _then(journal: Journal, kind: type[Event], handler: Handler | None) -> Handler:
    async def handle(event: Event) -> None:
        if handler is not None:
            await handler(event)
        await journal.add(event)

    # bodies are read as what this says: a bare Event would lose all that makes it one of its kind
    handle.__annotations__["event"] = kind
    return handle
