"""What an operator sees of a parked message, and what stays hidden."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from klik.parked.view import UNKNOWN, WITHHELD, Parked, printable
from shared.events import ConsultationSubmitted
from shared.logs import traceparent
from shared.messaging.envelope import Envelope
from shared.messaging.reliability import ATTEMPT, ERROR, LAST_FAILED, QUEUE, REASON
from tests.support.builders import assigned, submitted

SECRET = "NAMARAHASIA"
PHONE = "081234567890"


def parked(
    body: bytes = b"", headers: Mapping[str, Any] | None = None, id_: str | None = None
) -> Parked:
    return Parked.of("routing", headers or {}, id_, body)


def seen(one: Parked) -> dict[str, str]:
    return {**dict(one.shown_headers()), **dict(one.shown_body())}


def everything(one: Parked) -> str:
    facts = (one.id, one.type, one.consultation, one.reason, one.error, one.attempts, one.at)
    return f"{facts} {seen(one)}"


def test_an_event_of_ours_is_shown_by_its_fields() -> None:
    event = submitted()
    headers = {
        **Envelope.of(event, traceparent()).headers("klikdesa/intake"),
        ATTEMPT: 5,
        LAST_FAILED: "2026-11-25T01:02:03.456+00:00",
        REASON: "attempts_exhausted",
        ERROR: "RuntimeError at routing/domain.py:12",
        QUEUE: "klik.routing",
    }
    one = parked(event.model_dump_json().encode(), headers, str(event.id))
    assert one.id == str(event.id)
    assert one.type == ConsultationSubmitted.type()
    assert one.consultation == str(event.consultation)
    assert (one.reason, one.attempts) == ("attempts_exhausted", 5)
    assert one.error == "RuntimeError at routing/domain.py:12"
    assert one.at == datetime(2026, 11, 25, 1, 2, 3, 456000, UTC)
    shown = seen(one)
    assert WITHHELD not in shown.values()
    assert json.loads(shown["region"]) == {"kecamatan": "64.02.06", "desa": "64.02.06.2012"}
    assert shown["topic"] == '"KEU-DD"'
    assert shown["cloudEvents_source"] == "klikdesa/intake"
    assert shown[ATTEMPT] == "5"


def wrong(**changes: Any) -> bytes:
    return json.dumps({**json.loads(submitted().model_dump_json()), **changes}).encode()


KNOWN = {"cloudEvents_type": ConsultationSubmitted.type()}


@pytest.mark.parametrize(
    ("body", "headers", "id_"),
    [
        (SECRET.encode(), KNOWN, SECRET),
        (b"\xff\xfe" + SECRET.encode(), KNOWN, PHONE),
        (json.dumps([SECRET]).encode(), KNOWN, None),
        (json.dumps(SECRET).encode(), KNOWN, None),
        (wrong(topic=f"{SECRET} dari desa"), KNOWN, None),
        (wrong(region={"kecamatan": SECRET, "desa": SECRET}), KNOWN, None),
        (wrong(consultation=SECRET), KNOWN, None),
        (wrong(**{SECRET: SECRET}), KNOWN, None),
        (json.dumps({"name": SECRET}).encode(), {}, None),
        (json.dumps({"topic": SECRET}).encode(), {"cloudEvents_type": "other.program.v1"}, None),
        (b"{}", {"cloudEvents_type": SECRET, SECRET: 1, "x-other": SECRET}, None),
        (b"{}", {**KNOWN, "cloudEvents_subject": SECRET, "traceparent": SECRET}, None),
        (b"{}", {**KNOWN, REASON: SECRET, ERROR: SECRET.lower(), QUEUE: SECRET}, None),
        (b"{}", {**KNOWN, LAST_FAILED: SECRET, ATTEMPT: SECRET, "cloudEvents_id": PHONE}, None),
        (b"{}", {**KNOWN, "x-death": [{"queue": "klik.routing", "reason": SECRET}]}, None),
        (b"{}", {**KNOWN, ERROR: f"E: {SECRET}", "x-death": [{"queue": "klik.routing"}]}, None),
        (b"{}", {**KNOWN, "x-death": SECRET, "x-first-death-queue": SECRET}, None),
    ],
)
def test_a_text_is_never_shown_wherever_it_is(
    body: bytes, headers: dict[str, Any], id_: str | None
) -> None:
    said = everything(parked(body, headers, id_)).lower()
    assert SECRET.lower() not in said
    assert PHONE not in said


def test_what_does_not_fit_is_named_and_counted() -> None:
    body = wrong(topic="a b", extra=1, more=2, sequence=None)
    shown = seen(parked(body, {**KNOWN, "x-other": 1, "x-more": 1, "traceparent": "no"}))
    assert shown["topic"] == f"WRONG (string_pattern_mismatch), {WITHHELD}"
    assert shown["sequence"].startswith("WRONG (int_type)")
    assert shown["2 other fields"] == shown["2 other headers"] == WITHHELD
    assert shown["traceparent"] == WITHHELD
    assert shown["kind"] == '"konsultasi"'
    assert seen(parked(b"{}", KNOWN))["consultation"] == "MISSING"
    assert "vulnerable" not in seen(parked(b"{}", KNOWN)), "it may be missing"


def test_what_rabbitmq_parked_itself_is_told_from_what_came_back_from_a_retry_queue() -> None:
    died = datetime(2026, 11, 25, 3, 0)
    again = {"queue": "klik.routing.retry.5s", "reason": "expired", "time": died}
    limit = {"queue": "klik.routing", "reason": "delivery_limit", "time": died}
    by_rabbitmq = parked(headers={"x-death": [limit, again], "x-first-death-reason": "expired"})
    assert by_rabbitmq.reason == "rabbitmq_delivery_limit"
    assert by_rabbitmq.at == died.replace(tzinfo=UTC)
    ours = parked(headers={"x-death": [again], REASON: "invalid_event", ERROR: "InvalidEvent: x"})
    assert (ours.reason, ours.error) == ("invalid_event", "InvalidEvent: x")


def test_a_message_without_an_id_gets_one_that_stays() -> None:
    first, again = parked(b"one"), parked(b"one")
    assert first.id == again.id
    assert first.id.startswith("made-")
    assert len({first.id, parked(b"two").id, parked(b"one", id_="a name").id}) == 3
    assert parked(id_=uuid.UUID(int=5).hex).id == uuid.UUID(int=5).hex


def test_nothing_at_all_is_still_shown() -> None:
    one = parked()
    assert (one.type, one.consultation, one.reason, one.error) == (UNKNOWN,) * 4
    assert (one.attempts, one.at) == (1, None)
    assert list(one.shown_headers()) == []
    assert seen(one)["body"].startswith("0 bytes, sha256 e3b0c442")


def test_nested_fields_that_nobody_knows_stay_hidden() -> None:
    event = json.loads(assigned().model_dump_json())
    event["region"]["note"] = SECRET
    shown = seen(
        parked(json.dumps(event).encode(), {"cloudEvents_type": "klikdesa.case.assigned.v1"})
    )
    assert SECRET not in str(shown)
    assert "kecamatan" in shown["region"]


def test_a_terminal_is_given_no_orders() -> None:
    assert printable("a\x1b[2Jb\tc\nd\x00") == "a\\x1b[2Jb\tc\nd\\x00"
