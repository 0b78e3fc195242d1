"""Reports on a real store: the same figures as counted by hand, in whatever order events come."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from klik.seeding import lives
from services.reporting.cubes import serving
from services.reporting.periods import coarsest_for
from services.reporting.question import GROUPS, Question
from shared.events import Event
from shared.mongo import Database
from shared.times import WITA
from tests.builders import NOON
from tests.fakes import Clock
from tests.reporting import Replica, assert_same, by_hand

pytestmark = pytest.mark.integration

FIRST, LAST = datetime(2026, 10, 26, tzinfo=WITA), datetime(2026, 11, 6, tzinfo=WITA)


def some_events(count: int = 150) -> list[Event]:
    return [event for life in lives(11, count, FIRST, LAST) for event in life]


def questions(number: int) -> list[Question]:
    """Questions of all kinds, the same in every run."""
    chance = Random(5)  # noqa: S311
    return [_question(chance) for _ in range(number)]


def _question(chance: Random) -> Question:
    keys = tuple(chance.sample(GROUPS, chance.choice((1, 1, 1, 2, 2, 3))))
    days = sorted(FIRST.date() + timedelta(days=chance.randrange(-2, 14)) for _ in range(2))
    first = chance.choice((None, days[0], date(2026, 10, 1)))
    last = chance.choice((None, days[1], date(2026, 11, 30)))
    if first and last and first > last:
        first, last = last, first
    filters: dict[str, tuple[Any, ...]] = {}
    if chance.random() < 0.4:
        filters["kecamatan"] = tuple(f"64.02.{n:02}" for n in chance.sample(range(1, 19), 4))
    if chance.random() < 0.2:
        filters["vulnerable"] = (chance.choice((True, None)),)
    return Question(keys, first, last, filters)


async def test_every_figure_is_the_one_that_is_counted_by_hand(database: Database) -> None:
    events = some_events()
    replica = await Replica.on(database, Clock(NOON))
    await replica.take(events)
    sources = set()
    for cubes_are_there in (False, True):
        if cubes_are_there:
            await replica.roll_up()
        for question in questions(50):
            assert_same(await replica.ask(question), by_hand(events, question))
            cube = serving(question.needs, coarsest_for(frozenset(question.group_by)))
            sources.add(cube.name if cube else "projection")
    assert len(sources) > 5  # cubes as well as the projection
