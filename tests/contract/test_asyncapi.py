"""docs/asyncapi.json is a valid AsyncAPI document, and what it says is what is sent."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from klik.contracts.asyncapi import asyncapi
from shared.events import EVENTS, Event
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from tests.support.keys import TEST_SIGNING

DATA = Path(__file__).parents[1] / "data"
OFFICIAL = json.loads((DATA / "asyncapi" / "3.0.0.json").read_text())
DOCUMENT = asyncapi()


def broken(*path: str, value: Any) -> dict[str, Any]:
    """The document with one place in it set, or taken out where `value` is ...."""
    document = copy.deepcopy(DOCUMENT)
    *way, last = path
    place = document
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def resolve(reference: str) -> Any:
    assert reference.startswith("#/")
    place: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        place = place[part]
    return place


def test_document_fits_the_official_schema() -> None:
    errors = list(Draft7Validator(OFFICIAL).iter_errors(DOCUMENT))

    assert [f"{error.json_path}: {error.message}"[:300] for error in errors] == []


@pytest.mark.parametrize(
    "document",
    [
        broken("asyncapi", value="2.6.0"),
        broken("info", "title", value=...),
        broken("unknown", value=1),
        broken("channels", "klik.intake", "address", value=7),
        broken("channels", "klik.intake", "bindings", "amqp", "is", value="mailbox"),
        broken("channels", "klik.intake", "bindings", "amqp", "queue", "durable", value="yes"),
        broken("operations", "intake.receive", "action", value="publish"),
        broken("operations", "intake.receive", "bindings", "amqp", "ack", value="yes"),
        broken("components", "messages", "klikdesa.case.held.v1", "payload", value=7),
        broken("components", "schemas", "Region", "type", value="village"),
    ],
)
def test_official_schema_refuses_a_broken_document(document: dict[str, Any]) -> None:
    """Else the test above would prove nothing."""
    assert not Draft7Validator(OFFICIAL).is_valid(document)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 10

    for reference in found:
        assert isinstance(resolve(reference), dict), reference


def test_operations_use_messages_of_their_own_channel() -> None:
    for name, operation in DOCUMENT["operations"].items():
        channel = operation["channel"]["$ref"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/"), name


def test_every_service_and_every_event_is_documented() -> None:
    operations = DOCUMENT["operations"]

    assert {tag["name"] for one in operations.values() for tag in one["tags"]} == set(
        topology.SERVICES
    )
    for event in EVENTS:
        (owner,) = (name for name, events in topology.PUBLISHES.items() if event.name in events)
        assert operations[f"{owner}.send.{event.name}"]["action"] == "send"
        assert {"$ref": f"#/channels/klik.reporting/messages/{event.type()}"} in operations[
            "reporting.receive"
        ]["messages"]


def test_nothing_of_the_catch_all_handler_is_documented() -> None:
    assert "_refuse" not in json.dumps(DOCUMENT)
    assert "Refuse" not in json.dumps(DOCUMENT)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type())
def test_a_real_message_is_as_documented(event: type[Event]) -> None:
    """Headers, routing key and body as `shared/messaging/publisher.py` sends them."""
    (owner,) = (name for name, events in topology.PUBLISHES.items() if event.name in events)
    message = DOCUMENT["components"]["messages"][event.type()]
    address = DOCUMENT["channels"][event.name]["address"]

    for path in (DATA / "events" / event.type()).glob("*.json"):
        fact = event.model_validate_json(path.read_bytes())
        envelope = Envelope.of(fact, traceparent())
        sent = envelope.message(owner)
        TEST_SIGNING.sign(sent)
        headers = dict(sent.headers)

        assert headers.keys() == message["headers"]["properties"].keys()
        Draft7Validator(message["headers"], format_checker=FormatChecker()).validate(headers)
        payload = resolve(message["payload"]["$ref"]) | {"components": DOCUMENT["components"]}
        Draft7Validator(payload).validate(json.loads(envelope.body))
        assert envelope.routing_key == address.format(kecamatan=fact.area, area=fact.area)
        assert message["bindings"]["amqp"]["messageType"] == envelope.type
