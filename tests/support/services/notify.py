"""notify without a broker or a database: handlers and dispatcher on stores in memory."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from services.notify.channels.base import NotSent, Order
from services.notify.clients.routing import usual
from services.notify.dispatch.address_limit import AddressLimit
from services.notify.dispatch.decider import ContactResolver, DeliveryDecider
from services.notify.dispatch.delivery import Delivery
from services.notify.dispatch.dispatcher import Dispatcher
from services.notify.domain.alert import Alert, Backlog
from services.notify.domain.case_view import CaseView, news
from services.notify.domain.recipients import (
    Address,
    Contact,
    Directory,
    Recipient,
    kind_of,
    seeds,
)
from services.notify.handlers import Handlers
from services.notify.messages.renderer import Renderer
from services.notify.settings import CallbackSecrets
from shared.calendar import Calendar, Holiday, OpenDay
from shared.errors import Conflict, StoreUnavailable
from shared.events import ConsultationEvent, Event
from shared.keys import link_tokens
from shared.limits.buckets import UNLIMITED, Buckets
from tests.support.builders import NOON
from tests.support.fakes import Clock

OFFICER = "petugas-64.02.06-1"


class FakeAlerts:
    """The store in memory; `fail_saves` times it is away when something is to be saved, and
    `lose_answers` times it keeps something new and does not say so."""

    def __init__(self) -> None:
        self.kept: dict[str, Alert] = {}
        self.events: list[Any] = []
        self.fail_saves = 0
        self.lose_answers = 0
        self.takes = 0

    async def get(self, id_: str) -> Alert | None:
        return self.kept.get(id_)

    async def add(self, alert: Alert, event: Event | None = None) -> bool:
        if alert.id in self.kept:
            return False
        self.kept[alert.id] = alert
        if event:
            self.events.append(event)
        if self.lose_answers:
            self.lose_answers -= 1
            raise StoreUnavailable("away")
        return True

    async def save(self, before: Alert, alert: Alert, event: Event | None) -> None:
        if self.fail_saves:
            self.fail_saves -= 1
            raise StoreUnavailable("away")
        if self.kept[alert.id].version != before.version:
            raise Conflict("past")
        self.kept[alert.id] = alert
        if event:
            self.events.append(event)

    async def take_due(
        self,
        channel: str | None,
        now: datetime,
        lease: timedelta,
        limit: int,
        *,
        created_before: datetime | None = None,
    ) -> list[Alert]:
        self.takes += 1
        due = [one for one in self.kept.values() if one.next_at and one.next_at <= now]
        due = [one for one in due if one.channel == channel]
        due = [one for one in due if created_before is None or one.created_at <= created_before]
        taken = sorted(due, key=lambda one: (one.next_at, one.order))[:limit]
        for one in taken:
            self.kept[one.id] = replace(
                one,
                state="claimed",
                claimed_by=f"taker {self.takes}",
                next_at=now + lease,
                version=one.version + 1,
                claims=one.claims + 1,
            )
        return [replace(self.kept[one.id], due_since=one.next_at) for one in taken]

    async def adopt(self, channels: Sequence[str], now: datetime) -> int:
        due = [one for one in self.kept.values() if one.next_at and one.next_at <= now]
        found = [one for one in due if one.channel not in (None, *channels)]
        self.kept |= {one.id: replace(one, channel=None) for one in found}
        return len(found)

    async def renew(self, leased: Sequence[Alert], until: datetime) -> int:
        mine = [one for one in leased if self.kept[one.id].claimed_by == one.claimed_by]
        self.kept |= {one.id: replace(self.kept[one.id], next_at=until) for one in mine}
        return len(mine)

    async def look_again(self, reason: str, now: datetime) -> int:
        found = [
            one
            for one in self.kept.values()
            if (one.state, one.reason) == ("waiting", reason) and one.next_at and one.next_at > now
        ]
        self.kept |= {one.id: replace(one, next_at=now) for one in found}
        return len(found)

    async def backlog(self, at_most: int) -> list[Backlog]:
        due = sorted((one.next_at, one.id) for one in self.kept.values() if one.next_at)
        found: dict[tuple[str, str | None], list[datetime]] = {}
        for next_at, id_ in due[:at_most]:
            found.setdefault((self.kept[id_].state, self.kept[id_].channel), []).append(next_at)
        return [Backlog(*key, len(times), times[0]) for key, times in found.items()]

    async def of_consultation(self, consultation: UUID) -> tuple[Alert, ...]:
        return tuple(one for one in self.kept.values() if one.consultation == consultation)

    async def by_message(self, channel: str, ids: Iterable[str]) -> Alert | None:
        for one in self.kept.values():
            if one.channel == channel and {one.provider_id, one.receipt_chain} & set(ids):
                return one
        return None

    async def page(
        self, query: Mapping[str, Any], *, before: UUID | None, limit: int
    ) -> list[Alert]:
        found = sorted(self.kept.values(), key=lambda one: one.order, reverse=True)
        found = [one for one in found if before is None or one.order < str(before)]
        return [one for one in found if _fits(one, query)][:limit]


def _fits(alert: Alert, query: Mapping[str, Any]) -> bool:
    """Whether the store's query lets it through, as far as routes ask."""
    for field_, wanted in query.items():
        if field_ == "$or":
            if not any(_fits(alert, one) for one in wanted):
                return False
            continue
        found: Any = alert
        for name in field_.split("."):
            found = getattr(found, name, None)
        found = str(found) if isinstance(found, UUID) else found
        if found in wanted["$nin"] if isinstance(wanted, dict) else found != wanted:
            return False
    return True


