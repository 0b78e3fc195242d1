"""Events as messages.

One alone: CloudEvents 1.0 in binary mode, the attributes in headers, the body as JSON. Several of
one type and moment: one message in CloudEvents' JSON batch format.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aio_pika
from aio_pika.abc import AbstractMessage, DeliveryMode, HeadersType
from pamqp.common import FieldArray
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from shared.events import Event
from shared.storage.documents import fields_of

#: The content type of several events in one message: section 4 of CloudEvents' JSON format.
BATCH = "application/cloudevents-batch+json"
#: The header by which RabbitMQ sends a message to further routing keys (sender-selected
#: distribution); it takes it out before it delivers.
FURTHER_KEYS = "BCC"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as it travels and as it waits in an outbox: CloudEvents attributes and JSON body."""

    id: str
    type: str
    subject: str
    time: datetime
    traceparent: str
    routing_key: str
    body: str

    @classmethod
    def of(cls, event: Event, traceparent: str) -> "Envelope":
        return cls(
            id=str(event.id),
            type=event.type(),
            subject=event.subject,
            time=event.time,
            traceparent=traceparent,
            routing_key=event.routing_key,
            body=event.model_dump_json(),
        )

    def document(self) -> dict[str, Any]:
        """As it waits in an outbox; `Envelope(**document)` is the same again."""
        return fields_of(self)

    def message(self, service: str) -> aio_pika.Message:
        """The event as `service` publishes it."""
        return aio_pika.Message(
            self.body.encode(),
            content_type="application/json",
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=self.id,
            type=self.type,
            timestamp=self.time,
            app_id=service,
            headers=self.headers(_source(service)),
        )

    def in_batch(self, service: str) -> str:
        """The same as one of several: CloudEvents 1.0 in structured mode, as JSON."""
        attributes = {
            "specversion": "1.0",
            "id": self.id,
            "source": _source(service),
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "traceparent": self.traceparent,
        }
        return f'{json.dumps(attributes)[:-1]},"data":{self.body}}}'

    def headers(self, source: str) -> HeadersType:
        """CloudEvents 1.0 in binary mode; `_` is the separator its AMQP binding prefers."""
        return {
            "cloudEvents_specversion": "1.0",
            "cloudEvents_id": self.id,
            "cloudEvents_source": source,
            "cloudEvents_type": self.type,
            "cloudEvents_subject": self.subject,
            "cloudEvents_time": self.time.isoformat(),
            "traceparent": self.traceparent,
        }


class _Item(BaseModel):
    """One of several."""

    id: str
    source: str
    type: str
    subject: str
    time: AwareDatetime
    traceparent: str = ""
    data: Any

    def envelope(self) -> Envelope:
        return Envelope(
            id=self.id,
            type=self.type,
            subject=self.subject,
            time=self.time,
            traceparent=self.traceparent,
            routing_key="",
            body=to_json(self.data).decode(),
        )


_ITEMS = TypeAdapter(list[_Item])


def message_of(envelopes: Sequence[Envelope], service: str) -> aio_pika.Message:
    """Events of one type in one message, to be published by the routing key of the first.

    It goes to each queue that is bound for any of them, once.
    """
    if len(envelopes) == 1:
        return envelopes[0].message(service)
    keys: FieldArray = list(dict.fromkeys(envelope.routing_key for envelope in envelopes))
    items = ",".join(envelope.in_batch(service) for envelope in envelopes)
    return aio_pika.Message(
        f"[{items}]".encode(),
        content_type=BATCH,
        delivery_mode=DeliveryMode.PERSISTENT,
        type=envelopes[0].type,
        app_id=service,
        headers={FURTHER_KEYS: keys[1:]},
    )


def events_in(message: AbstractMessage) -> list[AbstractMessage]:
    """A message for each event, as if each had been sent alone; what cannot be taken apart stays
    as it is."""
    if message.content_type != BATCH:
        return [message]
    try:
        items = _ITEMS.validate_json(message.body)
    except ValidationError:
        return [message]
    return [one.envelope().message(one.source.removeprefix(_source(""))) for one in items]


def event_type(headers: Mapping[str, Any]) -> str | None:
    """The CloudEvents type; the binding allows `:` as separator too."""
    value = headers.get("cloudEvents_type") or headers.get("cloudEvents:type")
    return value if isinstance(value, str) else None


def _source(service: str) -> str:
    return f"klikdesa/{service}"


def copy_of(message: AbstractMessage, headers: Mapping[str, Any]) -> aio_pika.Message:
    """The same message with `headers`."""
    return aio_pika.Message(
        message.body,
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        type=message.type,
        timestamp=message.timestamp,
        app_id=message.app_id,
        headers=dict(headers),
    )
