"""How far a message came, by its provider: any order and any number of reports end alike."""

import itertools
from dataclasses import replace
from uuid import uuid4

import pytest

from services.notify.domain.alert import Alert, State
from services.notify.domain.receipts import Receipt, Report, reported
from shared.events import AlertSent, Event
from tests.support.builders import NOON
from tests.support.services.notify import an_alert

SENT = an_alert(id="a" * 32, state="sent", channel="whatsapp", next_at=None, sent_at=NOON)


def after(alert: Alert, *receipts: Receipt, channel: str = "whatsapp") -> Alert:
    for receipt in receipts:
        report = Report(channel, receipt, reason="whatsapp_131026", order=alert.id)
        alert, _ = one(alert, report)
    return alert


def one(alert: Alert, report: Report) -> tuple[Alert, Event | None]:
    changed, told = reported(alert, report, event_id=uuid4(), now=NOON)
    assert changed is alert or changed.version == alert.version + 1
    return changed, told


def test_what_came_furthest_counts_in_any_order() -> None:
    reports: tuple[Receipt, ...] = ("sent", "delivered", "read", "delivered", "read")
    for order in itertools.permutations(reports):
        alert = after(SENT, *order)
        assert (alert.receipt, alert.state) == ("read", "sent")
        steps = [entry.what for entry in alert.log if entry.what in ("delivered", "read")]
        assert steps in (["read"], ["delivered", "read"])


def test_a_failure_of_what_was_delivered_is_none() -> None:
    reports: tuple[Receipt, ...] = ("delivered", "read")
    for earlier in reports:
        alert = after(SENT, earlier, "failed")
        assert (alert.state, alert.receipt) == ("sent", earlier)


@pytest.mark.parametrize("later", ["failed", "sent", "delivered", "read"])
def test_a_late_failure_goes_to_the_next_channel_once(later: Receipt) -> None:
    alert = after(SENT, "failed")
    assert (alert.state, alert.step, alert.channel, alert.next_at) == ("waiting", 1, None, NOON)
    assert [(entry.what, entry.code) for entry in alert.log][-1] == ("returned", "whatsapp_131026")
    assert after(alert, later) is alert


@pytest.mark.parametrize("state", ["waiting", "queued"])
def test_what_had_arrived_without_a_reply_is_sent_and_not_attempted_again(state: State) -> None:
    waiting = replace(SENT, state=state, attempts=1, attempts_here=1, next_at=NOON)
    alert, told = one(waiting, Report("whatsapp", "delivered", order=waiting.id, message="wamid-1"))
    assert (alert.state, alert.next_at, alert.receipt) == ("sent", None, "delivered")
    assert isinstance(told, AlertSent)
    assert told.provider_id == "wamid-1"
    assert after(waiting, "failed") is waiting
    untried = replace(waiting, attempts_here=0)
    assert after(untried, "delivered") is untried


def test_reports_about_another_channel_or_edition_change_nothing() -> None:
    assert after(SENT, "delivered", channel="gateway") is SENT
    again = replace(SENT, edition=2)
    assert after(again, "failed") is again
    report = Report("whatsapp", "read", order=f"{SENT.id}-2")
    assert one(again, report)[0].receipt == "read"
    assert one(SENT, report)[0] is SENT


def test_a_providers_name_for_further_reports_is_kept() -> None:
    sent = replace(SENT, channel="gateway", provider_id="80367171")
    alert, _ = one(sent, Report("gateway", "sent", message="80367171", chain="S1"))
    assert alert.receipt_chain == "S1"
    assert one(alert, Report("gateway", "sent", message="80367171", chain="S1"))[0] is alert
    read, _ = one(alert, Report("gateway", "read", chain="S1"))
    assert (read.receipt, read.receipt_chain) == ("read", "S1")
