"""Office time and deadlines: the definitions of shared/calendar.py."""

import json
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from services.routing.data.calendar import DATA, load_calendar, load_policy
from shared.calendar import (
    Calendar,
    Holiday,
    Interval,
    OpenDay,
    OutsideCalendar,
    Profile,
    Season,
)
from shared.times import WITA
from tests.support.builders import CALENDAR


def at(day: str, clock: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=WITA)


def hours(*texts: str) -> tuple[Interval, ...]:
    pairs = [text.split("-") for text in texts]
    return tuple(Interval(time.fromisoformat(a), time.fromisoformat(b)) for a, b in pairs)


PLAIN = Profile("plain", (*[hours("08:00-12:00", "13:00-16:00")] * 5, (), ()))
NOVEMBER = Calendar(date(2026, 11, 1), date(2026, 11, 30), PLAIN)


# Working days


@pytest.mark.parametrize("clock", ["00:00", "07:30", "12:00", "16:00", "23:59"])
def test_five_working_days_after_17_march_2026_are_31_march(clock: str) -> None:
    """Between: Nyepi, Idul Fitri, four days of cuti bersama and a weekend."""
    assert CALENDAR.add_working_days(at("2026-03-17", clock), 5) == at("2026-03-31", "16:00")


def test_the_day_of_the_start_is_that_of_the_desa_and_never_counts() -> None:
    monday_there_sunday_in_utc = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert CALENDAR.add_working_days(monday_there_sunday_in_utc, 1) == at("2026-11-24", "16:00")


def test_a_working_day_from_a_free_day_is_the_next_working_day() -> None:
    assert CALENDAR.add_working_days(at("2026-11-21"), 1) == at("2026-11-23", "16:00")


def test_a_deadline_ends_with_the_hours_of_its_own_day() -> None:
    assert CALENDAR.add_working_days(at("2026-11-26"), 1) == at("2026-11-27", "16:30")  # Friday
    assert CALENDAR.add_working_days(at("2026-02-18"), 1) == at("2026-02-19", "15:00")  # Ramadan


def test_less_than_one_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="0 working days"):
        NOVEMBER.add_working_days(at("2026-11-10"), 0)


# Office time


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (at("2026-11-23", "09:00"), 60, at("2026-11-23", "10:00")),
        (at("2026-11-23", "11:30"), 60, at("2026-11-23", "13:30")),
        (at("2026-11-23", "06:00"), 240, at("2026-11-23", "12:00")),
        (at("2026-11-23", "12:10"), 1, at("2026-11-23", "13:01")),
        (at("2026-11-23", "15:00"), 60, at("2026-11-23", "16:00")),
        (at("2026-11-27", "15:00"), 61, at("2026-11-30", "08:01")),
        (at("2026-11-28", "10:00"), 1, at("2026-11-30", "08:01")),
    ],
)
def test_office_time_stands_still_while_closed(
    start: datetime, minutes: int, end: datetime
) -> None:
    span = timedelta(minutes=minutes)
    assert NOVEMBER.add_office_time(start, span) == end
    assert NOVEMBER.office_time_between(start, end) == span


def test_office_time_counts_seconds_and_knows_other_offsets() -> None:
    start, end = datetime(2026, 11, 23, 3, 59, 30, tzinfo=UTC), at("2026-11-23", "13:00")
    assert NOVEMBER.office_time_between(start, end) == timedelta(seconds=30)
    assert NOVEMBER.add_office_time(start, timedelta(seconds=31)) == end + timedelta(seconds=1)


def test_no_office_time_leaves_the_start_where_it_is() -> None:
    night = at("2026-11-22", "03:00")
    assert NOVEMBER.add_office_time(night, timedelta()) == night
    assert NOVEMBER.office_time_between(night, night) == timedelta()


def test_office_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        NOVEMBER.add_office_time(at("2026-11-23"), timedelta(seconds=-1))
    with pytest.raises(ValueError, match="before the start"):
        NOVEMBER.office_time_between(at("2026-11-23"), at("2026-11-22"))


def test_beyond_its_days_a_calendar_does_not_guess() -> None:
    with pytest.raises(OutsideCalendar, match="2026-12-01 is not within"):
        NOVEMBER.add_working_days(at("2026-11-30"), 1)
    with pytest.raises(OutsideCalendar):
        NOVEMBER.add_office_time(at("2026-11-30", "15:00"), timedelta(hours=2))
    with pytest.raises(OutsideCalendar):
        NOVEMBER.office_time_between(at("2026-10-31"), at("2026-11-02"))


