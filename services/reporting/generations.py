"""Which generation is read, and which is being built beside it.

A generation is everything that was derived from the log by one calendar. Rebuilding makes the next
one while the present one is read; one write changes over. Old ones are dropped by whoever built the
new one, once nobody can be reading them any more.
"""

import contextlib
from dataclasses import dataclass
from typing import Any

from services.reporting.office import Office, View, calendar_of, version_of
from services.reporting.store import Generation
from shared.calendar import Calendar
from shared.errors import Conflict, Duplicate
from shared.mongo import Database
from shared.patience import patiently

STATE = "generations"


@dataclass(frozen=True, slots=True)
class Deriving:
    """A generation with the calendar that it reckons by."""

    generation: Generation
    calendar: Calendar
    version: str
    """Of the calendar."""


class Generations:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._state = database.collection("state")
        self._office = office
        self._known: dict[int, Deriving] = {}

    async def live(self) -> Deriving | None:
        """The one that is read; None before the first."""
        state = await self._state.get(STATE)
        return await self.numbered(state["live"]) if state else None

    async def writing(self) -> list[Deriving]:
        """Those that every new fact goes to: the one that is read, and one that is being built.

        Raises `TryLater` where there is none yet and routing does not tell the calendar.
        """
        state = await self._state.get(STATE)
        if state is None:
            await self._begin()
            state = await self._state.get(STATE)
            assert state is not None  # noqa: S101 - written a moment ago, by us or another replica
        numbers = [state["live"], *([state["building"]] if state.get("building") else [])]
        return [await self.numbered(number) for number in numbers]

    async def build(self) -> Deriving:
        """A new one beside the present one, by today's calendar."""
        (live, *_) = await self.writing()
        state = await self._state.get(STATE)
        number = max(live.generation.number, (state or {}).get("building") or 0) + 1
        await self._keep_calendar(number, await self._office.years())
        built = await self.numbered(number)
        await built.generation.prepare()
        await self._state.update({"_id": STATE}, {"$set": {"building": number}})
        return built

    async def change_over(self, built: Deriving) -> Deriving:
        """Have it read from now on; the one that was read before, which is the caller's to drop.

        Raises `Conflict` where another rebuild has begun since.
        """
        number, state = built.generation.number, self._state
        before = await patiently(lambda: state.get(STATE))
        await patiently(
            lambda: state.update(
                {"_id": STATE, "building": number}, {"$set": {"live": number, "building": None}}
            )
        )
        now = await patiently(lambda: state.get(STATE))
        if before is None or now is None or now["live"] != number:
            raise Conflict("another rebuild has begun since; this one is given up")
        return await self.numbered(before["live"])

    async def give_up(self, built: Deriving) -> None:
        """Of one that was not finished: nothing is left of it."""
        number = built.generation.number
        await patiently(
            lambda: self._state.update(
                {"_id": STATE, "building": number}, {"$set": {"building": None}}
            )
        )
        await patiently(built.generation.drop)

    async def newest_calendar(self) -> str:
        """The version that routing has now. Raises `TryLater`."""
        return version_of(await self._office.years())

    async def _begin(self) -> None:
        await self._keep_calendar(1, await self._office.years())
        await Generation(self._database, 1).prepare()
        with contextlib.suppress(Duplicate):  # another replica was first
            await self._state.insert({"_id": STATE, "live": 1, "building": None})

    async def _keep_calendar(self, number: int, years: list[View]) -> None:
        with contextlib.suppress(Duplicate):  # what was kept first is what all go by
            await self._state.insert({"_id": f"calendar {number}", "years": years})

    async def numbered(self, number: int) -> Deriving:
        if number not in self._known:
            kept: dict[str, Any] = await self._state.get(f"calendar {number}") or {}
            years = kept["years"]
            self._known[number] = Deriving(
                Generation(self._database, number), calendar_of(years), version_of(years)
            )
        return self._known[number]
