"""What is known of years to come: kept ahead by itself, and told of long before it ends."""

from datetime import date

import pytest

from services.notify.domain.alert import QUIET_HOURS, held
from services.notify.jobs.calendar_watch import CalendarWatch
from services.reporting.jobs.calendar_horizon import CalendarHorizon
from services.routing.data.calendar import LAST_YEAR, YEARS_AHEAD, build_calendar, last_year
from services.routing.data.holidays_id import complete_until, decreed_until
from shared import metrics
from shared.calendar import Calendar, Holiday
from shared.errors import TryLater
from tests.support.builders import LOCAL, NOON
from tests.support.fakes import Clock
from tests.support.services.notify import FakeAlerts, FakeOffice, an_alert, at, office_hours


class Generations:
    def __init__(self, last: int | None) -> None:
        self.last = last

    async def look_ahead(self) -> Calendar | None:
        if self.last is None:
            return None
        whole = office_hours()
        return Calendar(whole.first, date(self.last, 12, 31), whole.profile)


@pytest.mark.parametrize(("last", "warns"), [(2029, False), (2028, True), (None, False)])
async def test_reports_say_how_far_their_calendar_is_known(
    caplog: pytest.LogCaptureFixture, last: int | None, warns: bool
) -> None:
    await CalendarHorizon(Generations(last), Clock(NOON)).tick()
    assert ("the calendar of the reports ends" in caplog.text) == warns
    if last:
        assert metrics.CALENDAR_UNTIL.labels("days")._value.get() == last


def feast(day: str, name: str, category: str = "national") -> Holiday:
    return Holiday(date.fromisoformat(day), name, category)  # type: ignore[arg-type]


def test_feasts_are_known_until_the_year_before_one_is_missing() -> None:
    known = [
        feast("2026-03-20", "Cuti Bersama Idul Fitri", "cuti_bersama"),
        *(feast(f"{year}-01-01", "Tahun Baru Masehi") for year in range(2026, 2031)),
        feast("2026-03-19", "Nyepi; Waisak"),
        feast("2027-03-08", "Nyepi"),
        feast("2027-05-20", "Waisak"),
        feast("2028-03-26", "Waisak; Nyepi"),
        feast("2029-03-15", "Nyepi"),
        feast("2026-11-27", "Hari Pemilihan"),
    ]
    assert (decreed_until(known), complete_until(known)) == (2026, 2028)


def test_calendar_reaches_years_ahead_whatever_year_it_is() -> None:
    assert last_year(NOON) == LAST_YEAR
    far = last_year(NOON.replace(year=2040))
    assert far == 2040 + YEARS_AHEAD
    calendar, sources = build_calendar(LOCAL, far)
    assert calendar.last == date(far + 1, 12, 31)
    assert sources.complete_until <= far


class Waiting(FakeAlerts):
    """Alerts that wait for the end of quiet hours."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[str] = []
        self.away = False

    async def look_again(self, reason: str, now: object) -> int:
        if self.away:
            raise TryLater("away")
        self.looked.append(reason)
        return 3


async def test_who_waits_is_planned_anew_once_for_each_calendar() -> None:
    alerts, office = Waiting(), FakeOffice()
    watch = CalendarWatch(alerts, office, Clock(NOON))
    for _ in range(2):
        await watch.tick()
    office.days = office_hours(closed=[date(2026, 11, 27)])
    alerts.away = True
    with pytest.raises(TryLater):
        await watch.tick()
    alerts.away = False
    for _ in range(2):
        await watch.tick()
    assert alerts.looked == [QUIET_HOURS] * 2


def test_the_log_of_an_alert_says_once_until_when_it_is_held() -> None:
    until = at("2026-11-27", "07:30")
    once = held(an_alert(), until, NOON)
    assert held(once, until, NOON).log == once.log
    later = at("2026-11-28", "07:30")
    assert held(once, later, NOON).log[-1].until == later
