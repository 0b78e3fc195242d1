"""Telegram, the Cloud API and the gateway against servers that refuse what the real ones do."""

import logging
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from services.notify.channels.base import NotSent, Order, Sender, provider_id
from services.notify.channels.http import Http
from services.notify.channels.telegram import TelegramSender
from services.notify.channels.whatsapp_cloud import WhatsAppCloudSender, message_key, refusal
from services.notify.channels.whatsapp_gateway import WhatsAppGatewaySender
from tests.peers.http import Fault
from tests.peers.telegram import TelegramPeer
from tests.peers.whatsapp_cloud import WhatsAppCloudPeer
from tests.peers.whatsapp_gateway import WhatsAppGatewayPeer
from tests.support.orders import TEXT, an_order, outcome, refused

BOT = "123456:AA-rahasia_token"
TOKEN = "RAHASIA-TOKEN"
CHAT = "987654321"
PHONE = "+628123456789"


@pytest.fixture
async def http() -> AsyncGenerator[Http, None]:
    client = Http()
    yield client
    await client.close()


@pytest.fixture
async def bot() -> AsyncGenerator[TelegramPeer, None]:
    async with TelegramPeer(BOT, {CHAT: "open"}) as peer:
        yield peer


@pytest.fixture
async def meta() -> AsyncGenerator[WhatsAppCloudPeer, None]:
    async with WhatsAppCloudPeer(TOKEN, "1055") as peer:
        peer.numbers = {PHONE}
        peer.templates = {("case_assigned", "id"): 2}
        yield peer


@pytest.fixture
async def fonnte() -> AsyncGenerator[WhatsAppGatewayPeer, None]:
    async with WhatsAppGatewayPeer(TOKEN, {PHONE[1:]}) as peer:
        yield peer


def telegram(http: Http, peer: TelegramPeer, token: str = BOT) -> TelegramSender:
    return TelegramSender(http, url=peer.url, token=SecretStr(token))


def cloud(http: Http, peer: WhatsAppCloudPeer, number: str = "1055") -> WhatsAppCloudSender:
    url = f"{peer.url}/v23.0"
    return WhatsAppCloudSender(http, url=url, phone_number_id=number, token=SecretStr(TOKEN))


def gateway(http: Http, peer: WhatsAppGatewayPeer, token: str = TOKEN) -> WhatsAppGatewaySender:
    return WhatsAppGatewaySender(http, url=peer.url, token=SecretStr(token))


async def test_telegram_takes_the_short_text_and_opens_no_link(
    http: Http, bot: TelegramPeer
) -> None:
    sender, order = telegram(http, bot), an_order(CHAT)
    assert [await sender.send(order) for _ in range(3)] == ["1", "2", "3"]
    assert bot.taken[0]["text"] == order.message.short
    assert bot.taken[0]["link_preview_options"] == {"is_disabled": True}
    assert bot.connections == 1


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        ("blocked", ("telegram_403", True, True)),
        ("deactivated", ("telegram_403", True, True)),
        ("not_started", ("telegram_403", True, True)),
        ("upgraded", ("address_moved", True, True)),
    ],
)
async def test_telegram_tells_chats_that_are_of_no_use(
    http: Http, bot: TelegramPeer, chat: str, expected: tuple[str, bool, bool]
) -> None:
    bot.chats[CHAT] = chat  # type: ignore[assignment]
    assert outcome(await refused(telegram(http, bot), an_order(CHAT))) == expected


async def test_telegram_tells_the_chat_the_message_and_the_token_apart(
    http: Http, bot: TelegramPeer
) -> None:
    sender = telegram(http, bot)
    assert outcome(await refused(sender, an_order("111"))) == ("telegram_400", True, True)
    for text in ("", "x" * 4097):
        failure = await refused(sender, an_order(CHAT, short=text))
        assert outcome(failure) == ("telegram_400", True, False)
    for token in ("123456:revoked", "nonsense"):
        failure = await refused(telegram(http, bot, token), an_order(CHAT))
        assert outcome(failure) == ("telegram_token", False, False)
    asked = len(bot.requests)
    assert outcome(await refused(sender, an_order("a@b\n"))) == ("bad_address", True, True)
    assert len(bot.requests) == asked


async def test_telegram_says_how_long_to_wait(http: Http, bot: TelegramPeer) -> None:
    bot.retry_after = 34
    bot.fail("busy")
    failure = await refused(telegram(http, bot), an_order(CHAT))
    assert outcome(failure) == ("rate_limited", False, False)
    assert failure.retry_after == timedelta(seconds=34)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("error", "telegram_500"),
        ("close", "connection_lost"),
        ("lost", "connection_lost"),
        ("flood", "telegram_reply"),
        ("redirect", "telegram_307"),
        ("hang", "timeout"),
    ],
)
async def test_a_provider_that_fails_is_tried_again_and_the_next_send_works(
    http: Http, bot: TelegramPeer, fault: Fault, reason: str
) -> None:
    sender = telegram(http, bot)
    hasty = Http(timeout=0.05)
    bot.fail(fault)
    failure = await refused(telegram(hasty, bot) if fault == "hang" else sender, an_order(CHAT))
    await hasty.close()
    assert outcome(failure) == (reason, False, False)
    assert len(bot.requests) <= 1  # no redirect followed
    bot.heal()
    assert await sender.send(an_order(CHAT))


