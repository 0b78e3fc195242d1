"""What routing answers: the shapes of its replies."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.routing.calendar import WEEKDAYS, Calendar, Hours, Profile
from services.routing.calendar_data import Sources
from services.routing.domain import Case
from shared.events import AssignmentReason
from shared.times import WITA, local


class CaseView(BaseModel):
    """A case with the reason for what was decided about it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    version: int
    state: str
    kecamatan: str
    desa: str
    topic: str
    kind: str
    opened_at: AwareDatetime
    satgas: str | None
    officer: str | None
    level: str | None
    reason: AssignmentReason | None
    held_because: str | None
    acknowledge_due: AwareDatetime | None
    """Until when the officer confirms. Deadlines are null while the case is held."""
    answer_due: AwareDatetime | None
    resolve_due: AwareDatetime | None
    policy_version: str | None
    calendar_version: str | None

    @classmethod
    def of(cls, case: Case) -> Self:
        return cls(
            id=str(case.id),
            version=case.version,
            state=case.state,
            kecamatan=case.kecamatan,
            desa=case.desa,
            topic=case.topic,
            kind=case.kind,
            opened_at=local(case.opened_at),
            satgas=case.satgas,
            officer=case.officer,
            level=case.level,
            reason=case.reason,
            held_because=case.held_because,
            acknowledge_due=_local(case.acknowledge_due),
            answer_due=_local(case.answer_due),
            resolve_due=_local(case.resolve_due),
            policy_version=case.policy_version,
            calendar_version=case.calendar_version,
        )


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
                    day=one.day, name=one.name, category=one.category, estimated=one.estimated
                )
                for one in holidays
            ],
            open_days=[
                OpenDayView(day=one.day, name=one.name, intervals=_intervals(one.hours))
                for one in calendar.open_days
                if one.day.year == year
            ],
        )


def _intervals(hours: Hours) -> list[IntervalView]:
    return [IntervalView(opens=f"{one.opens:%H:%M}", closes=f"{one.closes:%H:%M}") for one in hours]


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else local(moment)
