"""The working calendar as routing says it over HTTP, and as everybody else goes by it.

One notion of a working day and hour: deadlines are routing's own, quiet hours and digests are
notify's, summaries and office times reporting's.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from datetime import time as Time
from http import HTTPStatus
from typing import Literal

import httpx
from pydantic import BaseModel

from shared.calendar import Calendar, Holiday, Hours, Interval, OpenDay, Profile, Season
from shared.errors import TryLater, describe
from shared.times import local_day, utc_now
from shared.web.responses import NO_ANSWER, read, service_client

log = logging.getLogger(__name__)

ROUTING_SECONDS = 5.0
#: Seconds for which an answer is good, or none: so soon is a changed calendar followed.
CALENDAR_FRESH_SECONDS = 60.0
_DAY = timedelta(days=1)


class _Interval(BaseModel):
    opens: Time
    closes: Time


class _Day(BaseModel):
    intervals: list[_Interval]

    def hours(self) -> Hours:
        return tuple(Interval(one.opens, one.closes) for one in self.intervals)


class _Profile(BaseModel):
    code: str
    week: list[_Day]

    def profile(self) -> Profile:
        return Profile(self.code, tuple(day.hours() for day in self.week))


class _Season(BaseModel):
    profile: str
    first: date
    last: date
    estimated: bool


class _Holiday(BaseModel):
    day: date
    name: str
    category: Literal["national", "cuti_bersama", "local"]
    estimated: bool


class _OpenDay(_Day):
    day: date
    name: str


class CalendarYear(BaseModel):
    """A year as `GET /v1/calendar` gives it; the first profile is the usual one."""

    year: int
    version: str
    profiles: list[_Profile]
    seasons: list[_Season]
    holidays: list[_Holiday]
    open_days: list[_OpenDay]

    @property
    def days(self) -> tuple[date, date]:
        return date(self.year, 1, 1), date(self.year, 12, 31)

    def profile(self, code: str | None = None) -> Profile:
        """ValueError where there is none."""
        for one in self.profiles:
            if code in (None, one.code):
                return one.profile()
        raise ValueError(f"no profile {code}")

    def parts(self, usual: Profile) -> Iterator[Season]:
        """Its days that do not follow `usual`, which is another year's perhaps."""
        first, last = self.days
        mine = self.profile()
        for season in sorted(self.seasons, key=lambda one: one.first):
            # one that goes on after New Year is in the next year too, perhaps on other days there
            begins, ends = max(season.first, first), min(season.last, last)
            if mine != usual and first < begins:
                yield Season(mine, first, begins - _DAY, estimated=False)
            yield Season(self.profile(season.profile), begins, ends, season.estimated)
            first = ends + _DAY
        if mine != usual and first <= last:
            yield Season(mine, first, last, estimated=False)


def calendar_of(years: Sequence[CalendarYear]) -> Calendar:
    """The calendar of these years, which follow each other; each by its own hours.

    ValueError where they do not fit together.
    """
    usual = years[0].profile()
    return Calendar(
        years[0].days[0],
        years[-1].days[1],
        usual,
        [season for year in years for season in year.parts(usual)],
        [
            Holiday(one.day, one.name, one.category, one.estimated)
            for year in years
            for one in year.holidays
        ],
        [OpenDay(one.day, one.name, one.hours()) for year in years for one in year.open_days],
    )


class Office:
    """Asks routing; what it said last holds while it is away."""

    def __init__(
        self,
        url: str,
        key: str,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], datetime] = utc_now,
        fresh_seconds: float = CALENDAR_FRESH_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`key`: an API key, of any role. `fresh_seconds`: for which an answer is good, or none, by
        `monotonic`."""
        self._http = service_client(url, key, ROUTING_SECONDS, transport)
        self.clock = clock
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._tags: dict[int, tuple[str, CalendarYear]] = {}
        self._asking = asyncio.Lock()
        self._around: int | None = None
        self._good_until = 0.0
        self._known: Calendar | None = None
        self._years_known: list[CalendarYear] = []

    async def years(self, first: int, last: int) -> list[CalendarYear]:
        """Those of the years from `first` to `last` that routing knows. Raises `TryLater`."""
        found: list[CalendarYear] = []
        this = local_day(self.clock()).year
        for year in range(first, last + 1):
            one = await self._year(year)
            if one is not None:
                found.append(one)
            elif found or year >= this:
                break  # beyond what it knows, where there may be thousands
        return found

    async def calendar(self, today: date) -> Calendar | None:
        """Of the year of `today` and those beside it, as it was a minute ago at most; None where
        routing never said it."""
        async with self._asking:  # many ask at once, and share one question
            if self._around != today.year or self._monotonic() >= self._good_until:
                await self._refresh(today.year)
        known = self._known
        return known if known and known.first <= today <= known.last else None

    async def close(self) -> None:
        await self._http.aclose()

    async def _refresh(self, year: int) -> None:
        self._around, self._good_until = year, self._monotonic() + self._fresh_seconds
        try:
            years = await self.years(year - 1, year + 1)
            # of several versions where it is being changed
            if len({one.version for one in years}) == 1 and years != self._years_known:
                self._known, self._years_known = calendar_of(years), years
        except (TryLater, ValueError) as error:
            log.warning("no calendar", extra={"year": year, "error": describe(error)})

    async def _year(self, year: int) -> CalendarYear | None:
        """None for a year that routing does not know."""
        tag, known = self._tags.get(year, ("", None))
        try:
            reply = await self._http.get(
                "/v1/calendar", params={"year": year}, headers={"If-None-Match": tag} if tag else {}
            )
            if reply.status_code == HTTPStatus.NOT_MODIFIED and known is not None:
                return known
            if reply.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
                return None
            if reply.status_code != HTTPStatus.OK:
                raise TryLater(f"routing answered {reply.status_code}")
            found = read(reply, CalendarYear)
            calendar_of([found])
        except NO_ANSWER as error:
            raise TryLater(f"routing: {type(error).__name__}") from None
        if tag := reply.headers.get("ETag", ""):
            self._tags[year] = (tag, found)
        return found
