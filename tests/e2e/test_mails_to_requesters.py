"""What a requester finds in the mailbox: two replicas of notify, and a real mail server."""

import asyncio
import re
from collections.abc import AsyncGenerator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from klik.nodes import NodeUnavailable
from shared.times import utc_now
from tests.peers.smtp import SmtpPeer
from tests.support.backends import unavailable
from tests.support.builders import NOON, a_post
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

POSTS = 12
#: Seconds for an event to have become what it becomes, on a slow machine.
SETTLE = 60.0
#: Seconds that a receipt waits here: longer than an assignment takes on a slow machine.
RECEIPT_WAIT = 20


@pytest.fixture
async def mailbox() -> AsyncGenerator[SmtpPeer, None]:
    async with SmtpPeer() as peer:
        yield peer


@pytest.fixture
async def system(
    tmp_path_factory: pytest.TempPathFactory, mailbox: SmtpPeer
) -> AsyncGenerator[System, None]:
    ahead = round((NOON - utc_now()).total_seconds())
    env = {
        "KLIK_CLOCK_SHIFT": str(ahead),  # nobody sleeps
        "KLIK_SMTP_HOST": "127.0.0.1",
        "KLIK_SMTP_PORT": str(mailbox.port),
        "KLIK_SMTP_RATE": "1000",
        "KLIK_RECEIPT_WAIT": str(RECEIPT_WAIT),
    }
    try:
        async with running_system(tmp_path_factory.mktemp("mails"), env, notify=2) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


def warga(number: int) -> str:
    return f"warga{number}@example.org"


def mails(mailbox: SmtpPeer, address: str) -> list[EmailMessage]:
    found = [
        message_from_bytes(one.content, policy=policy.default)
        for one in mailbox.taken
        if one.rcpt_tos == [address]
    ]
    return [one for one in found if isinstance(one, EmailMessage)]


async def test_a_requester_gets_one_mail_of_receipt_and_assignment_and_one_thread_when_answered(
    system: System, mailbox: SmtpPeer
) -> None:
    async def post(number: int) -> str:
        contact = {"channel": "email", "address": warga(number)}
        reply = await system.post(a_post(requester={"role": "bpd", "contact": contact}))
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    async def all_over(joined: int) -> bool:
        found: dict[str, Any] = await system.get(
            "notify", "/v1/alerts", recipient="requester", limit="200"
        )
        sent = [one for one in found["alerts"] if one["state"] == "sent"]
        return len(sent) == len(found["alerts"]) == joined

    ids = await asyncio.gather(*map(post, range(POSTS)))
    await until(lambda: all_over(POSTS), SETTLE, "receipts and assignments to be told as one")
    got = {number: len(mails(mailbox, warga(number))) for number in range(POSTS)}
    assert got == dict.fromkeys(range(POSTS), 1)
    for number in range(POSTS):
        body = mails(mailbox, warga(number))[0].get_body(("plain",))
        assert body is not None
        assert "telah kami terima" in body.get_content()
        assert "ditugaskan" in body.get_content()

    said = await system.http.post(
        f"{system.url('intake')}/v1/consultations/{ids[0]}/messages",
        json={"kind": "answer", "body": "Sudah."},
        headers=system.bearer("dpmd"),
    )
    assert said.status_code == 200, said.text

    async def answered() -> bool:
        return len(mails(mailbox, warga(0))) == 2

    await until(answered, SETTLE, "the answer to be told")
    first, second = mails(mailbox, warga(0))
    assert first["Subject"] == second["Subject"]
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert str(first["Message-ID"]).endswith("@klikdesa.example>")
    await expect_link_to_open(system, second)
    others = {str(mails(mailbox, warga(number))[0]["References"]) for number in range(POSTS)}
    assert len(others) == POSTS


async def test_an_address_gets_no_more_mails_when_its_owner_stops_them_by_the_button_of_a_mail(
    system: System, mailbox: SmtpPeer
) -> None:
    """One that somebody else left, say."""
    stranger = "bukan-saya@example.org"

    async def post() -> str:
        contact = {"channel": "email", "address": stranger}
        reply = await system.post(a_post(requester={"role": "bpd", "contact": contact}))
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    async def became(consultation: str) -> list[tuple[str, str | None]]:
        found = await system.get("notify", "/v1/alerts", consultation=consultation)
        return [
            (one["state"], one["reason"])
            for one in found["alerts"]
            if one["recipient"] == "requester"
        ]

    async def press(**form: str) -> None:
        async with httpx.AsyncClient() as provider:
            link = urlsplit(str(mails(mailbox, stranger)[0]["List-Unsubscribe"]).strip("<>"))
            where = f"{system.url('notify')}{link.path}?{link.query}"
            assert (await provider.post(where, data=form)).status_code == 200

    async def told(times: int) -> bool:
        return len(mails(mailbox, stranger)) == times

    await post()
    await until(lambda: told(1), SETTLE, "the first consultation to be told")
    await press(**{"List-Unsubscribe": "One-Click"})
    second = await post()

    async def suppressed() -> bool:
        return await became(second) == [("suppressed", "opted_out")]

    await until(suppressed, SETTLE, "the second consultation not to be told")
    await press(lanjut="1")
    await post()
    await until(lambda: told(2), SETTLE, "the third consultation to be told")


async def expect_link_to_open(system: System, mail: EmailMessage) -> None:
    """The answer is read by what the mail has, without the PIN."""
    body = mail.get_body(("plain",))
    assert body is not None
    link = urlsplit(re.findall(r"http\S+/lacak\S*", body.get_content())[0])
    asked = dict(parse_qsl(link.query))
    assert asked.keys() == {"tiket", "izin"}
    async with httpx.AsyncClient(base_url=system.url("intake"), follow_redirects=True) as reader:
        page = await reader.post("/lacak", data=asked)
    assert (page.status_code, "Sudah." in page.text) == (200, True)
