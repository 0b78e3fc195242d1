"""Stand-ins written by hand, for what a unit test does not want to start."""

import asyncio
import contextlib
import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from services.intake.domain.consultation import (
    Consultation,
    Latest,
    Private,
    Reachable,
)
from services.intake.domain.conversation import Who
from services.intake.domain.pin_limits import REMEMBERED, Limit
from services.intake.domain.saved_reply import SavedReply
from services.intake.ports import Position
from services.intake.store.documents import without_words
from services.intake.tracking import Tracking
from services.notify.channels.base import Order
from services.routing.domain.assignment import Nobody, Wanted, assign
from services.routing.domain.case import Case
from services.routing.domain.roster import (
    Choice,
    Officer,
    Roster,
    Satgas,
    confirmed,
    left_behind,
    recounted,
    released,
    revised,
)
from services.routing.ports import Version
from shared.audit.chain import Entry
from shared.errors import Conflict, Duplicate
from shared.events import Event
from shared.times import utc_now


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
        self.open_erasures: dict[UUID, Who] = {}
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

    async def by_idempotency(
        self, key: str, fingerprint: str
    ) -> tuple[Consultation, Private, bool] | None:
        if key not in self.keys:
            return None
        id_, kept = self.keys[key]
        return self.kept[id_], self.private[id_], kept == fingerprint

    async def get(self, id_: UUID) -> Consultation | None:
        return self.kept.get(id_)

    async def for_update(self, id_: UUID) -> Consultation | None:
        return self.kept.get(id_)

    async def for_move(
        self, id_: UUID, key: str | None = None, fingerprint: str = ""
    ) -> Consultation | None:
        return self.kept.get(id_)

    async def latest(self, id_: UUID) -> Latest | None:
        found = await self.get_with_private(id_)
        return Latest(*found, True) if found else None

    async def for_ticket(self, ticket: str) -> Consultation | None:
        found = (one for one in self.kept.values() if one.ticket == ticket)
        return next(found, None)

    async def tell(self, id_: UUID, event: Event) -> None:
        self.events.append(event)

    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None:
        return (self.kept[id_], self.private[id_]) if id_ in self.kept else None

    async def inbox(
        self, query: dict[str, Any], *, before: UUID | None, limit: int
    ) -> list[Consultation]:
        fitting = (one for one in self.kept.values() if not before or one.id < before)
        found = sorted(fitting, key=lambda one: one.id, reverse=True)
        return [one for one in found if _fits(one, query)][:limit]

    async def awaiting_answer(
        self, query: dict[str, Any], *, after: Position | None, limit: int
    ) -> list[Consultation]:
        due = [(one.first_answer_due, one.id, one) for one in self.kept.values()]
        found = sorted((at, id_) for at, id_, one in due if at and _fits(one, query))
        if after:
            found = [one for one in found if one > after]
        return [self.kept[id_] for _, id_ in found][:limit]

    async def with_words(
        self, query: dict[str, Any], *, before: UUID | None, limit: int
    ) -> AsyncGenerator[Consultation]:
        for one in await self.inbox(query, before=before, limit=limit):
            yield one

    async def count_by_status(self, query: dict[str, Any]) -> dict[str, int]:
        return Counter(one.status for one in self.kept.values() if _fits(one, query))

    async def contacts(self, ids: Sequence[UUID]) -> list[Reachable]:
        return [
            Reachable(id_, one.ticket, one.status, one.anonymous, contact)
            for id_ in dict.fromkeys(ids)
            if (one := self.kept.get(id_)) and (contact := self.private[id_].contact)
        ]

    async def pin_of(self, ticket: str) -> tuple[UUID, str] | None:
        for id_, found in self.kept.items():
            if found.ticket == ticket and not found.erased:
                return id_, self.private[id_].pin
        return None

    async def save(
        self, before: Consultation, changed: Consultation, event: Event | None = None
    ) -> None:
        if self.kept[changed.id].version != changed.version - 1:
            raise Conflict("past")
        self.kept[changed.id] = changed
        if event:
            self.events.append(event)

    async def for_erasure(self, id_: UUID) -> Consultation | None:
        return self.kept.get(id_)

    async def intend(self, id_: UUID, who: Who, now: datetime) -> None:
        self.open_erasures[id_] = who

    async def unfinished(self) -> list[tuple[UUID, Who]]:
        return list(self.open_erasures.items())

    async def erase(self, before: Consultation, changed: Consultation, event: Event) -> None:
        await self.save(before, changed, event)

    async def destroy_key(self, id_: UUID) -> None:
        self.kept[id_] = without_words(self.kept[id_])
        self.private[id_] = Private(pin="")
        self.open_erasures.pop(id_, None)


