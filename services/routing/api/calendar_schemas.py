"""The working calendar as routing shows it."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from services.routing.data.calendar import Sources
from shared.calendar import WEEKDAYS, Calendar, Hours, Profile
from shared.text.characters import shown
from shared.times import WITA


class IntervalView(BaseModel):
    opens: str
    closes: str


class DayView(BaseModel):
    """A weekday and its office hours; a day without any is free."""

    day: str
    intervals: list[IntervalView]


class ProfileView(BaseModel):
    code: str
    hours_a_week: float
    week: list[DayView]

    @classmethod
    def of(cls, profile: Profile) -> Self:
        week = [
            DayView(day=name, intervals=_intervals(hours))
            for name, hours in zip(WEEKDAYS, profile.week, strict=True)
        ]
        return cls(
            code=profile.code, hours_a_week=profile.weekly().total_seconds() / 3600, week=week
        )


class SeasonView(BaseModel):
    """Days that follow another profile, both included."""

    profile: str
    first: date
    last: date
    estimated: bool


class HolidayView(BaseModel):
    day: date
    name: str
    category: Literal["national", "cuti_bersama", "local"]
    estimated: bool


class OpenDayView(BaseModel):
    """A day that is worked although it would be free."""

    day: date
    name: str
    intervals: list[IntervalView]


class CalendarView(BaseModel):
    """The working days and office hours of a year."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    year: int
    zone: str
    version: str
    """Changes when any day or hour does; the `calendar_version` of cases."""
    hours_version: str
    holidays_version: str
    working_days: int
    has_cuti_bersama: bool
    """False: not decreed yet, or not known here. The deadlines of that year may still move."""
    profiles: list[ProfileView]
    seasons: list[SeasonView]
    """Ramadan: two of them in some years, and from the year before or into the next."""
    holidays: list[HolidayView]
    open_days: list[OpenDayView]

    @classmethod
    def of(cls, calendar: Calendar, sources: Sources, year: int) -> Self:
        seasons = [one for one in calendar.seasons if one.first.year <= year <= one.last.year]
        holidays = [one for one in calendar.holidays if one.day.year == year]
        profiles = dict.fromkeys([calendar.profile, *(one.profile for one in seasons)])
        return cls(
            year=year,
            zone=WITA.key,
            version=calendar.version,
            hours_version=sources.hours,
            holidays_version=sources.holidays,
            working_days=calendar.working_days_of(year),
            has_cuti_bersama=any(one.category == "cuti_bersama" for one in holidays),
            profiles=[ProfileView.of(profile) for profile in profiles],
            seasons=[
                SeasonView(
                    profile=one.profile.code,
                    first=one.first,
                    last=one.last,
                    estimated=one.estimated,
                )
                for one in seasons
            ],
            holidays=[
                HolidayView(
                    day=one.day,
                    name=shown(one.name),
                    category=one.category,
                    estimated=one.estimated,
                )
                for one in holidays
            ],
            open_days=[
                OpenDayView(day=one.day, name=shown(one.name), intervals=_intervals(one.hours))
                for one in calendar.open_days
                if one.day.year == year
            ],
        )


def _intervals(hours: Hours) -> list[IntervalView]:
    return [IntervalView(opens=f"{one.opens:%H:%M}", closes=f"{one.closes:%H:%M}") for one in hours]
