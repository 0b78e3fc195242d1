"""Whatever a peer answers, its client comes to an end that the caller knows."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from services.notify.channels.base import NotSent, Sender
from services.notify.channels.callback_payloads import of_fonnte, of_meta
from services.notify.channels.http import Http
from services.notify.channels.smtp import SmtpSender
from services.notify.channels.telegram import TelegramSender
from services.notify.channels.whatsapp_cloud import WhatsAppCloudSender
from services.notify.channels.whatsapp_gateway import WhatsAppGatewaySender
from services.notify.clients.intake import Requesters
from services.notify.clients.routing import Office
from services.notify.domain.retry_policy import Refusal, not_sent
from services.notify.webhooks.client import Client, Delivery
from services.notify.webhooks.domain.segment import Entry
from services.notify.webhooks.domain.ssrf_guard import Guard, parse_networks
from services.notify.webhooks.domain.subscription import Cursor, Progress, attempted
from services.reporting.clients.intake import IntakeClient
from services.reporting.clients.targets import Targets
from shared.times import new_id, utc_now
from shared.web.jwks import Jwks, JwksUnavailable
from shared.web.problems import Problem
from tests.peers.raw import RawMailServer, RawPeer
from tests.support.builders import NOON, submitted
from tests.support.orders import an_order
from tests.support.services.notify import an_alert
from tests.support.services.webhooks import Hooks, resolves_to

HUGE = "9" * 5000
#: What a Retry-After has said, or might.
ABSURD = (
    "9999999999", HUGE, "9" * 40, "-1", "1e9", "0x10", "٣", "Infinity", "",
    "Fri, 31 Dec 9999 23:59:59 GMT", "Sun, 06 Nov 9999999999 08:49:37 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359", "31 Dec 0000",
    "Wed, 21 Oct 2015 07:28:00", "Wed, 99 Oct 2015 99:99:99 GMT", ", ,", "1, 2",
)  # fmt: skip

names = st.sampled_from(
    ["ok", "error_code", "parameters", "retry_after", "migrate_to_chat_id", "description",
     "result", "message_id", "error", "code", "error_subcode", "messages", "id", "status",
     "reason", "rows", "day", "kecamatan", "accepted", "answer", "days", "days_by_kind",
     "channel", "address", "ticket", "keys", "kty", "crv", "kid", "alg", "use", "n", "e", "k", "x",
     "year", "version", "profiles", "seasons", "holidays", "open_days", "week", "intervals",
     "entry", "changes", "value", "metadata", "phone_number_id", "statuses", "errors",
     "biz_opaque_callback_data", "from", "text", "body", "timestamp", "sender", "message",
     "state", "stateid"]
)  # fmt: skip
words = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(
        [10**30, -(10**400), 1e308, 429, 403, 400, 131047, -7, "\ud800", "\x00", "sent", "failed",
         "EC", "RSA", "P-256", "sig", "STOP", "10", "1" * 400, "\ud800" * 32, "a" * 32]
    ),
)  # fmt: skip
documents = st.recursive(
    words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5)
)
bodies = st.one_of(
    documents.map(lambda one: json.dumps(one).encode()),
    st.binary(max_size=60),
    st.sampled_from(
        [b"[" * 5_000, b'{"ok":false,"error_code":' + HUGE.encode() + b"}", b"\xff\xfe{",
         b'{"ok":false,"error_code":429,"parameters":{"retry_after":1e999}}',
         b'{"ok":false,"error_code":429,"parameters":{"retry_after":NaN}}']
    ),
)  # fmt: skip
headers = st.lists(
    st.tuples(
        st.sampled_from(
            [b"Retry-After", b"Content-Length", b"Transfer-Encoding", b"Content-Type",
             b"Content-Encoding", b"Location", b"Set-Cookie", b"ETag", b"Connection", b"X Y"]
        ),
        st.one_of(
            st.sampled_from([one.encode() for one in ABSURD]),
            st.sampled_from(
                [b"5", b"chunked", b"gzip", b"deflate", b"text/plain; charset=utf-99", b"http://[",
                 b"//\xff", b"k=\xe9; Domain=127.0.0.1", b"a=b; Max-Age=99999999999999999999",
                 b"\x00", b"application/json; charset=rot13"]
            ),
            st.binary(max_size=20),
        ),
    ),
    max_size=4,
)  # fmt: skip
first_lines = st.one_of(
    st.sampled_from([200, 201, 204, 302, 304, 400, 401, 403, 404, 410, 422, 429, 500, 503]).map(
        lambda status: f"HTTP/1.1 {status} Said".encode()
    ),
    st.sampled_from(
        [b"HTTP/1.1 999 \xff", b"HTTP/9.9 200 OK", b"HTTP/1.1 100 Continue", b"HTTP/1.1 101 Up",
         b"HTTP/1.1 20000000000 OK", b"ICY 200 OK", b"", b"HTTP/1.1 200"]
    ),
    st.binary(max_size=30),
)  # fmt: skip


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    body = draw(bodies)
    lines = [draw(first_lines), *(b": ".join(one) for one in draw(headers))]
    if draw(st.booleans()):
        lines.append(b"Content-Length: " + str(len(body)).encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def often(examples: int) -> settings:
    """On a busy machine, sockets and deep documents take their time."""
    slow = [HealthCheck.too_slow]
    return settings(max_examples=examples, suppress_health_check=slow)


async def raised(work: Awaitable[object], *known: type[Exception]) -> Exception | None:
    """What came out of it that no caller expects."""
    try:
        async with asyncio.timeout(10):
            await work
    except known:
        return None
    except Exception as error:
        return error
    return None


class World:
    """Every client of ours, and the one server that they all ask."""

    def __init__(self, peer: RawPeer) -> None:
        self.peer = peer
        self.at = Client(Guard(parse_networks("127.0.0.0/8"), resolves_to("127.0.0.1")))
        self.http = Http()

    async def webhook(self) -> None:
        url = f"http://desa.example:{self.peer.port}/hook"
        outcome = await self.at.send(url, ("whsec_" + "A" * 32,), Entry.of(submitted()), utc_now())
        attempted(
            Progress(Cursor(1)), outcome, event=uuid4(), type_="x", following=Cursor(2),
            jitter=1.0, now=NOON,
        )  # fmt: skip

    async def telegram(self) -> None:
        await self._told(TelegramSender(self.http, url=self.peer.url, token=SecretStr("1:A")), "77")

    async def whatsapp(self) -> None:
        sender = WhatsAppCloudSender(
            self.http, url=self.peer.url, phone_number_id="1", token=SecretStr("T")
        )
        await self._told(sender, "+628125555123")

    async def gateway(self) -> None:
        sender = WhatsAppGatewaySender(self.http, url=self.peer.url, token=SecretStr("T"))
        await self._told(sender, "+628125555123")

    async def _told(self, sender: Sender, address: str) -> None:
        try:
            await sender.send(an_order(address))
        except NotSent as failure:
            refusal = Refusal(failure.reason, lasting=False, retry_after=failure.retry_after)
            not_sent(an_alert(), refusal, channels=1, jitter=1.0, event_id=new_id(), now=NOON)

    async def intake_contact(self) -> None:
        requesters = Requesters(self.peer.url, "key")
        try:
            await requesters.contact(uuid4())
        except NotSent as failure:
            refusal = Refusal(failure.reason, lasting=False)
            not_sent(an_alert(), refusal, channels=1, jitter=1.0, event_id=new_id(), now=NOON)
        finally:
            await requesters.close()

    async def calendar(self) -> None:
        office = Office(self.peer.url, "key")
        try:
            await office.working_days(date(2026, 11, 24))
        finally:
            await office.close()

    async def intake_counts(self) -> None:
        client = IntakeClient(self.peer.url, "key")
        try:
            await client.accepted(date(2026, 11, 1), date(2026, 11, 2))
        except Problem:
            pass
        finally:
            await client.close()

    async def policy(self) -> None:
        targets = Targets(self.peer.url, "key")
        try:
            await targets.targets()
        finally:
            await targets.close()


CLIENTS = (
    "webhook", "telegram", "whatsapp", "gateway", "intake_contact", "calendar", "intake_counts",
    "policy",
)  # fmt: skip

Run = Callable[[Awaitable[Any]], Any]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs something in one loop for all examples."""
    with asyncio.Runner() as runner:
        yield runner.run  # type: ignore[misc]


