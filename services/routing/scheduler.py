"""When the jobs run, and in which replica: once a second, in the one that leads."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from services.routing.jobs.held_cases import HeldCases
from services.routing.jobs.recount import Recount
from services.routing.jobs.timers_due import CASES_PER_BATCH, TimersDue
from services.routing.ports import Lease, Link
from services.routing.rules import Rules
from shared.errors import KlikError
from shared.periodic import PeriodicTask
from shared.times import whole_milliseconds

#: Seconds between looks at what is due: the usual lateness of a timer.
TICK_SECONDS = 1.0
#: Seconds between looks at rules that another replica was told.
RULES_REFRESH_SECONDS = 2.0
#: Seconds between recounts of who has how many cases, and of cases reckoned by an older calendar.
REVIEW_INTERVAL_SECONDS = 600.0
#: Seconds until the second review of a new calendar: a replica that had not heard of it yet may
#: have opened cases by the old one during the first.
SECOND_REVIEW_SECONDS = 3 * RULES_REFRESH_SECONDS
#: Seconds until a review is tried again: a store that was too busy for it is not kept busy.
REVIEW_RETRY_SECONDS = 30.0
#: After a start, or a lost link to RabbitMQ: how long to wait for the messages that piled up. An
#: officer who answered in time must not be called late because routing was away.
CATCH_UP_SECONDS = 30.0


class Scheduler:
    def __init__(
        self,
        timers_due: TimersDue,
        held_cases: HeldCases,
        recount: Recount,
        rules: Rules,
        lease: Lease,
        link: Link,
        clock: Callable[[], datetime],
        skew: Callable[[], Awaitable[timedelta]],
        *,
        catch_up: float = CATCH_UP_SECONDS,
    ) -> None:
        """`skew`: how far the database's clock is ahead. All replicas go by that one, so that a
        host with a wrong clock calls nobody late."""
        self._timers_due = timers_due
        self._held_cases = held_cases
        self._recount = recount
        self._rules = rules
        self._lease = lease
        self._link = link
        self._clock = clock
        self._measure_skew = skew
        self._skew = timedelta()
        self._catch_up = catch_up
        self._behind_since: float | None = time.monotonic()
        self._refreshed = float("-inf")
        self._calendar_changed = asyncio.Event()
        self._reckoned_by = ""
        self._until_next_review = REVIEW_INTERVAL_SECONDS
        self._loops = (
            PeriodicTask("timers", self.tick, TICK_SECONDS),
            PeriodicTask(
                "reviews", self.review, self._until_review, after_failure=REVIEW_RETRY_SECONDS
            ),
        )

    async def start(self) -> None:
        for loop in self._loops:
            await loop.start()

    async def stop(self) -> None:
        for loop in self._loops:
            await loop.stop()
        with contextlib.suppress(KlikError):  # the others need only be a little more patient
            await self._lease.release()

    async def _until_review(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._calendar_changed.wait(), self._until_next_review)

    async def tick(self) -> None:
        """Whatever is due now, if it is for this replica to see to it."""
        await self._take_over_rules()
        if not await self._has_caught_up():
            await self._lease.release()
            return
        if not await self._lease.acquire():
            return
        if self._rules.calendar.version != self._reckoned_by:
            self._calendar_changed.set()
        while (
            await self._timers_due.run(self._now()) == CASES_PER_BATCH
            and await self._lease.acquire()
        ):
            pass
        await self._held_cases.run(self._now())

    async def _take_over_rules(self) -> None:
        if time.monotonic() - self._refreshed < RULES_REFRESH_SECONDS:
            return
        self._refreshed = time.monotonic()
        self._skew = await self._measure_skew()
        await self._rules.refresh()

    async def review(self) -> None:
        """What takes longer and hurries less: it holds up no timer."""
        self._calendar_changed.clear()
        if not self._lease.held:
            return
        before, self._reckoned_by = self._reckoned_by, await self._recount.deadlines()
        self._until_next_review = (
            REVIEW_INTERVAL_SECONDS if before == self._reckoned_by else SECOND_REVIEW_SECONDS
        )
        await self._recount.loads()

    async def _has_caught_up(self) -> bool:
        """Whether every waiting message was handled; after a while this is assumed."""
        if not self._link.connected():
            self._behind_since = time.monotonic()
            return False
        if self._behind_since is None:
            return True
        if (
            await self._link.waiting() == 0
            or time.monotonic() - self._behind_since > self._catch_up
        ):
            self._behind_since = None
        # also then only with the next look: the last messages are taken, and being handled
        return False

    def _now(self) -> datetime:
        return whole_milliseconds(self._clock() + self._skew)
