"""One lane a channel, so that a slow provider delays itself only; and whom a process takes on."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sized
from contextlib import asynccontextmanager
from datetime import timedelta

from services.notify.channels.base import BUSY, CIRCUIT_OPEN, NotSent

#: Alerts that may wait for their turn in one lane, and the seconds that they do: less than a lease
#: holds. Who finds no room, or no turn in time, is told when to come again.
IN_LINE = 100
PATIENCE = 10.0
#: Seconds ahead beyond which nobody is called: in a day an alert is given up.
FARTHEST = 86_400.0
#: Alerts in hand at once, the bound of this process's memory.
IN_FLIGHT = 200


class WaitingList:
    """Those who found no room: each gets a time to come again, behind all who were put off before.

    Else a backlog would come again all at once, to be refused again, and each time be written down.
    Whoever has room calls the first of them before their time. How far ahead the first one is,
    nobody knows beforehand: other processes put off and call as well, and some have died. So it is
    felt for, twice as far each time; and from whom it has called, the list goes on step by step, so
    that a database is never asked for many more than can be called.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._given = 0.0
        self._ahead = self._step = PATIENCE

    def put_off(self) -> timedelta:
        """How long to stay away, if not called: at the pace of a whole line in its patience."""
        now = self._clock()
        self._given = max(now + PATIENCE, self._given + PATIENCE / IN_LINE)
        return timedelta(seconds=self._given - now)

    @property
    def ahead(self) -> timedelta:
        """Who would come within this time is to be called."""
        return timedelta(seconds=self._ahead)

    def called(self, last: timedelta | None) -> None:
        """`last`: how far ahead the last one was of as many as there was room for; None where there
        were fewer."""
        if last is not None:
            self._step = PATIENCE
            self._ahead = max(0.0, last.total_seconds()) + PATIENCE
        else:
            self._ahead = min(self._ahead + self._step, FARTHEST)
            self._step = min(self._step * 2, FARTHEST)


class Lane:
    """The attempts at one channel that are under way, and those in line.

    The line is no longer than what is served within its patience: who waits in vain has to be
    written down, and taken up again. While the channel is left alone, nobody is called; who comes
    in their own time finds out whether it still is, and else waits behind the others.
    """

    def __init__(self, at_once: int, rest: Callable[[], float] = lambda: 0.0) -> None:
        """`at_once`: attempts under way at the same time. `rest`: seconds for which the channel is
        left alone, as it is whenever that is asked."""
        self._rest = rest
        self._turns = asyncio.Semaphore(at_once)
        self._at_once = at_once
        self._line = IN_LINE
        self._inside = 0
        self._served = deque[float](maxlen=IN_LINE)
        self.waiting = WaitingList()

    @property
    def room(self) -> int:
        """How many more may come in."""
        return max(0, self._at_once + self._line - self._inside)

    @property
    def is_behind(self) -> bool:
        """Whether the line is so long that nothing should be looked up for it."""
        return self.room < self._line / 2

    @property
    def is_shut(self) -> bool:
        """Whether the channel is left alone."""
        return self._rest() > 0

    @property
    def is_free(self) -> bool:
        """Whether nobody is in line."""
        return self._inside <= self._at_once

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """Wait in line; the attempt goes inside. Raises `NotSent`: `BUSY` or `CIRCUIT_OPEN`."""
        self._refuse_while_shut()
        if not self.room:
            raise self._put_off(BUSY)
        self._inside += 1
        try:
            await self._wait()
            try:
                self._refuse_while_shut()  # it may be since they came
                yield
            finally:
                self._turns.release()
                self._served.append(time.monotonic())
                self._line = min(IN_LINE, self._line + 1)
        finally:
            self._inside -= 1

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turns.acquire()
        except TimeoutError:
            self._line = max(1, self._served_lately())
            raise self._put_off(BUSY) from None

    def _served_lately(self) -> int:
        """How many were served within the patience of one who waits."""
        since = time.monotonic() - PATIENCE
        return sum(served > since for served in self._served)

    def _refuse_while_shut(self) -> None:
        if rest := self._rest():
            raise self._put_off(CIRCUIT_OPEN, timedelta(seconds=rest))

    def _put_off(self, reason: str, at_least: timedelta = timedelta()) -> NotSent:
        wait = max(self.waiting.put_off(), at_least)
        return NotSent(reason, permanent=False, retry_after=wait)


class Admission:
    """How many alerts a process takes on, in all and at each channel; when the others come again.

    Whoever is taken on and then finds no room has to be written down once more, in the same moments
    in which the database has most to do: after a backlog, when a provider has been away.
    """

    def __init__(self, lanes: Mapping[str, Lane], in_flight: Sized) -> None:
        """`lanes`: by channel. `in_flight`: what the process has taken on, as it is whenever it is
        asked."""
        self.lanes = lanes
        self._in_flight = in_flight
        self._nowhere_yet = WaitingList()
        self._bound = Counter[str | None]()

    def put_off(self, channel: str | None) -> timedelta | None:
        """How long a new alert stays away, if not called; None where it may come in."""
        lane = self.lanes.get(channel or "")
        if lane is None:
            return None if self._room else self._nowhere_yet.put_off()
        # those on their way to the lane are not in it yet
        is_full = lane.is_shut or lane.is_behind or self._bound[channel] >= lane.room
        return lane.waiting.put_off() if is_full or not self._room else None

    def bind(self, channel: str | None) -> None:
        """One is on its way to `channel`, None where that is not known yet."""
        self._bound[channel] += 1

    def places(self) -> tuple[int, Mapping[str | None, int] | None]:
        """How many may be taken up that are due: in all and, where somebody is in line, at each
        channel. Those that were on their way have arrived since the last time."""
        self._bound.clear()
        if all(lane.is_free for lane in self.lanes.values()):
            return min([self._room, *(lane.room for lane in self.lanes.values())]), None
        at: dict[str | None, int] = {None: self._room}
        at |= {name: lane.room for name, lane in self.lanes.items() if not lane.is_behind}
        return self._room, at

    def calls(self) -> Iterator[tuple[str | None, WaitingList, int]]:
        """Each channel that has places left and is not left alone, who waits for them, and how many
        they are; None is where it is not known yet. To be asked again after each, since who comes
        takes a place."""
        for name, lane in self.lanes.items():
            places = min(self._room, lane.room - self._bound[name])
            if places > 0 and not lane.is_behind and not lane.is_shut:
                yield name, lane.waiting, places
        if self._room:
            yield None, self._nowhere_yet, self._room

    @property
    def _room(self) -> int:
        return max(0, IN_FLIGHT - len(self._in_flight))
