"""What the parts of reporting need of one another and of other services, each said once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from services.reporting.domain.answers import Answer, Scope
from services.reporting.domain.feed import Month, Position
from services.reporting.domain.periods import Every, Period
from services.reporting.domain.query import ReportQuery
from shared.calendar import Calendar
from shared.events import Event, ReportSummarised

# of the event log and what follows from it


class EventLog(Protocol):
    async def append(self, event: Event) -> None:
        """Returns once it is kept."""


class Projector(Protocol):
    async def room(self) -> None:
        """Returns once there is not too much waiting."""


class LogStart(Protocol):
    async def began(self) -> date | None:
        """The day on which the first event was taken in; None before that."""


class LogLag(Protocol):
    async def waiting_since(self) -> float:
        """Seconds for which the oldest open segment has been waiting; 0 where none is."""


class WithCalendar(Protocol):
    @property
    def calendar(self) -> Calendar: ...


class LiveGeneration(Protocol):
    async def live(self) -> WithCalendar | None:
        """The generation that is read; None before the first."""


class Calendars(Protocol):
    async def look_ahead(self) -> Calendar | None:
        """Have the calendars reach some years ahead; the one that is read by. Raises `TryLater`."""


class CubeRefresh(Protocol):
    def wanted(self, period: Period) -> None:
        """The cubes of this period are behind."""


# of the reports


class Reports(Protocol):
    async def scope(self, query: ReportQuery) -> Scope: ...
    async def answer(self, scope: Scope) -> Answer: ...
    async def lag(self) -> float:
        """Seconds for which the oldest event that is not counted yet has been waiting."""

    async def members(self, scope: Scope, of: str) -> pa.Table:
        """The consultations that a figure counts: their rows, as `LISTED` in `query/members.py`,
        in the order of ids."""

    async def received_on(self, days: list[str]) -> dict[tuple[str, str], int]:
        """(day of receipt, kecamatan) → consultations of which an event tells."""


class Changes(Protocol):
    """What the live stream looks at."""

    async def revisions(self) -> tuple[int, Mapping[str, int]]:
        """The generation that is read, and the revision of each of its months."""

    async def months(self, generation: int, names: Sequence[str]) -> Mapping[str, Month]: ...

    async def rows(self, keys: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """The figures of these partitions (`2026-11-24/64.02.06`)."""

    async def digest(self, kecamatan: str) -> str:
        """Another one whenever a figure of this kecamatan, without complaints, is another."""


class Stream(Protocol):
    async def position(self) -> Position:
        """How far the stream is that tells what changes in what is read from now on."""

    async def position_of(self, kecamatan: str) -> str:
        """The same of the stream of one kecamatan."""


class StreamClient(Protocol):
    """One client's end of the hub."""

    async def next(self, timeout: float) -> bytes | None:
        """What is to be sent; empty where nothing was within `timeout`, None once it is over."""

    def end(self) -> None: ...


class Summaries(Protocol):
    async def told(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are there."""

    async def add(self, events: Sequence[ReportSummarised]) -> int:
        """Keep those that no replica told before; how many that are."""

    async def within(self, first: date, last: date, every: Every | None) -> list[ReportSummarised]:
        """Those of which a day is in the range, the newest first."""


# of other services and of RabbitMQ


class Intake(Protocol):
    async def accepted(self, first: date, last: date) -> dict[tuple[str, str], int]:
        """(day, kecamatan) → accepted."""


class Targets(Protocol):
    async def targets(self) -> Mapping[str, Any] | None:
        """How soon an answer is due; None where routing does not say."""


class Office(Protocol):
    async def calendar(self, today: date) -> Calendar | None: ...


class Link(Protocol):
    """The link to RabbitMQ."""

    def connected(self) -> bool: ...
    async def waiting(self) -> int:
        """Messages in reporting's queue that nobody has taken yet."""