@pytest.fixture(scope="module")
def world(run: Run) -> Iterator[World]:
    stack = AsyncExitStack()
    made = World(run(stack.enter_async_context(RawPeer())))

    async def over() -> None:
        await made.at.close()
        await made.http.close()
        await stack.aclose()

    yield made
    run(over())


@pytest.mark.parametrize("client", CLIENTS)
@often(40)
@given(reply=replies())
def test_client_ends_as_its_caller_expects_when_the_answer_is_anything(
    run: Run, world: World, client: str, reply: bytes
) -> None:
    world.peer.reply = reply
    assert run(raised(getattr(world, client)())) is None


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("absurd", ABSURD, ids=lambda one: one[:20] or "empty")
def test_client_waits_within_reason_when_retry_after_is_absurd(
    run: Run, world: World, client: str, absurd: str
) -> None:
    head = f"HTTP/1.1 503 Busy\r\nRetry-After: {absurd}\r\nContent-Length: 0\r\n\r\n"
    world.peer.reply = head.encode()
    assert run(raised(getattr(world, client)())) is None


@pytest.mark.parametrize("client", CLIENTS)
def test_client_goes_on_when_a_cookie_before_was_broken(
    run: Run, world: World, client: str
) -> None:
    cookie = b"HTTP/1.1 503 x\r\nSet-Cookie: a=\xe9\xff\r\nContent-Length: 0\r\n\r\n"
    for reply in (cookie, cookie):
        world.peer.reply = reply
        assert run(raised(getattr(world, client)())) is None


