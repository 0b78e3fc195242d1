"""routing without a broker or a database: its handlers and its scheduler on stores in memory."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.routing.assigner import Assigner
from services.routing.domain.case import Case
from services.routing.handlers import Handlers
from services.routing.jobs.held_cases import HeldCases
from services.routing.jobs.recount import Recount
from services.routing.jobs.timers_due import TimersDue
from services.routing.rules import Rules
from services.routing.scheduler import CATCH_UP_SECONDS, Scheduler
from shared.events import ConsultationMoved, ConsultationSubmitted
from tests.support.builders import LOCAL, NOON, POLICY, submitted
from tests.support.fakes import Clock, FakeCases, FakeLease, FakeRosters, FakeRules


@dataclass
class Link:
    """A link to RabbitMQ that has nothing waiting."""

    up: bool = True
    waits: int = 0

    def connected(self) -> bool:
        return self.up

    async def waiting(self) -> int:
        return self.waits


async def no_skew() -> timedelta:
    return timedelta()


@dataclass
class Routing:
    """routing without a broker or a database."""

    rosters: FakeRosters
    cases: FakeCases = field(default_factory=FakeCases)
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    link: Link = field(default_factory=Link)
    lease: FakeLease = field(default_factory=FakeLease)
    catch_up: float = CATCH_UP_SECONDS

    def __post_init__(self) -> None:
        self.rules = Rules(FakeRules(), POLICY, LOCAL, self.clock)
        assigner = Assigner(self.rosters, self.rules)
        self.handlers = Handlers(self.cases, assigner, self.rules, self.clock)
        self.timers_due = TimersDue(self.cases, self.rules, self.rosters)
        self.held_cases = HeldCases(self.cases, assigner, self.rules)
        self.recount = Recount(self.cases, self.rules, self.rosters)
        self.scheduler = Scheduler(
            self.timers_due,
            self.held_cases,
            self.recount,
            self.rules,
            self.lease,
            self.link,
            self.clock,
            no_skew,
            catch_up=self.catch_up,
        )

    async def hear(self, *events: ConsultationSubmitted | ConsultationMoved) -> None:
        for event in events:
            await self.handlers.subscriptions()[type(event)](event)

    async def open(self, **changes: object) -> Case:
        event = submitted(**changes)
        await self.hear(event)
        return self.cases.kept[event.consultation]

    def case(self, like: Case) -> Case:
        return self.cases.kept[like.id]


def routing(**rosters: tuple[str, ...]) -> Routing:
    return Routing(FakeRosters(**rosters))
