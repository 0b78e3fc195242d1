"""What providers call, as their public documentation has it: signed, repeated, out of order."""

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.notify.channels.callback_payloads import of_fonnte, of_meta
from services.notify.domain.recipients import Address, Contact, OptOutWish, wish_of
from services.notify.settings import CallbackSecrets
from shared.errors import Conflict
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.builders import assigned, submitted
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.services.notify import OFFICER, WHATSAPP_FIRST, Notify
from tests.support.services.notify_routes import notify_routes

SECRET, WORD, TOKEN, PHONE_ID = "app-secret", "verify-word", "gateway-token-0001", "106540352242922"
NUMBER = "628125555123"
META = "/v1/callbacks/whatsapp"
GATEWAY = f"/v1/callbacks/gateway/{TOKEN}"


@pytest.fixture
def notify() -> Notify:
    made = Notify(channels=("whatsapp", "email", "gateway"))
    made.recipients.change(OFFICER, channels=WHATSAPP_FIRST)
    return made


@pytest.fixture
async def client(notify: Notify) -> AsyncGenerator[httpx.AsyncClient, None]:
    app = create_http("notify", "", Keyring.parse(keyring_text()), lambda: True, None)
    secrets = CallbackSecrets(PHONE_ID, SECRET, WORD, TOKEN)
    app.include_router(
        notify_routes(
            notify.alerts,
            notify.recipients,
            opt_outs=notify.opt_outs,
            secrets=secrets,
            clock=notify.clock,
        )
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


def from_meta(**value: Any) -> dict[str, Any]:
    """As in Meta's reference of the `messages` webhook."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": PHONE_ID}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    change = {"value": whole, "field": "messages"}
    entry = {"id": "102290129340398", "changes": [change]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def a_status(order: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "wamid.HBgLMTQxMjU1NTA4MjkVAgARGBI4QzUyM0M3NzY3RkI4NzFFQTEA",
        "status": status,
        "timestamp": "1795492800",
        "recipient_id": NUMBER,
        "biz_opaque_callback_data": order,
        **more,
    }


UNDELIVERABLE = {"errors": [{"code": 131026, "title": "Message undeliverable"}]}


def a_text(body: str, at: str = "1795492800") -> dict[str, Any]:
    message = {"from": NUMBER, "id": "wamid.X", "timestamp": at, "type": "text"}
    return from_meta(
        contacts=[{"profile": {"name": "Budi"}, "wa_id": NUMBER}],
        messages=[message | {"text": {"body": body}}],
    )


async def post(
    client: httpx.AsyncClient, document: Any, secret: str = SECRET, **changes: str
) -> httpx.Response:
    body = json.dumps(document).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"} | changes
    return await client.post(META, content=body, headers=headers)


async def told_by_whatsapp(notify: Notify) -> str:
    """The order's id of what the officer was told."""
    await notify.hear(assigned())
    await notify.look()
    (order,) = notify.senders["whatsapp"].taken
    return order.id


# Who is let in


async def test_meta_learns_that_the_address_is_ours(client: httpx.AsyncClient) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": WORD}
    reply = await client.get(META, params=asked)
    assert (reply.status_code, reply.text) == (200, "1158201444")
    assert reply.headers["content-type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "x"}, {"hub.verify_token": ""}, {"hub.mode": "other"}):
        assert (await client.get(META, params=asked | wrong)).status_code == 403


async def test_what_meta_did_not_sign_changes_nothing(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    order = await told_by_whatsapp(notify)
    before = notify.alert()
    document = from_meta(statuses=[a_status(order, "read")])
    for reply in (
        await post(client, document, "another-secret"),
        await post(client, document, **{"X-Hub-Signature-256": ""}),
        await post(client, document, **{"X-Hub-Signature-256": f"sha256={'0' * 64}"}),
        await client.post(META, json=document),
    ):
        assert reply.status_code == 403
    assert notify.alert() is before
    # nor is anybody let in where nothing is set
    app = create_http("notify", "", Keyring.parse(keyring_text()), lambda: True, None)
    nothing = CallbackSecrets("", "", "", "")
    app.include_router(
        notify_routes(
            notify.alerts,
            notify.recipients,
            opt_outs=notify.opt_outs,
            secrets=nothing,
            clock=notify.clock,
        )
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as closed:
        assert (await post(closed, document, "")).status_code == 403
        assert (await closed.get(META, params={"hub.mode": "subscribe"})).status_code == 403
        assert (await closed.post(GATEWAY, json={})).status_code == 404


async def test_a_gateway_without_the_token_finds_nothing(client: httpx.AsyncClient) -> None:
    for token in ("x", TOKEN[:-1], f"{TOKEN}1"):
        reply = await client.post(f"/v1/callbacks/gateway/{token}", json={"id": "1"})
        assert reply.status_code == 404


@pytest.mark.parametrize(
    "document",
    [
        {}, [], None, "x", {"entry": "x"}, {"entry": [{"changes": [None, {"value": 7}]}]},
        from_meta(statuses=[{"id": 1, "status": {}}, "x"], messages=[{"from": 7}]),
        from_meta(statuses=[a_status("unknown", "delivered")]),
        from_meta(statuses=[a_status("a" * 32, "deleted")]),
    ],
)  # fmt: skip
async def test_what_is_unknown_is_passed_over(client: httpx.AsyncClient, document: Any) -> None:
    assert (await post(client, document)).status_code == 200
    body = json.dumps(document).encode()
    reply = await client.post(GATEWAY, content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 200


# Reports


async def test_reports_are_shown_whatever_their_order_and_number(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    order = await told_by_whatsapp(notify)
    for status in ("read", "sent", "delivered", "read"):
        reply = await post(client, from_meta(statuses=[a_status(order, status)]))
        assert reply.status_code == 200
    shown = await client.get(f"/v1/alerts/{order}", headers=bearer(KEYS[Role.ADMIN]))
    assert (shown.json()["state"], shown.json()["receipt"]) == ("sent", "read")
    assert [one["what"] for one in shown.json()["log"]] == ["queued", "sent", "read"]
    assert NUMBER not in repr(notify.alerts.kept)


async def test_a_late_failure_sets_off_the_next_channel_once(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    order = await told_by_whatsapp(notify)
    for _ in range(3):
        await post(client, from_meta(statuses=[a_status(order, "failed", **UNDELIVERABLE)]))
        await notify.look()
    assert [one.address for one in notify.mail.taken] == ["budi@klikdesa.example"]
    steps = [(one.what, one.code) for one in notify.alert().log]
    assert steps[2:] == [("returned", "whatsapp_131026"), ("sent", None)]
    assert [type(one).__name__ for one in notify.told()] == ["AlertSent", "AlertSent"]


async def test_a_late_failure_on_the_last_channel_is_a_failure(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    notify.recipients.change(OFFICER, channels=WHATSAPP_FIRST[:1])
    order = await told_by_whatsapp(notify)
    for _ in range(2):
        await post(client, from_meta(statuses=[a_status(order, "failed", **UNDELIVERABLE)]))
        await notify.look()
    assert len(notify.senders["whatsapp"].taken) == 1
    assert (notify.alert().state, notify.alert().reason) == ("failed", "whatsapp_131026")
    assert [type(one).__name__ for one in notify.told()] == ["AlertSent", "AlertFailed"]


async def test_a_report_that_overtakes_our_record_is_asked_for_again(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    order = await told_by_whatsapp(notify)
    known = notify.alert()
    notify.alerts.kept[known.id] = replace(known, state="claimed")
    document = from_meta(statuses=[a_status(order, "delivered")])
    reply = await post(client, document)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
    notify.alerts.kept[known.id] = known
    assert (await post(client, document)).status_code == 200
    assert notify.alert().receipt == "delivered"


async def test_a_step_in_between_is_looked_at_again(
    client: httpx.AsyncClient, notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await told_by_whatsapp(notify)
    save, conflicts = notify.alerts.save, [Conflict("past")]

    async def contested(*step: Any) -> None:
        if conflicts:
            raise conflicts.pop()
        await save(*step)

    monkeypatch.setattr(notify.alerts, "save", contested)
    await post(client, from_meta(statuses=[a_status(order, "read")]))
    assert notify.alert().receipt == "read"


async def test_a_gateways_reports_are_found_by_its_ids(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    notify.recipients.change(OFFICER, channels=(Address("gateway", NUMBER), WHATSAPP_FIRST[1]))
    await notify.hear(assigned())
    await notify.look()
    told = {"device": "6281", "id": "provider-1", "stateid": "3EB0", "status": "sent"}
    later = {"device": "6281", "stateid": "3EB0", "state": "read"}
    for document in (told, told, later, {**later, "state": "delivered"}):
        assert (await client.post(GATEWAY, json=document)).status_code == 200
    assert (notify.alert().receipt, notify.alert().state) == ("read", "sent")


async def test_a_gateways_late_failure_sets_off_the_next_channel(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    notify.recipients.change(OFFICER, channels=(Address("gateway", NUMBER), WHATSAPP_FIRST[1]))
    await notify.hear(assigned())
    await notify.look()
    for _ in range(2):
        await client.post(GATEWAY, json={"id": "provider-1", "status": "Invalid"})
        await notify.look()
    assert len(notify.mail.taken) == 1
    assert "gateway_invalid" in {one.code for one in notify.alert().log}


# Who wants no more


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", "out"), (" berhenti. ", "out"), ("Berhenti!", "out"), ("MULAI", "in"),
        ("start", "in"), ("tolong berhenti dulu", None), ("", None), ("STOP STOP", None),
    ],
)  # fmt: skip
def test_which_words_are_wishes(text: str, wish: str | None) -> None:
    assert wish_of(text) == wish


async def test_who_answers_stop_gets_no_more_until_mulai(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    notify.requesters.answer = Contact("whatsapp", "0812-5555-123", "KD-7F3K-9QXM")

    async def tell() -> tuple[str, str | None]:
        event = submitted()
        await notify.hear(event)
        await notify.look(after=notify.receipt_wait)
        (alert,) = await notify.alerts.of_consultation(event.consultation)
        return alert.state, alert.reason

    assert await tell() == ("sent", None)
    for _ in range(2):
        assert (await post(client, a_text("Berhenti"))).status_code == 200
        assert await tell() == ("suppressed", "opted_out")
    reply = await client.post(
        GATEWAY, json={"device": "6281", "sender": NUMBER, "message": "MULAI"}
    )
    assert reply.status_code == 200
    assert await tell() == ("sent", None)
    button = {"from": NUMBER, "timestamp": "1795492801", "type": "button", "id": "wamid.Y"}
    await post(client, from_meta(messages=[button | {"button": {"text": "STOP", "payload": "x"}}]))
    assert await tell() == ("suppressed", "opted_out")
    # e-mail is another channel, and officers are told of their work
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    assert await tell() == ("sent", None)
    await notify.hear(assigned())
    await notify.look()
    assert notify.alert().state == "sent"


async def test_opt_out_is_put_by_offices_alone_when_a_requester_asks_them(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    body = {"channel": "email", "address": "warga@example.org", "opted_out": True}
    for role, status in ((Role.DPMD, 204), (Role.FRONTEND, 403), (Role.OFFICER, 403)):
        reply = await client.put("/v1/opt-outs", json=body, headers=bearer(KEYS[role]))
        assert reply.status_code == status
    assert await notify.opt_outs.has(Address("smtp", "warga@example.org"))
    again = body | {"opted_out": False}
    await client.put("/v1/opt-outs", json=again, headers=bearer(KEYS[Role.DPMD]))
    assert not await notify.opt_outs.has(Address("smtp", "warga@example.org"))
    for wrong, pointer in (("channel", "/channel"), ("opted_out", "/opted_out")):
        reply = await client.put(
            "/v1/opt-outs", json=body | {wrong: "x"}, headers=bearer(KEYS[Role.ADMIN])
        )
        assert [one["pointer"] for one in reply.json()["errors"]] == [pointer]


def test_wishes_carry_their_time_and_show_no_number() -> None:
    (wish,) = of_meta(a_text("STOP"), PHONE_ID)
    assert isinstance(wish, OptOutWish)
    assert (wish.number, wish.out) == (f"+{NUMBER}", True)
    assert wish.at is not None
    assert wish.at.timestamp() == 1795492800
    assert NUMBER not in repr(wish)
    assert list(of_meta(a_text("STOP"), "another number")) == []
    for at in ("", "x", "99999999999999", "-1", "²"):
        (wish,) = of_meta(a_text("STOP", at), PHONE_ID)
        assert isinstance(wish, OptOutWish)
        assert wish.at is None
    assert list(of_fonnte({"sender": "120363-group", "message": "STOP"})) == []


async def test_a_callback_may_carry_more_than_other_bodies(client: httpx.AsyncClient) -> None:
    many = from_meta(statuses=[a_status("a" * 32, "read") for _ in range(500)])
    assert len(json.dumps(many)) > 64 * 1024
    assert (await post(client, many)).status_code == 200


async def test_quiet_hours_go_on_counting_for_what_came_back(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    order = await told_by_whatsapp(notify)
    notify.clock.now += timedelta(hours=9)  # 21:00
    await post(client, from_meta(statuses=[a_status(order, "failed", **UNDELIVERABLE)]))
    await notify.look()
    assert (notify.mail.taken, notify.alert().reason) == ([], "quiet_hours")
