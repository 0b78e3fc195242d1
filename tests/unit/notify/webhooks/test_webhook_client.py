"""One attempt against a real endpoint on this host: signed, to the address that was checked."""

import logging
import ssl
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from services.notify.webhooks.client import TEST_TYPE, Client, Delivery, a_test, publisher
from services.notify.webhooks.domain.segment import Entry
from services.notify.webhooks.domain.ssrf_guard import Guard
from services.notify.webhooks.domain.subscription import Outcome, Secret, rotated
from services.notify.webhooks.secrets import new_secret
from shared.times import new_id, utc_now
from tests.peers.http import Answer, Fault, Request
from tests.peers.smtp import self_signed
from tests.peers.webhook import WebhookPeer
from tests.support.builders import assigned, submitted
from tests.support.services.webhooks import SEALER, a_subscription, resolves_to

SECRET = new_secret()
LOCAL = ip_network("127.0.0.0/8")
HOST = "desa.example"


@pytest.fixture
async def peer() -> AsyncGenerator[WebhookPeer, None]:
    async with WebhookPeer(SECRET, path="/hook?token=RAHASIA") as found:
        yield found


@pytest.fixture
async def client() -> AsyncGenerator[Client, None]:
    made = Client(Guard([LOCAL], resolves_to("127.0.0.1")))
    yield made
    await made.close()


async def send(client: Client, url: str, *secrets: str, entry: Entry | None = None) -> Outcome:
    entry = entry or Entry.of(submitted())
    return await client.send(url, secrets or (SECRET,), entry, utc_now())


async def test_the_event_arrives_as_it_was_published_and_is_verified(
    client: Client, peer: WebhookPeer
) -> None:
    event = assigned()
    outcome = await send(client, peer.at(HOST), entry=Entry.of(event))
    assert (outcome.reason, outcome.status) == (None, 204)
    assert peer.taken == [{"type": "klikdesa.case.assigned.v1", "body": event.model_dump_json()}]
    assert peer.hosts == [f"{HOST}:{peer.port}"]
    headers = peer.requests[0].headers
    assert headers["ce-source"] == "klikdesa/routing"
    assert headers["webhook-id"] == str(event.id)


async def test_a_wrong_secret_is_not_taken(client: Client, peer: WebhookPeer) -> None:
    outcome = await send(client, peer.at(HOST), new_secret())
    assert (outcome.reason, outcome.status, outcome.lasting) == ("http_401", 401, False)
    assert peer.taken == []


async def test_while_a_secret_is_replaced_both_sign(client: Client, peer: WebhookPeer) -> None:
    one, newest = a_subscription(url=peer.at(HOST)), new_secret()
    id_ = str(one.id)
    old = Secret(SEALER.seal(id_, SECRET))
    one = a_subscription(id=one.id, url=one.url, secrets=(old,))
    changed = rotated(one, Secret(SEALER.seal(id_, newest)), timedelta(hours=1), utc_now())
    delivery = Delivery(client, SEALER, utc_now)
    for secret in (SECRET, newest):
        peer.secrets = [secret]
        assert (await delivery.deliver(changed, Entry.of(submitted()))).reason is None
    later = Delivery(client, SEALER, lambda: utc_now() + timedelta(hours=2))
    # its clock is two hours ahead, which the endpoint does not take either: look at who signed
    await later.deliver(changed, Entry.of(submitted()))
    signatures = [one.headers["webhook-signature"].split(" ") for one in peer.requests]
    assert [len(found) for found in signatures] == [2, 2, 1]


async def test_a_test_is_taken_like_an_event(client: Client, peer: WebhookPeer) -> None:
    one = a_subscription(url=peer.at(HOST))
    one = a_subscription(
        id=one.id, url=one.url, secrets=(Secret(SEALER.seal(str(one.id), SECRET)),)
    )
    assert (await Delivery(client, SEALER, utc_now).test(one)).reason is None
    assert [found["type"] for found in peer.taken] == [TEST_TYPE]
    assert publisher(a_test(one.id, new_id(), utc_now()).name) == "notify"


@pytest.mark.parametrize(
    ("status", "reason", "lasting"),
    [
        (200, None, False), (202, None, False), (410, "gone", True), (400, "http_400", False),
        (404, "http_404", False), (429, "http_429", False), (503, "http_503", False),
        (301, "http_301", False),
    ],
)  # fmt: skip
async def test_what_its_status_means(
    client: Client, peer: WebhookPeer, status: int, reason: str | None, lasting: bool
) -> None:
    peer.status = status
    outcome = await send(client, peer.at(HOST))
    assert (outcome.reason, outcome.status, outcome.lasting) == (reason, status, lasting)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("error", "http_500"), ("close", "connection_lost"), ("lost", "connection_lost"),
        ("redirect", "http_307"), ("hang", "timeout"),
    ],
)  # fmt: skip
async def test_an_endpoint_that_fails_is_tried_again(
    client: Client, peer: WebhookPeer, fault: Fault, reason: str
) -> None:
    peer.fail(fault)
    hasty = Client(Guard([LOCAL], resolves_to("127.0.0.1")), timeout=0.1)
    outcome = await send(hasty if fault == "hang" else client, peer.at(HOST))
    await hasty.close()
    assert (outcome.reason, outcome.lasting) == (reason, False)
    assert len(peer.requests) == 1, "no redirect is followed"
    peer.heal()
    assert (await send(client, peer.at(HOST))).reason is None


