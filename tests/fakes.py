"""Stand-ins written by hand, for what a unit test does not want to start."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain import Consultation, Private, Tracked
from services.notify.domain import Alert
from services.notify.senders import NotSent
from services.routing.domain import Case, Satgas
from shared.errors import Conflict, Duplicate, StoreUnavailable
from shared.events import Event


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class FakeConsultations:
    """intake's store in memory: unique idempotency and ticket, versions guarded."""

    def __init__(self) -> None:
        self.kept: dict[UUID, Consultation] = {}
        self.private: dict[UUID, Private] = {}
        self.keys: dict[str, tuple[UUID, str]] = {}
        self.events: list[Event] = []
        self.taken_tickets: set[str] = set()

    async def add(
        self,
        consultation: Consultation,
        private: Private,
        event: Event,
        *,
        idempotency: str,
        fingerprint: str,
    ) -> None:
        if idempotency in self.keys or consultation.ticket in self.taken_tickets:
            raise Duplicate("exists already")
        self.kept[consultation.id] = consultation
        self.private[consultation.id] = private
        self.keys[idempotency] = (consultation.id, fingerprint)
        self.taken_tickets.add(consultation.ticket)
        self.events.append(event)

    async def by_idempotency(self, key: str) -> tuple[Consultation, Private, str] | None:
        if key not in self.keys:
            return None
        id_, fingerprint = self.keys[key]
        return self.kept[id_], self.private[id_], fingerprint

    async def get(self, id_: UUID) -> Consultation | None:
        return self.kept.get(id_)

    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None:
        return (self.kept[id_], self.private[id_]) if id_ in self.kept else None

    async def by_ticket(self, ticket: str) -> Tracked | None:
        for id_, found in self.kept.items():
            if found.ticket == ticket:
                return Tracked(found, self.private[id_], ())
        return None

    async def save(self, changed: Consultation, event: Event | None = None) -> None:
        if self.kept[changed.id].version != changed.version - 1:
            raise Conflict("past")
        self.kept[changed.id] = changed
        if event:
            self.events.append(event)


class FakeCases:
    def __init__(self) -> None:
        self.kept: dict[UUID, Case] = {}
        self.events: list[Any] = []

    async def exists(self, id_: UUID) -> bool:
        return id_ in self.kept

    async def add(self, case: Case, event: Event) -> bool:
        if case.id in self.kept:
            return False
        self.kept[case.id] = case
        self.events.append(event)
        return True


class FakeRoster:
    def __init__(self, **officers: tuple[str, ...]) -> None:
        """`officers`: satgas code (dots written as underscores) → officers."""
        self.officers = {code.replace("_", "."): names for code, names in officers.items()}
        self.turns: dict[str, int] = {}

    async def take_turn(self, satgas: str) -> Satgas | None:
        if satgas not in self.officers:
            return None
        turn = self.turns.get(satgas, 0)
        self.turns[satgas] = turn + 1
        return Satgas(satgas, f"Satgas {satgas}", self.officers[satgas], turn)


class FakeAlerts:
    """notify's store in memory; `fail_saves` times it is away when something is to be saved."""

    def __init__(self) -> None:
        self.kept: dict[str, Alert] = {}
        self.events: list[Any] = []
        self.fail_saves = 0

    async def get(self, id_: str) -> Alert | None:
        return self.kept.get(id_)

    async def add(self, alert: Alert) -> bool:
        if alert.id in self.kept:
            return False
        self.kept[alert.id] = alert
        return True

    async def save(self, alert: Alert, event: Event | None) -> None:
        if self.fail_saves:
            self.fail_saves -= 1
            raise StoreUnavailable("away")
        if self.kept[alert.id].version != alert.version - 1:
            raise Conflict("past")
        self.kept[alert.id] = alert
        if event:
            self.events.append(event)


class FakeRecipients:
    async def address(self, recipient: str, channel: str) -> str | None:
        return f"{recipient}@klikdesa.example"


class FakeSender:
    """A provider that refuses as often as it is told."""

    channel = "smtp"

    def __init__(self, *failures: NotSent) -> None:
        self.failures = list(failures)
        self.taken: list[tuple[str, str | None]] = []

    async def send(self, alert: Alert, address: str | None) -> str | None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append((alert.id, address))
        return "provider-1"
