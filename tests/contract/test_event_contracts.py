"""Events stay readable: what was published once decodes for ever, and carries no personal data.

`tests/data/events/<type>/` holds payloads as they were sent when the type was new, hand-made. Add
to it; never change what is there: a change that breaks one of them needs a new version of its type.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from klik.contracts.docs import event_schema
from shared.events import EVENTS, ConsultationEvent, Event

CORPUS = Path(__file__).parents[1] / "data" / "events"
BY_TYPE = {event.type(): event for event in EVENTS}
GOLDEN = sorted(CORPUS.glob("*/*.json"))


def golden(type_: str, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CORPUS / type_ / f"{name}.json").read_text())
    return loaded


def name_of(value: object) -> str | None:
    return f"{value.parent.name}-{value.stem}" if isinstance(value, Path) else None


def changed(payload: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`payload` with the field at `path` (`region.desa`) set, or taken out where `value` is ...."""
    whole: dict[str, Any] = json.loads(json.dumps(payload))
    *way, last = path.split(".")
    place = whole
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return whole


# Reading


@pytest.mark.parametrize("type_", BY_TYPE)
def test_every_event_has_a_corpus(type_: str) -> None:
    names = {path.stem for path in GOLDEN if path.parent.name == type_}

    assert "future" in names, "add a payload with fields that we do not know"
    assert len(names) >= 3, "add a minimal and a full payload"


@pytest.mark.parametrize("path", GOLDEN, ids=name_of)
def test_golden_payload_decodes(path: Path) -> None:
    event = BY_TYPE[path.parent.name].model_validate_json(path.read_bytes())

    assert event == BY_TYPE[path.parent.name].model_validate(json.loads(path.read_bytes()))


@pytest.mark.parametrize("path", GOLDEN, ids=name_of)
def test_golden_payload_fits_the_published_schema(path: Path) -> None:
    schema = event_schema(BY_TYPE[path.parent.name])
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema).validate(json.loads(path.read_bytes()))


@pytest.mark.parametrize("path", [path for path in GOLDEN if path.stem != "future"], ids=name_of)
def test_no_field_of_a_golden_payload_is_lost(path: Path) -> None:
    """A field that was renamed or taken away would go unnoticed: unknown ones are ignored."""
    event = BY_TYPE[path.parent.name].model_validate_json(path.read_bytes())
    read_and_written = json.loads(event.model_dump_json())

    def assert_kept(sent: Any, kept: Any, at: str) -> None:
        if isinstance(sent, dict):
            assert sent.keys() <= kept.keys(), at
            for key in sent:
                assert_kept(sent[key], kept[key], f"{at}/{key}")

    assert_kept(json.loads(path.read_bytes()), read_and_written, "")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type())
def test_every_field_is_in_a_golden_payload(event: type[Event]) -> None:
    """Else nothing would show that a field was taken away again. A new one goes into a new file."""
    payloads = [
        json.loads(path.read_bytes()) for path in GOLDEN if path.parent.name == event.type()
    ]

    assert event.model_fields.keys() <= {key for payload in payloads for key in payload}


# Refusing

