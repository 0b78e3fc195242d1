"""Events are believed with the signature of who tells of such, and with no other: on RabbitMQ."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from klik.parked.lot import ParkingLot
from klik.parked.view import Parked
from klik.secret_files.event_key_file import EventKeyFile
from klik.secret_files.shares import EVENT_KEYS
from shared.errors import InvalidEvent, TryLater
from shared.events import ConsultationSubmitted
from shared.keys.followed_file import FollowedFile
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope, events_in, message_of
from shared.messaging.publisher import Publisher
from shared.messaging.reliability import ERROR, REASON
from shared.messaging.retry import DELAYS
from shared.messaging.signing import SIGNATURES, EventKeys, Signing, pairs_of
from tests.support.backends import Backends
from tests.support.builders import assigned, submitted
from tests.support.keys import TEST_KEYS, TEST_SIGNING, signed
from tests.support.messaging import Listener, arrived, consuming, publish_all
from tests.support.system import until

pytestmark = pytest.mark.integration

MAIN, PARKED = topology.main_queue("routing"), topology.parked_queue("routing")


def letter(event: ConsultationSubmitted | None = None) -> aio_pika.Message:
    """Not signed."""
    return Envelope.of(event or submitted(), traceparent()).message("intake")


def unsigned() -> aio_pika.Message:
    return letter()


def by_who_holds_another_services_keys() -> aio_pika.Message:
    """All that notify has, each tried as if it were intake's for routing."""
    message = letter()
    own = EventKeys({pair: TEST_KEYS.pairs[pair] for pair in pairs_of("notify")})
    between = own.pairs["intake", "notify"]
    return signed(message, "routing", Signing.fixed(EventKeys({("intake", "routing"): between})))


def with_a_key_of_no_known_version() -> aio_pika.Message:
    strange = {id_: key for id_, key in (("t9", TEST_KEYS.pairs["intake", "routing"]["t1"]),)}
    return signed(letter(), "routing", Signing.fixed(EventKeys({("intake", "routing"): strange})))


def altered_on_its_way() -> aio_pika.Message:
    message = signed(letter(), "routing")
    other = letter(submitted(kind="pengaduan"))
    other.headers = message.headers
    return other


def under_another_name() -> aio_pika.Message:
    message = signed(letter(), "routing")
    message.headers["cloudEvents_type"] = "klikdesa.consultation.withdrawn.v1"
    return message


def for_another_queue() -> aio_pika.Message:
    """What intake and notify were sent by routing, put into routing's own queue."""
    message = Envelope.of(assigned(), traceparent()).message("routing")
    TEST_SIGNING.sign(message)
    return message


def events_of_another_owner_inside() -> aio_pika.Message:
    """As intake could write them: it may tell of submissions, and of no assignment."""
    message = message_of([Envelope.of(submitted(), traceparent()) for _ in range(2)], "intake")
    message.body = message.body.replace(b"consultation.submitted", b"case.assigned")
    return signed(message, "routing")


FORGED: list[Callable[[], aio_pika.Message]] = [
    unsigned,
    by_who_holds_another_services_keys,
    with_a_key_of_no_known_version,
    altered_on_its_way,
    under_another_name,
    for_another_queue,
    events_of_another_owner_inside,
]


async def only_parked(lot: ParkingLot) -> Parked:
    found: list[Parked] = []

    async def is_parked() -> bool:
        found[:] = await lot.look(lambda _: True)
        return bool(found)

    await until(is_parked, 15.0, "a message to be parked")
    (one,) = found
    return one


@pytest.mark.parametrize("make", FORGED)
async def test_forged_message_is_parked_unread_and_its_neighbour_is_handled(
    backends: Backends,
    publisher: Publisher,
    make: Callable[[], aio_pika.Message],
) -> None:
    listener, good = Listener(), submitted()
    async with (
        consuming(backends, publisher, listener.on_consultation_submitted),
        ParkingLot.open(backends.amqp_url) as lot,
    ):
        message = make()
        await publisher.send(message, "", MAIN)
        await publisher.send(signed(letter(good), "routing"), "", MAIN)
        parked = await only_parked(lot)
        await until(handled(listener, good), 15.0, "its neighbour")
        assert (parked.reason, parked.body) == ("forged", message.body)
        # nobody signs it on its way: replayed, it is where it was
        assert len(await lot.replay(lambda _: True)) == 1
        again = await only_parked(lot)
        assert again.reason == "forged"
        assert again.headers.get(SIGNATURES) == message.headers.get(SIGNATURES)
        await lot.discard(lambda _: True)
    assert listener.handled == [good]


