"""What notify forgets where a consultation was erased."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.errors import TryLater
from shared.events import AlertSuppressed, ConsultationAnswered, ConsultationErased
from tests.support.builders import assigned, moved, submitted
from tests.support.services.notify import Notify


async def test_requester_is_not_told_when_the_consultation_was_erased_before() -> None:
    notify, event = Notify(), submitted()
    await notify.hear(event)
    await notify.hear(moved(ConsultationErased, event.consultation, 2, notify.clock()))
    await notify.look(after=timedelta(hours=1))
    assert notify.mail.taken == []
    (told,) = notify.alerts.events
    assert isinstance(told, AlertSuppressed)
    assert told.reason == "erased"


async def test_nothing_leads_to_the_requester_when_they_were_told() -> None:
    notify, event = Notify(), submitted()
    await notify.hear(event, assigned(event.consultation))
    answered = moved(ConsultationAnswered, event.consultation, 3, notify.clock())
    await notify.hear(answered)
    await notify.look(after=timedelta(hours=1))
    alerts = await notify.alerts.of_consultation(event.consultation)
    (officers,) = [one for one in alerts if one.recipient != "requester"]
    for one in alerts:
        if one.recipient == "requester":
            named = replace(one, state="sent", provider_id="p", receipt_chain="c")
            notify.alerts.kept[one.id] = named
    before = len(notify.told())
    for _ in range(2):
        await notify.hear(moved(ConsultationErased, event.consultation, 4, notify.clock()))
    for one in await notify.alerts.of_consultation(event.consultation):
        if one.recipient == "requester":
            assert (one.provider_id, one.receipt_chain) == (None, None)
    assert await notify.alerts.get(officers.id) == officers
    assert len(notify.told()) == before


async def test_case_is_in_no_digest_when_the_consultation_was_erased() -> None:
    notify, event = Notify(), submitted()
    given = assigned(event.consultation)
    await notify.hear(event, given)
    assert await notify.cases.open_of_officer(given.officer)
    await notify.hear(moved(ConsultationErased, event.consultation, 2, notify.clock()))
    assert not await notify.cases.open_of_officer(given.officer)


async def test_forgetting_waits_when_an_alert_is_on_its_way() -> None:
    notify, event = Notify(), submitted()
    await notify.hear(event)
    (alert,) = await notify.alerts.of_consultation(event.consultation)
    notify.alerts.kept[alert.id] = replace(alert, state="claimed")
    with pytest.raises(TryLater):
        await notify.hear(moved(ConsultationErased, event.consultation, 2, notify.clock()))