BAD_FOR_ALL: list[tuple[str, Any]] = [
    ("id", ...),
    ("id", "7"),
    ("sequence", ...),
    ("sequence", 0),
    ("sequence", -1),
    ("sequence", 1.5),
    ("time", ...),
    ("time", "2026-11-24T04:00:00"),
    ("time", "kemarin"),
]
BAD_OF_CONSULTATIONS: list[tuple[str, Any]] = [
    ("consultation", ...),
    ("consultation", None),
    ("region", ...),
    ("region.kecamatan", ...),
    ("region.kecamatan", "64.02"),
    ("region.kecamatan", "Tenggarong"),
    ("region.kecamatan", "64.02.06.1001"),
    ("region.kecamatan", "64/02/06"),
    ("region.desa", ""),
    ("region.desa", "64.02.06"),
    ("region.desa", "64.02.06.1001\n"),
    ("region.desa", "٦٤.02.06.1001"),
]
BAD: list[tuple[str, str, Any]] = [
    *[(type_, path, value) for type_ in BY_TYPE for path, value in BAD_FOR_ALL],
    *[
        (type_, path, value)
        for type_, event in BY_TYPE.items()
        if issubclass(event, ConsultationEvent)
        for path, value in BAD_OF_CONSULTATIONS
    ],
    ("klikdesa.consultation.submitted.v1", "topic", ...),
    ("klikdesa.consultation.submitted.v1", "topic", ""),
    ("klikdesa.consultation.submitted.v1", "topic", "dana desa"),
    ("klikdesa.consultation.submitted.v1", "role", "k" * 65),
    ("klikdesa.consultation.submitted.v1", "channel", "budi@example.com"),
    ("klikdesa.consultation.submitted.v1", "sdgs_goal", 0),
    ("klikdesa.consultation.submitted.v1", "sdgs_goal", 19),
    ("klikdesa.consultation.submitted.v1", "vulnerable", "sometimes"),
    ("klikdesa.consultation.submitted.v1", "submitted_at", ...),
    ("klikdesa.consultation.submitted.v1", "submitted_at", "2026-11-24T04:00:00"),
    ("klikdesa.consultation.submitted.v1", "received_at", None),
    ("klikdesa.case.assigned.v1", "officer", "Budi Santoso"),
    ("klikdesa.case.assigned.v1", "satgas", None),
    ("klikdesa.case.assigned.v1", "level", "province"),
    ("klikdesa.case.assigned.v1", "reason", ...),
    ("klikdesa.case.assigned.v1", "reason.rule", "by_hand"),
    ("klikdesa.case.assigned.v1", "reason.candidates", "petugas-1"),
    ("klikdesa.case.assigned.v1", "reason.turn", -1),
    ("klikdesa.case.held.v1", "reason", "tired"),
    ("klikdesa.consultation.transfer_requested.v1", "to_satgas", "Loa Kulu"),
    ("klikdesa.consultation.transfer_requested.v1", "reason", "he is a friend of mine"),
    ("klikdesa.case.reminder_due.v1", "deadline", ...),
    ("klikdesa.case.deadline_missed.v1", "late_seconds", -1),
    ("klikdesa.case.deadline_missed.v1", "clock", "lunch"),
    ("klikdesa.case.escalated.v1", "to_level", "bupati"),
    ("klikdesa.case.escalated.v1", "reason", "Budi did not answer"),
    ("klikdesa.case.silence_elapsed.v1", "since", "2026-11-24T04:00:00"),
    ("klikdesa.alert.sent.v1", "cause", "7"),
    ("klikdesa.alert.sent.v1", "attempts", 0),
    ("klikdesa.alert.sent.v1", "recipient", "budi@example.com"),
    ("klikdesa.alert.sent.v1", "provider_id", "budi@example.com"),
    ("klikdesa.alert.sent.v1", "provider_id", "<budi@example.com>"),
    ("klikdesa.alert.sent.v1", "provider_id", "250 OK queued"),
    ("klikdesa.alert.failed.v1", "attempts", -1),
    ("klikdesa.alert.failed.v1", "reason", "mailbox of Budi is full"),
    ("klikdesa.report.summarised.v1", "summary", ...),
    ("klikdesa.report.summarised.v1", "summary.every", "day"),
    ("klikdesa.report.summarised.v1", "summary.area", "Tenggarong"),
    ("klikdesa.report.summarised.v1", "summary.area", "64.02.06.1001"),
    ("klikdesa.report.summarised.v1", "summary.first", "kemarin"),
    ("klikdesa.report.summarised.v1", "summary.submitted", -1),
    ("klikdesa.report.summarised.v1", "summary.open_in_all", ...),
    ("klikdesa.report.summarised.v1", "summary.answer_p50_s", -0.5),
    ("klikdesa.report.summarised.v1", "summary.answer_days", 0),
    ("klikdesa.report.summarised.v1", "due", "2026-11-24T04:00:00"),
]


@pytest.mark.parametrize(("type_", "path", "value"), BAD)
def test_wrong_payload_is_refused(type_: str, path: str, value: Any) -> None:
    valid = json.loads(next(one for one in GOLDEN if one.parent.name == type_).read_bytes())

    with pytest.raises(ValidationError) as refused:
        BY_TYPE[type_].model_validate(changed(valid, path, value))

    places = {".".join(str(part) for part in error["loc"]) for error in refused.value.errors()}
    assert places == {path}, "refused for another reason"


# Privacy

#: None of these may fit a field. One word fits a code: what a person wrote is never made one.
PERSONAL = (
    "Budi Santoso",
    "budi@example.com",
    "+62 812 5555 1234",
    "Jl. Mawar No. 3, RT 04",
    "Apakah Dana Desa boleh untuk posyandu?",
    "baris\nbaris",
)


def strings(schema: Any, root: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    """Every schema inside `schema` that lets a string pass, with its place."""
    if "$ref" in schema:
        yield from strings(root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from strings(choice, root, at)
    for name, part in schema.get("properties", {}).items():
        yield from strings(part, root, f"{at}.{name}")
    if "items" in schema:
        yield from strings(schema["items"], root, f"{at}[]")
    typed = {"$ref", "anyOf", "oneOf", "allOf", "type", "const", "enum"} & schema.keys()
    untyped = not typed or (schema.get("type") == "object" and "properties" not in schema)
    if untyped or schema.get("type") == "string":
        yield at, schema


def could_be_personal(string: Mapping[str, Any]) -> bool:
    """Whether the schema is none of: one of a few words, an id, a time, a code."""
    if (
        "const" in string
        or "enum" in string
        or string.get("format") in ("uuid", "date", "date-time")
    ):
        return False
    pattern = string.get("pattern", "")
    closed = pattern.startswith("^") and pattern.endswith("$")
    return not closed or any(re.search(pattern, text) for text in PERSONAL)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type())
def test_no_field_can_carry_personal_data(event: type[Event]) -> None:
    schema = event_schema(event)
    found = list(strings(schema, schema))

    assert len(found) > 5
    assert [at for at, string in found if could_be_personal(string)] == []


@pytest.mark.parametrize(
    "free",
    [
        {"type": "string"},
        {"type": "string", "maxLength": 50},
        {"type": "string", "pattern": "^[A-Za-z .]+$"},
        {"type": "string", "pattern": "[a-z]+"},
        {"type": "string", "format": "email"},
        {"type": "object"},
        {},
    ],
)
def test_a_field_that_can_would_be_found(free: dict[str, Any]) -> None:
    """Else the test above would prove nothing."""
    note = {"type": "array", "items": {"anyOf": [free, {"type": "null"}]}}
    schema = {
        "type": "object",
        "properties": {"reason": {"$ref": "#/$defs/Reason"}},
        "$defs": {"Reason": {"type": "object", "properties": {"note": note}}},
    }

    ((at, found),) = strings(schema, schema)

    assert at == ".reason.note[]"
    assert could_be_personal(found)
