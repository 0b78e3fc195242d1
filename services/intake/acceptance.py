"""Accepting a post: exactly one consultation for each, however often it is sent."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize
from uuid import UUID

from services.intake.domain.consultation import Consultation, Private, submit
from services.intake.domain.conversation import Erased
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_pin, new_ticket
from services.intake.ports import Accepting
from shared.errors import Duplicate, KlikError
from shared.limits.buckets import UNLIMITED, Buckets
from shared.times import new_id

#: Tries to find a free ticket; a second one is needed about once in 30,000 consultations, at a
#: million stored.
MAX_TICKET_TRIES = 5


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the requester is told, now and whenever the same post is repeated."""

    consultation: Consultation
    pin: str


class KeyReused(KlikError):
    """The idempotency key came with another body before."""


class Acceptance:
    def __init__(
        self,
        store: Accepting,
        clock: Callable[[], datetime],
        *,
        draw_ticket: Callable[[], str] = new_ticket,
        by_key: Buckets = UNLIMITED,
        by_desa: Buckets = UNLIMITED,
    ) -> None:
        """`by_key`, `by_desa`: how often a key may post, and how often is posted for a desa."""
        self._store = store
        self._clock = clock
        self._draw_ticket = draw_ticket
        self._by_key = by_key
        self._by_desa = by_desa

    async def accept(self, post: Submission, *, caller: str, key: str | None) -> Accepted:
        """Keep `post`, or find that it is kept; `key` is the caller's idempotency key.

        Raises `KeyReused`, `Erased`, `UnknownRegion` (from shared.reference), `TooMany` and
        `StoreUnavailable`.
        """
        # what a key has too much of is not taken from the desa's
        self._by_key.take(caller)
        self._by_desa.take(post.desa_code)
        fingerprint = post.fingerprint()
        for _ in range(MAX_TICKET_TRIES):
            id_, now = new_id(), self._clock()
            consultation, event = submit(
                post,
                id_=id_,
                event_id=new_id(),
                ticket=self._draw_ticket(),
                by=caller,
                now=now,
            )
            private = _private(post)
            idempotency = idempotency_key(caller, key, id_)
            try:
                await self._store.add(
                    consultation, private, event, idempotency=idempotency, fingerprint=fingerprint
                )
                return Accepted(consultation, private.pin)
            except Duplicate:
                kept = await self._store.by_idempotency(idempotency, fingerprint)
            if kept is not None:
                before, private, is_same = kept
                if before.erased:
                    raise Erased("what was kept under this key was erased")
                if not is_same:
                    raise KeyReused("key used for another body")
                return Accepted(before, private.pin)
            # no post under this key: it was the ticket that is taken
        raise KlikError("no free ticket found")


def idempotency_key(caller: str, key: str | None, id_: UUID) -> str:
    """What must be unique: a caller's key, or the consultation's own id where none was given.

    Hashed, since keys may hold anything and two front-ends may choose the same.
    """
    given = f"key:{caller}:{key}" if key is not None else f"id:{id_}"
    return hashlib.sha256(given.encode()).hexdigest()


def _private(post: Submission) -> Private:
    contact = post.requester.contact
    return Private(
        pin=new_pin(),
        name=normalize("NFC", post.requester.name) if post.requester.name else None,
        contact=contact.canonical() if contact else None,
    )
