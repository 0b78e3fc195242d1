"""Which generation is read, and which is being built beside it.

A generation is everything that was derived from the log by one calendar. Rebuilding makes the next
one while the present one is read; one write changes over. Old ones are dropped by whoever built the
new one, once nobody can be reading them any more.

What a generation knows of a year never changes. Years to come are added to it as time goes on, long
before anything happens in them.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.reporting.projection.store import Generation
from shared.calendar import Calendar
from shared.errors import Conflict, Duplicate, TryLater
from shared.storage.mongo import Database
from shared.storage.retrying import retry_while_unavailable
from shared.times import local_day
from shared.working_calendar import CalendarYear, Office, calendar_of

STATE = "generations"
#: The first year that consultations may be from, and the years to come that are known.
FIRST_YEAR, YEARS_AHEAD = 2020, 3
#: Seconds until routing is asked again for years that it did not know.
ASK_AGAIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Deriving:
    """A generation with the calendar that it reckons by."""

    generation: Generation
    calendar: Calendar
    calendar_version: str


class Generations:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._state = database.collection("state")
        self._office = office
        self._known: dict[int, Deriving] = {}
        self._not_before = 0.0

    async def live(self) -> Deriving | None:
        """The one that is read; None before the first."""
        state = await self._state.get(STATE)
        return await self.numbered(state["live"]) if state else None

    async def writing(self, until: date | None = None) -> list[Deriving]:
        """Those that every new fact goes to: the one that is read, and one that is being built.

        Their calendars reach `until`, if routing's does. Raises `TryLater` where they do not yet,
        or there is none, and routing does not tell the calendar.
        """
        state = await self._state.get(STATE)
        if state is None:
            await self._begin()
            state = await self._state.get(STATE)
            assert state is not None  # noqa: S101 - written a moment ago, by us or another replica
        numbers = [state["live"], *([state["building"]] if state.get("building") else [])]
        deriving = [await self.numbered(number) for number in numbers]
        if until is None or all(until <= one.calendar.last for one in deriving):
            return deriving
        return [await self._reaching(number, until.year) for number in numbers]

    async def look_ahead(self) -> Calendar | None:
        """Have the calendars of the generations reach some years ahead; that of the one that is
        read, as it is then. None before the first. Raises `TryLater`."""
        if await self._state.get(STATE) is None:
            return None
        through = self._this_year() + YEARS_AHEAD
        live, *_ = [
            await self._reaching(one.generation.number, through) for one in await self.writing()
        ]
        return live.calendar

    async def build(self) -> Deriving:
        """A new one beside the present one, by today's calendar."""
        (live, *_) = await self.writing()
        state = await self._state.get(STATE)
        number = max(live.generation.number, (state or {}).get("building") or 0) + 1
        await self._keep_calendar(number, await self._years())
        built = await self.numbered(number)
        await built.generation.prepare()
        await self._state.update({"_id": STATE}, {"$set": {"building": number}})
        return built

    async def change_over(self, built: Deriving) -> Deriving:
        """Have it read from now on; the one that was read before, which is the caller's to drop.

        Raises `Conflict` where another rebuild has begun since.
        """
        number, state = built.generation.number, self._state
        before = await retry_while_unavailable(lambda: state.get(STATE))
        await retry_while_unavailable(
            lambda: state.update(
                {"_id": STATE, "building": number}, {"$set": {"live": number, "building": None}}
            )
        )
        now = await retry_while_unavailable(lambda: state.get(STATE))
        if before is None or now is None or now["live"] != number:
            raise Conflict("another rebuild has begun since; this one is given up")
        return await self.numbered(before["live"])

    async def give_up(self, built: Deriving) -> None:
        """Of one that was not finished: nothing is left of it."""
        number = built.generation.number
        await retry_while_unavailable(
            lambda: self._state.update(
                {"_id": STATE, "building": number}, {"$set": {"building": None}}
            )
        )
        await retry_while_unavailable(built.generation.drop)

    async def has_todays_calendar(self, deriving: Deriving) -> bool:
        """Whether routing says the same now of the days that it knows. Raises `TryLater`."""
        kept = deriving.calendar
        years = await self._office.years(kept.first.year, kept.last.year)
        return bool(years) and calendar_of(years).version == kept.version

    async def _begin(self) -> None:
        await self._keep_calendar(1, await self._years())
        await Generation(self._database, 1).prepare()
        with contextlib.suppress(Duplicate):  # another replica was first
            await self._state.insert({"_id": STATE, "live": 1, "building": None})

    async def _years(self) -> list[CalendarYear]:
        """All that a new generation has to know. Raises `TryLater`."""
        found = await self._office.years(FIRST_YEAR, self._this_year() + YEARS_AHEAD)
        if not found:
            raise TryLater("routing knows no year")
        return found

    def _this_year(self) -> int:
        return local_day(self._office.clock()).year

    async def _keep_calendar(self, number: int, years: Sequence[CalendarYear]) -> None:
        with contextlib.suppress(Duplicate):  # what was kept first is what all go by
            await self._state.insert({"_id": _calendar(number), "years": _plain(years)})

    async def _reaching(self, number: int, through: int) -> Deriving:
        """With the years added that it did not know yet, through the year `through`."""
        last = (await self.numbered(number)).calendar.last.year
        if last < through and time.monotonic() >= self._not_before:
            more = await self._office.years(last + 1, through)
            if not more or more[0].year != last + 1:
                # the future is too far, or a clock wrong
                self._not_before = time.monotonic() + ASK_AGAIN_SECONDS
            else:
                await self._state.update(
                    # another replica was quicker perhaps
                    {"_id": _calendar(number), "years.year": {"$ne": last + 1}},
                    {"$push": {"years": {"$each": _plain(more)}}},
                )
                del self._known[number]
        return await self.numbered(number)

    async def numbered(self, number: int) -> Deriving:
        if number not in self._known:
            kept: dict[str, Any] = await self._state.get(_calendar(number)) or {}
            years = [CalendarYear.model_validate(one) for one in kept["years"]]
            self._known[number] = Deriving(
                Generation(self._database, number), calendar_of(years), years[0].version
            )
        return self._known[number]


def _calendar(number: int) -> str:
    return f"calendar {number}"


def _plain(years: Sequence[CalendarYear]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in years]
