"""Following a consultation by ticket and PIN: every try is counted before it is judged."""

import hmac
from collections.abc import Callable
from datetime import datetime

from services.intake.domain import pin_limits as limits
from services.intake.domain.consultation import Consultation
from services.intake.domain.tickets import normal_ticket
from services.intake.ports import Opening, PinTries
from shared.errors import KlikError
from shared.times import new_id

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