def _fits(found: Consultation, query: Mapping[str, Any]) -> bool:
    """What an inbox asks of MongoDB, and no more: equality, `$ne` and `$or`."""
    for name, wanted in query.items():
        if name == "$or":
            fits = any(_fits(found, branch) for branch in wanted)
        elif isinstance(wanted, Mapping):
            fits = getattr(found, name) != wanted["$ne"]
        else:
            fits = getattr(found, name) == wanted
        if not fits:
            return False
    return True


class FakePinTries:
    """The counted tries in memory."""

    def __init__(self) -> None:
        self.tries: dict[str, list[tuple[datetime, str]]] = {}
        self.known: dict[str, datetime] = {}

    async def standing(
        self, source: str, limit: Limit, pair: str, now: datetime
    ) -> tuple[bool, bool]:
        opened = self.known.get(pair)
        return self._full(source, limit, now), opened is not None and opened > now - REMEMBERED

    async def take(self, limits: Mapping[str, Limit], try_: str, now: datetime) -> bool:
        free = {name: not self._full(name, limit, now) for name, limit in limits.items()}
        for name, is_free in free.items():
            if is_free:
                self.tries.setdefault(name, []).append((now, try_))
        return all(free.values())

    async def opened(self, pair: str, others: Sequence[str], try_: str, now: datetime) -> None:
        self.known[pair] = now
        for name in (pair, *others):
            self.tries[name] = [one for one in self.tries[name] if one[1] != try_]

    def _full(self, name: str, limit: Limit, now: datetime) -> bool:
        recent = [at for at, _ in self.tries.get(name, ()) if at > now - limit.within]
        return len(recent) >= limit.tries


def tracking(store: FakeConsultations, clock: Callable[[], datetime]) -> Tracking:
    return Tracking(store, FakePinTries(), clock)


class FakeCases:
    """routing's cases in memory, versions guarded."""

    def __init__(self) -> None:
        self.kept: dict[UUID, Case] = {}
        self.events: list[Any] = []

    async def exists(self, id_: UUID) -> bool:
        return id_ in self.kept

    async def get(self, id_: UUID) -> Case | None:
        return self.kept.get(id_)

    async def add(self, case: Case, events: Sequence[Event]) -> bool:
        if case.id in self.kept:
            return False
        self.kept[case.id] = case
        self.events += events
        return True

    async def save(self, before: Case, changed: Case, events: Sequence[Event]) -> None:
        if self.kept[changed.id].version != changed.version - 1:
            raise Conflict("past")
        self.kept[changed.id] = changed
        self.events += events

    async def save_timers(self, changes: Sequence[tuple[Case, Sequence[Event]]]) -> None:
        for changed, events in changes:
            with contextlib.suppress(Conflict):
                await self.save(changed, changed, events)

    async def due(self, now: datetime, limit: int) -> list[Case]:
        timed = [(one.next_timer, one) for one in self.kept.values() if one.next_timer]
        timed.sort(key=itemgetter(0))
        return [one for at, one in timed if at <= now][:limit]

    async def held(self, limit: int) -> list[Case]:
        return [one for one in self.kept.values() if one.state == "held"][:limit]

    async def by_another_calendar(self, version: str, limit: int) -> list[Case]:
        found = (one for one in self.kept.values() if one.calendar_version not in (None, version))
        return [one for one in found if one.state != "over"][:limit]

    async def open_by_officer(self, satgas: str) -> dict[str, int]:
        return dict(
            Counter(
                one.officer
                for one in self.kept.values()
                if one.state == "assigned" and one.satgas == satgas and one.officer
            )
        )

    async def recorded(self, keys: Sequence[str]) -> set[str]:
        known = {one.key for case in self.kept.values() for one in case.decisions}
        return known & set(keys)


class FakeAudit:
    """What was written down, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def record(self, entry: Entry) -> None:
        self.entries.append(entry)

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)

    def source(self, host: str | None) -> str | None:
        return None

    def told(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        return [(one.key, one.what, one.outcome, one.consultations) for one in self.entries]


class FakeEndedSessions:
    """Sessions that were signed out of, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, datetime] = {}

    async def add(self, session: str, until: datetime) -> None:
        self.kept[session] = until

    async def has(self, session: str) -> bool:
        return session in self.kept