async def test_a_yes_that_is_cut_in_the_middle_is_not_sent_twice(
    http: Http, bot: TelegramPeer, meta: WhatsAppCloudPeer, fonnte: WhatsAppGatewayPeer
) -> None:
    for peer in (bot, meta, fonnte):
        peer.fail("cut")
    assert await telegram(http, bot).send(an_order(CHAT)) is None
    assert await cloud(http, meta).send(an_order(PHONE)) is None
    assert await gateway(http, fonnte).send(an_order(PHONE)) is None
    assert (len(bot.taken), len(meta.taken), len(fonnte.taken)) == (1, 1, 1)


async def test_a_provider_that_is_away(http: Http) -> None:
    async with TelegramPeer(BOT) as peer:
        sender = telegram(http, peer)
    assert outcome(await refused(sender, an_order(CHAT))) == ("unreachable", False, False)


async def test_of_many_sends_to_a_provider_that_fails_some_none_is_lost_or_doubled(
    http: Http, bot: TelegramPeer
) -> None:
    sender = telegram(http, bot)
    bot.fail("error", share=0.3)
    failed = 0
    for number in range(60):
        order = an_order(CHAT, short=f"nomor {number}")
        while True:
            try:
                await sender.send(order)
                break
            except NotSent:
                failed += 1
    assert [one["text"] for one in bot.taken] == [f"nomor {number}" for number in range(60)]
    assert failed > 5


async def test_whatsapp_sends_a_text_within_the_window_and_a_template_outside(
    http: Http, meta: WhatsAppCloudPeer
) -> None:
    meta.sessions = {PHONE}
    sender, order = cloud(http, meta), an_order(PHONE, in_session=True)
    id_ = await sender.send(order)
    assert id_ == message_key("wamid.628123456789=1")
    assert "8123456789" not in id_
    assert meta.taken[0]["text"] == {"body": order.message.short, "preview_url": False}
    assert meta.taken[0]["biz_opaque_callback_data"] == order.id
    assert await sender.send(an_order(PHONE))
    template = meta.taken[1]["template"]
    assert (template["name"], template["language"]) == ("case_assigned", {"code": "id"})
    given = [one["text"] for one in template["components"][0]["parameters"]]
    assert given == [f"{TEXT} Dana Desa", "Rapak Lambur"]


async def test_whatsapp_falls_back_to_the_template_once_where_the_window_has_closed(
    http: Http, meta: WhatsAppCloudPeer
) -> None:
    sender = cloud(http, meta)
    assert await sender.send(an_order(PHONE, in_session=True))
    assert [one["type"] for one in meta.taken] == ["template"]
    assert len(meta.requests) == 2
    meta.error = (131047, 400)
    failure = await refused(sender, an_order(PHONE, in_session=True))
    assert outcome(failure) == ("whatsapp_131047", False, False)
    assert len(meta.requests) == 4


async def test_whatsapp_variables_are_made_such_that_meta_takes_them(
    http: Http, meta: WhatsAppCloudPeer
) -> None:
    meta.templates["plain", "en"] = 0
    await cloud(http, meta).send(an_order(PHONE, parameters=("a\nb\t  c      d", "")))
    (body,) = meta.taken[0]["template"]["components"]
    assert [one["text"] for one in body["parameters"]] == ["a b c d", "-"]
    assert await cloud(http, meta).send(
        an_order(PHONE, template="plain", language="en", parameters=())
    )


