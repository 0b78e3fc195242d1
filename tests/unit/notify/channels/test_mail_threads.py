"""E-mails as mail programs put them together.

`thunderbird`: by `References`, and `In-Reply-To` where there are none (jwz.org/doc/threading.html,
RFC 5256); a message that is referred to need not be there. `gmail`: the same subject but for
prefixes of replies, and references "that consistently refer to the same message ID" (Google
Workspace Updates, 29 March 2019).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from klik.preview import made_up, wanted
from services.notify.channels.base import Order
from services.notify.channels.smtp import compose
from services.notify.domain.alert import Alert
from services.notify.domain.recipients import Contact
from services.notify.jobs.digest import Digests
from services.notify.messages.renderer import Renderer
from services.notify.settings import NotifySettings
from shared.events import (
    CaseDeadlineMissed,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationQuestionAsked,
    ConsultationReopened,
    ConsultationReplyReceived,
)
from tests.support.builders import NOON, TENGGARONG, assigned, moved, submitted
from tests.support.orders import an_order
from tests.support.services.notify import OFFICER, Notify, an_alert, at

FROM = "Klik Desa Idaman <klik@klikdesa.example>"
HOUR = timedelta(hours=1)
Threads = list[set[str]]


def thunderbird(mails: Iterable[EmailMessage]) -> Threads:
    return _joined((mail, set(_references(mail))) for mail in mails)


def gmail(mails: Iterable[EmailMessage]) -> Threads:
    return _joined(
        (mail, {f"{_base_subject(mail)} {one}" for one in _references(mail)}) for mail in mails
    )


def _references(mail: EmailMessage) -> list[str]:
    ids = re.findall(r"<[^<>\s]+>", mail["References"] or mail["In-Reply-To"] or "")
    return [*ids, str(mail["Message-ID"])]


def _base_subject(mail: EmailMessage) -> str:
    return re.sub(r"^((re|fwd?):\s*)+", "", str(mail["Subject"]), flags=re.IGNORECASE)


def _joined(mails: Iterable[tuple[EmailMessage, set[str]]]) -> Threads:
    """Message-IDs by what they have in common, directly or by way of others."""
    groups: list[tuple[set[str], set[str]]] = []
    for mail, keys in mails:
        mine = ({str(mail["Message-ID"])}, keys)
        for group in [one for one in groups if one[1] & mine[1]]:
            groups.remove(group)
            mine = (mine[0] | group[0], mine[1] | group[1])
        groups.append(mine)
    return [ids for ids, _ in groups]


def read(order: Order, sender: str = FROM) -> EmailMessage:
    """The e-mail as its recipient's program reads it."""
    found = message_from_bytes(compose(order, sender)[0], policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def mails_to(notify: Notify, address: str) -> list[EmailMessage]:
    return [read(one) for one in notify.mail.taken if one.address == address]


async def heard(notify: Notify, *events: ConsultationEvent) -> None:
    for n, event in enumerate(events):
        notify.clock.now = max(notify.clock.now, NOON + n * timedelta(minutes=12))
        await notify.hear(event)
        await notify.look()


def life_of(consultation: UUID, **more: Any) -> list[ConsultationEvent]:
    case = assigned(consultation, **more)
    missed = CaseDeadlineMissed(
        id=uuid4(), consultation=consultation, sequence=2, region=TENGGARONG, time=NOON,
        satgas=case.satgas, officer=case.officer, due=NOON, late_seconds=0, clock="answer",
    )  # fmt: skip
    steps = [
        ConsultationAnswered, ConsultationReplyReceived, ConsultationQuestionAsked,
        ConsultationClosed, ConsultationReopened,
    ]  # fmt: skip
    said = [moved(cls, consultation, n, NOON) for n, cls in enumerate(steps, start=5)]
    return [submitted(consultation=consultation), case, missed, *said]


@pytest.mark.parametrize("program", [thunderbird, gmail])
async def test_all_about_a_consultation_is_one_thread_when_a_recipient_gets_several_mails(
    program: Callable[[Iterable[EmailMessage]], Threads],
) -> None:
    notify = Notify()
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    await heard(notify, *life_of(uuid4()))
    for address in ("warga@example.org", f"{OFFICER}@klikdesa.example"):
        mails = mails_to(notify, address)
        assert len(mails) >= 3
        assert len(program(mails)) == 1, address


@pytest.mark.parametrize("program", [thunderbird, gmail])
async def test_two_consultations_are_two_threads_when_topic_and_place_are_the_same(
    program: Callable[[Iterable[EmailMessage]], Threads],
) -> None:
    notify = Notify()
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    first, second = life_of(uuid4()), life_of(uuid4())
    await heard(notify, *(event for pair in zip(first, second, strict=True) for event in pair))
    mails = mails_to(notify, f"{OFFICER}@klikdesa.example")
    assert len(mails) >= 6
    assert len(program(mails)) == 2


@pytest.mark.parametrize("program", [thunderbird, gmail])
async def test_a_digest_stays_by_itself_when_there_are_mails_about_its_cases(
    program: Callable[[Iterable[EmailMessage]], Threads],
) -> None:
    notify = Notify()
    notify.recipients.change(OFFICER, digest=True)
    await heard(notify, *life_of(uuid4())[:3])
    about_the_case = len(mails_to(notify, f"{OFFICER}@klikdesa.example"))
    notify.clock.now = at("2026-11-25", "08:00")
    await Digests(notify.alerts, notify.recipients, notify.office, notify.clock).tick()
    await notify.look()
    mails = mails_to(notify, f"{OFFICER}@klikdesa.example")
    assert len(mails) == about_the_case + 1
    assert sorted(map(len, program(mails))) == [1, about_the_case]


async def test_the_news_stands_at_the_top_of_the_letter_when_the_subject_tells_none() -> None:
    notify = Notify()
    notify.requesters.answer = Contact("email", "warga@example.org", "KD-7F3K-9QXM")
    await heard(notify, *life_of(uuid4()))
    mails = mails_to(notify, "warga@example.org")
    body = mails[-1].get_body(("plain",))
    assert {str(mail["Subject"]) for mail in mails} == {"[Klik Desa] Tiket KD-7F3K-9QXM"}
    assert body is not None
    assert "KD-7F3K-9QXM" in body.get_content().splitlines()[0]


TOLD = [one for one in wanted(None, None) if made_up(*one).consultation is not None]
CONSULTATIONS = [uuid4() for _ in range(3)]
TEXTS = Renderer("https://klik.example")


def mail_of(alert: Alert) -> EmailMessage:
    ticket = f"KD-{alert.consultation}" if alert.recipient_kind == "requester" else None
    message = TEXTS.render(alert.facts(ticket=ticket), "id")
    return read(Order(alert.order_id, "a@b.example", message, alert.thread))


@pytest.mark.parametrize("program", [thunderbird, gmail])
@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(TOLD), st.sampled_from(CONSULTATIONS), st.integers(1, 3)),
        max_size=25,
    )
)
def test_threads_are_those_of_consultation_and_recipient_when_anything_is_told_in_any_order(
    program: Callable[[Iterable[EmailMessage]], Threads],
    told: Sequence[tuple[tuple[str, Any], UUID, int]],
) -> None:
    expected: dict[tuple[UUID, str], set[str]] = {}
    mails = []
    for number, ((event, kind), consultation, edition) in enumerate(told):
        alert = an_alert(
            id=f"{number:032x}", event=event, recipient=kind, recipient_kind=kind,
            consultation=consultation, edition=edition,
        )  # fmt: skip
        mails.append(mail_of(alert))
        expected.setdefault((consultation, kind), set()).add(str(mails[-1]["Message-ID"]))
    assert sorted(map(sorted, program(mails))) == sorted(map(sorted, expected.values()))


