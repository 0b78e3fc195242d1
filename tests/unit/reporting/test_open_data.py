"""Open data tell of nobody: not by themselves, not by what was published beside or before them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

import httpx
import pytest

from klik.history.invented import lives
from services.reporting.domain.figures import DURATION_COLUMNS, Flat, Group, nothing
from services.reporting.domain.measures import COUNTS
from services.reporting.domain.query import ReportQuery
from services.reporting.domain.report import Shape, report
from services.reporting.domain.rows import Row, topic_group
from services.reporting.domain.suppression import LEAST
from shared.times import WITA
from tests.support.builders import NOON
from tests.support.open_data import SUMS, Attack
from tests.support.services.dashboard import Scene
from tests.support.services.reporting import FakeReports, rows

QUARTER = (date(2026, 7, 1), date(2026, 9, 30))
END = datetime(2026, 10, 1, tzinfo=WITA)
INSIDE: Mapping[str, Callable[[Any], Group]] = {
    "desa": lambda code: (str(code)[:8],),
    "topic": lambda code: (topic_group(str(code)),),
    "vulnerable": lambda value: (value is True,),
}


@cache
def invented(seed: int, count: int) -> list[Row]:
    """Consultations of one quarter, as they were known at its end."""
    first = datetime(2026, 7, 1, tzinfo=WITA)
    lived = lives(seed, count, first, END - timedelta(seconds=1))
    return rows([event for event in life if event is life[0] or event.time < END] for life in lived)


async def published(of: list[Row], *keys: str, open_data: bool = True) -> dict[Group, Flat]:
    """The rows of a report, and of what it is a part of; the whole as `()`."""
    reports = FakeReports()
    reports.rows = of
    query = ReportQuery(keys, *QUARTER)
    answer = await reports.answer(await reports.scope(query))
    found = report(answer, query, Shape(10_000, True, open_data))
    return {(): found.totals, **found.rows}


async def tables(of: list[Row], key: str, *, open_data: bool = True) -> dict[Group, Flat]:
    """All that may be published by a key and by what is coarser, as a tree from `()`."""
    whole = await published(of, key, open_data=open_data)
    total = whole.pop(())
    found: dict[Group, Flat] = {(): total}
    parent = {"desa": "kecamatan", "topic": "topic_group"}.get(key)
    if parent:
        found |= await published(of, parent, open_data=open_data)
    if key == "vulnerable":
        # by the totals, so many are; the rest are those of whom that is not known
        unsaid: Flat = {**dict.fromkeys(nothing()), "vulnerable": 0}
        found[True,] = dict.fromkeys(nothing()) | {
            "submitted": total["vulnerable"],
            "vulnerable": total["vulnerable"],
        }
        found[False,] = unsaid
    inside = INSIDE.get(key)
    return found | {
        ((*inside(group[0]), *group) if inside else group): row for group, row in whole.items()
    }


def tree(groups: Mapping[Group, Any]) -> dict[Group, list[Group]]:
    parts: dict[Group, list[Group]] = {}
    for group in groups:
        if group:
            parts.setdefault(group[:-1], []).append(group)
    return parts


KEYS = ("kecamatan", "desa", "topic", "kind", "channel", "role", "sdgs_goal", "vulnerable", "month")


@pytest.mark.parametrize(("seed", "count"), [(1, 5000), (2, 1200), (3, 150)])
@pytest.mark.parametrize("key", KEYS)
async def test_a_hidden_figure_may_be_five_when_all_that_is_published_is_solved_for_it(
    key: str, seed: int, count: int
) -> None:
    of = invented(seed, count)
    true, shown = await tables(of, key, open_data=False), await tables(of, key)
    few = [
        (group, name)
        for group, row in true.items()
        for name in COUNTS
        if 0 < (row[name] or 0) < LEAST
    ]
    assert not [(group, name) for group, name in few if shown.get(group, {}).get(name)]
    attack = Attack({group: shown.get(group, nothing()) for group in true}, tree(true))
    chosen = Random(seed).sample(few, min(len(few), 4 if key == "desa" else 10))  # noqa: S311 - the same ones each time
    for group, name in chosen:
        most = attack.most((group, name))
        assert most >= LEAST, f"{name} of {group}, {true[group][name]}, is at most {most}"


@pytest.mark.parametrize("key", ["kecamatan", "topic"])
async def test_a_mean_of_few_has_room_when_all_that_is_published_is_solved_for_it(key: str) -> None:
    of = invented(2, 1200)
    true, shown = await tables(of, key, open_data=False), await tables(of, key)
    attack = Attack({group: shown.get(group, nothing()) for group in true}, tree(true))
    few = [
        (group, total)
        for group, row in true.items()
        for total, (_, number) in SUMS.items()
        if 0 < row[number] < LEAST
    ]
    assert few
    for group, total in few[:6]:
        assert attack.most((group, total)) - attack.least((group, total)) > 1


def numbers(of: list[Row], key: str) -> dict[tuple[Any, str], int]:
    """(value of the key, column) → how many values that statistic is reckoned from, by hand."""
    fields = {
        **{
            column: ("answered" if name.startswith("first_answer") else "resolved")
            + ("_office_ms" if name.endswith("_office") else "_ms")
            for column, (name, _) in DURATION_COLUMNS.items()
        },
        "rating_mean": "rating",
    }
    found: dict[tuple[Any, str], int] = {}
    for row in of:
        for column, source in fields.items():
            place = (getattr(row, key), column)
            found[place] = found.get(place, 0) + (getattr(row, source) is not None)
    return found


@pytest.mark.parametrize(("seed", "count"), [(1, 5000), (2, 1200), (3, 150)])
async def test_a_statistic_rests_on_five_values_when_it_is_shown(seed: int, count: int) -> None:
    of = invented(seed, count)
    for key in ("kecamatan", "desa", "topic", "role"):
        own = numbers(of, key)
        shown = await published(of, key)
        del shown[()]
        for group, row in shown.items():
            for column in (*DURATION_COLUMNS, "rating_mean"):
                assert row[column] is None or own[group[0], column] >= LEAST, (group, column)
            if row["sla_met_ratio"] is not None:
                assert None not in (row["sla_due"], row["sla_met"]), (group, row["sla_met_ratio"])


async def test_a_time_of_one_is_hidden_when_four_of_five_closed_are_open_again() -> None:
    template = next(row for row in invented(1, 200) if row.resolved_ms and not row.reopened_at)
    closed = [template._replace(id=str(number)) for number in range(5)]
    again = [
        row._replace(
            reopened_at=row.closed_at,
            is_open=True,
            resolved_at=None,
            resolved_ms=None,
            resolved_office_ms=None,
        )
        for row in closed[1:]
    ]
    others = [row._replace(kecamatan="64.02.99") for row in invented(1, 2000) if row.resolved_ms]
    shown = await published([closed[0], *again, *others], "kecamatan")
    row = shown[template.kecamatan,]
    assert [row[column] for column, of in DURATION_COLUMNS.items() if of[0] == "resolution"] == (
        [None] * 4
    )


async def test_late_ones_stay_hidden_when_ratio_and_counts_are_combined() -> None:
    """`answered * (1 - sla_met_ratio)`, and `sla_due - sla_met`."""
    of = invented(1, 5000)
    true, shown = await published(of, "desa", open_data=False), await published(of, "desa")
    hidden = [group for group, row in shown.items() if 0 < true[group]["overdue"] < LEAST]
    assert hidden
    told = []
    for group in hidden:
        row = shown[group]
        ratio, answered, due, met = (
            row[name] for name in ("sla_met_ratio", "answered", "sla_due", "sla_met")
        )
        if None not in (ratio, answered):
            told.append((group, round(answered * (1 - ratio))))
        if None not in (due, met):
            told.append((group, due - met))
    assert [one for one in told if one[1] == true[one[0]]["overdue"]] == []


# over time, and beside one another


async def test_nobody_is_told_of_in_two_editions_when_they_are_compared() -> None:
    """What two editions of the same people differ by is what became of a few of them."""
    scene = Scene(50)
    transport = httpx.ASGITransport(scene.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting") as client:
        editions: list[dict[str, Any]] = []
        for month in range(1, 25):
            scene.clock.now = NOON + timedelta(days=30 * month)
            editions.append((await client.get("/v1/open/overview")).json())
    days = sorted({(edition["first"], edition["last"], edition["as_of"]) for edition in editions})
    for (_, last, _), (first, _, _) in pairwise(days):
        assert first > last
    for edition in editions:
        assert edition["as_of"] == f"{date.fromisoformat(edition['last']) + timedelta(days=1)}" + (
            "T00:00:00+08:00"
        )
