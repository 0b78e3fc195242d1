"""The channel `log` reaches nobody: alerts of it are not sent, and reports count nobody as told."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.recipients import Address
from services.reporting.domain.measures import COUNTS
from services.reporting.domain.rows import Row, fact, fold
from shared.events import AlertSent, AlertSuppressed, CaseAssigned, ConsultationEvent
from tests.support.builders import NOON, assigned, submitted
from tests.support.services.notify import OFFICER, Notify
from tests.support.services.reporting import CALENDAR

REACHING = ("smtp", "email", "telegram", "whatsapp", "gateway")


def outcomes(notify: Notify, recipient: str = OFFICER) -> list[tuple[str, str | None]]:
    """Of what was published about `recipient`: the event, and why or by what."""
    return [
        (one.name, getattr(one, "reason", None) or getattr(one, "channel", None))
        for one in notify.told(recipient)
    ]


async def test_an_alert_is_suppressed_when_the_log_is_its_only_channel() -> None:
    notify = Notify(channels=("log",))
    await notify.hear(assigned())
    await notify.look()
    assert outcomes(notify) == [("alert.suppressed", "log_only")]
    alert = notify.alert()
    assert (alert.state, alert.reason, alert.sent_at) == ("suppressed", "log_only", None)
    assert len(notify.senders["log"].taken) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        (Address("log", "x"), Address("email", "budi@klikdesa.example")),
        (Address("email", "budi@klikdesa.example"), Address("log", "x")),
    ],
)
async def test_an_alert_goes_past_the_log_when_there_is_another_channel(
    addresses: tuple[Address, ...],
) -> None:
    notify = Notify(channels=("log", "email"))
    notify.recipients.change(OFFICER, channels=addresses)
    await notify.hear(assigned())
    await notify.look()
    assert outcomes(notify) == [("alert.sent", "email")]
    assert notify.senders["log"].taken == []


async def test_an_alert_is_only_logged_when_its_recipient_has_the_log_alone() -> None:
    notify = Notify(channels=("log", "email"))
    notify.recipients.change(OFFICER, channels=(Address("log", "x"),))
    await notify.hear(assigned())
    await notify.look()
    assert outcomes(notify) == [("alert.suppressed", "log_only")]


def row_of(*events: ConsultationEvent) -> Row:
    facts = {str(one.id): told for one in events if (told := fact(one)) is not None}
    row = fold(str(events[0].consultation), facts, CALENDAR)
    assert row is not None
    return row


def alert(case: CaseAssigned, kind: str, by: str, **more: Any) -> AlertSent | AlertSuppressed:
    """`by`: a channel, or why nobody was told."""
    about: dict[str, Any] = {
        "id": uuid4(),
        "consultation": case.consultation,
        "sequence": 2,
        "region": case.region,
        "time": NOON,
        "cause": case.id,
        "recipient": case.officer if kind == "officer" else kind,
        "recipient_kind": kind,
    } | more
    if by in ("log_only", "folded", "no_contact"):
        return AlertSuppressed(**about, reason=by)
    return AlertSent(**about, channel=by, attempts=1)


@pytest.mark.parametrize("by", ["log", "log_only"])
def test_a_consultation_is_not_alerted_when_only_the_log_has_a_line(by: str) -> None:
    """`log` as a channel: alerts of before 2026-11-29."""
    first = submitted()
    case = assigned(first.consultation)
    row = row_of(first, case, alert(case, "officer", by))
    assert not COUNTS["alerted"](row)
    assert COUNTS["log_only"](row)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("officer", "requester", "coordinator", "camat")),
            st.sampled_from((*REACHING, "log", "log_only", "folded", "no_contact")),
        ),
        max_size=6,
    )
)
def test_reports_count_who_was_told_and_by_what_when_alerts_come_in_any_mix(
    told: list[tuple[str, str]],
) -> None:
    first = submitted()
    case = assigned(first.consultation)
    row = row_of(first, case, *(alert(case, kind, by) for kind, by in told))
    officer = {by for kind, by in told if kind == "officer"}
    reached = officer.intersection(REACHING)
    assert COUNTS["alerted"](row) == bool(reached)
    assert COUNTS["log_only"](row) == (not reached and not officer.isdisjoint({"log", "log_only"}))
    if reached:
        assert row.alerted_by in reached
    requester = {by for kind, by in told if kind == "requester"}
    if reached := requester.intersection(REACHING):
        assert row.requester_alerted_by in reached
    else:
        logged = not requester.isdisjoint({"log", "log_only"})
        assert row.requester_alerted_by == ("log" if logged else None)
