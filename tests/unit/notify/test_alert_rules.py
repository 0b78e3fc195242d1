"""The rules of telling, without a store: who, when, how often, and that it ends once."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.alert import FOLD_WINDOW, Alert, held, leader, resent, sent, suppressed
from services.notify.domain.audience import audience, queued
from services.notify.domain.case_view import CaseView
from services.notify.domain.delivery_decision import digest_day, held_until, summary_held_until
from services.notify.domain.recipients import Address, Directory, fallback_channels, seeds
from services.notify.domain.retry_policy import (
    DELAYS,
    JITTER,
    LONGEST_DELAY,
    MAX_ATTEMPTS,
    Refusal,
    delay,
    not_sent,
)
from services.notify.webhooks.handlers import ONLY_LOGGED
from shared.events import (
    AlertFailed,
    AlertSent,
    AlertSuppressed,
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationLinkRequested,
    ConsultationMoved,
    ConsultationQuestionAsked,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationWithdrawn,
    Event,
    RecipientKind,
    ReportSummarised,
)
from shared.messaging.topology import BINDINGS
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.services.notify import OFFICER, an_alert, at, office_hours

DIRECTORY = Directory(seeds())
CASE = CaseView(uuid4(), TENGGARONG, "KEU-DD", "konsultasi", "64.02.06", OFFICER, case_sequence=1)
DPMD_FIRST = DIRECTORY.in_role("coordinator", "dpmd")

DAY = timedelta(days=1)


def case_event(cls: type[Any], **more: Any) -> Any:
    values: dict[str, Any] = {
        "id": uuid4(),
        "consultation": CASE.consultation,
        "sequence": 2,
        "region": TENGGARONG,
        "time": NOON,
        "satgas": "64.02.06",
        "officer": OFFICER,
        "due": NOON,
        "late_seconds": 0,
    }
    return cls(**values | more)


def escalated(level: str, to: str | None, reason: str = "overdue") -> Any:
    return case_event(CaseEscalated, from_level="officer", to_level=level, to=to, reason=reason)


def who(event: ConsultationEvent, case: CaseView | None = CASE) -> list[tuple[str, str]]:
    return [(one.recipient, one.kind) for one in audience(event, case, DIRECTORY)]


def step(cls: type[ConsultationMoved], **more: Any) -> Any:
    return moved(cls, CASE.consultation, 3, NOON, **more)


ASKED = ("requester", "requester")
SECOND = "petugas-64.02.06-2"
HELD = {"satgas": "64.02.06", "reason": "nobody_available"}
WAITS = [(OFFICER, "coordinator"), *((one, "coordinator") for one in DPMD_FIRST)]
STAND_IN = [(one, "officer") for one, _ in WAITS]
REMINDER: dict[str, Any] = {"clock": "answer", "deadline": NOON}
EXPECTED: list[tuple[ConsultationEvent, list[tuple[str, str]]]] = [
    (submitted(), [ASKED]),
    (step(ConsultationAnswered), [ASKED]),
    (step(ConsultationQuestionAsked), [ASKED]),
    (step(ConsultationClosed), [ASKED]),
    (step(ConsultationRejected, reason="not_ours"), [ASKED]),
    (step(ConsultationReplyReceived), [(OFFICER, "officer")]),
    (step(ConsultationReopened), [(OFFICER, "officer")]),
    (step(ConsultationWithdrawn), []),
    (step(ConsultationLinkRequested), [ASKED]),
    (assigned(officer=SECOND), [(SECOND, "officer"), ASKED]),
    (case_event(CaseReminderDue, **REMINDER), [(OFFICER, "officer")]),
    (case_event(CaseReminderDue, **REMINDER | {"officer": None}), STAND_IN),
    (case_event(CaseDeadlineMissed, clock="answer"), [(OFFICER, "officer")]),
    (case_event(CaseHeld, **HELD), WAITS),
    (case_event(CaseHeld, satgas=None, reason="unknown_region"), WAITS[1:]),
    (escalated("coordinator", SECOND), [(SECOND, "coordinator"), ASKED]),
    (escalated("camat", "camat-64.02.06"), [("camat-64.02.06", "camat"), ASKED]),
    (escalated("camat", None), [("camat-64.02.06", "camat"), ASKED]),
    (escalated("dpmd", None), [*((one, "dpmd") for one in DPMD_FIRST), ASKED]),
    (escalated("coordinator", None), [(OFFICER, "coordinator"), ASKED]),
    (escalated("dpmd", None, "beyond_us"), [*((one, "dpmd") for one in DPMD_FIRST), ASKED]),
    # who has it now is told to the requester by the assignment of the same moment
    (escalated("dpmd", "petugas-dpmd-1", "beyond_us"), [("petugas-dpmd-1", "dpmd")]),
]


@pytest.mark.parametrize(("event", "told"), EXPECTED)
def test_who_is_told(event: ConsultationEvent, told: list[tuple[str, str]]) -> None:
    assert who(event) == told


def test_every_event_that_comes_has_an_audience() -> None:
    others = {*(event.name for event in ONLY_LOGGED), ReportSummarised.name, "consultation.erased"}
    assert {event.name for event, _ in EXPECTED} == set(BINDINGS["notify"]) - others


def test_a_reply_to_a_case_that_nobody_has_goes_to_who_answers_for_it() -> None:
    assert who(step(ConsultationReplyReceived), replace(CASE, officer=None)) == STAND_IN


def test_a_closing_by_silence_is_told_as_such() -> None:
    def name(**more: Any) -> str:
        event = step(ConsultationClosed, **more)
        (target,) = audience(event, CASE, DIRECTORY)
        return queued(event, target, CASE, uuid4(), NOON).event

    assert name() == "consultation.closed"
    assert name(actor_role="system") == "consultation.closed_by_silence"


def test_an_alert_says_what_its_event_says() -> None:
    event = escalated("camat", None)
    (camat, asked) = audience(event, CASE, DIRECTORY)
    alert = queued(event, camat, CASE, uuid4(), NOON)
    assert (alert.level, alert.satgas, alert.kind) == ("camat", "64.02.06", "konsultasi")
    assert alert.rule == "camat_of_the_satgas"
    assert alert.id != queued(event, asked, CASE, uuid4(), NOON).id
    assert alert.id == queued(event, camat, None, uuid4(), NOON + FOLD_WINDOW).id
    due = NOON + timedelta(days=3)
    reminder = case_event(CaseReminderDue, clock="answer", deadline=due)
    assert queued(reminder, camat, None, uuid4(), NOON).due == due


# Waiting times


def test_attempts_are_spread_over_a_day() -> None:
    assert MAX_ATTEMPTS >= 8
    assert timedelta(hours=23) <= sum(DELAYS, timedelta()) <= timedelta(hours=25)
    assert all(later >= 2.5 * sooner for sooner, later in pairwise(DELAYS))


@given(st.integers(1, 50), st.floats(0, 1))
def test_a_delay_is_its_row_of_the_table_give_or_take(attempts: int, jitter: float) -> None:
    row = DELAYS[min(attempts, len(DELAYS)) - 1]
    assert row * (1 - JITTER) * 0.999 <= delay(attempts, jitter) <= row * (1 + JITTER) * 1.001
    assert delay(attempts, jitter, timedelta(hours=20)) == timedelta(hours=20)
    assert delay(attempts, jitter, timedelta(days=9)) == LONGEST_DELAY


# Quiet hours

HOLIDAYS = office_hours(closed=[date(2026, 12, 25)], opened=[date(2026, 11, 28)])


@pytest.mark.parametrize(
    ("kind", "now", "until"),
    [
        ("officer", at("2026-11-24", "07:29"), at("2026-11-24", "07:30")),
        ("officer", at("2026-11-24", "07:30"), None),
        ("officer", at("2026-11-24", "16:59"), None),
        ("coordinator", at("2026-11-24", "17:00"), at("2026-11-25", "07:30")),
        ("officer", at("2026-11-27", "18:00"), at("2026-11-28", "07:30")),  # opened
        ("officer", at("2026-11-29", "12:00"), at("2026-11-30", "07:30")),
        ("officer", at("2026-12-24", "20:00"), at("2026-12-28", "07:30")),
        ("camat", at("2026-11-29", "03:00"), None),
        ("dpmd", at("2026-11-29", "03:00"), None),
        ("owner", at("2026-11-29", "03:00"), None),
        ("requester", at("2026-11-29", "05:59"), at("2026-11-29", "06:00")),
        ("requester", at("2026-11-29", "06:00"), None),
        ("requester", at("2026-11-29", "20:59"), None),
        ("requester", at("2026-11-29", "21:00"), at("2026-11-30", "06:00")),
    ],
)
def test_quiet_hours(kind: RecipientKind, now: datetime, until: datetime | None) -> None:
    assert held_until(kind, now, HOLIDAYS) == until


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)),
    st.sampled_from(["officer", "requester"]),
)
def test_what_is_held_is_not_held_again(now: datetime, kind: RecipientKind) -> None:
    moment = now.astimezone()
    until = held_until(kind, moment, HOLIDAYS)
    assert until is None or (until > moment and held_until(kind, until, HOLIDAYS) is None)
    until = summary_held_until(moment, HOLIDAYS)
    assert until is None or (until > moment and summary_held_until(until, HOLIDAYS) is None)


def test_a_calendar_without_working_days_holds_nothing() -> None:
    closed = office_hours(closed=[date(2026, 11, 1) + timedelta(days=n) for n in range(90)])
    assert held_until("officer", at("2026-11-24", "12:00"), closed) is None


def test_the_day_of_a_digest() -> None:
    assert digest_day(at("2026-11-24", "07:44"), HOLIDAYS) is None
    assert digest_day(at("2026-11-24", "07:45"), HOLIDAYS) == date(2026, 11, 24)
    assert digest_day(at("2026-11-29", "07:45"), HOLIDAYS) is None


# Folding


def test_what_says_the_same_is_folded_into_the_first() -> None:
    first = an_alert()
    same = [
        replace(first, id=f"{n}", caused_at=NOON + n * timedelta(minutes=6)) for n in range(1, 4)
    ]
    group = (first, *same)
    assert [leader(one, group) is not None for one in group] == [False, True, False, True]
    assert [leader(one, group[::-1]) is not None for one in group] == [False, True, False, True]


@pytest.mark.parametrize(
    "other",
    [
        {"recipient": "x"},
        {"event": "case.held"},
        {"consultation": uuid4()},
        {"clock": "answer"},
        {"caused_at": NOON - FOLD_WINDOW},
    ],
)
def test_what_differs_is_not_folded(other: dict[str, Any]) -> None:
    alert = an_alert(id="z")
    changes: dict[str, Any] = {"id": "a", "caused_at": NOON - FOLD_WINDOW / 2} | other
    earlier = replace(alert, **changes)
    assert leader(alert, (earlier, alert)) is None


def test_what_is_sent_again_on_request_is_not_folded() -> None:
    alert = an_alert(id="z")
    earlier = replace(alert, id="a")
    assert leader(alert, (earlier,)) == earlier
    assert leader(replace(alert, edition=2), (earlier,)) is None


@pytest.mark.parametrize(
    ("sequences", "folded"),
    [((3, 4, 5), "-++"), ((3, 5), "--"), ((3, 4, 6, 7), "-+-+")],
)
def test_a_gap_in_the_sequence_is_taken_for_news_when_nothing_of_it_was_heard(
    sequences: tuple[int, ...], folded: str
) -> None:
    group = [
        replace(an_alert(), id=f"{n}", cause_sequence=n, consultation=CASE.consultation)
        for n in sequences
    ]
    for order in (group, group[::-1]):
        assert "".join("+" if leader(one, order) else "-" for one in group) == folded


# Channels


def test_only_ways_with_a_sender_are_taken_in_order() -> None:
    addresses = (Address("telegram", "1"), Address("whatsapp", "2"), Address("email", "3"))
    assert fallback_channels(addresses, {"smtp", "gateway"}, "x") == [
        Address("gateway", "2"),
        Address("smtp", "3"),
    ]
    assert fallback_channels(addresses, {"log"}, "x") == [Address("log", "x")]
    assert fallback_channels(addresses, {"log", "email"}, "x") == [Address("email", "3")]
    assert "1" not in repr(addresses[0])


def test_numbers_are_brought_into_the_form_that_providers_take() -> None:
    for written in ("0812-5555 1234", "62812 5555 1234", "+62 (812) 55551234"):
        assert fallback_channels([Address.meant("whatsapp", written)], {"whatsapp"}, "x") == [
            Address("whatsapp", "+6281255551234")
        ]


# The life of an alert

OUTCOMES = st.sampled_from(["crash", "busy", "gone", "yes", "quiet", "fold", "resend"])


@given(st.lists(OUTCOMES, max_size=60), st.integers(1, 3))
def test_an_alert_ends_once_whatever_happens(story: list[str], channels: int) -> None:
    """Any order of crashes and attempts; of two outcomes of one lease the store keeps the first."""
    now, alert, ended = NOON, an_alert(), list[Event]()
    for what in story:
        now += timedelta(hours=1)
        if what == "resend":
            continue
        if alert.is_over:
            assert alert.next_at is None
            continue
        alert = leased(alert)
        if what == "crash":
            continue
        after, event = outcome(alert, what, channels, now)
        assert after.version == alert.version + 1
        alert = after
        ended += [event] if event else []
        assert alert.is_over or (alert.next_at is not None and alert.next_at >= now)
    assert len(ended) == (1 if alert.is_over else 0)
    if alert.state == "failed":
        assert isinstance(ended[0], AlertFailed)
        assert alert.step == channels - 1
    if alert.state == "sent":
        assert isinstance(ended[0], AlertSent)
        assert ended[0].attempts == alert.attempts


def leased(alert: Alert) -> Alert:
    return replace(alert, state="claimed", claims=alert.claims + 1, version=alert.version + 1)


def outcome(alert: Alert, what: str, channels: int, now: datetime) -> tuple[Alert, Event | None]:
    if what == "yes":
        return sent(alert, provider_id="id 1", event_id=uuid4(), now=now)
    if what == "quiet":
        return held(alert, now + timedelta(hours=9), now), None
    if what == "fold":
        return suppressed(alert, "folded", event_id=uuid4(), now=now)
    refusal = Refusal("smtp 550 <budi@x>", lasting=what == "gone")
    return not_sent(alert, refusal, channels=channels, jitter=0.3, event_id=uuid4(), now=now)


def test_an_event_says_by_which_message_id_it_was_told_but_not_at_which_host() -> None:
    alert = leased(an_alert(channel="smtp"))
    for own in (alert.id, f"{alert.id}-2"):
        after, told = sent(
            alert, provider_id=f"<{own}@klikdesa.example>", event_id=uuid4(), now=NOON
        )
        assert isinstance(told, AlertSent)
        assert (after.provider_id, told.provider_id) == (f"<{own}@klikdesa.example>", own)


def test_a_provider_cannot_put_an_address_into_an_event() -> None:
    alert = leased(an_alert(channel="email"))
    _, told = sent(alert, provider_id="budi@example.com", event_id=uuid4(), now=NOON)
    assert isinstance(told, AlertSent)
    assert told.provider_id is None
    _, failed = outcome(alert, "gone", 1, NOON)
    assert isinstance(failed, AlertFailed)
    assert failed.reason == "smtp_550__budi_x_"


def put_off(alert: Alert, now: datetime, *, channels: int) -> Alert:
    refusal = Refusal("circuit_open", lasting=False, counts=False)
    after, event = not_sent(
        alert, refusal, channels=channels, jitter=0.5, event_id=uuid4(), now=now
    )
    assert event is None
    return after


def test_the_last_channel_may_hold_back_for_a_day_before_it_counts() -> None:
    alert = leased(an_alert(channel="email"))
    for _ in range(3):
        alert = put_off(leased(alert), NOON, channels=1)
        assert (alert.attempts, alert.state) == (0, "waiting")
    assert [one.what for one in alert.log] == ["queued", "put_off"], "a line for the first time"
    alert = put_off(leased(alert), NOON + DAY, channels=1)
    assert (alert.attempts, alert.state, alert.log[-1].what) == (1, "waiting", "tried")


def test_who_is_put_off_for_a_day_is_told_elsewhere_and_nights_are_part_of_it() -> None:
    alert = put_off(leased(an_alert(channel="whatsapp")), NOON, channels=2)
    alert = held(leased(alert), NOON + 0.8 * DAY, NOON + 0.2 * DAY)
    alert = put_off(leased(alert), NOON + 0.9 * DAY, channels=2)
    assert (alert.step, alert.state) == (0, "waiting")
    alert = put_off(leased(alert), NOON + DAY, channels=2)
    assert (alert.step, alert.channel, alert.next_at) == (1, None, NOON + DAY)
    assert [one.what for one in alert.log] == ["queued", "put_off", "held", "tried", "fallback"]


def test_who_was_held_for_a_weekend_does_not_lose_their_channel_to_a_busy_moment() -> None:
    monday = NOON + 3 * DAY
    alert = held(leased(an_alert(channel="whatsapp")), monday, NOON)
    alert = put_off(leased(alert), monday, channels=2)
    assert (alert.step, alert.state, alert.log[-1].what) == (0, "waiting", "put_off")


def test_what_is_told_again_is_a_new_message_and_a_new_outcome() -> None:
    over, _ = suppressed(leased(an_alert()), "folded", event_id=uuid4(), now=NOON)
    again = resent(over, "key", NOON)
    assert (again.state, again.next_at, again.edition) == ("queued", NOON, 2)
    assert again.order_id != over.order_id
    assert resent(again, "key", NOON) is again
    after, event = suppressed(leased(again), "settled", event_id=uuid4(), now=NOON)
    assert isinstance(event, AlertSuppressed)
    assert event.sequence == after.version > over.version
    waiting = replace(an_alert(), state="waiting", next_at=NOON + FOLD_WINDOW)
    assert (resent(waiting, None, NOON).next_at, resent(waiting, None, NOON).edition) == (NOON, 1)


def test_a_cause_is_a_uuid() -> None:
    assert isinstance(an_alert().cause, UUID)
    assert CaseAssigned.name == an_alert().event
