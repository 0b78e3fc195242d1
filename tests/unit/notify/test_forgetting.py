"""What requesters are not told: of what was erased, and beyond what one address gets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.channels.base import NotSent
from services.notify.domain.recipients import Contact
from shared.errors import TryLater
from shared.events import AlertFailed, AlertSuppressed, ConsultationAnswered, ConsultationErased
from shared.limits.buckets import Buckets, Rate
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


async def test_address_is_told_no_more_when_it_was_told_a_lot_about_whatever() -> None:
    """Whoever posts may leave anybody's: officers, and other addresses, are told all the same."""
    notify = Notify(messages=Buckets("messages-by-address", Rate(100 / 86_400, 3)))
    notify.requesters.answer = Contact("email", "korban@contoh.example", "KD-1")
    posted = [submitted() for _ in range(5)]
    for event in posted:
        await notify.hear(event)
    await notify.look(after=timedelta(minutes=2))
    victims = [one for one in notify.mail.taken if one.address == "korban@contoh.example"]
    assert len(victims) == 3
    failed = [one for one in notify.told("requester") if isinstance(one, AlertFailed)]
    assert [one.reason for one in failed] == ["too_many"] * 2

    notify.requesters.answer = Contact("email", "KORBAN@contoh.example", "KD-2")
    await notify.hear(submitted())
    await notify.look(after=timedelta(minutes=2))
    notify.requesters.answer = Contact("email", "lain@contoh.example", "KD-3")
    await notify.hear(submitted(), assigned(posted[0].consultation))
    await notify.look(after=timedelta(minutes=2))
    last = {one.address.casefold() for one in notify.mail.taken[3:]}
    assert "korban@contoh.example" not in last
    assert "lain@contoh.example" in last
    assert len(notify.told()) == 1, "the officer"


async def test_attempts_that_reached_nobody_take_nothing_from_what_an_address_gets() -> None:
    notify = Notify(messages=Buckets("messages-by-address", Rate(100 / 86_400, 1)))
    notify.requesters.answer = Contact("email", "warga@contoh.example", "KD-1")
    notify.mail.failures = [NotSent("smtp_450", permanent=False)] * 3
    await notify.hear(submitted())
    for _ in range(8):
        await notify.look(after=timedelta(minutes=20))
    assert len(notify.mail.taken) == 1
