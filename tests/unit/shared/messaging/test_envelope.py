"""One event alone, or several of one type and moment, as RabbitMQ carries them."""

import json

import aio_pika
import pytest
from aio_pika.abc import AbstractMessage

from shared.events import ConsultationSubmitted
from shared.messaging.envelope import BATCH, Envelope, events_in, message_of
from tests.support.builders import submitted

TRACE = "00-" + 32 * "a" + "-" + 16 * "b" + "-01"


def envelopes(number: int) -> list[Envelope]:
    return [Envelope.of(submitted(), TRACE) for _ in range(number)]


def said(message: AbstractMessage) -> tuple[object, ...]:
    return (
        message.headers, message.message_id, message.type, message.app_id, message.timestamp,
        message.content_type, message.delivery_mode,
        ConsultationSubmitted.model_validate_json(message.body),
    )  # fmt: skip


@pytest.mark.parametrize("number", [1, 2, 32])
def test_each_event_is_as_if_it_had_been_sent_alone(number: int) -> None:
    together = envelopes(number)
    apart = events_in(message_of(together, "intake"))
    assert [said(one) for one in apart] == [said(one.message("intake")) for one in together]


def test_several_are_cloudevents_in_the_json_batch_format() -> None:
    together = envelopes(2)
    message = message_of(together, "intake")
    assert message.content_type == BATCH
    assert message.type == ConsultationSubmitted.type()
    for envelope, item in zip(together, json.loads(message.body), strict=True):
        assert item["specversion"] == "1.0"
        assert item["id"] == envelope.id
        assert item["source"] == "klikdesa/intake"
        assert item["type"] == envelope.type
        assert item["subject"] == envelope.subject
        assert item["traceparent"] == TRACE
        assert item["data"] == json.loads(envelope.body)


@pytest.mark.parametrize(
    "body", [b"", b"[", b"{}", b"[{}]", b'[{"id": 1}]', b"\xff", b'[{"id": "x", "data": {}}]']
)
def test_a_batch_that_is_none_stays_whole(body: bytes) -> None:
    message = aio_pika.Message(body, content_type=BATCH)
    assert events_in(message) == [message]
