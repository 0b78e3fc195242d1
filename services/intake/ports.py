"""What intake asks of its store, by who asks."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.intake.domain.consultation import Consultation, Latest, Private, Reachable
from services.intake.domain.conversation import Who
from services.intake.domain.erasure import Part
from services.intake.domain.pin_limits import Limit
from services.intake.domain.saved_reply import SavedReply
from shared.events import Event


class Accepting(Protocol):
    async def add(
        self,
        consultation: Consultation,
        private: Private,
        event: Event,
        *,
        idempotency: str,
        fingerprint: str,
    ) -> None:
        """Raises `Duplicate` where its idempotency key or its ticket exists."""

    async def by_idempotency(
        self, key: str, fingerprint: str
    ) -> tuple[Consultation, Private, bool] | None:
        """The consultation kept under `key`, its private part, and whether the post was the
        same."""


class Saving(Protocol):
    async def save(
        self, before: Consultation, changed: Consultation, event: Event | None = None
    ) -> None:
        """Raises `Conflict` where the version before is gone."""


class Moving(Saving, Protocol):
    async def for_move(self, id_: UUID, key: str | None, fingerprint: str) -> Consultation | None:
        """Without what was said and done; of the keys of its moves, this one, with `fingerprint`
        where it came with that."""


class Updating(Saving, Protocol):
    async def for_update(self, id_: UUID) -> Consultation | None:
        """Without what was said."""


class Erasing(Protocol):
    async def for_erasure(self, id_: UUID) -> Consultation | None:
        """Without words."""

    async def intend(self, id_: UUID, who: Who, now: datetime) -> None:
        """Write down that it is to be erased."""

    async def unfinished(self) -> list[tuple[UUID, Who]]:
        """What was to be erased, and was interrupted."""

    async def erase(self, before: Consultation, changed: Consultation, event: Event) -> None:
        """Raises `Conflict` where the version before is gone."""

    async def destroy_key(self, id_: UUID) -> None: ...


class Expiring(Protocol):
    def ended(self, before_day: str) -> AsyncGenerator[list[tuple[Consultation, set[Part]]]]:
        """Consultations received on that day or before and not erased, page by page, each with the
        parts that it has; those that are open among them."""

    async def take_out_requester(self, before: Consultation) -> bool: ...
    async def count(self, before_day: str) -> int: ...


class Opening(Protocol):
    async def pin_of(self, ticket: str) -> tuple[UUID, str] | None:
        """Whose the ticket is, and its PIN; where there is none, that takes as long."""

    async def get(self, id_: UUID) -> Consultation | None: ...


class Linking(Protocol):
    async def for_ticket(self, ticket: str) -> Consultation | None:
        """Without what was said and done."""

    async def tell(self, id_: UUID, event: Event) -> None:
        """Publish what changes nothing of the consultation."""


class PinTries(Protocol):
    """Names stand for a source, a ticket, or both together; `try_`: the id of one try."""

    async def standing(
        self, source: str, limit: Limit, pair: str, now: datetime
    ) -> tuple[bool, bool]:
        """Whether `source` has reached `limit`, and whether `pair` was opened lately."""

    async def take(self, limits: Mapping[str, Limit], try_: str, now: datetime) -> bool:
        """Count a try under each name; False where one of them is at its limit already."""

    async def opened(self, pair: str, others: Sequence[str], try_: str, now: datetime) -> None:
        """The try was right: it counts for nobody, and `pair` is remembered."""


class ExpiringReplies(Protocol):
    """Saved replies, for what ends them."""

    async def owners(self) -> Mapping[str, datetime]:
        """All who keep any, and when they last read or saved one, to the day."""

    async def forget(self, owner: str) -> None: ...


class SavedReplies(Protocol):
    """Of an owner, by the id of the key or account."""

    async def of(self, owner: str) -> list[SavedReply]:
        """The oldest first."""

    async def add(self, owner: str, body: str, now: datetime) -> SavedReply:
        """As it is kept, from before where it was there."""

    async def remove(self, owner: str, id_: str) -> None: ...


Position = tuple[datetime, UUID]
"""In an inbox by deadline: when an answer was due, and the id."""


class Reading(Protocol):
    async def for_move(self, id_: UUID) -> Consultation | None:
        """As in `Moving`: for what shows neither words nor who asked."""

    async def latest(self, id_: UUID) -> Latest | None: ...
    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None: ...
    async def contacts(self, ids: Sequence[UUID]) -> list[Reachable]:
        """Of those that exist and left a contact."""

    async def inbox(
        self, query: dict[str, Any], *, before: UUID | None, limit: int
    ) -> list[Consultation]: ...
    async def awaiting_answer(
        self, query: dict[str, Any], *, after: Position | None, limit: int
    ) -> list[Consultation]:
        """Of those that fit, the ones that await their first answer, by when it is due; `after`:
        where the last page ended."""

    def with_words(
        self, query: dict[str, Any], *, before: UUID | None, limit: int
    ) -> AsyncGenerator[Consultation]:
        """As `inbox`, one after the other, with all that was said."""

    async def count_by_status(self, query: dict[str, Any]) -> dict[str, int]: ...
    async def count_accepted(self, first_day: str, last_day: str) -> list[dict[str, Any]]: ...
