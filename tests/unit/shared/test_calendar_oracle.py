"""Office time against an oracle that looks at every single minute and shares no code with it."""

import random
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import Calendar, Holiday, Interval, OpenDay, Profile, Season
from shared.times import WITA

FIRST = date(2026, 2, 1)
DAYS = 28
MINUTES = DAYS * 1440
START = datetime(2026, 2, 1, tzinfo=WITA)

CALENDARS, CASES_EACH = 100, 100

Raw = list[tuple[int, int]]
"""Intervals as minutes of the day."""

OPENINGS = st.lists(st.integers(0, 1439), max_size=6, unique=True).map(
    lambda marks: list(zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False))
)
WORKED = OPENINGS.filter(bool)
WEEKS = st.builds(
    lambda monday_to_thursday, friday, saturday: [*[monday_to_thursday] * 4, friday, saturday, []],
    WORKED,
    OPENINGS,
    OPENINGS,
)
DAY = st.integers(0, DAYS - 1)


def hours(raw: Raw) -> tuple[Interval, ...]:
    return tuple(Interval(time(a // 60, a % 60), time(b // 60, b % 60)) for a, b in raw)


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


@settings(max_examples=CALENDARS)
@given(
    week=WEEKS,
    fasting=WEEKS,
    ramadan=st.tuples(DAY, DAY).map(sorted),
    closed=st.sets(DAY, max_size=8),
    opened=st.dictionaries(DAY, WORKED, max_size=3),
    seed=st.integers(0, 2**32),
)
def test_ten_thousand_spans_agree_with_a_look_at_every_minute(
    week: list[Raw],
    fasting: list[Raw],
    ramadan: list[int],
    closed: set[int],
    opened: dict[int, Raw],
    seed: int,
) -> None:
    begin, end = ramadan
    calendar = Calendar(
        FIRST,
        on(DAYS),  # a day more, for the span that ends with the last minute
        Profile("regular", tuple(hours(raw) for raw in week)),
        [
            Season(
                Profile("ramadan", tuple(hours(raw) for raw in fasting)), on(begin), on(end), True
            )
        ],
        [Holiday(on(day), "libur", "national") for day in closed],
        [OpenDay(on(day), "buka", hours(raw)) for day, raw in opened.items()],
    )

    is_open = [False] * MINUTES
    for minute in range(MINUTES):
        day, of_day = divmod(minute, 1440)
        weekday = (day + 6) % 7  # 1 February 2026 is a Sunday
        raw = fasting[weekday] if begin <= day <= end else week[weekday]
        raw = opened.get(day, [] if day in closed else raw)
        is_open[minute] = any(a <= of_day < b for a, b in raw)
    opened_before = [0, *accumulate(is_open)]
    #: The minute after the n-th open one.
    after = [0, *(minute + 1 for minute in range(MINUTES) if is_open[minute])]

    chance = random.Random(seed)  # noqa: S311 - not for secrets
    for _ in range(CASES_EACH):
        one, other = sorted(chance.randrange(MINUTES) for _ in range(2))
        passed = opened_before[other] - opened_before[one]
        start, later = (START + timedelta(minutes=minute) for minute in (one, other))

        assert calendar.office_time_between(start, later) == timedelta(minutes=passed)

        left = opened_before[MINUTES] - opened_before[one]
        span = chance.randint(0, left)
        expected = after[opened_before[one] + span] if span else one
        assert calendar.add_office_time(start, timedelta(minutes=span)) == START + timedelta(
            minutes=expected
        )