# The host of ids

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOSTS = st.builds(".".join, st.lists(LABELS, min_size=1, max_size=3)).flatmap(
    lambda host: st.sampled_from(["go.id", "example", "xn--p1ai"]).map(lambda top: f"{host}.{top}")
)


@given(HOSTS)
def test_ids_are_of_the_senders_host_when_it_is_any(host: str) -> None:
    mail = read(replace(an_order("a@b.example"), id="a" * 32), f"Klik Desa <klik@{host}>")
    assert str(mail["Message-ID"]) == f"<{'a' * 32}@{host}>"
    assert mail_settings(f"Klik Desa <klik@{host}>").smtp_from


def mail_settings(sender: str) -> NotifySettings:
    secrets: dict[str, Any] = {
        "amqp_url": "amqp://x", "mongo_url": "mongodb://x", "keyring": "x", "event_keys": "{}",
        "intake_key": "x", "opt_out_key": "x" * 16, "webhook_keys": f"1:{'A' * 43}=",
    }  # fmt: skip
    return NotifySettings(smtp_host="mail.example", smtp_from=sender, **secrets)


@pytest.mark.parametrize(
    "host",
    [
        "klikdesa",
        "localhost",
        "[127.0.0.1]",
        "10.0.0.1",
        "désa.example",
        "a..example",
        "-a.example",
    ],
)
def test_notify_does_not_start_when_the_senders_host_is_none_of_the_internet(host: str) -> None:
    with pytest.raises(ValidationError, match="KLIK_SMTP_FROM"):
        mail_settings(f"Klik Desa <klik@{host}>")
