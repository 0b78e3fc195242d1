"""Addresses as people write them: one for all spellings of it, and 422 for what is none."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.api.consultation_schemas import ConsultationView
from services.intake.domain.consultation import Private, submit
from services.intake.domain.submission import Submission
from services.notify.channels.base import E164
from services.notify.channels.callback_payloads import of_fonnte
from services.notify.channels.smtp import ADDRESS
from services.notify.domain.recipients import Address, Contact, OptOutWish
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.builders import NOON, a_post, submitted
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.services.intake import with_intake
from tests.support.services.notify import Notify
from tests.support.services.notify_routes import notify_routes

NUMBER = "+6281255551234"
SPELLINGS = [
    "+62 812 5555 1234",
    "0812-5555-1234",
    "081255551234",
    "(0812) 5555.1234",
    "+62 0812 5555 1234",
    "+62 (0)812-5555-1234",
    "(+62) 812 5555 1234",
    "6281255551234",
    "62081255551234",
    "0062812 5555 1234",
    "0062 (0)812 5555 1234",
    "81255551234",
    "'081255551234",
    "0812_5555_1234",
    "0812~5555~1234",
    "0812/5555/1234",
    "0812·5555·1234",
    "+62\N{NO-BREAK SPACE}812\N{NARROW NO-BREAK SPACE}5555\N{THIN SPACE}1234",
    "0812\N{NON-BREAKING HYPHEN}5555\N{EN DASH}1234",
    "0812\N{EM DASH}5555\N{MINUS SIGN}1234",
    "0812\N{SOFT HYPHEN}5555\N{ZERO WIDTH SPACE}1234",
    "\N{LEFT-TO-RIGHT EMBEDDING}+62 812-5555-1234\N{POP DIRECTIONAL FORMATTING}",
    "\N{LEFT-TO-RIGHT ISOLATE}0812-5555-1234\N{POP DIRECTIONAL ISOLATE}\N{RIGHT-TO-LEFT MARK}",
    "０８１２５５５５１２３４",
    "＋６２ （０）８１２－５５５５－１２３４",
    "٠٨١٢٥٥٥٥١٢٣٤",
    "wa.me/6281255551234",
    "https://wa.me/6281255551234",
    "https://wa.me/6281255551234?text=Halo%20Pak",
    "https://api.whatsapp.com/send?phone=6281255551234&text=Halo",
    "https://api.whatsapp.com/send/?text=Halo&phone=%2B6281255551234",
    "whatsapp://send?phone=6281255551234",
    "wa.me/081255551234",
    "tel:+62-812-5555-1234",
    "tel:0812-5555-1234;phone-context=+62",
    "TEL:+6281255551234",
]
NO_NUMBERS = [
    "bukan-nomor",
    "0812RAHASIA55",
    "0812 5555",
    "0812 5555 1234 5678 9",
    "0812 5555 1234 / 0813 5555 1234",
    "0812 5555 1234, 0813 5555 1234",
    "0812 5555 1234/35",
    "0812 5555 1234 ext. 5",
    "0812 5555 1234²",
    "+62 00812 5555 1234",
    "+62 62 812 5555 1234",
    "112",
    "+999 812 5555 1234",
    "0000000000",
    "12345678901",
    "warga@desa.id",
]
NO_EMAILS = [
    "bukan-alamat",
    "a@b@c.id",
    "warga @desa.id",
    "Warga <warga@desa.id>",
    "warga@desa",
    "warga@desa..id",
    "warga@-desa.id",
    ".warga@desa.id",
    "wärga@desa.id",
    "warga@[127.0.0.1]",
    "a@desa.id,b@desa.id",
    "0812 5555 1234",
    "=?utf-8?q?a=40y.id=2C_b?=@b.id",
    "=?utf-8?b?YUB5LmlkCg==?=@b.id",
    "x=?utf-8?q?a?=@b.id",
]
NO_CHATS = ["bukan obrolan", "nama", "@ab", "@1nama", "@nama-saya", "-", "0123", "1" * 20, "@" * 3]


@pytest.fixture
async def intake() -> AsyncGenerator[httpx.AsyncClient]:
    """As a front-end; `/contacts` is read as notify reads it."""
    app = create_http("intake", "", Keyring.parse(keyring_text()), lambda: True, None)
    store, clock = FakeConsultations(), Clock(NOON)
    with_intake(app, store, clock)
    headers = bearer(KEYS[Role.FRONTEND])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://i/v1", headers=headers
    ) as one:
        yield one


@pytest.fixture
def notify() -> Notify:
    return Notify(channels=("whatsapp", "email", "telegram"))


@pytest.fixture
async def desk(notify: Notify) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_http("notify", "", Keyring.parse(keyring_text()), lambda: True, None)
    routes = notify_routes(notify.alerts, notify.recipients, opt_outs=notify.opt_outs)
    app.include_router(routes)
    headers = bearer(KEYS[Role.ADMIN])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://n/v1", headers=headers
    ) as one:
        yield one


def from_somebody(channel: str, address: str) -> dict[str, Any]:
    return a_post(requester={"role": "bpd", "contact": {"channel": channel, "address": address}})


def reached_by(channel: str, address: str) -> dict[str, Any]:
    channels = [{"channel": channel, "address": address}]
    return {"role": "camat", "satgas": "64.02.06", "channels": channels}


async def kept(intake: httpx.AsyncClient, channel: str, address: str) -> Any:
    reply = await intake.post("/consultations", json=from_somebody(channel, address))
    assert reply.status_code == 202, reply.text
    asked = {"consultations": [reply.json()["id"]]}
    read = await intake.post("/contacts", json=asked, headers=bearer(KEYS[Role.NOTIFY]))
    (contact,) = read.json()["contacts"]
    return contact["address"]


# Numbers


@pytest.mark.parametrize("written", SPELLINGS)
@pytest.mark.parametrize("channel", ["whatsapp", "phone"])
async def test_number_is_kept_in_one_form_when_posted_in_any(
    intake: httpx.AsyncClient, channel: str, written: str
) -> None:
    assert await kept(intake, channel, written) == NUMBER


@pytest.mark.parametrize("written", SPELLINGS)
async def test_number_is_shown_in_one_form_when_put_for_a_recipient(
    desk: httpx.AsyncClient, written: str
) -> None:
    reply = await desk.put("/recipients/camat-64.02.06", json=reached_by("whatsapp", written))
    assert reply.status_code == 200, reply.text
    assert reply.json()["channels"] == [{"channel": "whatsapp", "address": NUMBER}]


@pytest.mark.parametrize(
    ("written", "spelt"), [*zip(SPELLINGS, SPELLINGS[1:] + SPELLINGS[:1], strict=True)]
)
async def test_opt_out_holds_for_the_number_when_spelt_otherwise(
    desk: httpx.AsyncClient, notify: Notify, written: str, spelt: str
) -> None:
    """Contacts that were kept before they were checked are spelt as their requesters spelt them."""
    body = {"channel": "whatsapp", "address": written, "opted_out": True}
    assert (await desk.put("/opt-outs", json=body)).status_code == 204
    notify.requesters.answer = Contact("whatsapp", spelt, "KD-7F3K-9QXM")
    event = submitted()
    await notify.hear(event)
    await notify.look(after=notify.receipt_wait)
    (alert,) = await notify.alerts.of_consultation(event.consultation)
    assert (alert.state, alert.reason) == ("suppressed", "opted_out")


@pytest.mark.parametrize(
    "sender",
    ["6281255551234", "+6281255551234", "6281255551234@s.whatsapp.net", "62081255551234",
     "081255551234"],
)  # fmt: skip
def test_stop_is_of_the_number_meant_when_a_provider_writes_it_otherwise(sender: str) -> None:
    wishes = [one for one in of_fonnte({"sender": sender, "message": "STOP"})]
    assert [(one.number, one.out) for one in wishes if isinstance(one, OptOutWish)] == [
        (NUMBER, True)
    ]


SEPARATORS = st.sampled_from(
    ["", "", " ", ".", "-", " - ", "/", "(", ") ", "\N{NO-BREAK SPACE}", "\N{EN DASH}",
     "\N{RIGHT-TO-LEFT MARK} "]
)  # fmt: skip
DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"])
STARTS = st.sampled_from(["0", "62", "+62", "+62 0", "+62 (0)", "0062", "+62-", "(+62)", ""])


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """A mobile number of Indonesia, and a way to write it."""
    own = "812" + draw(st.text("0123456789", min_size=7, max_size=8))
    digits = draw(DIGITS)
    groups = [own[:3], own[3:7], own[7:]]
    written = draw(STARTS) + "".join(draw(SEPARATORS) + one for one in groups)
    return f"+62{own}", "".join(digits[int(c)] if c in "0123456789" else c for c in written)


@given(spellings())
def test_alert_goes_to_the_number_meant_when_it_was_kept_in_an_old_spelling(
    spelt: tuple[str, str],
) -> None:
    number, written = spelt
    assert Address.meant("whatsapp", written).value == number
    assert Address.meant("gateway", written).value == number


@given(st.text(max_size=60) | st.text("+0812 ()-/.٣３", max_size=30))
def test_number_is_one_or_what_was_written_whatever_that_is(written: str) -> None:
    number = Address.meant("whatsapp", written).value
    assert number == written or E164.fullmatch(number)
    assert Address.meant("whatsapp", number).value == number


def test_number_is_shown_in_one_form_when_it_was_kept_in_an_old_spelling() -> None:
    post = Submission.model_validate(a_post())
    found, _ = submit(
        post, id_=uuid4(), event_id=uuid4(), ticket="KD-7F3K-9QXM", by="test-frontend", now=NOON
    )
    for written in SPELLINGS:
        contact = {"channel": "whatsapp", "address": written}
        seen = ConsultationView.of(found, Private("123456", contact=contact))
        assert seen.requester.contact == {"channel": "whatsapp", "address": NUMBER}


# What is no address

WRONG = [
    *(("whatsapp", one) for one in NO_NUMBERS),
    *(("phone", one) for one in NO_NUMBERS),
    ("whatsapp", "0541-661234"),  # a line in an office
    *(("email", one) for one in NO_EMAILS),
    *(("telegram", one) for one in NO_CHATS),
]


@pytest.mark.parametrize(("channel", "address"), WRONG)
async def test_address_is_refused_with_a_pointer_when_it_is_none(
    intake: httpx.AsyncClient, desk: httpx.AsyncClient, channel: str, address: str
) -> None:
    wrong = from_somebody(channel, address)
    reply = await intake.post("/consultations", json=wrong)
    assert reply.status_code == 422, reply.text
    assert pointers(reply.json()) == ["/requester/contact/address"]

    batch = await intake.post("/consultations:batch", json={"items": [a_post(), wrong]})
    right, refused = batch.json()["results"]
    assert (right["status"], refused["status"]) == (202, 422)
    assert pointers(refused) == ["/items/1/requester/contact/address"]

    put = await desk.put("/recipients/camat-64.02.06", json=reached_by(channel, address))
    if channel != "phone":  # no sender of ours, and no kind of address to notify
        assert put.status_code == 422, put.text
        assert pointers(put.json()) == ["/channels/0/address"]
    if channel in ("email", "telegram"):
        body = {"channel": channel, "address": address, "opted_out": True}
        out = await desk.put("/opt-outs", json=body)
        assert out.status_code == 422, out.text
        assert pointers(out.json()) == ["/address"]


def pointers(problem: Any) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("channel", "indonesian", "english"),
    [
        ("email", "surel", "e-mail"),
        ("whatsapp", "nomor", "number"),
        ("phone", "nomor", "number"),
        ("telegram", "obrolan", "chat"),
    ],
)
async def test_refusal_says_what_is_expected_when_read_in_either_language(
    intake: httpx.AsyncClient, channel: str, indonesian: str, english: str
) -> None:
    for language, said in (("id", indonesian), ("en", english)):
        reply = await intake.post(
            "/consultations",
            json=from_somebody(channel, "bukan alamat"),
            headers={"Accept-Language": language},
        )
        assert reply.status_code == 422
        (error,) = reply.json()["errors"]
        assert said in error["detail"]
        assert "bukan alamat" not in error["detail"]


# What is one


@pytest.mark.parametrize(
    ("channel", "written", "one"),
    [
        ("email", "Warga@Desa.ID", "Warga@desa.id"),
        ("email", "mailto:warga@desa.id", "warga@desa.id"),
        ("email", "\N{ZERO WIDTH SPACE}warga@desa.id", "warga@desa.id"),
        ("email", "warga@bücher.example", "warga@xn--bcher-kva.example"),
        ("telegram", "123456789", "123456789"),
        ("telegram", "-1001234567890", "-1001234567890"),
        ("telegram", "@warga_desa", "@warga_desa"),
        ("telegram", "https://t.me/warga_desa", "@warga_desa"),
        ("phone", "(0541) 661234", "+62541661234"),
        ("phone", "62541661234", "+62541661234"),
        ("whatsapp", "+65 9123 4567", "+6591234567"),
        ("whatsapp", "001 65 9123 4567", "+6591234567"),
    ],
)
async def test_address_is_kept_in_one_form_when_posted(
    intake: httpx.AsyncClient, channel: str, written: str, one: str
) -> None:
    assert await kept(intake, channel, written) == one
    assert Address.meant(channel, written).value == one
    if channel == "email":
        assert ADDRESS.fullmatch(one)


async def test_post_is_the_same_when_it_is_repeated_with_its_number_as_it_was(
    intake: httpx.AsyncClient,
) -> None:
    """The fingerprint is of what was sent: posts from before numbers were read are repeated too."""
    body, headers = from_somebody("whatsapp", "0812-5555 1234"), {"Idempotency-Key": "a"}
    first = await intake.post("/consultations", json=body, headers=headers)
    again = await intake.post("/consultations", json=body, headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]
