from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.reporting.domain import facts, reconcile
from services.reporting.tables import columns, to_csv, with_names
from shared.events import EVENTS, AlertSent
from tests.builders import NOON, TENGGARONG, assigned, submitted


def test_a_day_is_counted_where_the_desa_are() -> None:
    late = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # half past midnight in Asia/Makassar
    values = facts(submitted(submitted_at=late, received_at=late + timedelta(days=1))).values
    assert (values["day"], values["month"], values["received_day"]) == (
        "2026-12-01",
        "2026-12",
        "2026-12-02",
    )


def test_every_event_says_something_about_its_row() -> None:
    alert = AlertSent(
        id=uuid4(), consultation=uuid4(), sequence=2, region=TENGGARONG, time=NOON, cause=uuid4(),
        recipient="petugas-1", recipient_kind="officer", channel="log", attempts=1,
    )  # fmt: skip
    for event in (submitted(), assigned(), alert):
        what = facts(event)
        assert what.values or what.earliest
    assert {event.type() for event in EVENTS} >= {alert.type()}


def test_no_two_events_set_the_same_field() -> None:
    """Otherwise the order of deliveries would decide what a row says."""
    one, other = facts(submitted()), facts(assigned())
    fields_of_one = one.values.keys() | one.earliest.keys()
    assert not fields_of_one & (other.values.keys() | other.earliest.keys())


def test_names_stand_beside_codes() -> None:
    rows: list[dict[str, Any]] = [{"kecamatan": "64.02.06", "topic": "X-LAMA", "submitted": 1}]
    assert with_names(rows) == [
        {
            "kecamatan": "64.02.06",
            "kecamatan_name": "Tenggarong",
            "topic": "X-LAMA",
            "topic_name": "X-LAMA",
            "submitted": 1,
        }
    ]


def test_csv_holds_the_same_figures_and_no_formula() -> None:
    rows = [{"kecamatan": "64.02.06", "kecamatan_name": "=CMD()", "submitted": 7}]
    text = to_csv(rows, columns(["kecamatan"], ["submitted"]))
    assert text == "kecamatan,kecamatan_name,submitted\r\n64.02.06,'=CMD(),7\r\n"


def test_columns_of_days_have_no_name() -> None:
    assert columns(["day", "topic"], ["submitted"]) == ["day", "topic", "topic_name", "submitted"]


def test_a_reconciliation_shows_what_is_missing_on_either_side() -> None:
    accepted = {("2026-11-24", "64.02.06"): 3, ("2026-11-24", "64.02.07"): 1}
    reported = {("2026-11-24", "64.02.06"): 2, ("2026-11-23", "64.02.06"): 1}
    assert [(r["day"], r["kecamatan"], r["difference"]) for r in reconcile(accepted, reported)] == [
        ("2026-11-23", "64.02.06", -1),
        ("2026-11-24", "64.02.06", 1),
        ("2026-11-24", "64.02.07", 1),
    ]
