"""The rules of reporting: rows, measures, cubes, periods and what is shown of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klik.history.invented import lives
from services.reporting.dashboard.overview import first_day
from services.reporting.domain import columns
from services.reporting.domain.columns import (
    COUNTED,
    Cube,
    added,
    cells_schema,
    chosen,
    decoded,
    empty,
    encoded,
    has,
    in_order,
    of_today,
    page,
    summed,
)
from services.reporting.domain.cubes import BY_NAME, CUBES, serving
from services.reporting.domain.figures import Flat, Group, figures, nothing
from services.reporting.domain.measures import COUNTS, RELATIVE_ERROR, bin_of, value_of
from services.reporting.domain.periods import Period, cover, label, span
from services.reporting.domain.rows import (
    Facts,
    Row,
    fact,
    fold,
    known_until,
    partition_key_of,
    reconcile,
)
from services.reporting.domain.suppression import LEAST, demanded, suppressed
from shared.events import (
    EVENTS,
    AlertSent,
    AlertSuppressed,
    CaseAssigned,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationReopened,
)
from shared.times import WITA
from tests.support.builders import CALENDAR, NOON, TENGGARONG, assigned, moved, submitted

FIRST, LAST = datetime(2026, 10, 1, tzinfo=WITA), datetime(2026, 11, 15, tzinfo=WITA)
LIVES = list(lives(3, 60, FIRST, LAST))


def facts_of(events: list[ConsultationEvent]) -> Facts:
    return {str(event.id): told for event in events if (told := fact(event)) is not None}


def row_of(*events: ConsultationEvent) -> Row:
    row = fold("id", facts_of(list(events)), CALENDAR)
    assert row is not None
    return row


def rows() -> list[Row]:
    return [
        row
        for life in LIVES
        if (row := fold(str(life[0].consultation), facts_of(life), CALENDAR)) is not None
    ]


# Rows


@given(st.sampled_from(LIVES), st.randoms())
def test_a_row_is_the_same_after_any_order_and_any_repetition(
    life: list[ConsultationEvent], chance: Random
) -> None:
    delivered = life + chance.choices(life, k=5)
    chance.shuffle(delivered)
    assert fold("id", facts_of(delivered), CALENDAR) == fold("id", facts_of(life), CALENDAR)


def test_a_day_is_counted_where_the_desa_are() -> None:
    late = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # half past midnight in Asia/Makassar
    row = row_of(submitted(submitted_at=late, received_at=late + timedelta(days=1)))
    assert (row.day, row.received_day) == ("2026-12-01", "2026-12-02")
    told = fact(submitted(submitted_at=late))
    assert told is not None
    assert partition_key_of(told) == "2026-12-01/64.02.06"


def test_nothing_is_counted_before_it_is_known_where() -> None:
    assert fold("id", facts_of([assigned()]), CALENDAR) is None


def test_stages_take_their_time_by_the_clock_and_in_the_office() -> None:
    """From Tuesday noon to Wednesday 09:00: the afternoon and an hour of the morning."""
    first = submitted()
    answer = moved(ConsultationAnswered, first.consultation, 2, NOON + timedelta(hours=21))
    row = row_of(first, answer)
    assert row.answered_ms == 21 * 3_600_000
    expected = CALENDAR.office_time_between(NOON, NOON + timedelta(hours=21))
    assert row.answered_office_ms == expected // timedelta(milliseconds=1)
    assert 0 < row.answered_office_ms < 8 * 3_600_000


def test_what_was_reopened_is_open_and_not_resolved() -> None:
    one = submitted().consultation
    first = submitted(consultation=one)
    closed = moved(ConsultationClosed, one, 3, NOON + timedelta(days=1))
    reopened = moved(ConsultationReopened, one, 4, NOON + timedelta(days=2))
    again = moved(ConsultationClosed, one, 5, NOON + timedelta(days=3))
    assert (row_of(first).is_open, row_of(first).resolved_ms) == (True, None)
    assert row_of(first, reopened, closed).is_open
    assert row_of(first, reopened, closed).closed_at is not None
    row = row_of(first, again, closed, reopened)
    assert (row.is_open, row.resolved_ms) == (False, 3 * 86_400_000)


def test_the_latest_assignment_says_whose_it_is_and_the_first_when_it_had_an_officer() -> None:
    first = submitted()
    one = assigned(first.consultation, sequence=1)
    other = assigned(first.consultation, sequence=4, officer="lain", time=NOON + timedelta(hours=1))
    row = row_of(first, other, one)
    assert (row.officer, row.assigned_ms) == ("lain", 0)


def test_what_was_known_then_is_a_part_of_what_is_known_now() -> None:
    facts = facts_of([submitted(), assigned()])
    recorded = dict(zip(facts, (100, 200), strict=True))
    assert [len(known_until(facts, recorded, at)) for at in (99, 100, 200)] == [0, 1, 2]


def test_a_page_of_an_older_version_is_read_with_nothing_in_what_was_not_counted_then() -> None:
    whole = page(rows())
    older = decoded(encoded(whole.drop_columns(["alerted_by", COUNTED["log_only"]])))
    read = of_today(older, whole.schema)
    assert read.schema == whole.schema
    assert pa.compute.sum(read[COUNTED["log_only"]]).as_py() == 0
    assert read["submitted_at"].equals(whole["submitted_at"])
    cells = summed(whole, ["kecamatan"]).cells
    older = cells.drop_columns([COUNTED["log_only"]])
    assert of_today(older, cells_schema(older)).schema == cells.schema


def test_alerts_count_when_they_tell_an_officer_or_requester_or_only_the_log() -> None:
    about: dict[str, Any] = {
        "id": uuid4(), "consultation": uuid4(), "sequence": 2, "region": TENGGARONG, "time": NOON,
        "cause": uuid4(), "recipient": "x",
    }  # fmt: skip
    kinds = ("officer", "requester", "coordinator", "camat")
    for events in (
        [AlertSent(**about, recipient_kind=kind, channel="smtp", attempts=1) for kind in kinds],
        [AlertSuppressed(**about, recipient_kind=kind, reason="log_only") for kind in kinds],
    ):
        assert [fact(one) is not None for one in events] == [True, True, False, False]
    assert fact(AlertSuppressed(**about, recipient_kind="officer", reason="folded")) is None
    assert CaseAssigned in EVENTS


# Measures and cubes


@given(st.integers(min_value=1, max_value=10**11))
def test_a_sketch_is_within_one_percent(duration: int) -> None:
    assert abs(value_of(bin_of(duration)) - duration) <= RELATIVE_ERROR * duration * 1.0001
    assert value_of(bin_of(0)) == 0


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: str(cube.name))
def test_cubes_of_parts_add_up_to_the_cube_of_the_whole(cube: Any) -> None:
    whole = page(rows())
    parts = [summed(whole.slice(at, 7), cube.dimensions) for at in range(0, whole.num_rows, 7)]
    assert figures(added(parts, cube.dimensions), cube.dimensions) == figures(
        summed(whole, cube.dimensions), cube.dimensions
    )


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: str(cube.name))
def test_one_cube_is_its_own_sum_and_sums_to_fewer_dimensions(cube: Any) -> None:
    whole = summed(page(rows()), cube.dimensions)
    assert added([whole], cube.dimensions) == whole
    fewer = cube.dimensions[:-1]
    assert figures(added([whole], fewer), fewer) == figures(summed(page(rows()), fewer), fewer)


def test_a_page_survives_the_store_and_does_not_depend_on_the_order_of_its_rows() -> None:
    data = encoded(page(rows()))
    assert encoded(page(reversed(rows()))) == data
    assert decoded(data).equals(page(rows()))


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: str(cube.name))
def test_a_cube_survives_the_store(cube: Any) -> None:
    kept = summed(page(rows()), cube.dimensions)
    assert Cube(*(decoded(encoded(table)) for table in (kept.cells, kept.bins))) == kept


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: str(cube.name))
def test_a_cube_has_one_form_whatever_the_order_of_what_it_was_summed_up_from(cube: Any) -> None:
    whole = page(rows())
    parts = [summed(whole.slice(at, 7), cube.dimensions) for at in range(0, whole.num_rows, 7)]
    for order in (parts, parts[::-1]):
        assert in_order(added(order, cube.dimensions)) == summed(whole, cube.dimensions)


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.name)
def test_sums_are_the_same_whether_lines_are_added_up_or_not(
    cube: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [summed(page(part), cube.dimensions) for part in (rows()[:20], rows()[20:])]
    for fewer in (cube.dimensions, cube.dimensions[:1], ()):
        kept = added(parts, fewer)
        with monkeypatch.context() as patch:
            patch.setattr(columns, "LINES_OF_A_CELL", 0)
            merged = added(parts, fewer)
        assert merged.bins.num_rows <= kept.bins.num_rows
        assert figures(merged, fewer) == figures(kept, fewer)


def cube_of(cells: int, lines: Sequence[tuple[int, int, int, int]]) -> Cube:
    """With so many cells, in which nothing is counted but these lines of bins."""
    none = empty(["officer"])
    of_lines = zip(zip(*lines, strict=True), none.bins.schema, strict=True)
    bins = pa.table([pa.array(of, one.type) for of, one in of_lines], schema=none.bins.schema)
    names = pa.array([f"{cell:04}" for cell in range(cells)])
    counts = [[0] * cells] * (none.cells.num_columns - 1)
    return Cube(pa.table([names, *counts], schema=none.cells.schema), bins)


@pytest.mark.parametrize("cells", [1, 8_000, 9_000])
def test_lines_of_one_place_become_one_however_many_cells_there_are(cells: int) -> None:
    """From 8,192 on a place's number has more than 32 bits."""
    places = [(cell, measure, bin_) for cell in {0, cells - 1} for measure in (0, 3)
              for bin_ in (-32768, -1, 0, 32767)]  # fmt: skip
    lines = [(*place, count) for place in places for count in (1, 2)]
    kept = in_order(cube_of(cells, lines)).bins.to_pylist()
    expected = sorted((bin_, measure, cell, 3) for cell, measure, bin_ in places)
    assert [(one["bin"], one["measure"], one["cell"], one["count"]) for one in kept] == expected


