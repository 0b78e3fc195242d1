"""An event as a message: the CloudEvents 1.0 attributes in headers, the body as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aio_pika
from aio_pika.abc import DeliveryMode, HeadersType

from shared.events import Event
from shared.storage.documents import fields_of


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
            headers=self.headers(f"klikdesa/{service}"),
        )

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


def copy_of(message: aio_pika.abc.AbstractMessage, headers: Mapping[str, Any]) -> aio_pika.Message:
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