async def test_worker_keeps_its_attempt_when_an_endpoint_answers_absurdly() -> None:
    hooks = Hooks()
    async with RawPeer() as peer:
        after = b"Retry-After: Sun, 06 Nov 9999999999 08:49:37 GMT"
        peer.reply = b"HTTP/1.1 503 x\r\n" + after + b"\r\nContent-Length: 0\r\n\r\n"
        client = Client(Guard(parse_networks("127.0.0.0/8"), resolves_to("127.0.0.1")))
        delivery = Delivery(client, Opens(), hooks.clock)
        hooks.delivery.deliver = delivery.deliver  # type: ignore[method-assign]
        made = await hooks.subscribe(url=f"http://desa.example:{peer.port}/hook", kecamatan=())
        hooks.event_log.write(submitted())
        await until(hooks, lambda: hooks.webhooks.kept[made.id].progress.attempts == 1)
        await client.close()
    progress = hooks.webhooks.kept[made.id].progress
    assert progress.attempts == 1
    assert progress.next_at is not None
    assert progress.next_at <= hooks.clock.now + timedelta(days=1)


class Opens:
    """Every secret."""

    def seal(self, subscription: str, secret: str) -> bytes:
        return b""

    def open(self, subscription: str, sealed: bytes) -> str:
        return "whsec_" + "A" * 32


async def until(hooks: Hooks, reached: Callable[[], bool]) -> None:
    """Let the workers work until it is so, or for five seconds."""
    await hooks.pool.tick()
    for _ in range(500):
        if reached():
            break
        await asyncio.sleep(0.01)
    hooks.event_log.wake.set()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            await hooks.pool.rest()


said = st.one_of(
    st.tuples(
        st.sampled_from([b"220", b"250", b"354", b"334", b"235", b"421", b"450", b"550", b"999",
                         b"25", b"-1", b"\xff\xff\xff"]),
        st.sampled_from([b" ", b"-", b""]),
        st.one_of(
            st.binary(max_size=30).map(lambda one: one.replace(b"\n", b"")),
            st.sampled_from([b"AUTH PLAIN LOGIN CRAM-MD5", b"SIZE " + HUGE.encode(), b"STARTTLS",
                             b"!!no base64!!", b"x" * 70_000, b"AUTH=", b"SIZE x"]),
        ),
    ).map(b"".join),
    st.binary(max_size=30),
)  # fmt: skip


@often(60)
@given(lines=st.lists(said, max_size=8), login=st.booleans())
def test_mail_is_refused_as_known_when_the_server_says_anything(
    run: Run, lines: list[bytes], login: bool
) -> None:
    async def told() -> Exception | None:
        async with RawMailServer() as peer:
            peer.lines = (b"220 mail", *lines) if lines[:1] != [b""] else tuple(lines)
            sender = SmtpSender(
                host="127.0.0.1", port=peer.port, security="none", sender="K <k@k.example>",
                user="u" if login else None, password=SecretStr("p") if login else None,
            )  # fmt: skip
            found = await raised(sender.send(an_order("budi@klikdesa.example")), NotSent)
            await sender.close()
            return found

    assert run(told()) is None


@often(100)
@given(body=bodies)
def test_keys_are_not_had_when_the_issuer_answers_anything(run: Run, body: bytes) -> None:
    async def fetch() -> str:
        return body.decode(errors="surrogateescape")

    assert run(raised(Jwks(fetch).key("x"), JwksUnavailable)) is None


@often(200)
@given(document=documents, status=documents)
def test_report_can_be_kept_when_a_provider_calls_back_with_anything(
    document: Any, status: Any
) -> None:
    meta = {"metadata": {"phone_number_id": "1"}, "statuses": [status], "messages": [status]}
    framed = {"entry": [{"changes": [{"value": meta}]}]}
    error = None
    try:
        for one in (*of_meta(document, "1"), *of_meta(framed, "1"), *of_fonnte(document)):
            # what the store is asked by, or keeps, is text that it takes
            for name in one.__dataclass_fields__:
                str(getattr(one, name)).encode()
    except Exception as failure:
        error = failure
    assert error is None
