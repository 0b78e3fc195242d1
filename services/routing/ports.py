"""What routing asks of its surroundings: its stores, its lease, its link to RabbitMQ."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from services.routing.domain.assignment import Nobody, Wanted
from services.routing.domain.case import Case
from services.routing.domain.roster import Choice, Roster, Satgas
from shared.events import Event

T = TypeVar("T")


class Cases(Protocol):
    async def exists(self, id_: UUID) -> bool: ...
    async def get(self, id_: UUID) -> Case | None: ...
    async def add(self, case: Case, events: Sequence[Event]) -> bool:
        """False where the case is there already."""

    async def save(self, before: Case, changed: Case, events: Sequence[Event]) -> None:
        """Raises `Conflict` where the version before is gone."""

    async def save_timers(self, changes: Sequence[tuple[Case, Sequence[Event]]]) -> None:
        """Leaves a case as it is that somebody else changed first."""

    async def due(self, now: datetime, limit: int) -> list[Case]: ...
    async def held(self, limit: int) -> list[Case]: ...
    async def by_another_calendar(self, version: str, limit: int) -> list[Case]: ...
    async def open_by_officer(self, satgas: str) -> dict[str, int]: ...
    async def recorded(self, keys: Sequence[str]) -> set[str]:
        """Which of these reservations are in saved cases."""


class Rosters(Protocol):
    async def get(self, satgas: str) -> Satgas | None: ...
    async def all(self) -> list[Satgas]: ...
    async def put(self, satgas: str, roster: Roster, expected_edition: int) -> Satgas:
        """Raises `Conflict` where the edition is another one."""

    async def assign(self, satgas: str, wanted: Wanted, on: date) -> Choice | Nobody: ...
    def confirm(self, satgas: str, key: str) -> None: ...
    async def release(self, satgas: str, officer: str) -> None: ...
    async def recount(
        self,
        satgas: str,
        recorded: Callable[[Sequence[str]], Awaitable[set[str]]],
        open_by_officer: Callable[[str], Awaitable[dict[str, int]]],
    ) -> bool: ...


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """A set of rules. `number`: 0 for the files', then 1, 2, …; `by`: the key of who set it."""

    number: int
    body: T
    by: str | None = None
    at: datetime | None = None


class RuleVersions(Protocol):
    """Versions by name, oldest first, their bodies as plain JSON."""

    async def versions(self, name: str) -> list[Version[dict[str, Any]]]: ...
    async def add(self, name: str, version: Version[dict[str, Any]]) -> None:
        """Raises `Conflict` where there is another of that number already."""


class Lease(Protocol):
    @property
    def held(self) -> bool: ...
    async def acquire(self) -> bool: ...
    async def release(self) -> None: ...


class Link(Protocol):
    """The link to RabbitMQ."""

    def connected(self) -> bool: ...
    async def waiting(self) -> int:
        """Messages in routing's queue that nobody has taken yet."""