def test_some_cells_are_chosen_with_their_bins() -> None:
    keys = ["kecamatan", "kind"]
    whole = summed(page(rows()), keys)
    some = chosen(whole, has(whole.cells, "kind", ["pengaduan"]))
    assert 0 < some.cells.num_rows < whole.cells.num_rows
    all_ = figures(whole, keys)
    assert figures(some, keys) == {of: all_[of] for of in all_ if of[1] == "pengaduan"}
    assert figures(whole, keys, list(all_)[3:5]) == {of: all_[of] for of in list(all_)[3:5]}
    none = chosen(whole, has(whole.cells, "kind", ["tidak ada"]))
    assert (none.cells.num_rows, none.bins.num_rows) == (0, 0)


def test_the_largest_cube_of_a_million_consultations_fits_into_one_document() -> None:
    """16 MB. A fifth of it: 5,520 cells have some 390 bins each."""
    chance = Random(1)  # noqa: S311 - no secret
    lines = [
        (cell, measure, bin_, chance.choice((1, 1, 1, 2, 3)))
        for cell in range(5520 // 5)
        for measure in range(4)
        for bin_ in chance.sample(range(1200, 1640), 97)
    ]
    kept = in_order(cube_of(5520 // 5, lines)).bins
    assert kept.num_rows == len(lines)
    assert len(encoded(kept)) < 16e6 / 5 / 2


@pytest.mark.parametrize(
    ("needs", "coarsest", "name"),
    [
        (set(), "year", "all"),
        ({"kecamatan"}, "month", "kecamatan"),
        (set(), "day", "daily"),
        ({"topic_group"}, "year", "topic"),
        ({"kecamatan", "topic"}, "month", "topics_by_kind"),
        ({"kecamatan"}, "day", "daily_by_kind"),
        ({"desa"}, "day", "desa_by_kind"),
        ({"officer"}, "year", "satgas"),
        ({"role", "vulnerable"}, "year", "people_by_kind"),
    ],
)
def test_the_smallest_cube_that_serves_is_taken(needs: set[str], coarsest: Any, name: str) -> None:
    assert serving(needs, coarsest) is BY_NAME[name]


def test_what_no_cube_serves_is_left_to_the_projection() -> None:
    assert serving({"role", "channel"}, "year") is None


# Periods

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS, st.sampled_from(["day", "month", "year"]))
def test_a_range_is_covered_once_and_by_nothing_else(one: date, other: date, grain: Any) -> None:
    first, last = min(one, other), max(one, other)
    periods = list(cover(first, last, grain))
    days = sum((period.last - period.first).days + 1 for period in periods)
    assert days == (last - first).days + 1
    assert (periods[0].first, periods[-1].last) == (first, last)
    assert all(a.last + timedelta(days=1) == b.first for a, b in zip(periods, periods[1:]))  # noqa: B905, RUF007


def test_a_year_is_one_period_and_its_edges_are_days() -> None:
    texts = [one.text for one in cover(date(2025, 12, 30), date(2027, 2, 1), "year")]
    assert texts == ["2025-12-30", "2025-12-31", "2026", "2027-01", "2027-02-01"]


def test_labels_of_time() -> None:
    day = Period("2027-01-01")  # a Friday, of the last week of 2026
    assert [label(day, key) for key in ("day", "week", "month", "quarter", "year")] == [
        "2027-01-01",
        "2026-W53",
        "2027-01",
        "2027-Q1",
        "2027",
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "0295-07-11", "2026-11-29", "9999-12-26"])
def test_first_day_is_that_of_its_period_in_any_year(day: str) -> None:
    period = Period(day)
    assert first_day(label(period, "day")) == period.first
    assert (
        first_day(label(period, "week")) == span("week", label(period, "week"))[0] <= period.first
    )
    assert span("quarter", label(period, "quarter"))[0] <= period.first


# Open data


def table(counts: dict[Group, int]) -> dict[Group, Flat]:
    return {
        group: nothing() | {"submitted": count, "closed": count} for group, count in counts.items()
    }


def shown(counts: dict[Group, int], keys: tuple[str, ...]) -> dict[Group, int | None]:
    totals = nothing() | {"submitted": sum(counts.values())}
    rows, _ = suppressed(table(counts), keys, totals)
    return {group: row["submitted"] for group, row in rows.items()}


def test_one_small_figure_takes_the_next_with_it() -> None:
    counts: dict[Group, int] = {("a",): 3, ("b",): 9, ("c",): 20, ("d",): 0}
    assert shown(counts, ("kind",)) == {("a",): None, ("b",): None, ("c",): 20, ("d",): 0}


def test_a_desa_cannot_be_worked_out_from_its_kecamatan() -> None:
    counts: dict[Group, int] = {
        ("64.02.06.2001",): 2,
        ("64.02.06.2002",): 7,
        ("64.02.06.2003",): 8,
        ("64.02.07.2001",): 3,
        ("64.02.07.2002",): 30,
    }
    assert shown(counts, ("desa",)) == {
        ("64.02.06.2001",): None,
        ("64.02.06.2002",): None,
        ("64.02.06.2003",): 8,
        ("64.02.07.2001",): None,
        ("64.02.07.2002",): None,
    }


_DESA = [f"64.02.{kecamatan:02}.{desa}" for kecamatan in (1, 2, 3) for desa in (2001, 2002, 2003)]


@given(st.lists(st.integers(0, 12), min_size=9, max_size=9))
def test_no_line_with_its_total_gives_away_a_small_figure(numbers: list[int]) -> None:
    counts: dict[Group, int] = {(code,): one for code, one in zip(_DESA, numbers, strict=True)}
    by_kecamatan: dict[Group, int] = {}
    for (code,), count in counts.items():
        place = (str(code)[:8],)
        by_kecamatan[place] = by_kecamatan.get(place, 0) + count
    of_desa, of_kecamatan = shown(counts, ("desa",)), shown(by_kecamatan, ("kecamatan",))
    true = counts | by_kecamatan
    for group, found in (of_desa | of_kecamatan).items():
        assert found in (None, true[group])
        assert not 0 < (found or 0) < LEAST
    total = sum(numbers)
    lines: list[tuple[int | None, dict[Group, int | None]]] = [
        (None if 0 < total < LEAST else total, of_kecamatan)
    ]
    for (kecamatan,), of_it in of_kecamatan.items():
        parts: dict[Group, int | None] = {
            (code,): one for (code,), one in of_desa.items() if str(code)[:8] == kecamatan
        }
        lines.append((of_it, parts))
    for whole, line in lines:
        hidden = [group for group, one in line.items() if one is None]
        if whole is None:
            assert len(hidden) == len(line)
            continue
        missing = whole - sum(one or 0 for one in line.values())
        # one may be five, where the others are one each, or nothing where no zero is shown
        others = 0 if len(hidden) == len(line) else len(hidden) - 1
        assert not hidden or (len(hidden) > 1 and missing >= LEAST + others)


@given(st.lists(st.integers(0, 12), min_size=12, max_size=12))
def test_demand_tells_of_nobody(numbers: list[int]) -> None:
    kinds, places = ("a", "b", "c"), ("64.02.01", "64.02.02", "64.02.03", "64.02.04")
    cells = [(place, kind) for place in places for kind in kinds]
    counts: dict[Group, int] = dict(zip(cells, numbers, strict=True))
    found = demanded(counts, ("a", "b"))
    assert {group[1] for group in found} == {"a", "b"}
    for kind in ("a", "b"):
        line = {group: count for group, count in found.items() if group[1] == kind}
        assert not [count for count in line.values() if count and count < LEAST]
        hidden = [group for group in line if line[group] is None]
        missing = sum(counts[group] for group in hidden)
        if hidden and len(hidden) < len(line) and missing:
            assert len([group for group in hidden if counts[group]]) > 1
            assert missing > LEAST


def test_statistics_of_few_are_left_out() -> None:
    row = nothing() | {"submitted": 40, "answered": 3, "first_answer_mean_s": 5.0, "ratings": 9}
    other = nothing() | {"submitted": 40, "answered": 30, "first_answer_mean_s": 5.0}
    rows, _ = suppressed({("a",): row, ("b",): other}, ("kind",), nothing())
    assert rows[("a",)]["answered"] is None
    assert rows[("a",)]["first_answer_mean_s"] is None
    assert rows[("a",)]["submitted"] == 40


# Reconciliation


def test_a_reconciliation_shows_what_is_missing_on_either_side() -> None:
    accepted = {("2026-11-24", "64.02.06"): 3, ("2026-11-24", "64.02.07"): 1}
    logged = {("2026-11-24", "64.02.06"): 3}
    reported = {("2026-11-24", "64.02.06"): 2, ("2026-11-23", "64.02.06"): 1}
    rows = reconcile(accepted, logged, reported)
    assert [(row["day"], row["kecamatan"], row["events"], row["difference"]) for row in rows] == [
        ("2026-11-23", "64.02.06", 0, -1),
        ("2026-11-24", "64.02.06", 3, 1),
        ("2026-11-24", "64.02.07", 0, 1),
    ]


def test_counts_have_their_columns() -> None:
    assert set(COUNTS) <= set(nothing())
    assert isinstance(page(rows()), pa.Table)
