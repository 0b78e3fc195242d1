"""Groups without a consultation: those that the calendar and the regions have, and no others."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.domain.answers import Answer
from services.reporting.domain.columns import empty
from services.reporting.domain.query import ReportQuery, Value, domain
from services.reporting.domain.report import Shape, report

TIMES = ("day", "week", "month", "quarter", "year")
NEW_YEAR = (date(2026, 11, 1), date(2027, 4, 30))


def groups(
    keys: tuple[str, ...],
    days: tuple[date, date],
    filters: Mapping[str, tuple[Value, ...]] | None = None,
) -> list[tuple[Value, ...]]:
    """Of a report of these days in which nobody asked anything."""
    query = ReportQuery(keys, *days, filters or {})
    answer = Answer(empty(keys), "rows", 0, *days)
    return list(report(answer, query, Shape(10_000, empty=True)).rows)


def called(day: date, key: str) -> str:
    """Reckoned by the calendar of the standard library alone."""
    year, week, _ = day.isocalendar()
    names = {
        "day": f"{day:%Y-%m-%d}",
        "week": f"{year:04}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day:%Y}-Q{(day.month - 1) // 3 + 1}",
        "year": f"{day:%Y}",
    }
    return names[key]


@pytest.mark.parametrize(
    ("keys", "days", "number"),
    [
        (("quarter", "year"), (date(2026, 10, 1), date(2027, 6, 30)), 3),
        (("week", "year"), (date(2026, 10, 5), date(2027, 4, 4)), 27),
        (("month", "week"), (date(2026, 11, 1), date(2027, 1, 31)), 16),
        (("day", "week", "month", "quarter", "year"), NEW_YEAR, 181),
        # the Monday of week 53 is in 2026, its Friday in 2027
        (("week", "year"), (date(2026, 12, 28), date(2027, 1, 3)), 2),
    ],
)
def test_empty_groups_are_those_of_the_calendar_when_a_year_begins_between(
    keys: tuple[str, ...], days: tuple[date, date], number: int
) -> None:
    assert len(groups(keys, days)) == number


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(TIMES), min_size=1, max_size=5, unique=True),
    st.dates(date(1990, 1, 1), date(2040, 12, 31)),
    st.integers(0, 500),
)
def test_empty_groups_are_what_the_days_are_called_when_times_are_combined(
    keys: list[str], first: date, more: int
) -> None:
    days = [first + timedelta(days=number) for number in range(more + 1)]
    expected = {tuple(called(day, key) for key in keys) for day in days}
    found = groups(tuple(keys), (days[0], days[-1]))
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_empty_desa_are_those_of_the_kecamatan_when_it_is_filtered() -> None:
    only = {"kecamatan": ("64.02.06",)}
    found = [str(group[0]) for group in groups(("desa",), NEW_YEAR, only)]
    assert found == [code for code in domain("desa") if str(code).startswith("64.02.06.")]


def test_empty_groups_are_counted_by_those_that_can_be_when_one_key_is_part_of_another() -> None:
    """237 desa in 20 kecamatan are 237 groups, not 4,740."""
    months = (date(2026, 1, 1), date(2026, 12, 31))
    found = groups(("kecamatan", "desa", "month"), months)
    assert len(found) == len(domain("desa")) * 12
    assert all(str(desa).startswith(f"{kecamatan}.") for kecamatan, desa, _ in found)
