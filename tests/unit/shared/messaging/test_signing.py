"""Whose word a message is, by its signature: what holds, and everything that does not."""

import os
from pathlib import Path

import aio_pika
import pytest

from klik.contracts.docs import build
from shared.errors import ForgedEvent, PublishFailed
from shared.events import EVENTS
from shared.keys.followed_file import FollowedFile
from shared.messaging import topology
from shared.messaging.envelope import BATCH, Envelope, message_of
from shared.messaging.signing import SIGNATURES, EventKeys, Signing, pairs_of
from tests.support.builders import assigned, submitted
from tests.support.keys import TEST_KEYS, TEST_SIGNING

TRACE = "00-" + 32 * "a" + "-" + 16 * "b" + "-01"


def only(service: str) -> Signing:
    """With the keys that a service of its own has."""
    return Signing.fixed(
        EventKeys({pair: TEST_KEYS.pairs[pair] for pair in pairs_of(service)}),
    )


def alone() -> aio_pika.Message:
    return Envelope.of(submitted(), TRACE).message("intake")


def together() -> aio_pika.Message:
    return message_of([Envelope.of(submitted(), TRACE) for _ in range(3)], "intake")


@pytest.mark.parametrize("make", [alone, together])
@pytest.mark.parametrize("consumer", ["routing", "notify", "reporting"])
def test_message_is_believed_by_each_who_is_sent_it(make: object, consumer: str) -> None:
    message = alone() if make is alone else together()
    only("intake").sign(message)
    only(consumer).check(message, consumer)


def test_every_event_can_be_signed_by_its_owner_and_checked_by_who_is_sent_it() -> None:
    for event in EVENTS:
        message = aio_pika.Message(b"{}", headers={"cloudEvents_type": event.type()})
        owner = topology.owner_of(event.type())
        assert owner is not None
        only(owner).sign(message)
        for consumer in topology.CONSUMERS[event.name]:
            only(consumer).check(message, consumer)


def test_a_services_keys_sign_nothing_that_another_service_believes_of_a_third() -> None:
    """The point of it all: over all services, all events and all who hear of them."""
    for held in topology.SERVICES:
        for event in EVENTS:
            owner = topology.owner_of(event.type())
            for consumer in set(topology.CONSUMERS[event.name]) - {held}:
                message = aio_pika.Message(b"{}", headers={"cloudEvents_type": event.type()})
                if owner == held:
                    continue
                with pytest.raises(PublishFailed):
                    only(held).sign_for(consumer, message)
                # nor by taking any other of its keys for it
                for pair in pairs_of(held):
                    borrowed = {(str(owner), consumer): TEST_KEYS.pairs[pair]}
                    Signing.fixed(EventKeys(borrowed)).sign_for(consumer, message)
                    with pytest.raises(ForgedEvent):
                        only(consumer).check(message, consumer)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, "not signed for routing"),
        ("", "not signed for routing"),
        (7, "not signed for routing"),
        (b"routing=t1:" + 43 * b"A" + b"=", "not signed for routing"),
        ({"routing": "t1"}, "not signed for routing"),
        (f"notify=t1:{43 * 'A'}=", "not signed for routing"),
        (f"routing=t1:{42 * 'A'}=", "not signed for routing"),
        (f"{' ' * 2000}routing=t1:{43 * 'A'}=", "not signed for routing"),
        (f"routing=t9:{43 * 'A'}=", "a key of intake that is not there: t9"),
        (f"routing=t1:{43 * 'A'}=", "not signed by intake, or altered"),
    ],
)
def test_what_is_not_signed_is_refused_with_what_is_wrong(header: object, said: str) -> None:
    message = alone()
    if header is not None:
        message.headers[SIGNATURES] = header  # type: ignore[assignment]
    with pytest.raises(ForgedEvent, match=said):
        TEST_SIGNING.check(message, "routing")


def altered_body(message: aio_pika.Message) -> None:
    message.body = message.body.replace(b"bpd", b"bpx")