class FakeSavedReplies:
    """Saved replies in memory."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.kept: dict[tuple[str, str], SavedReply] = {}
        self._used: dict[str, datetime] = {}
        self._clock = clock

    async def owners(self) -> Mapping[str, datetime]:
        return {owner: self._used[owner] for owner, _ in self.kept}

    async def forget(self, owner: str) -> None:
        self.kept = {key: one for key, one in self.kept.items() if key[0] != owner}

    async def of(self, owner: str) -> list[SavedReply]:
        self._used[owner] = self._clock()
        own = [one for (whose, _), one in self.kept.items() if whose == owner]
        return sorted(own, key=lambda one: (one.saved_at, one.id))

    async def add(self, owner: str, body: str, now: datetime) -> SavedReply:
        id_ = hashlib.sha256(f"{owner}\n{body}".encode()).hexdigest()[:32]
        self._used[owner] = now
        return self.kept.setdefault((owner, id_), SavedReply(id_, body, now))

    async def remove(self, owner: str, id_: str) -> None:
        self.kept.pop((owner, id_), None)


class FakeRosters:
    """The rosters in memory, by the same rules."""

    def __init__(self, **officers: tuple[str, ...]) -> None:
        """`officers`: satgas code (dots written as underscores) → officers, the first of whom
        coordinates."""
        self.kept: dict[str, Satgas] = {}
        self._confirmed: dict[str, set[str]] = {}
        for name, codes in officers.items():
            code = name.replace("_", ".")
            self.kept[code] = Satgas(
                code=code,
                name=f"Satgas {code}",
                officers=tuple(Officer(one) for one in codes),
                coordinator=codes[0] if codes else None,
                camat=None if code == "dpmd" else f"camat-{code}",
            )

    async def get(self, satgas: str) -> Satgas | None:
        return self.kept.get(satgas)

    async def all(self) -> list[Satgas]:
        return list(self.kept.values())

    async def put(self, satgas: str, roster: Roster, expected_edition: int) -> Satgas:
        now = self.kept.get(satgas)
        if now is None or now.edition != expected_edition or left_behind(now, roster):
            raise Conflict("past")
        return self._save(now, revised(now, roster))

    async def assign(self, satgas: str, wanted: Wanted, on: date) -> Choice | Nobody:
        if satgas not in self.kept:
            return "no_officer"
        after, answer = assign(self.kept[satgas], wanted, on)
        self._save(self.kept[satgas], after)
        return answer

    def confirm(self, satgas: str, key: str) -> None:
        self._confirmed.setdefault(satgas, set()).add(key)

    async def release(self, satgas: str, officer: str) -> None:
        if satgas in self.kept:
            self._save(self.kept[satgas], released(self.kept[satgas], officer))

    async def recount(
        self,
        satgas: str,
        recorded: Callable[[Sequence[str]], Awaitable[set[str]]],
        open_by_officer: Callable[[str], Awaitable[dict[str, int]]],
    ) -> bool:
        before = self.kept.get(satgas)
        if before is None:
            return False
        in_cases = await recorded(list(before.reservations))
        after = recounted(before, in_cases, await open_by_officer(satgas))
        if self.kept[satgas] is not before:
            return after is before
        self._save(before, after)
        return True

    def _save(self, before: Satgas, after: Satgas) -> Satgas:
        if after is not before:
            after = replace(
                confirmed(after, self._confirmed.pop(after.code, set())), rev=before.rev + 1
            )
            self.kept[after.code] = after
        return after

    def change(self, satgas: str, officer: str, **changes: Any) -> None:
        """`officer` is on leave, full, away …"""
        now = self.kept[satgas]
        officers = tuple(
            replace(one, **changes) if one.code == officer else one for one in now.officers
        )
        self.kept[satgas] = replace(now, officers=officers)


class FakeLease:
    """A lease that is this replica's unless `other` has it."""

    def __init__(self) -> None:
        self.held = self.other = False

    async def acquire(self) -> bool:
        self.held = not self.other
        return self.held

    async def release(self) -> None:
        self.held = False


class FakeRules:
    """Versions of the rules in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Version[Any]]] = {"policy": [], "calendar": []}

    async def versions(self, name: str) -> list[Version[Any]]:
        return self.kept[name]

    async def add(self, name: str, version: Version[Any]) -> None:
        if version.number and any(one.number == version.number for one in self.kept[name]):
            raise Conflict("taken")
        self.kept[name].append(version)


class FakeChannel:
    """A sender that refuses as often as it is told, and holds sends back while `gate` is clear."""

    channel = "smtp"
    timeout = 10.0
    at_once = 2

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.taken: list[Order] = []
        self.under_way = self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.closed = False

    async def send(self, order: Order) -> str | None:
        self.under_way += 1
        self.entered.set()
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await self.gate.wait()
            if self.failures:
                raise self.failures.pop(0)
            self.taken.append(order)
            return f"provider-{len(self.taken)}"
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        self.closed = True