async def test_a_yes_counts_however_its_body_goes_on(client: Client, peer: WebhookPeer) -> None:
    faults: tuple[Fault, ...] = ("flood", "cut")
    for fault in faults:
        peer.fail(fault)
        peer.status = 200
        outcome = await send(client, peer.at(HOST))
        assert outcome.reason is None
        assert outcome.milliseconds < 5000


async def test_how_long_to_wait(client: Client) -> None:
    class Busy(WebhookPeer):
        after = ""

        async def answer(self, request: Request) -> Answer:
            return Answer(503, "", {"Retry-After": self.after})

    soon = datetime.now(UTC) + timedelta(minutes=10)
    async with Busy() as peer:
        for after, low, high in (
            ("7", 7, 7),
            (format_datetime(soon, usegmt=True), 590, 600),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
            ("9" * 40, 86_400, 86_400),
        ):
            peer.after = after
            found = (await send(client, peer.at(HOST))).retry_after
            assert found is not None
            assert low <= found.total_seconds() <= high, after
        for nonsense in ("", "soon", "-1", "1.5", "Wed, 99 Xxx"):
            peer.after = nonsense
            assert (await send(client, peer.at(HOST))).retry_after is None


async def test_an_address_that_is_not_public_is_not_even_connected_to(peer: WebhookPeer) -> None:
    client = Client(Guard(resolve=resolves_to("127.0.0.1")))
    outcome = await send(client, f"https://{HOST}:{peer.port}/hook")
    assert (outcome.reason, outcome.lasting) == ("address_not_public", True)
    assert peer.connections == 0
    await client.close()


async def test_a_name_that_is_not_there_yet_is_tried_again() -> None:
    client = Client(Guard(resolve=resolves_to()))
    outcome = await send(client, f"https://{HOST}/hook")
    assert (outcome.reason, outcome.lasting) == ("unresolved", False)
    await client.close()


async def test_of_several_addresses_one_that_answers_is_enough(peer: WebhookPeer) -> None:
    networks = [LOCAL, ip_network("::1/128")]
    client = Client(Guard(networks, resolves_to("127.0.0.2", "127.0.0.1")))
    assert (await send(client, peer.at(HOST))).reason is None
    await client.close()
    client = Client(Guard(networks, resolves_to("127.0.0.2", "127.0.0.3")))
    assert (await send(client, peer.at(HOST))).reason == "unreachable"
    await client.close()


async def test_the_certificate_has_to_be_the_hosts(tmp_path: Path) -> None:
    """By its name, though the connection goes to an address; and never one connection for two."""
    certificate = self_signed(tmp_path / "server.pem", HOST)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    guard = Guard([LOCAL], resolves_to("127.0.0.1"))
    client, strict = Client(guard, trusting), Client(guard)
    async with WebhookPeer(SECRET, tls=server) as peer:
        assert (await send(client, peer.at(HOST))).reason is None
        assert (await send(client, peer.at("lain.example"))).reason == "tls"
        assert (await send(strict, peer.at(HOST))).reason == "tls"
        assert (await send(client, peer.at(HOST))).reason is None
        assert peer.connections == 2, "each delivery has a connection of its own"
    assert len(peer.taken) == 2
    await client.close()
    await strict.close()


async def test_a_proxy_in_the_environment_is_not_used(
    monkeypatch: pytest.MonkeyPatch, peer: WebhookPeer
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    client = Client(Guard([LOCAL], resolves_to("127.0.0.1")))
    assert (await send(client, peer.at(HOST))).reason is None
    await client.close()


async def test_no_secret_and_no_url_is_logged_however_much_libraries_log(
    caplog: pytest.LogCaptureFixture, client: Client, peer: WebhookPeer
) -> None:
    for name in ("", "httpx", "services"):
        caplog.set_level(logging.DEBUG, name)
    await send(client, peer.at(HOST))
    peer.fail("close")
    await send(client, peer.at(HOST))
    assert "HTTP Request" in caplog.text
    for secret in ("RAHASIA", SECRET, SECRET.removeprefix("whsec_"), HOST):
        assert secret not in caplog.text
    assert "RAHASIA" not in repr(a_subscription(url=peer.at(HOST)))