class FakeCaseViews:
    """The projection in memory."""

    def __init__(self) -> None:
        self.kept: dict[UUID, CaseView] = {}

    async def get(self, consultation: UUID) -> CaseView | None:
        return self.kept.get(consultation)

    async def note(self, event: ConsultationEvent) -> None:
        told = news(event)
        if told is None:
            return
        case = self.kept.get(event.consultation) or CaseView(event.consultation, event.region)
        case = replace(case, **told.always)
        if told.case is not None and event.sequence > case.case_sequence:
            case = replace(case, **told.case, case_sequence=event.sequence)
        if told.stage is not None and event.sequence > case.stage_sequence:
            case = replace(case, stage=told.stage, stage_sequence=event.sequence)
        self.kept[event.consultation] = case

    async def open_of_officer(self, officer: str) -> list[CaseView]:
        return [one for one in self.kept.values() if one.officer == officer and one.is_open]

    async def open_of_satgas(self, satgas: str) -> list[CaseView]:
        return [one for one in self.kept.values() if one.satgas == satgas and one.is_open]


class FakeRecipients:
    """The seeded directory, and what a test puts into it."""

    def __init__(self) -> None:
        self.kept = {one.id: one for one in seeds()}

    async def directory(self) -> Directory:
        return Directory(self.kept.values())

    async def get(self, id_: str) -> Recipient | None:
        return self.kept.get(id_)

    async def put(self, recipient: Recipient, *, after: int) -> Recipient:
        known = self.kept.get(recipient.id)
        if (known.version if known else 0) != after:
            raise Conflict("past")
        self.kept[recipient.id] = replace(recipient, version=after + 1)
        return self.kept[recipient.id]

    def change(self, id_: str, **changes: Any) -> None:
        self.kept[id_] = replace(self.kept[id_], **changes)


class FakeRequesters:
    """intake's answer: the same contact for everybody, or none; or that it is away."""

    def __init__(self) -> None:
        self.answer: Contact | NotSent | None = None

    async def contact(self, consultation: UUID) -> Contact | None:
        if isinstance(self.answer, NotSent):
            raise self.answer
        return self.answer


class FakeOptOuts:
    def __init__(self) -> None:
        self.out: set[tuple[str, str]] = set()
        self._by_id: dict[bytes, Address] = {}

    async def has(self, *addresses: Address) -> bool:
        return any((kind_of(address.channel), address.value) in self.out for address in addresses)

    async def put(self, address: Address, *, out: bool, at: datetime | None = None) -> None:
        change = self.out.add if out else self.out.discard
        change((kind_of(address.channel), address.value))

    async def carry(self, address: Address, moved: Address) -> None:
        if await self.has(address):
            await self.put(moved, out=True)

    def token(self, address: Address) -> str:
        id_ = sha256(f"{kind_of(address.channel)}:{address.value}".encode()).digest()
        self._by_id[id_] = address
        return link_tokens.write(b"key", id_)

    async def is_out(self, token: str) -> bool:
        return await self.has(self._of(token))

    async def put_by_token(self, token: str, *, out: bool) -> None:
        await self.put(self._of(token), out=out)

    def _of(self, token: str) -> Address:
        return self._by_id[link_tokens.read((b"key",), token, 32)]


class FakeMovedChats:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def follow(self, address: Address) -> Address:
        return replace(address, value=self.kept.get(address.value, address.value))

    async def note(self, address: Address, moved_to: str) -> None:
        self.kept[address.value] = moved_to


