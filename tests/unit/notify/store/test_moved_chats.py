"""Telegram groups that became supergroups, against a server that says so as Telegram does."""

import logging
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from services.notify.channels.http import Http
from services.notify.channels.telegram import TelegramSender
from services.notify.domain.recipients import Address, Contact
from tests.peers.http import Answer, Request
from tests.peers.telegram import TelegramPeer
from tests.support.builders import assigned, submitted
from tests.support.services.notify import OFFICER, Notify

BOT = "123456:AA-rahasia_token"
GROUP, SUPERGROUP = "-4012345678", "-1001234567890"


class Peer(TelegramPeer):
    """`moved_to`: what it names for a group that moved, once a test has something else in mind."""

    moved_to: object = None

    async def answer(self, request: Request) -> Answer:
        given = await super().answer(request)
        if self.moved_to is not None and "parameters" in given.document:
            given.document["parameters"] = {"migrate_to_chat_id": self.moved_to}
        return given


@pytest.fixture
async def peer() -> AsyncGenerator[Peer, None]:
    async with Peer(BOT, {GROUP: "upgraded", SUPERGROUP: "open"}) as running:
        yield running


@pytest.fixture
async def notify(peer: Peer) -> AsyncGenerator[Notify, None]:
    http, made = Http(), Notify(channels=("telegram",), receipt_wait=timedelta())
    made.senders["telegram"] = TelegramSender(  # type: ignore[assignment]
        http, url=peer.url, token=SecretStr(BOT)
    )
    made.recipients.change(
        OFFICER, channels=(Address("email", "budi@klikdesa.example"), Address("telegram", GROUP))
    )
    yield made
    await http.close()


def chats(peer: TelegramPeer) -> list[str]:
    return [str(request.document().get("chat_id")) for request in peer.requests]


async def test_officer_is_told_in_the_supergroup_when_the_group_became_one(
    notify: Notify, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await notify.hear(assigned())
        await notify.look()
    assert notify.alert().state == "sent"
    assert chats(peer) == [GROUP, SUPERGROUP]
    entry = notify.recipients.kept[OFFICER]
    assert entry.channels == (
        Address("email", "budi@klikdesa.example"),
        Address("telegram", SUPERGROUP),
    )
    assert entry.version == 2
    assert SUPERGROUP.lstrip("-") not in caplog.text + repr(notify.alerts.events)
    await notify.hear(assigned())
    await notify.look()
    assert chats(peer)[2:] == [SUPERGROUP]


async def test_requester_is_told_in_the_supergroup_when_the_group_became_one(
    notify: Notify, peer: Peer
) -> None:
    notify.requesters.answer = Contact("telegram", GROUP, "KD-2611-7QX3MZ")
    for _ in range(2):
        await notify.hear(submitted(reachable=True))
        await notify.look()
    told = [one.state for one in notify.alerts.kept.values() if one.recipient == "requester"]
    assert told == ["sent", "sent"]
    assert chats(peer) == [GROUP, SUPERGROUP, SUPERGROUP]


@pytest.mark.parametrize("opted_out", [GROUP, SUPERGROUP])
async def test_opt_out_holds_when_the_group_became_another(
    notify: Notify, peer: Peer, opted_out: str
) -> None:
    notify.requesters.answer = Contact("telegram", GROUP, "KD-2611-7QX3MZ")
    await notify.hear(submitted(reachable=True))
    await notify.look()
    assert notify.alert("requester").state == "sent"
    await notify.opt_outs.put(Address("telegram", opted_out), out=True)
    notify.alerts.kept.clear()
    await notify.hear(submitted(reachable=True))
    await notify.look()
    assert notify.alert("requester").reason == "opted_out"


@pytest.mark.parametrize("moved_to", [True, "-100123", 0, -1.5, [], {}, 10**30, int(GROUP)])
async def test_group_is_of_no_use_when_what_is_named_is_no_other_chat(
    notify: Notify, peer: Peer, moved_to: object
) -> None:
    peer.moved_to = moved_to
    await notify.hear(assigned())
    await notify.look()
    assert notify.alert().state == "failed"
    assert Address("telegram", GROUP) in notify.recipients.kept[OFFICER].channels
