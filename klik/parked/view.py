"""What an operator sees of a parked message: codes, ids and times, and never a text.

An event holds nothing private, but what is parked may be anything: another program's mistake, with
a name or a telephone number in it. So only known headers are shown, and only where the value is of
the kind that belongs there; of the body, the fields of its event class that fit. The rest is
counted.
Pure: no broker, no clock.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from shared.errors import ForgedEvent, InvalidEvent, PermanentError, UnfitEvent, UnknownEvent
from shared.events import EVENTS, Event
from shared.messaging import reliability, signing, topology
from shared.messaging.envelope import event_type
from shared.messaging.retry import EXHAUSTED

UNKNOWN = "-"
WITHHELD = "(withheld)"

_ID = r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)?"
_TYPE = r"klikdesa\.[a-z_]+\.[a-z_]+\.v[0-9]+"
_QUEUE = r"klik\.[a-z]+(\.[a-z0-9]+)*"
_NUMBER = r"[0-9]{1,9}"
_REASONS = (
    ForgedEvent.reason,
    UnfitEvent.reason,
    UnknownEvent.reason,
    InvalidEvent.reason,
    PermanentError.reason,
    EXHAUSTED,
)
#: As `shared.errors.describe` and our own errors write it.
_ERROR = r"[A-Z][A-Za-z]+(: | at |$)[ -~]{0,500}"
_DEATH = r"(rejected|expired|maxlen|delivery_limit)"

#: Header → what its value must look like to be shown.
_SHOWN: Mapping[str, str] = {
    "cloudEvents_specversion": r"[0-9]\.[0-9]",
    "cloudEvents_id": _ID,
    "cloudEvents_source": r"klikdesa/[a-z]+",
    "cloudEvents_type": _TYPE,
    "cloudEvents_subject": _ID,
    "cloudEvents_time": _TIME,
    "traceparent": r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
    signing.SIGNATURES: signing.SIGNATURE_LIST,
    reliability.ATTEMPT: _NUMBER,
    reliability.FIRST_FAILED: _TIME,
    reliability.LAST_FAILED: _TIME,
    reliability.REASON: "|".join(_REASONS),
    reliability.ERROR: _ERROR,
    reliability.QUEUE: _QUEUE,
    "x-delivery-count": _NUMBER,
    "x-first-death-reason": _DEATH,
    "x-first-death-queue": _QUEUE,
    "x-last-death-reason": _DEATH,
    "x-last-death-queue": _QUEUE,
}
_CLASSES: Mapping[str, type[Event]] = {event.type(): event for event in EVENTS}


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked message. `body` and `headers` are as they came: never to be printed."""

    service: str
    id: str
    """The message's id where it is one, else made of what the message holds: the same each time."""
    type: str
    consultation: str
    reason: str
    error: str
    attempts: int
    at: datetime | None
    """When it was parked, where that is known."""
    headers: Mapping[str, Any]
    body: bytes

    @classmethod
    def of(
        cls, service: str, headers: Mapping[str, Any], message_id: str | None, body: bytes
    ) -> "Parked":
        death = _parked_by_rabbitmq(service, headers)
        reason = f"rabbitmq_{death['reason']}" if death else headers.get(reliability.REASON)
        return cls(
            service=service,
            id=_fits(_ID, message_id) or _made_id(message_id, body),
            type=_fits(_TYPE, event_type(headers)) or UNKNOWN,
            consultation=_fits(_ID, headers.get("cloudEvents_subject")) or UNKNOWN,
            reason=_fits(f"{'|'.join(_REASONS)}|rabbitmq_{_DEATH}", reason) or UNKNOWN,
            # of what RabbitMQ itself parked nobody of ours has written the headers
            error=(None if death else _fits(_ERROR, headers.get(reliability.ERROR))) or UNKNOWN,
            attempts=reliability.attempt_of(headers),
            at=_moment(death["time"] if death else headers.get(reliability.LAST_FAILED)),
            headers=headers,
            body=body,
        )

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def shown_headers(self) -> Iterator[tuple[str, str]]:
        """Known headers, with their value where it is what it should be; then a count of others."""
        for name, pattern in _SHOWN.items():
            if name in self.headers:
                yield name, _fits(pattern, self.headers[name]) or WITHHELD
        others = [name for name in self.headers if name not in _SHOWN]
        if others:
            yield f"{len(others)} other headers", WITHHELD

    def shown_body(self) -> Iterator[tuple[str, str]]:
        """The fields of its event that fit; what is wrong with those that do not."""
        yield "body", f"{len(self.body)} bytes, sha256 {self.sha256}"
        event = _CLASSES.get(self.type)
        if event is None:
            yield "fields", "not shown: not an event that is known here"
            return
        try:
            data = json.loads(self.body)
        except ValueError:
            yield "fields", "none: the body is not JSON in UTF-8"
            return
        if not isinstance(data, dict):
            yield "fields", "none: the body is not a JSON object"
            return
        yield from _fields(event, data)
        others = len(data.keys() - event.model_fields.keys())
        if others:
            yield f"{others} other fields", WITHHELD


def printable(text: str) -> str:
    """`text` without what a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def _fields(event: type[Event], data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, field in event.model_fields.items():
        if name not in data:
            if field.is_required():
                yield name, "MISSING"
            continue
        try:
            adapter: TypeAdapter[Any] = TypeAdapter(_annotated(field))
            value = adapter.dump_python(adapter.validate_python(data[name]), mode="json")
        except ValidationError as error:
            problems = sorted({one["type"] for one in error.errors(include_input=False)})
            yield name, f"WRONG ({', '.join(problems)}), {WITHHELD}"
        else:
            yield name, json.dumps(value, ensure_ascii=False)


def _annotated(field: FieldInfo) -> Any:
    return Annotated[field.annotation, field]


def _parked_by_rabbitmq(service: str, headers: Mapping[str, Any]) -> dict[str, Any] | None:
    """Its last death, where that was in the service's own queue: rejected, or delivered too often.
    What came back from a retry queue has died there."""
    deaths = headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    if isinstance(last, dict) and last.get("queue") == topology.main_queue(service):
        return {"reason": last.get("reason"), "time": last.get("time")}
    return None


def _made_id(message_id: str | None, body: bytes) -> str:
    digest = hashlib.sha256(f"{message_id}:".encode() + body).hexdigest()
    return f"made-{digest[:16]}"


def _fits(pattern: str, value: Any) -> str | None:
    text = str(value) if isinstance(value, str | int) else ""
    return text if re.fullmatch(pattern, text) else None


def _moment(value: Any) -> datetime | None:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