def office_hours(*, closed: Iterable[date] = (), opened: Iterable[date] = ()) -> Calendar:
    """The usual hours of three years, these days free, and those worked from 07:30 to 16:00."""
    whole = usual(NOON.year)
    return Calendar(
        whole.first,
        whole.last,
        whole.profile,
        holidays=[Holiday(day, "libur", "local") for day in closed],
        open_days=[OpenDay(day, "masuk", whole.profile.week[0]) for day in opened],
    )


class FakeOffice:
    def __init__(self) -> None:
        self.days = usual(NOON.year)

    async def working_days(self, today: date) -> Calendar:
        return self.days


class FakeSender:
    """A provider that refuses as often as it is told."""

    timeout = 15.0
    at_once = 8

    def __init__(self, channel: str = "email") -> None:
        self.channel = channel
        self.slots = 32
        self.failures: list[Exception] = []
        self.taken: list[Order] = []

    async def send(self, order: Order) -> str | None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(order)
        return f"provider-{len(self.taken)}"

    def capacity(self) -> int:
        return self.slots

    async def close(self) -> None: ...


@dataclass
class Notify:
    """notify with providers that fail as told, and a clock that the test moves."""

    channels: tuple[str, ...] = ("email",)
    alerts: FakeAlerts = field(default_factory=FakeAlerts)
    cases: FakeCaseViews = field(default_factory=FakeCaseViews)
    recipients: FakeRecipients = field(default_factory=FakeRecipients)
    requesters: FakeRequesters = field(default_factory=FakeRequesters)
    opt_outs: FakeOptOuts = field(default_factory=FakeOptOuts)
    moves: FakeMovedChats = field(default_factory=FakeMovedChats)
    office: FakeOffice = field(default_factory=FakeOffice)
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    receipt_wait: timedelta = timedelta(minutes=1)
    messages: Buckets = UNLIMITED
    """To one address of requesters."""

    def __post_init__(self) -> None:
        self.senders = {name: FakeSender(name) for name in self.channels}
        self.start_anew()

    def start_anew(self) -> None:
        """Dispatcher and handlers of a new process, in the place of those there are."""
        self.delivery = self.new_delivery()
        self.dispatcher = Dispatcher(self.alerts, self.delivery, self.clock)
        self.handlers = Handlers(
            self.alerts,
            self.cases,
            self.recipients,
            self.dispatcher,
            self.clock,
            self.receipt_wait,
        )

    @property
    def mail(self) -> FakeSender:
        return self.senders["email"]

    def process(self) -> Dispatcher:
        """Another process on the same stores."""
        return Dispatcher(self.alerts, self.new_delivery(), self.clock)

    def new_delivery(self) -> Delivery:
        resolver = ContactResolver(
            self.cases,
            self.recipients,
            self.requesters,
            self.opt_outs,
            self.moves,
            self.senders,
        )
        decider = DeliveryDecider(
            self.alerts, self.cases, self.recipients, resolver, self.office, self.clock
        )
        texts = Renderer("http://klik.example")
        return Delivery(
            self.alerts,
            decider,
            self.senders,
            texts,
            self.clock,
            jitter=lambda: 0.5,
            by_address=AddressLimit(self.messages, "key"),
        )

    async def hear(self, *events: Event) -> None:
        for event in events:
            await self.handlers.subscriptions()[type(event)](event)

    async def look(self, *, after: timedelta = timedelta()) -> None:
        """Let `after` pass; then everything that is due is tried."""
        self.clock.now += after
        while await self.dispatcher.tick():
            await self.dispatcher.settle()

    def told(self, recipient: str = OFFICER) -> list[Any]:
        """What was published about `recipient`."""
        return [one for one in self.alerts.events if one.recipient == recipient]

    def alert(self, recipient: str = OFFICER) -> Alert:
        (found,) = [one for one in self.alerts.kept.values() if one.recipient == recipient]
        return found


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks go on until then, for ten seconds at most."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


def at(day: str, clock: str) -> datetime:
    """A moment in Asia/Makassar."""
    return datetime.fromisoformat(f"{day}T{clock}+08:00")


def an_alert(**changes: Any) -> Alert:
    """A queued one, to the officer of a case in Tenggarong."""
    from services.notify.domain.audience import Target, queued
    from tests.support.builders import assigned

    alert = queued(assigned(), Target(OFFICER, "officer", "has_the_case"), None, uuid4(), NOON)
    return replace(alert, **changes)


NO_CALLBACKS = CallbackSecrets("", "", "", "")
WHATSAPP_FIRST = (Address("whatsapp", "+628125555123"), Address("email", "budi@klikdesa.example"))
