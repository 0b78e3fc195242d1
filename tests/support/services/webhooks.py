"""Webhooks without a database: event log and subscriptions in memory, and endpoints as told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.notify.webhooks.domain.segment import Entry, Segment
from services.notify.webhooks.domain.ssrf_guard import Guard, Resolve
from services.notify.webhooks.domain.subscription import (
    UNLEASED,
    Cursor,
    Outcome,
    Progress,
    Secret,
    Subscription,
    SubscriptionLease,
)
from services.notify.webhooks.secrets import Sealer
from services.notify.webhooks.service import WebhookService
from services.notify.webhooks.submitters import Submitters
from services.notify.webhooks.worker import PauseAlerts, WorkerContext
from services.notify.webhooks.worker_pool import WorkerPool
from shared.errors import Conflict
from shared.events import ConsultationEvent
from shared.web.permissions import Caller, Role
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import TERRITORY
from tests.support.services.notify import FakeAlerts, FakeCaseViews, FakeRecipients

SEALER = Sealer({"w1": bytes(32)})
ENDPOINT = "https://desa.example/hook?token=RAHASIA"
OK = Outcome(status=204)
BROKEN = Outcome("http_500", 500)


def resolves_to(*addresses: str) -> Resolve:
    """A resolver with one answer; without addresses there is no such host."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        if not addresses:
            raise OSError
        return addresses

    return resolve