async def test_whatsapp_tells_numbers_templates_and_its_own_settings_apart(
    http: Http, meta: WhatsAppCloudPeer
) -> None:
    sender = cloud(http, meta)
    unknown = await refused(sender, an_order("+628999999999"))
    assert outcome(unknown) == ("whatsapp_131026", True, True)
    for wrong in ({"template": "nonsense"}, {"language": "en"}, {"parameters": ("one",)}):
        failure = await refused(sender, an_order(PHONE, **wrong))
        assert failure.reason in ("whatsapp_132001", "whatsapp_132000")
        assert (failure.permanent, failure.address_is_bad) == (False, False)
    failure = await refused(cloud(http, meta, "999"), an_order(PHONE))
    assert outcome(failure) == ("whatsapp_33", False, False)
    meta.token = "revoked"
    assert outcome(await refused(sender, an_order(PHONE))) == ("whatsapp_token", False, False)
    for address in ("08123456789", "628123456789", "+62812 345", PHONE + "\n"):
        failure = await refused(sender, an_order(address))
        assert outcome(failure) == ("bad_address", True, True)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        (131051, 400, ("whatsapp_131051", True, False)),
        (131000, 500, ("whatsapp_131000", False, False)),
        (131042, 402, ("whatsapp_131042", False, False)),
        (132015, 400, ("whatsapp_132015", False, False)),
        (200, 403, ("whatsapp_token", False, False)),
        (10, 403, ("whatsapp_token", False, False)),
        (100, 400, ("whatsapp_100", True, False)),
        (999999, 400, ("whatsapp_999999", True, False)),
        (999999, 503, ("whatsapp_999999", False, False)),
        (131048, 400, ("rate_limited", False, False)),
    ],
)
def test_what_metas_codes_mean(code: int, status: int, expected: tuple[str, bool, bool]) -> None:
    failure = refusal(code, status)
    assert outcome(failure) == expected
    assert (failure.retry_after is not None) == (failure.reason == "rate_limited")


async def test_whatsapp_failing_without_a_word_of_its_own_blames_no_number(
    http: Http, meta: WhatsAppCloudPeer
) -> None:
    meta.fail("error")
    failure = await refused(cloud(http, meta), an_order(PHONE))
    assert outcome(failure) == ("whatsapp_http_500", False, False)
    meta.fail("busy")
    assert (await refused(cloud(http, meta), an_order(PHONE))).retry_after


async def test_the_gateway_takes_a_number_without_its_plus(
    http: Http, fonnte: WhatsAppGatewayPeer
) -> None:
    order = an_order(PHONE)
    assert await gateway(http, fonnte).send(order) == "80367171"
    assert fonnte.taken == [{"target": PHONE[1:], "message": order.message.short}]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("token invalid", ("gateway_token", False, False)),
        ("target invalid", ("gateway_target", True, True)),
        ("insufficient quota", ("gateway_quota", False, False)),
        ("request invalid on disconnected device", ("gateway_device", False, False)),
        ("something new", ("gateway_refused", False, False)),
    ],
)
async def test_what_the_gateways_reasons_mean(
    http: Http, fonnte: WhatsAppGatewayPeer, reason: str, expected: tuple[str, bool, bool]
) -> None:
    fonnte.reason = reason
    assert outcome(await refused(gateway(http, fonnte), an_order(PHONE))) == expected


async def test_a_gateway_without_a_yes_is_asked_again(
    http: Http, fonnte: WhatsAppGatewayPeer
) -> None:
    sender, order = gateway(http, fonnte), an_order(PHONE)
    expected: list[tuple[Fault, str]] = [
        ("lost", "connection_lost"), ("error", "gateway_500"), ("flood", "gateway_reply"),
        ("busy", "rate_limited"),
    ]  # fmt: skip
    for fault, reason in expected:
        fonnte.fail(fault)
        assert outcome(await refused(sender, order)) == (reason, False, False)
    fonnte.fail("cut")
    fonnte.reason = "target invalid"
    assert outcome(await refused(sender, order)) == ("connection_lost", False, False)
    fonnte.reason = None
    fonnte.heal()
    wrong = await refused(gateway(http, fonnte, "wrong"), order)
    assert outcome(wrong) == ("gateway_token", False, False)
    unknown = await refused(sender, an_order("+628999999999"))
    assert outcome(unknown) == ("gateway_target", True, True)


async def test_no_token_address_or_text_is_logged_however_much_libraries_log(
    caplog: pytest.LogCaptureFixture,
    http: Http,
    bot: TelegramPeer,
    meta: WhatsAppCloudPeer,
    fonnte: WhatsAppGatewayPeer,
) -> None:
    for name in ("", "httpx", "httpcore", "services"):
        caplog.set_level(logging.DEBUG, name)
    senders: list[tuple[Sender, Order]] = [
        (telegram(http, bot), an_order(CHAT)),
        (cloud(http, meta), an_order(PHONE)),
        (gateway(http, fonnte), an_order(PHONE)),
    ]
    for sender, order in senders:
        await sender.send(order)
        for peer in (bot, meta, fonnte):
            peer.fail("close")
        await refused(sender, order)
        for peer in (bot, meta, fonnte):
            peer.heal()
    assert "HTTP Request" in caplog.text
    for secret in (BOT, TOKEN, TEXT, CHAT, PHONE[1:]):
        assert secret not in caplog.text


def test_a_providers_id_that_shows_an_address_or_fits_no_event_is_left_out() -> None:
    assert provider_id(17, CHAT) == "17"
    assert provider_id("80367170", PHONE) == "80367170"
    odd: list[object] = [f"x-{PHONE[1:]}", "with space", "a@b.example", "x" * 201, None, True, {}]
    for bad in odd:
        assert provider_id(bad, PHONE) is None
