"""Messages that no service can handle."""

import uuid
from typing import Any

import aio_pika

from shared.events import ConsultationSubmitted
from tests.support.builders import submitted


def garbage() -> dict[str, aio_pika.Message]:
    """By what is wrong with them; `reasons` tells what each is parked for."""
    event = submitted()
    body = event.model_dump_json().encode()

    def message(body: bytes, type_: str | None, content_type: str = "application/json") -> Any:
        headers: Any = {"cloudEvents_type": type_} if type_ else {}
        return aio_pika.Message(
            body, content_type=content_type, headers=headers, message_id=uuid.uuid4().hex
        )

    future = ConsultationSubmitted.type().replace(".v1", ".v2")
    return {
        "not JSON": message(b"\xff\xfe bukan json", ConsultationSubmitted.type()),
        "wrong fields": message(b'{"id": 1}', ConsultationSubmitted.type()),
        "no type": message(body, None),
        "unknown type": message(body, "klikdesa.consultation.exploded.v1"),
        "future version": message(body, future),
        "other content type": message(b"<x/>", ConsultationSubmitted.type(), "text/xml"),
    }


def reasons(service: str) -> dict[str, str]:
    """What each is parked for, by a service."""
    listens = service != "intake"  # to consultation.submitted
    unknown_here = "invalid_event" if listens else "unknown_event"
    return {
        "not JSON": unknown_here,
        "wrong fields": unknown_here,
        "no type": "invalid_event",
        "unknown type": "unknown_event",
        "future version": "unknown_event",
        "other content type": unknown_here,
    }