def handled(listener: Listener, *events: ConsultationSubmitted) -> Callable[[], Awaitable[bool]]:
    async def are_handled() -> bool:
        return sorted(one.id for one in listener.handled) == sorted(one.id for one in events)

    return are_handled


@pytest.mark.parametrize("number", [1, 3])
async def test_signature_outlives_a_retry_and_a_replay(
    backends: Backends, publisher: Publisher, number: int
) -> None:
    """Also of events that were signed together, and are tried again one by one."""
    events = [submitted() for _ in range(number)]
    failures: list[Exception] = [TryLater("not yet")] * number
    failures += [InvalidEvent("not known here yet")] * number
    listener = Listener(failures=failures)
    async with (
        consuming(backends, publisher, listener.on_consultation_submitted),
        ParkingLot.open(backends.amqp_url) as lot,
    ):
        await publish_all(publisher, events)

        async def are_parked() -> bool:
            found = await lot.look(lambda _: True)
            return [one.reason for one in found] == ["invalid_event"] * number

        await until(are_parked, 15.0 + DELAYS[0].total_seconds(), "them to be parked")
        assert len(await lot.replay(lambda _: True)) == number
        await until(handled(listener, *events), 15.0, "what was replayed")
        assert await lot.look(lambda _: True) == []


@asynccontextmanager
async def following(
    backends: Backends, publisher: Publisher, folder: Path, listener: Listener
) -> AsyncGenerator[None, None]:
    """A consumer with the keys that are in `folder` now."""
    file = FollowedFile(folder / EVENT_KEYS, EventKeys.parse, "event keys")
    consumer = Consumer(
        backends.amqp_url,
        "routing",
        publisher,
        {ConsultationSubmitted: listener.on_consultation_submitted},
        Signing(file.now, file.look),
        prefetch=10,
        stop_timeout=5,
    )
    await consumer.start()
    yield
    await consumer.stop()


async def test_keys_change_while_messages_are_on_their_way(
    backends: Backends, publisher: Publisher, tmp_path: Path
) -> None:
    (tmp_path / EVENT_KEYS).write_text(TEST_KEYS.text())
    keys, listener = EventKeyFile(tmp_path), Listener()

    def written_by_now(event: ConsultationSubmitted) -> aio_pika.Message:
        return signed(letter(event), "routing", Signing.fixed(keys.read()))

    first, second, third = (submitted() for _ in range(3))
    before = [written_by_now(first), written_by_now(third)]
    async with (
        following(backends, publisher, tmp_path, listener),
        ParkingLot.open(backends.amqp_url) as lot,
    ):
        keys.rotate(drop_old=False)
        for message in (written_by_now(second), before[0]):  # the new one is heard of first
            await publisher.send(message, "", MAIN)
        await until(handled(listener, first, second), 15.0, "both to be believed")
        keys.retire("t1")
        await asyncio.sleep(1.1)  # until the file is looked at again
        await publisher.send(before[1], "", MAIN)
        parked = await only_parked(lot)
        assert (parked.reason, parked.error) == (
            "forged",
            "ForgedEvent: signed with a key of intake that is not there: t1",
        )
        await lot.discard(lambda _: True)
    assert len(listener.handled) == 2


async def test_parked_forgery_tells_why_and_keeps_what_came(
    backends: Backends, publisher: Publisher, channel: AbstractChannel
) -> None:
    async with consuming(backends, publisher, Listener().on_consultation_submitted):
        message = letter()
        await publisher.send(message, "", MAIN)
        (parked,) = await arrived(await channel.get_queue(PARKED), 1)
    assert (parked.body, parked.message_id) == (message.body, message.message_id)
    assert parked.headers[REASON] == "forged"
    assert parked.headers[ERROR] == "ForgedEvent: not signed for routing"


async def test_published_message_is_signed_for_each_who_is_sent_it(
    publisher: Publisher, channel: AbstractChannel
) -> None:
    await publish_all(publisher, [submitted() for _ in range(3)])
    for service in ("routing", "notify", "reporting"):
        queue = await channel.get_queue(topology.main_queue(service))
        message = await queue.get(timeout=10)
        TEST_SIGNING.check(message, service)
        assert len(events_in(message)) == 3
        await message.ack()
