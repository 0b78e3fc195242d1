"""Following a consultation by ticket and PIN: every try is counted before it is judged."""

import asyncio
import hmac
import logging
from collections.abc import Callable
from datetime import datetime

from services.intake.domain import pin_limits as limits
from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Who, told
from services.intake.domain.lifecycle import NO_LINK
from services.intake.domain.pin_limits import LINKS_OF_SOURCE, LINKS_OF_TICKET
from services.intake.domain.tickets import normal_ticket
from services.intake.ports import Linking, Opening, PinTries
from shared import events
from shared.errors import KlikError, StoreUnavailable
from shared.times import new_id

log = logging.getLogger(__name__)

#: Compared where there is no ticket, and fits no PIN.
NO_PIN = "------"


class NotOpened(KlikError):
    """No such ticket, not its PIN, or too many tries: which of them, nobody is told."""


class Tracking:
    def __init__(self, store: Opening, tries: PinTries, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._tries = tries
        self._clock = clock

    async def open(self, ticket: str, pin: str, source: str) -> Consultation:
        """That of the ticket, for whoever has its PIN. `source`: whom a try is counted for.

        Raises `NotOpened`, at the same cost for each reason.
        """
        ticket, try_, now = normal_ticket(ticket) or ticket, new_id().hex, self._clock()
        pair, own = f"{source} for {ticket}", f"source {source}"
        all_ = {f"ticket {ticket}": limits.OF_TICKET, own: limits.OF_SOURCE}

        strays, has_opened = await self._tries.standing(own, limits.STRAYING, pair, now)
        of_pair = limits.OF_STRAYING_PAIR if strays and not has_opened else limits.OF_PAIR
        may = await self._tries.take({pair: of_pair}, try_, now)
        if may and not has_opened:
            may = await self._tries.take(all_, try_, now)

        id_, right = await self._store.pin_of(ticket) or (None, NO_PIN)
        fits = hmac.compare_digest(right.encode(), pin.encode())
        if not (may and fits and id_) or (found := await self._store.get(id_)) is None:
            raise NotOpened("not opened")
        await self._tries.opened(pair, [] if has_opened else list(all_), try_, now)
        return found


class LinkRequests:
    """A lost PIN: the link to the consultation is sent to the contact that was left with it.

    Whoever asks is told the same whatever there is, after as long: a ticket that exists must not
    show.
    """

    def __init__(self, store: Linking, tries: PinTries, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._tries = tries
        self._clock = clock
        self._sending = set[asyncio.Task[None]]()

    async def ask(self, ticket: str, source: str) -> None:
        """Have it sent, where there is one and not too many were. Raises `StoreUnavailable`."""
        known, now = normal_ticket(ticket), self._clock()
        by_source = {f"links for {source}": LINKS_OF_SOURCE}
        if not await self._tries.take(by_source, new_id().hex, now) or known is None:
            return
        if await self._tries.take({f"links of {known}": LINKS_OF_TICKET}, new_id().hex, now):
            # in a task of its own: it takes longer where there is a consultation
            task = asyncio.create_task(self._send(known))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def finish(self) -> None:
        """What is under way."""
        await asyncio.gather(*self._sending)

    async def _send(self, ticket: str) -> None:
        try:
            found = await self._store.for_ticket(ticket)
            if found is None or found.erased or found.status in NO_LINK:
                return
            who, id_, now = Who("requester"), new_id(), self._clock()
            event = told(events.ConsultationLinkRequested, found, who, id_=id_, now=now)
            await self._store.tell(found.id, event)
        except StoreUnavailable:
            # whoever gets none asks again
            log.warning("link not sent", extra={"reason": "store_unavailable"})
