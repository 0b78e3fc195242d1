"""E-mail against a real mail server."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.notify.channels.base import NotSent
from services.notify.channels.smtp import SmtpSender, Stage, check_head, compose, refusal
from tests.peers.smtp import Fault, SmtpPeer, self_signed
from tests.support.orders import TEXT, an_order, outcome, refused

WHO = "petugas@klikdesa.example"


def smtp(port: int, **changes: Any) -> SmtpSender:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Klik Desa Idaman <klik@klikdesa.example>",
    }
    return SmtpSender(**values | changes)


@pytest.fixture
async def mailbox() -> AsyncGenerator[SmtpPeer, None]:
    async with SmtpPeer() as peer:
        yield peer


@pytest.fixture
async def sender(mailbox: SmtpPeer) -> AsyncGenerator[SmtpSender, None]:
    found = smtp(mailbox.port)
    yield found
    await found.close()


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_an_email_has_both_texts_and_a_stable_id(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    order = an_order(WHO)
    assert await sender.send(order) == f"<{order.id}@klikdesa.example>"
    (envelope,) = mailbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("klik@klikdesa.example", [WHO])
    message = parsed(envelope.content)
    assert message["Message-ID"] == f"<{order.id}@klikdesa.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    parts = {part.get_content_type(): part for part in message.walk()}
    assert parts["text/plain"].get_content().splitlines() == order.message.text.splitlines()
    assert order.message.html
    assert parts["text/html"].get_content().strip() == order.message.html


async def test_mail_programs_are_told_where_to_stop_when_a_letter_can_be_stopped(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    where = "://klik.example/berhenti?izin=" + "X" * 64
    for unsubscribe in (f"https{where}", f"http{where}", None):
        await sender.send(an_order(WHO, unsubscribe=unsubscribe))
    stoppable, local, other = (parsed(one.content) for one in mailbox.taken)
    assert stoppable["List-Unsubscribe"] == f"<https{where}>"
    assert stoppable["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # by one click only where nobody on the way can press it: RFC 8058, section 4
    assert [name for name in local if name.startswith("List-")] == ["List-Unsubscribe"]
    assert not [name for name in other if name.startswith("List-")]


async def test_a_connection_is_used_again_closed_when_idle_and_made_anew_when_stale(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    for _ in range(3):
        await sender.send(an_order(WHO))
    assert mailbox.connections == 1
    mailbox.hang_up()
    await sender.send(an_order(WHO))
    assert mailbox.connections == 2
    at_once = smtp(mailbox.port, idle=0.0)
    for _ in range(2):
        mailbox.left.clear()
        await at_once.send(an_order(WHO))
        await asyncio.wait_for(mailbox.left.wait(), 5)
    assert mailbox.connections == 4


async def test_senders_at_the_same_time_share_a_few_connections(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    orders = [an_order(WHO, id=f"{number:032}") for number in range(10)]
    await asyncio.gather(*(sender.send(order) for order in orders))
    assert (len(mailbox.taken), mailbox.connections) == (10, sender.at_once)


@pytest.mark.parametrize(
    ("stage", "reply", "expected"),
    [
        ("RCPT", "550 5.1.1 no such user", ("smtp_550", True, True)),
        ("RCPT", "550 no such user", ("smtp_550", True, True)),
        ("RCPT", "550 5.7.1 relaying denied", ("smtp_550", True, False)),
        ("RCPT", "552 5.2.2 mailbox full", ("smtp_552", True, False)),
        ("RCPT", "451 4.7.1 greylisted", ("smtp_451", False, False)),
        ("RCPT", "530 5.7.0 authentication required", ("smtp_530", False, False)),
        ("MAIL", "550 5.1.8 sender unknown", ("smtp_550", True, False)),
        ("MAIL", "452 4.3.1 no room", ("smtp_452", False, False)),
        ("DATA", "554 5.7.1 looks like spam", ("smtp_554", True, False)),
        ("DATA", "421 4.3.2 closing", ("smtp_421", False, False)),
    ],
)
async def test_refusals_are_told_apart_and_the_connection_stays(
    mailbox: SmtpPeer,
    sender: SmtpSender,
    stage: Literal["MAIL", "RCPT", "DATA"],
    reply: str,
    expected: tuple[str, bool, bool],
) -> None:
    mailbox.reply[stage] = reply
    assert outcome(await refused(sender, an_order(WHO))) == expected
    mailbox.reply.clear()
    assert await sender.send(an_order(WHO))
    assert mailbox.connections == 1


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        ("recipient", 550, "5.2.1 closed", ("smtp_550", True, True)),
        ("recipient", 550, "5.1.7 bad sender", ("smtp_550", True, False)),
        ("recipient", 554, "refused", ("smtp_554", True, False)),
        ("recipient", 550, "4.2.0 odd", ("smtp_550", False, False)),
        ("session", 554, "no service here", ("smtp_554", False, False)),
        ("session", -1, "no reply at all", ("smtp_reply", False, False)),
    ],
)
def test_what_codes_mean(
    stage: Stage, code: int, text: str, expected: tuple[str, bool, bool]
) -> None:
    assert outcome(refusal(stage, code, text)) == expected


async def test_a_yes_that_is_cut_in_the_middle_is_not_sent_twice(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    mailbox.fail("cut")
    assert await sender.send(an_order(WHO))
    mailbox.heal()
    assert await sender.send(an_order(WHO))
    assert (len(mailbox.taken), mailbox.connections) == (2, 2)


async def test_without_a_word_an_email_is_sent_again_under_the_same_id(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    faults: tuple[Fault, ...] = ("close", "lost")
    for fault in faults:
        mailbox.fail(fault)
        failure = await refused(sender, an_order(WHO))
        assert outcome(failure) == ("connection_lost", False, False)
    mailbox.heal()
    assert await sender.send(an_order(WHO))
    one, two = (parsed(envelope.content)["Message-ID"] for envelope in mailbox.taken)
    assert one == two


async def test_a_slow_server_and_one_that_is_away(
    mailbox: SmtpPeer,
) -> None:
    sender = smtp(mailbox.port, timeout=2.0)
    await sender.send(an_order(WHO))
    mailbox.gate.clear()
    assert outcome(await refused(sender, an_order(WHO))) == ("timeout", False, False)
    mailbox.gate.set()
    assert await sender.send(an_order(WHO))
    await sender.close()
    async with SmtpPeer() as other:
        gone = smtp(other.port)
    assert outcome(await refused(gone, an_order(WHO))) == ("unreachable", False, False)


async def test_closing_does_not_wait_for_a_slow_server(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    mailbox.gate.clear()
    sending = asyncio.create_task(refused(sender, an_order(WHO)))
    await asyncio.wait_for(mailbox.asked.wait(), 5)
    await sender.close()
    assert outcome(await sending) == ("connection_lost", False, False)


async def test_starttls_with_a_login_and_a_certificate_of_ones_own(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "server.pem")
    async with SmtpPeer(certificate=certificate, login=("klik", "rahasia")) as peer:
        tls: dict[str, Any] = {"host": "localhost", "security": "starttls"}
        login = {"user": "klik", "password": SecretStr("rahasia"), "ca_file": certificate}
        right = smtp(peer.port, **tls, **login)
        assert await right.send(an_order(WHO))
        await right.close()
        wrong = smtp(peer.port, **tls, **login | {"password": SecretStr("other")})
        assert outcome(await refused(wrong, an_order(WHO))) == ("smtp_535", False, False)
        unknown_ca = smtp(peer.port, **tls)
        assert outcome(await refused(unknown_ca, an_order(WHO))) == ("smtp_tls", False, False)
        other = self_signed(tmp_path / "other.pem", "other.example")
        async with SmtpPeer(certificate=other) as impostor:
            wrong_name = smtp(impostor.port, **tls, ca_file=other)
            assert (await refused(wrong_name, an_order(WHO))).reason == "smtp_tls"
        plain = smtp(peer.port)
        assert outcome(await refused(plain, an_order(WHO))) == ("smtp_530", False, False)
        assert len(peer.taken) == 1


async def test_a_server_without_starttls_gets_no_email(mailbox: SmtpPeer) -> None:
    failure = await refused(smtp(mailbox.port, security="starttls"), an_order(WHO))
    assert outcome(failure) == ("smtp_unsupported", False, False)
    assert mailbox.taken == []


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: x@y.example", "a@b.example, x@y.example", "a@b.example\n", "",
        "Nama <a@b.example>", "a b@c.example", '"a b"@c.example', "a@b@c.example", "<a@b.example>",
        "a@b.example> SIZE=1", "petugas", "ä@b.example",
    ],
)  # fmt: skip
async def test_an_address_cannot_bring_headers_commands_or_other_recipients(
    mailbox: SmtpPeer, sender: SmtpSender, address: str
) -> None:
    with pytest.raises(NotSent) as found:
        await sender.send(an_order(address))
    assert outcome(found.value) == ("bad_address", True, True)
    assert mailbox.connections == 0


def test_a_subject_or_an_id_cannot_bring_headers() -> None:
    order = an_order(WHO, subject="a\r\nBcc: x@y.example\n\nb")
    message = parsed(compose(order, "k@klikdesa.example")[0])
    assert message["Subject"] == "a Bcc: x@y.example b"
    assert message["Bcc"] is None
    for brought in ("x\nBcc: x@y.example", "x\r\nBcc: x@y.example", "x\r\n\r\nhalo", "x\ry"):
        with pytest.raises(NotSent) as found:
            compose(an_order(WHO, id=brought), "k@klikdesa.example")
        assert outcome(found.value) == ("mail_header", True, False)


@pytest.mark.parametrize(
    "head",
    [
        b"From: a\r\nSubject: b\r\nBcc: c\r\n",
        b"From: a\r\nSubject: b\nBcc: c\r\n",
        b"From: a\r\nSubject: b\rBcc: c\r\n",
        b"From: a\r\nSubject: b\r\n\r\nBcc: c\r\n",
        b"From: a\r\n\r\n Subject: b\r\n",
        b"From: a\r\n",
        b" From: a\r\nSubject: b\r\n",
    ],
)
def test_head_is_refused_for_good_when_it_reads_otherwise_than_meant(head: bytes) -> None:
    with pytest.raises(NotSent) as found:
        check_head(head, ["From", "Subject"])
    assert outcome(found.value) == ("mail_header", True, False)


def test_head_is_taken_when_a_subject_is_folded() -> None:
    check_head(b"From: a\r\nSubject: b\r\n c\r\n\td\r\n", ["From", "Subject"])


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" \n=.–"))


@given(TEXTS, TEXTS, TEXTS)
def test_an_email_says_what_it_was_given_when_it_is_any_text(
    subject: str, text: str, html: str
) -> None:
    order = an_order(WHO, subject=subject, text=text, html=html)
    content, id_ = compose(order, "Kecamatan Désa <k@klikdesa.example>")
    message = parsed(content)
    assert message["Subject"] == " ".join(subject.split())
    assert (message["Message-ID"], message["To"]) == (id_, WHO)
    assert str(message["From"]) == "Kecamatan Désa <k@klikdesa.example>"
    plain, rich = message.iter_parts()
    for part, given_ in ((plain, text), (rich, html)):
        assert isinstance(part, EmailMessage)
        assert part.get_content().splitlines() == given_.splitlines() or not given_.strip("\n")
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 78
    assert all(byte < 128 for byte in content)


async def test_a_connection_that_the_server_is_closing_is_made_anew(
    mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    await sender.send(an_order(WHO))
    mailbox.reply["MAIL"] = "421 4.3.2 closing"
    assert outcome(await refused(sender, an_order(WHO))) == ("smtp_421", False, False)
    assert mailbox.connections == 2


async def test_no_address_text_or_password_is_logged(
    caplog: pytest.LogCaptureFixture, mailbox: SmtpPeer, sender: SmtpSender
) -> None:
    for name in ("", "aiosmtplib", "services"):
        caplog.set_level(logging.DEBUG, name)
    caplog.set_level(logging.CRITICAL, "mail.log")  # the peer's own
    await sender.send(an_order(WHO))
    mailbox.reply["RCPT"] = f"550 5.1.1 <{WHO}> unknown"
    await refused(sender, an_order(WHO))
    assert WHO not in caplog.text
    assert TEXT not in caplog.text
