"""Erasing the personal data of a consultation, once and for all, whatever breaks in between."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.intake.domain import erasure
from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Who
from services.intake.moves import NotFound, OtherVersion
from services.intake.ports import Erasing
from shared.errors import Conflict
from shared.storage.retrying import retry_on_conflict
from shared.times import new_id

log = logging.getLogger(__name__)


class Erasure:
    """First it is written down that this is to be erased; what a crash interrupts is finished by
    `finish`. Then the consultation loses its words and gains the event, in one write, and then its
    data key is destroyed."""

    def __init__(self, store: Erasing, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def erase(
        self,
        id_: UUID,
        who: Who,
        *,
        check: Callable[[Consultation], None] = lambda found: None,
    ) -> None:
        """`check` raises where the caller may not. A repeated one changes nothing.

        Raises `NotFound`, and `OtherVersion` where others kept changing it.
        """
        found = await self._store.for_erasure(id_)
        if found is None:
            raise NotFound(str(id_))
        check(found)
        await self._store.intend(id_, who, self._clock())
        await self._carry_out(id_, who)

    async def finish(self) -> int:
        """Go on with what was interrupted; how many there were."""
        interrupted = await self._store.unfinished()
        for id_, who in interrupted:
            await self._carry_out(id_, who)
        return len(interrupted)

    async def _carry_out(self, id_: UUID, who: Who) -> None:
        async def attempt() -> None:
            found = await self._store.for_erasure(id_)
            if found is not None and not found.erased:
                changed, event = erasure.erased(found, who, id_=new_id(), now=self._clock())
                await self._store.erase(found, changed, event)

        try:
            await retry_on_conflict(attempt)
        except Conflict:
            raise OtherVersion("others kept changing it") from None
        await self._store.destroy_key(id_)
        log.info("consultation erased", extra={"consultation": str(id_)})