# What a calendar is made of


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("13:00-12:00",), "plain, Friday: 13:00-12:00 closes before it opens"),
        (("08:00-08:00",), "plain, Friday: 08:00-08:00 closes"),
        (("08:00-12:00", "11:00-16:00"), "plain, Friday: 11:00-16:00 overlaps 08:00-12:00"),
        (("13:00-16:00", "08:00-12:00"), "plain, Friday: 08:00-12:00 overlaps 13:00-16:00, or"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_their_day(
    texts: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Profile("plain", (*PLAIN.week[:4], hours(*texts), (), ()))


def test_hours_of_an_open_day_that_cannot_be_are_refused_with_their_day() -> None:
    with pytest.raises(ValueError, match="2026-11-28: 12:00-09:00 closes"):
        OpenDay(date(2026, 11, 28), "Sabtu", hours("12:00-09:00"))


def test_seasons_may_neither_overlap_nor_be_inverted() -> None:
    one = Season(PLAIN, date(2026, 11, 1), date(2026, 11, 10), False)
    other = Season(PLAIN, date(2026, 11, 10), date(2026, 11, 12), False)
    inverted = Season(PLAIN, date(2026, 11, 12), date(2026, 11, 11), False)
    for seasons, message in (([other, one], "2026-11-10: two"), ([inverted], "2026-11-12: plain")):
        with pytest.raises(ValueError, match=message):
            Calendar(NOVEMBER.first, NOVEMBER.last, PLAIN, seasons)


def test_a_version_changes_with_the_data_and_only_with_it() -> None:
    free = Holiday(date(2026, 11, 24), "Pilkades", "local")
    first, last = NOVEMBER.first, NOVEMBER.last
    assert Calendar(first, last, PLAIN).version == NOVEMBER.version
    assert Calendar(first, last, PLAIN, holidays=[free]).version != NOVEMBER.version


# The files


def test_the_weeks_have_the_hours_that_the_perpres_gives_them() -> None:
    assert CALENDAR.profile.weekly() == timedelta(hours=37.5)
    assert {one.profile.weekly() for one in CALENDAR.seasons} == {timedelta(hours=32.5)}


@pytest.mark.parametrize(
    ("year", "national", "cuti_bersama"), [(2025, 17, 11), (2026, 17, 8), (2028, 17, 0)]
)
def test_holidays_are_as_decreed(year: int, national: int, cuti_bersama: int) -> None:
    found = [one.category for one in CALENDAR.holidays if one.day.year == year]
    assert (found.count("national"), found.count("cuti_bersama")) == (national, cuti_bersama)


def test_estimated_feasts_say_so_outside_their_names() -> None:
    feasts = {one.day.year: one for one in CALENDAR.holidays if one.name == "Hari Raya Idul Fitri"}
    assert (feasts[2026].estimated, feasts[2027].estimated) == (False, True)


def test_ramadan_is_the_thirty_days_before_idul_fitri() -> None:
    (ramadan,) = [one for one in CALENDAR.seasons if one.first.year == 2026]
    assert (ramadan.first, ramadan.last) == (date(2026, 2, 19), date(2026, 3, 20))
    assert ramadan.estimated


def copy_with(folder: Path, name: str, text: str) -> Path:
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    (folder / name).write_text(text)
    return folder


def test_local_days_close_and_open(tmp_path: Path) -> None:
    rows = "2026-11-25,closed,Pilkades,\n2026-11-28,open,Sabtu,08:00-10:00 11:00-12:00\n"
    folder = copy_with(tmp_path, "local_days.csv", f"day,kind,name,hours\n{rows}")
    calendar, _ = load_calendar(folder)
    assert calendar.add_working_days(at("2026-11-24"), 1) == at("2026-11-26", "16:00")
    assert calendar.add_working_days(at("2026-11-27"), 1) == at("2026-11-28", "12:00")


def test_an_announced_ramadan_takes_the_place_of_the_reckoned_one(tmp_path: Path) -> None:
    rows = "first,last,source\n2027-02-09,2027-03-09,Sidang isbat\n"
    calendar, _ = load_calendar(copy_with(tmp_path, "ramadan.csv", rows))
    (ramadan,) = [one for one in calendar.seasons if one.first.year == 2027]
    assert (ramadan.first, ramadan.estimated) == (date(2027, 2, 9), False)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("hours.json", "{}", "hours.json: 'version'"),
        (
            "hours.json",
            '{"version": "1", "profiles": {"regular": {"Funday": []}}}',
            "hours.json: regular.Monday: Field required",
        ),
        (
            "local_days.csv",
            "day,kind,name,hours\n2026-11-25,closed,x,08:00-09:00\n",
            "an open day has hours",
        ),
        (
            "local_days.csv",
            "day,kind,name,hours\n2026-11-25,open,x,09:00-08:00\n",
            "2026-11-25: 09",
        ),
        ("ramadan.csv", "first,last,source\n2027-02-30,2027-03-09,x\n", "ramadan.csv line 2"),
    ],
)
def test_a_wrong_file_is_refused_by_name(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        load_calendar(copy_with(tmp_path, name, text))


RULES = json.loads((DATA / "policy.json").read_text())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": {"days": -5}}, r"answer.days: .*greater than or equal to 1"),
        ({"answer": {"days": 5, "days_by_kind": {"x": 1}}}, "unknown kind: x"),
        ({"answer": {"days": 15}}, "15 days to answer are more than 14 to resolve"),
        ({"reminder_percent": 100}, "reminder_percent: "),
        ({"silence_days": 0}, "silence_days: "),
        ({"strategy": "by_lot"}, "strategy: "),
        ({"strategy_by_satgas": {"99.99.99": "round_robin"}}, "unknown satgas: 99.99.99"),
        ({"resolve": None}, "resolve: "),
        ({"mood": "good"}, "mood: Extra inputs"),
        *[
            ({"answer": {"days": 5, "escalations": [*steps]}}, message)
            for steps, message in [
                ([{"percent": 90, "to": "camat"}], "percent: .*100"),
                ([{"percent": 100, "to": "officer"}], "reminded, not escalated"),
                (
                    [{"percent": 120, "to": "camat"}, {"percent": 120, "to": "dpmd"}],
                    "dpmd at 120 % is not after camat",
                ),
                (
                    [{"percent": 100, "to": "dpmd"}, {"percent": 120, "to": "camat"}],
                    "camat at 120 % is not after dpmd",
                ),
            ]
        ],
    ],
)
def test_a_wrong_policy_is_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    folder = copy_with(tmp_path, "policy.json", json.dumps(RULES | changes))
    with pytest.raises(ValueError, match=f"policy.json: .*{message}"):
        load_policy(folder)
