"""`klik parked` refuses what cannot be, before it touches a queue."""

from datetime import timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from klik.__main__ import app
from klik.pace import Pace
from klik.parked import options
from klik.parked.options import expect_user, select
from klik.parked.view import Parked
from shared.times import utc_now


def klik(*arguments: str, **env: str) -> Result:
    nowhere = {"KLIK_AMQP_URL": "amqp://127.0.0.1:1/", "KLIK_MONGO_URL": "mongodb://127.0.0.1:1/"}
    return CliRunner().invoke(
        app, ["parked", *arguments], env={"COLUMNS": "200", "TERM": "dumb", **nowhere, **env}
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay"], "say which"),
        (["discard", "--because", "x"], "say which"),
        (["discard", "--all"], "--because"),
        (["discard", "--all", "--because", "  "], "--because"),
        (["discard", "--all", "--because", "x" * 501], "up to 500"),
        (["discard", "--all", "--because", "two\nlines"], "on one line"),
        (["discard", "--all", "--because", "bad\x1b[2J"], "on one line"),
        (["discard", "--all", "--because", "ok", "--by", ""], "--by"),
        (["discard", "--all", "--because", "ok", "--by", "a\tb"], "--by"),
        (["replay", "--all", "--by", "x" * 65], "--by"),
        (["replay", "--service", "gateway"], "intake, routing, notify, reporting"),
        (["list", "--service", "gateway"], "intake, routing, notify, reporting"),
        (["audit", "--service", "gateway"], "intake, routing, notify, reporting"),
        (["replay", "--all", "--rate", "0"], "--rate"),
        (["replay", "--all", "--rate", "fast"], "--rate"),
        (["list", "--older", "yesterday"], "30m, 12h, 90d"),
        (["list", "--newer", "-1d"], "30m, 12h, 90d"),
        (["list", "--limit", "0"], "--limit"),
        (["show"], "ID"),
        (["show", "x", "--raw"], "--because"),
    ],
)
def test_what_cannot_be_ends_with_what_to_do(arguments: list[str], said: str) -> None:
    result = klik(*arguments)
    assert result.exit_code == 2, result.output
    assert said in result.output


@pytest.mark.parametrize("arguments", [["list"], ["show", "x"]])
def test_without_rabbitmq_it_says_where_to_look(arguments: list[str]) -> None:
    result = klik(*arguments)
    assert result.exit_code == 1
    assert "KLIK_AMQP_URL" in result.output
    assert "Traceback" not in result.output


def one(**facts: Any) -> Parked:
    values = {"service": "routing", "id": "1", "type": "klikdesa.case.held.v1", "consultation": "-"}
    more = {"reason": "invalid_event", "error": "-", "attempts": 1, "at": None, "headers": {}}
    return Parked(**{**values, **more, "body": b"", **facts})


def test_a_filter_takes_what_fits_all_of_it() -> None:
    both = select("routing", None, "invalid_event")
    assert both(one())
    assert not both(one(service="notify"))
    assert not both(one(reason="unknown_event"))
    assert select(None, "2")(one(id="2"))
    assert not select(None, "2")(one(id="1"))
    assert select(None, None)(one(service="intake"))


def test_an_event_is_named_in_short_or_in_full() -> None:
    assert select(None, None, kind="case.held")(one())
    assert select(None, None, kind="klikdesa.case.held.v1")(one())
    assert not select(None, None, kind="case.assigned")(one())
    future = one(type="klikdesa.case.exploded.v1")
    assert select(None, None, kind="case.exploded")(future)


def test_age_counts_from_when_it_was_parked_where_that_is_known() -> None:
    old, young = (one(at=utc_now() - timedelta(hours=hours)) for hours in (30, 2))
    older, newer = select(None, None, older="1d"), select(None, None, newer="1d")
    assert older(old)
    assert not older(young)
    assert newer(young)
    assert not newer(old)
    assert not older(one())
    assert not newer(one())


def test_who_does_it_has_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "this_user", lambda: "budi")
    assert expect_user(None) == "budi"
    assert expect_user("siti@dpmd") == "siti@dpmd"
    monkeypatch.setattr(options, "this_user", lambda: None)
    with pytest.raises(typer.BadParameter):
        expect_user(None)


@pytest.mark.parametrize(("rate", "took"), [(2.0, 1.5), (10.0, 0.3), (None, 0.0)])
async def test_messages_are_sent_no_faster_than_the_rate(rate: float | None, took: float) -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    pace = Pace(rate, lambda: now, sleep)
    for _ in range(4):
        await pace.wait()
    assert now == pytest.approx(took)


async def test_time_that_was_lost_is_not_made_up_in_a_burst() -> None:
    now, slept = 0.0, []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace = Pace(1.0, lambda: now, sleep)
    await pace.wait()
    now = 60.0
    for _ in range(2):
        await pace.wait()
    assert slept == [0.0, 0.0, 1.0]