def a_subscription(**changes: object) -> Subscription:
    id_ = uuid4()
    made = Subscription(
        id=id_,
        owner="test-dpmd",
        territory=None,
        created_at=NOON,
        url=ENDPOINT,
        events=(),
        kecamatan=(),
        contact=None,
        secrets=(Secret(SEALER.seal(str(id_), "whsec_" + "A" * 32)),),
        progress=Progress(Cursor(1)),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class FakeEventLog:
    """Segments in memory."""

    def __init__(self, clock: Clock) -> None:
        self.segments: dict[int, Segment] = {}
        self._clock = clock
        self.idle = 0
        self.wake = asyncio.Event()

    def write(self, *events: ConsultationEvent) -> None:
        number = self.last + 1
        entries = tuple(Entry.of(event) for event in events)
        self.segments[number] = Segment(number, self._clock.now, entries)

    async def add(self, event: ConsultationEvent) -> None:
        self.write(event)

    @property
    def last(self) -> int:
        return max(self.segments, default=0)

    async def segment(self, number: int) -> Segment | None:
        return self.segments.get(number)

    async def first(self) -> int | None:
        return min(self.segments, default=None)

    async def beyond(self, segment: int, timeout: float) -> None:
        self.idle += 1
        await self.wake.wait()
        self.idle -= 1

    async def look(self) -> None: ...

    async def since(self, moment: datetime) -> int:
        found = (n for n, segment in self.segments.items() if segment.at >= moment)
        return min(found, default=self.last + 1)

    async def forget(self, before: datetime) -> int:
        old = [n for n, segment in self.segments.items() if segment.at < before and n < self.last]
        for number in old:
            del self.segments[number]
        return len(old)


class FakeWebhooks:
    """Subscriptions in memory, by the store's guards."""

    def __init__(self) -> None:
        self.kept: dict[UUID, Subscription] = {}
        self.leased_until: dict[UUID, datetime] = {}
        self.saves = 0

    async def add(self, subscription: Subscription) -> None:
        self.kept[subscription.id] = subscription
        self.leased_until[subscription.id] = UNLEASED

    async def get(self, id_: UUID) -> Subscription | None:
        return self.kept.get(id_)

    async def page(
        self, owner: str | None, *, after: UUID | None, limit: int
    ) -> list[Subscription]:
        mine = sorted(
            (one for one in self.kept.values() if owner in (None, one.owner)),
            key=lambda one: one.id,
        )
        return [one for one in mine if after is None or one.id > after][:limit]

    async def count(self, owner: str) -> int:
        return sum(one.owner == owner for one in self.kept.values())

    async def change(self, before: Subscription, after: Subscription) -> Subscription:
        known = self.kept.get(before.id)
        if known is None or known.version != before.version:
            raise Conflict("past")
        progress = known.progress
        if after.progress != before.progress:
            if (known.fencing_token, known.progress) != (before.fencing_token, before.progress):
                raise Conflict("past")
            progress = after.progress
        changed = replace(
            after,
            progress=progress,
            version=known.version + 1,
            fencing_token=known.fencing_token + 1,
        )
        self.kept[before.id], self.leased_until[before.id] = changed, UNLEASED
        return changed

    async def remove(self, id_: UUID) -> None:
        self.kept.pop(id_, None)

    async def leases(self) -> list[SubscriptionLease]:
        return [
            SubscriptionLease(
                one.id,
                one.fencing_token,
                one.progress.state,
                one.progress.next_at,
                self.leased_until[one.id],
            )
            for one in self.kept.values()
        ]

    async def take(self, lease: SubscriptionLease, until: datetime) -> Subscription | None:
        known = self.kept.get(lease.id)
        if known is None or known.fencing_token != lease.fencing_token:
            return None
        self.kept[lease.id] = replace(known, fencing_token=known.fencing_token + 1)
        self.leased_until[lease.id] = until
        return self.kept[lease.id]

    async def save(self, held: Subscription, until: datetime) -> bool:
        known = self.kept.get(held.id)
        if known is None or known.fencing_token != held.fencing_token:
            return False
        self.saves += 1
        self.kept[held.id] = replace(known, progress=held.progress)
        self.leased_until[held.id] = until
        return True


class FakeDelivery:
    """Endpoints that answer as they are told, in turn, and take everything after that."""

    def __init__(self) -> None:
        self.answers: list[Outcome] = []
        self.always: Outcome = OK
        self.tried: list[tuple[UUID, UUID]] = []
        self.taken: list[UUID] = []

    async def deliver(self, subscription: Subscription, entry: Entry) -> Outcome:
        outcome = self.answers.pop(0) if self.answers else self.always
        self.tried.append((subscription.id, entry.id))
        if outcome.reason is None:
            self.taken.append(entry.id)
        return outcome

    async def test(self, subscription: Subscription) -> Outcome:
        return self.answers.pop(0) if self.answers else self.always


@dataclass
class Hooks:
    """The workers of some processes, on a clock that the test moves."""

    clock: Clock = field(default_factory=lambda: Clock(NOON))
    webhooks: FakeWebhooks = field(default_factory=FakeWebhooks)
    cases: FakeCaseViews = field(default_factory=FakeCaseViews)
    delivery: FakeDelivery = field(default_factory=FakeDelivery)
    alerts: FakeAlerts = field(default_factory=FakeAlerts)
    recipients: FakeRecipients = field(default_factory=FakeRecipients)
    owners: dict[str, Caller | str] = field(
        default_factory=lambda: {
            "test-dpmd": Caller("test-dpmd", Role.DPMD),
            "test-officer": Caller("test-officer", Role.OFFICER, TERRITORY),
            "test-frontend": Caller("test-frontend", Role.FRONTEND),
        }
    )
    """What the keyring says of them now."""

    def __post_init__(self) -> None:
        self.event_log = FakeEventLog(self.clock)
        self.pool = self.process()

    def process(self) -> WorkerPool:
        context = WorkerContext(
            event_log=self.event_log,
            webhooks=self.webhooks,
            cases=self.cases,
            delivery=self.delivery,
            on_pause=PauseAlerts(self.alerts).tell,
            submitters=Submitters(self.cases),
            owner=self.owners.get,
            clock=self.clock,
            jitter=lambda: 0.5,
        )

        async def offset() -> timedelta:
            return timedelta()

        return WorkerPool(context, kept=timedelta(days=30), clock_offset=offset)

    def service(self, resolve: Resolve | None = None) -> WebhookService:
        guard = Guard(resolve=resolve or resolves_to("93.184.216.34"))
        return WebhookService(
            self.webhooks,
            self.event_log,
            guard,
            self.delivery,
            SEALER,
            self.recipients,
            self.clock,
        )

    async def subscribe(self, **changes: object) -> Subscription:
        made = a_subscription(**changes)
        await self.webhooks.add(made)
        return made

    async def work(self, *, after: timedelta = timedelta()) -> None:
        """Let `after` pass; then whatever can be delivered is, and workers end."""
        self.clock.now += after
        await self.go(self.pool)

    async def go(self, *processes: WorkerPool) -> None:
        await asyncio.gather(*(one.tick() for one in processes))
        async with asyncio.timeout(10):
            # both sides of it move
            while sum(one.at_work for one in processes) > self.event_log.idle:  # noqa: ASYNC110
                await asyncio.sleep(0)
            resting = [asyncio.create_task(one.rest()) for one in processes]
            await asyncio.sleep(0)
            self.event_log.wake.set()
            await asyncio.gather(*resting)
            self.event_log.wake = asyncio.Event()

    def now(self, one: Subscription) -> Subscription:
        return self.webhooks.kept[one.id]