def another_type(message: aio_pika.Message) -> None:
    message.headers["cloudEvents_type"] = "klikdesa.consultation.closed.v1"


def the_type_of_another_owner(message: aio_pika.Message) -> None:
    message.headers["cloudEvents_type"] = assigned().type()


def no_type(message: aio_pika.Message) -> None:
    del message.headers["cloudEvents_type"]


def a_type_of_nobody(message: aio_pika.Message) -> None:
    message.headers["cloudEvents_type"] = "klikdesa.rumour.heard.v1"


def another_content_type(message: aio_pika.Message) -> None:
    message.content_type = BATCH
    message.type = submitted().type()


@pytest.mark.parametrize(
    "alter",
    [
        altered_body,
        another_type,
        the_type_of_another_owner,
        no_type,
        a_type_of_nobody,
        another_content_type,
    ],
)
def test_what_was_altered_after_signing_is_refused(alter: object) -> None:
    message = alone()
    TEST_SIGNING.sign(message)
    TEST_SIGNING.check(message, "routing")
    alter(message)  # type: ignore[operator]
    with pytest.raises(ForgedEvent):
        TEST_SIGNING.check(message, "routing")


def test_what_is_for_others_is_refused_where_it_was_not_sent() -> None:
    message = alone()
    TEST_SIGNING.sign(message)
    with pytest.raises(ForgedEvent, match="not signed for intake"):
        TEST_SIGNING.check(message, "intake")
    # the signature for one is none for another
    message.headers[SIGNATURES] = str(message.headers[SIGNATURES]).replace("notify=", "routing=")
    message.headers[SIGNATURES] = str(message.headers[SIGNATURES]).partition(" ")[2]
    with pytest.raises(ForgedEvent):
        TEST_SIGNING.check(message, "routing")


def with_ids(*ids: str) -> EventKeys:
    """One pair, with these keys, the first of which signs."""
    keys = {id_: id_.encode().ljust(32) for id_ in ids}
    return EventKeys(dict.fromkeys(topology.PAIRS, keys))


def test_an_older_key_is_taken_until_it_is_taken_out() -> None:
    message = alone()
    Signing.fixed(with_ids("e1")).sign(message)
    Signing.fixed(with_ids("e2", "e1")).check(message, "routing")
    with pytest.raises(ForgedEvent, match="not there: e1"):
        Signing.fixed(with_ids("e2")).check(message, "routing")


def test_keys_are_read_again_at_once_for_a_message_that_names_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "klik_event_keys"
    path.write_text(with_ids("e1").text())
    file = FollowedFile(path, EventKeys.parse, "event keys", lambda: 0.0)  # never due by itself
    consumer, message = Signing(file.now, file.look), alone()
    beside = tmp_path / "new"
    beside.write_text(with_ids("e2", "e1").text())
    os.replace(beside, path)
    Signing.fixed(with_ids("e2")).sign(message)
    consumer.check(message, "routing")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '"GEHEIM"',
        '{"intake>routing": 1}',
        '{"intake>routing": "e1:GEHEIM"}',
        '{"intake>routing": "e 1:' + 43 * "A" + '="}',
        '{"intake>routing": "GEHEIM"}',
    ],
)
def test_what_are_no_keys_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="KLIK_EVENT_KEYS") as refused:
        EventKeys.parse(text)
    assert "GEHEIM" not in str(refused.value)


def test_keys_are_read_as_they_were_written() -> None:
    assert EventKeys.parse(TEST_KEYS.text()) == TEST_KEYS


def test_a_service_that_lacks_a_key_does_not_start() -> None:
    own = EventKeys({pair: TEST_KEYS.pairs[pair] for pair in pairs_of("routing")})
    assert build("routing", event_keys=own.text())
    with pytest.raises(ValueError, match="no key for intake>reporting, notify>reporting"):
        build("reporting", event_keys=own.text())
