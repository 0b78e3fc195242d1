"""The channels: what they hand over, and how they tell failures apart."""

from typing import Any

import pytest
from aiosmtpd.controller import Controller

from klik.nodes import free_port
from services.notify.message import Message
from services.notify.senders import make_senders
from services.notify.senders.base import NotSent, Order
from services.notify.senders.log import LogSender
from services.notify.senders.smtp import SmtpSender
from services.notify.settings import NotifySettings

MESSAGE = Message("Konsultasi baru", "Baca di sini", None, "Baru", "case.assigned", "id", ())
ORDER = Order("0123", "petugas@klikdesa.example", MESSAGE)


async def test_the_log_channel_writes_neither_text_nor_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "services")
    assert await LogSender().send(ORDER) is None
    assert "petugas" not in caplog.text
    assert MESSAGE.text not in caplog.text


class Mailbox:
    """An SMTP server's handler: keeps what it takes, answers `reply` to recipients."""

    def __init__(self, reply: str = "250 OK") -> None:
        self.reply = reply
        self.envelopes: list[Any] = []

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


def smtp(port: int) -> SmtpSender:
    sender = make_senders(settings(alert_channel="smtp", smtp_port=port))["smtp"]
    assert isinstance(sender, SmtpSender)
    return sender


def settings(**values: Any) -> NotifySettings:
    return NotifySettings.model_validate({"keyring": "[]", "intake_key": "none", **values})


@pytest.fixture
def mailbox(request: pytest.FixtureRequest) -> Any:
    box = Mailbox(getattr(request, "param", "250 OK"))
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, controller.port
    controller.stop()


async def test_an_email_is_taken_by_a_real_server_with_a_stable_message_id(mailbox: Any) -> None:
    box, port = mailbox
    provider_id = await smtp(port).send(ORDER)
    (envelope,) = box.envelopes
    assert envelope.rcpt_tos == ["petugas@klikdesa.example"]
    assert provider_id == "<0123@klikdesa>"
    assert f"Message-ID: {provider_id}".encode() in envelope.content


@pytest.mark.parametrize(
    ("mailbox", "because", "permanent"),
    [("550 no such user", "smtp_550", True), ("451 try later", "smtp_451", False)],
    indirect=["mailbox"],
)
async def test_refusals_are_told_apart(mailbox: Any, because: str, permanent: bool) -> None:
    _, port = mailbox
    with pytest.raises(NotSent) as refused:
        await smtp(port).send(ORDER)
    assert (refused.value.because, refused.value.permanent) == (because, permanent)


async def test_a_server_that_is_away_may_come_back() -> None:
    with pytest.raises(NotSent) as away:
        await smtp(free_port()).send(ORDER)
    assert not away.value.permanent


def test_the_log_takes_everything_where_it_is_all_there_is() -> None:
    assert set(make_senders(settings())) == {"log"}
