"""Messages that no service can handle."""

import uuid
from typing import Any

import aio_pika

from shared.events import ConsultationSubmitted
from shared.messaging.signing import Signing
from tests.support.builders import submitted
from tests.support.keys import signed


def garbage(service: str, signing: Signing) -> dict[str, aio_pika.Message]:
    """By what is wrong with them; `reasons` tells what each is parked for. All the same they are
    signed for `service`, where it is sent anything by the one who owns their type."""
    event = submitted()
    body = event.model_dump_json().encode()

    def message(body: bytes, type_: str | None, content_type: str = "application/json") -> Any:
        headers: Any = {"cloudEvents_type": type_} if type_ else {}
        message = aio_pika.Message(
            body, content_type=content_type, headers=headers, message_id=uuid.uuid4().hex
        )
        return signed(message, service, signing)

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
    why = {
        "not JSON": "invalid_event",
        "wrong fields": "invalid_event",
        "no type": "forged",
        "unknown type": "unknown_event",
        "future version": "unknown_event",
        "other content type": "invalid_event",
    }
    # intake itself is who tells of consultations, and is not told of them
    return why if service != "intake" else dict.fromkeys(why, "forged")
