"""Looks after what no message sets off: timers, cases that wait for an officer, changed rules.

Runs in every replica. What makes a timer single is the guard on the case's version when it is saved
together with its event: of replicas that look at the same case, one writes.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.routing import news
from services.routing.dealing import Dealer
from services.routing.domain import Case
from services.routing.rules import Rules
from services.routing.satgas import Satgas
from services.routing.timers import ring, scheduled
from shared.errors import Conflict, KlikError, describe
from shared.events import Event
from shared.ids import new_id
from shared.times import whole_milliseconds

log = logging.getLogger(__name__)

Step = Callable[[], Awaitable[None]]

#: Seconds between looks at what is due: the usual lateness of a timer.
INTERVAL = 0.5
#: Seconds between looks at rules that another replica was told.
REFRESH = 2.0
#: Seconds between recounts of who has how many cases, and of cases reckoned by an older calendar.
REVIEW = 600.0
BATCH = 200
#: Where more is due than a batch, replicas begin at different ones of so many batches, so that they
#: share the work instead of doing it twice.
SPREAD = 8
#: After a start, or a lost link to RabbitMQ: how long to wait for the news that piled up. An
#: officer who answered in time must not be called late because routing was away.
CATCH_UP = 30.0


class Cases(Protocol):
    async def due(self, now: datetime, *, skip: int, limit: int) -> list[Case]: ...
    async def held(self, limit: int) -> list[Case]: ...
    async def by_another_calendar(
        self, version: str, after: UUID | None, limit: int
    ) -> list[Case]: ...
    async def open_by_officer(self, satgas: str) -> dict[str, int]: ...
    async def recorded(self, keys: Sequence[str]) -> set[str]: ...
    async def save(self, changed: Case, events: Sequence[Event]) -> None: ...
    async def save_timers(self, changes: Sequence[tuple[Case, Sequence[Event]]]) -> None: ...


class Rosters(Protocol):
    async def all(self) -> list[Satgas]: ...
    async def recount(
        self,
        satgas: str,
        recorded: Callable[[Sequence[str]], Awaitable[set[str]]],
        open_by_officer: Callable[[str], Awaitable[dict[str, int]]],
    ) -> bool: ...


class Link(Protocol):
    """The link to RabbitMQ."""

    def connected(self) -> bool: ...
    async def waiting(self) -> int:
        """Messages in routing's queue that nobody has taken yet."""


class Timekeeper:
    def __init__(
        self,
        cases: Cases,
        dealer: Dealer,
        rules: Rules,
        rosters: Rosters,
        link: Link,
        clock: Callable[[], datetime],
        skew: Callable[[], Awaitable[timedelta]],
    ) -> None:
        """`skew`: how far the database's clock is ahead. All replicas go by that one, so that a
        host with a wrong clock calls nobody late."""
        self._cases = cases
        self._dealer = dealer
        self._rules = rules
        self._rosters = rosters
        self._link = link
        self._clock = clock
        self._measure_skew = skew
        self._skew = timedelta()
        self._running: list[asyncio.Task[None]] = []
        self._behind_since: float | None = time.monotonic()
        self._is_much = False
        self._refreshed = float("-inf")
        self._calendar_changed = asyncio.Event()
        self._reckoned_by = ""

    async def start(self) -> None:
        self._running = [
            asyncio.create_task(self._for_ever(self.look, self._a_moment)),
            asyncio.create_task(self._for_ever(self.review, self._until_review)),
        ]

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def _for_ever(self, work: Step, pause: Step) -> None:
        while True:
            try:
                await work()
                await pause()
            except KlikError as error:
                log.warning("timers wait", extra={"error": describe(error)})
                await asyncio.sleep(INTERVAL)
            except Exception as error:
                log.exception("timers failed", extra={"error": describe(error)})
                await asyncio.sleep(REFRESH)

    async def _a_moment(self) -> None:
        await asyncio.sleep(INTERVAL)

    async def _until_review(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._calendar_changed.wait(), REVIEW)

    async def look(self) -> None:
        """Whatever is due now."""
        await self._take_over_rules()
        if await self._knows_all_news():
            while await self.ring_due() == BATCH:
                pass
        await self.release_held()

    async def _take_over_rules(self) -> None:
        if time.monotonic() - self._refreshed < REFRESH:
            return
        self._refreshed = time.monotonic()
        self._skew = await self._measure_skew()
        await self._rules.refresh()
        if self._rules.calendar.version != self._reckoned_by:
            self._calendar_changed.set()

    async def review(self) -> None:
        """What takes longer and hurries less: it holds up no timer."""
        self._calendar_changed.clear()
        await self.reckon_anew()
        await self.recount()

    async def _knows_all_news(self) -> bool:
        """Whether what intake told was heard; after a while it is assumed."""
        if not self._link.connected():
            self._behind_since = time.monotonic()
            return False
        if self._behind_since is None:
            return True
        if await self._link.waiting() == 0 or time.monotonic() - self._behind_since > CATCH_UP:
            self._behind_since = None
        # also then only with the next look: the last messages are taken, and being handled
        return False

    def _now(self) -> datetime:
        return whole_milliseconds(self._clock() + self._skew)

    async def ring_due(self) -> int:
        """Tell of one batch of what is due; how many cases it was."""
        now = self._now()
        skip = random.randrange(SPREAD) * BATCH if self._is_much else 0  # noqa: S311
        taken = await self._cases.due(now, skip=skip, limit=BATCH)
        if not taken and skip:
            taken = await self._cases.due(now, skip=0, limit=BATCH)
        self._is_much = len(taken) == BATCH
        if not taken:
            return 0
        people = news.people(await self._rosters.all())
        changes = []
        for case in taken:
            policy = self._rules.policy_of(case.policy_version)
            after, rung = ring(case, policy, self._rules.calendar, now)
            changes.append((after, news.of_timers(case, after, rung, people, now, new_id)))
        await self._cases.save_timers(changes)
        return len(taken)

    async def release_held(self) -> None:
        """Give held cases to whoever can take them now, the longest held first."""
        full = set[str]()
        for case in await self._cases.held(BATCH):
            if case.wanted.satgas in full:
                continue
            now = self._now()
            found = await self._dealer.find(case, now)
            if found.state == "held":
                full.add(case.wanted.satgas)
            if found is not case:
                await self._save_decision(case, found)

    async def _save_decision(self, before: Case, after: Case) -> None:
        policy = self._rules.policy_of(after.policy_version)
        after = replace(after, version=before.version + 1)
        after, told = news.decided(before, after, policy, self._rules.calendar, new_id)
        try:
            await self._cases.save(after, told)
        except Conflict:
            return  # another replica was quicker, or the case moved on
        self._dealer.settle(after)

    async def reckon_anew(self) -> None:
        """Move the timers of open cases to the calendar of now."""
        last: UUID | None = None
        calendar = self._rules.calendar
        self._reckoned_by = calendar.version
        while cases := await self._cases.by_another_calendar(calendar.version, last, BATCH):
            await self._cases.save_timers([(self._reckoned(case), ()) for case in cases])
            last = cases[-1].id
            log.info("deadlines reckoned anew", extra={"count": len(cases)})

    async def recount(self) -> None:
        """Heal what a crash left in the rosters' counts of open cases."""
        for satgas in await self._rosters.all():
            await self._rosters.recount(
                satgas.code, self._cases.recorded, self._cases.open_by_officer
            )

    def _reckoned(self, case: Case) -> Case:
        policy = self._rules.policy_of(case.policy_version)
        return scheduled(replace(case, version=case.version + 1), policy, self._rules.calendar)
