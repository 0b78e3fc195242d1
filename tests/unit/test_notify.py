import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.notify.adapter import AlertSender
from services.notify.domain import CLAIM, MAX_ATTEMPTS, first_claim
from services.notify.handlers import Handlers
from services.notify.senders.base import NotSent
from services.notify.texts import Texts
from shared import retry
from shared.errors import TryLater
from shared.events import AlertFailed, AlertSent
from tests.builders import NOON, assigned
from tests.fakes import Clock, FakeAlerts, FakeChannel, FakeRecipients, FakeSender


class Scene:
    """notify with a provider that fails as told, and a clock that the test moves."""

    def __init__(self, *failures: NotSent) -> None:
        self.alerts = FakeAlerts()
        self.sender = FakeSender(*failures)
        self.clock = Clock(NOON)
        self.handlers = self.process()

    def process(self) -> Handlers:
        return Handlers(self.alerts, FakeRecipients(), self.sender, self.clock)


async def test_the_officer_is_told_once_however_often_the_event_comes() -> None:
    scene, event = Scene(), assigned()
    for _ in range(3):
        await scene.handlers.on_case_assigned(event)
    assert [address for _, address in scene.sender.taken] == [f"{event.officer}@klikdesa.example"]
    (told,) = scene.alerts.events
    assert isinstance(told, AlertSent)
    assert (told.cause, told.attempts, told.provider_id) == (event.id, 1, "provider-1")


async def test_deliveries_at_the_same_time_send_once() -> None:
    scene, event = Scene(), assigned()
    others = [scene.process() for _ in range(4)]
    results = await asyncio.gather(
        *(process.on_case_assigned(event) for process in others), return_exceptions=True
    )
    assert len(scene.sender.taken) == 1
    assert {type(result) for result in results} <= {type(None), TryLater}


async def test_a_passing_failure_is_tried_again_and_told_only_when_it_worked() -> None:
    scene, event = Scene(NotSent("smtp_451", permanent=False)), assigned()
    with pytest.raises(TryLater, match="smtp_451"):
        await scene.handlers.on_case_assigned(event)
    assert scene.alerts.events == []
    await scene.handlers.on_case_assigned(event)
    (told,) = scene.alerts.events
    assert (type(told), told.attempts) == (AlertSent, 2)


async def test_a_lasting_failure_is_told_at_once_and_not_tried_again() -> None:
    scene, event = Scene(NotSent("smtp_550", permanent=True)), assigned()
    for _ in range(2):
        await scene.handlers.on_case_assigned(event)
    (told,) = scene.alerts.events
    assert isinstance(told, AlertFailed)
    assert (told.because, told.attempts) == ("smtp_550", 1)
    assert scene.sender.taken == []


async def test_after_the_last_attempt_the_failure_is_told_before_the_message_would_be_parked() -> (
    None
):
    scene, event = Scene(*[NotSent("smtp_451", permanent=False)] * 10), assigned()
    for attempt in range(1, MAX_ATTEMPTS):
        with pytest.raises(TryLater):
            await scene.handlers.on_case_assigned(event)
        assert isinstance(retry.next_step(TryLater(""), attempt), retry.Retry)
    await scene.handlers.on_case_assigned(event)
    (told,) = scene.alerts.events
    assert (type(told), told.attempts) == (AlertFailed, MAX_ATTEMPTS)


async def test_a_claim_of_a_process_that_died_is_taken_over_when_it_runs_out() -> None:
    scene, event = Scene(), assigned()
    await scene.alerts.add(first_claim(event, "smtp", "dead", NOON))
    with pytest.raises(TryLater, match="another process"):
        await scene.handlers.on_case_assigned(event)
    scene.clock.now += CLAIM + timedelta(seconds=1)
    await scene.handlers.on_case_assigned(event)
    assert len(scene.sender.taken) == 1


async def test_what_the_provider_said_is_recorded_although_the_database_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.notify.handlers.RECORD_INTERVAL", 0.0)
    scene, event = Scene(), assigned()
    scene.alerts.fail_saves = 3
    await scene.handlers.on_case_assigned(event)
    assert len(scene.sender.taken) == 1
    assert [type(told) for told in scene.alerts.events] == [AlertSent]


async def test_a_delivery_that_is_taken_back_in_the_middle_does_not_send_twice() -> None:
    scene, event = Scene(), assigned()
    may_send = asyncio.Event()
    send = scene.sender.send

    async def slow(alert: Any, address: str | None) -> str | None:
        await may_send.wait()
        return await send(alert, address)

    scene.sender.send = slow  # type: ignore[method-assign]
    first = asyncio.create_task(scene.handlers.on_case_assigned(event))
    await asyncio.sleep(0.01)
    first.cancel()  # as aiormq does when the link breaks
    second = asyncio.create_task(scene.handlers.on_case_assigned(event))
    await asyncio.sleep(0.01)
    may_send.set()
    await second
    assert len(scene.sender.taken) == 1
    assert len(scene.alerts.events) == 1


def test_the_text_is_indonesian_and_says_where_to_read_on() -> None:
    event = assigned()
    text = Texts("http://klik.example/").render(first_claim(event, "log", "me", NOON))
    assert text.subject == "[Klik Desa] Konsultasi baru: Dana Desa (Rapak Lambur, Tenggarong)"
    assert "Satgas Tenggarong" in text.body
    assert f"http://klik.example/v1/consultations/{event.consultation}" in text.body


async def test_an_alert_becomes_an_order_and_one_without_an_address_is_not_sent() -> None:
    alert = first_claim(assigned(), "smtp", "me", NOON)
    channel = FakeChannel()
    sender = AlertSender(channel, Texts("http://klik.example"))
    assert await sender.send(alert, "petugas@klikdesa.example") == "provider-1"
    (order,) = channel.taken
    assert (order.id, order.address) == (alert.id, "petugas@klikdesa.example")
    assert order.message.subject.startswith("[Klik Desa]")
    with pytest.raises(NotSent) as missing:
        await sender.send(alert, None)
    assert (missing.value.because, missing.value.permanent) == ("no_address", True)
