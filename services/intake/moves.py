"""One move on a consultation: load, decide, save, however many officers try at once."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Request, carry_out, is_repeated
from services.intake.ports import Moving
from shared.errors import Conflict, KlikError
from shared.limits.buckets import UNLIMITED, Buckets
from shared.storage.retrying import retry_on_conflict
from shared.times import new_id


class NotFound(KlikError):
    """There is no such consultation."""


class OtherVersion(KlikError):
    """Somebody changed it since the caller read it."""


class Moves:
    def __init__(
        self,
        store: Moving,
        clock: Callable[[], datetime],
        by_consultation: Buckets = UNLIMITED,
    ) -> None:
        """`by_consultation`: how often each may be moved."""
        self._store = store
        self._clock = clock
        self._by_consultation = by_consultation

    async def move(
        self,
        id_: UUID,
        request: Request,
        *,
        version: int | None = None,
        check: Callable[[Consultation], None] = lambda found: None,
    ) -> None:
        """Carry out `request`, once, at a cost that does not grow with what was said before.

        `version`: the one that the caller has seen (`If-Match`); `check` raises where the caller
        may not. Raises what `carry_out` raises, `NotFound`, `OtherVersion`, `MoveKeyReused` and
        `TooMany`.
        """
        fingerprint = request.fingerprint()

        async def attempt() -> None:
            found = await self._store.for_move(id_, request.key, fingerprint)
            if found is None:
                raise NotFound(str(id_))
            check(found)
            if is_repeated(found, request):
                return
            if version is not None and version != found.version:
                raise OtherVersion(f"now at version {found.version}")
            self._by_consultation.take(str(id_))
            changed, event = carry_out(found, request, id_=new_id(), now=self._clock())
            await self._store.save(found, changed, event)

        try:
            await retry_on_conflict(attempt)
        except Conflict:
            raise OtherVersion("others kept changing it") from None


def move_key(caller: str, key: str | None) -> str | None:
    """What a repeated move is known by: hashed, since keys may hold anything."""
    return hashlib.sha256(f"{caller}:{key}".encode()).hexdigest() if key is not None else None
