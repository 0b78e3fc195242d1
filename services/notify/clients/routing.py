"""Which days and hours are worked, as routing says; the usual ones while it never did."""

from datetime import date, time
from functools import cache

from shared import working_calendar
from shared.calendar import Calendar, Interval, Profile

_USUAL = (Interval(time(7, 30), time(16, 0)),)
_FRIDAY = (Interval(time(7, 30), time(16, 30)),)
USUAL = Profile("usual", (*[_USUAL] * 4, _FRIDAY, (), ()))


class Office(working_calendar.Office):
    async def working_days(self, today: date) -> Calendar:
        """Of the year of `today` and those beside it."""
        return await self.calendar(today) or usual(today.year)


@cache
def usual(year: int) -> Calendar:
    """Monday to Friday, with no holidays; of `year` and those beside it."""
    return Calendar(date(year - 1, 1, 1), date(year + 1, 12, 31), USUAL)
