"""Which days and hours are worked, as routing says; the usual ones while it never did."""

from datetime import date, time

from shared import working_calendar
from shared.calendar import Calendar, Interval, Profile

_USUAL = (Interval(time(7, 30), time(16, 0)),)
_FRIDAY = (Interval(time(7, 30), time(16, 30)),)
USUAL = Profile("usual", (*[_USUAL] * 4, _FRIDAY, (), ()))


class Office(working_calendar.Office):
    async def working_days(self, today: date) -> Calendar:
        """Of the year of `today` and those beside it."""
        return await self.calendar(today) or usual(today)


def usual(today: date) -> Calendar:
    """Monday to Friday, with no holidays."""
    return Calendar(date(today.year - 1, 1, 1), date(today.year + 1, 12, 31), USUAL)
