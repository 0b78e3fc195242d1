"""The AsyncAPI 3.0 document of the whole system: who sends and receives what, and where.

Written from the same tables that the services are wired from (`shared/events.py`,
`shared/messaging/topology.py`), not from FastStream's broker objects.
"""

from typing import Any

from shared.events import EVENTS, ConsultationEvent, Event
from shared.messaging import reliability, signing, topology
from shared.messaging.envelope import BATCH

Json = dict[str, Any]


def received(service: str) -> list[type[Event]]:
    """The events that the service's queue is bound to."""
    names = topology.BINDINGS[service]
    return [event for event in EVENTS if event.name in names or "#" in names]


def sent(service: str) -> list[type[Event]]:
    return [event for event in EVENTS if event.name in topology.PUBLISHES[service]]


# FastStream can generate an AsyncAPI document, one for each broker object. It is not used, since
# what it would say of this system is little and partly wrong: four documents instead of one, our
# catch-all handler shown as a message without payload, no headers although the event's type is in
# one, a correlation id that we do not send, publishing documented as transient. The tables that
# the services are wired from say it all.


def asyncapi() -> Json:
    """The whole system in one document; an operation's tag says whose it is."""
    channels: Json = {event.name: _event_channel(event) for event in EVENTS}
    operations: Json = {}
    for service in topology.SERVICES:
        main = topology.main_queue(service)
        channels[main] = _queue_channel(service)
        channels[topology.parked_queue(service)] = _parked_channel(service)
        operations[f"{service}.receive"] = _receive(service)
        operations[f"{service}.park"] = _park(service)
        for event in sent(service):
            operations[f"{service}.send.{event.name}"] = _send(service, event)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Klik Desa",
            "version": "1",
            "description": (
                f"Events of the topic exchange `{topology.EXCHANGE}`, CloudEvents 1.0 in binary "
                "mode, delivered at least once and in any order. Several of one type and moment "
                f"come in one message, of the content type `{BATCH}` (CloudEvents' JSON batch "
                "format: an array of events in structured mode, `data` as the payload here); it "
                "is sent to whoever is bound for any of them, so look at each event's region "
                "where you want one kecamatan. Bind a queue of your own with "
                "`<event>.#` for all of an event, or `<event>.<kecamatan>` for one kecamatan. "
                f"The services publish to `{topology.PUBLISH_EXCHANGE}`, which passes everything "
                "on to it. Ignore fields and types that you do not know."
            ),
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "rabbitmq": {
                "host": "rabbitmq:5672",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "RabbitMQ 3.10 or newer",
                "security": [{"type": "userPassword"}],
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                **{event.type(): _message(event) for event in EVENTS},
                "parked": _parked_message(),
            },
            "schemas": _payloads(),
        },
    }


def _event_channel(event: type[Event]) -> Json:
    return {
        "address": f"{event.name}.{{{_area(event)}}}",
        "description": event.__doc__,
        "parameters": {_area(event): _AREAS[_area(event)]},
        "messages": _messages([event]),
        "bindings": _amqp(
            {
                "is": "routingKey",
                "exchange": {
                    "name": topology.EXCHANGE,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                },
            }
        ),
    }


def _area(event: type[Event]) -> str:
    return "kecamatan" if issubclass(event, ConsultationEvent) else "area"


_AREAS: Json = {
    "kecamatan": {
        "description": "Kemendagri code of the kecamatan",
        "examples": ["64.02.06"],
        "location": "$message.payload#/region/kecamatan",
    },
    "area": {
        "description": "Kemendagri code of the kecamatan, or of the kabupaten",
        "examples": ["64.02.06", "64.02"],
        "location": "$message.payload#/summary/area",
    },
}


def _queue_channel(service: str) -> Json:
    """The queue, with what AsyncAPI's binding has no words for: arguments, bindings, retries."""
    queues = {queue.name: queue for queue in topology.queues(service)}
    main = queues.pop(topology.main_queue(service))
    del queues[topology.parked_queue(service)]
    return _queue(main) | {
        "description": f"What {service} is sent.",
        "messages": _messages(received(service)),
        "x-exchange": topology.EXCHANGE,
        "x-routing-keys": list(main.bindings),
        "x-retry-queues": {name: _arguments(queue) for name, queue in queues.items()},
    }


def _parked_channel(service: str) -> Json:
    name = topology.parked_queue(service)
    queue = next(queue for queue in topology.queues(service) if queue.name == name)
    return _queue(queue) | {
        "description": f"What {service} could not handle, until an operator looks at it.",
        "messages": {"parked": {"$ref": "#/components/messages/parked"}},
    }


def _queue(queue: topology.Queue) -> Json:
    properties = {"name": queue.name, "durable": True, "exclusive": False, "autoDelete": False}
    return {
        "address": queue.name,
        "bindings": _amqp({"is": "queue", "queue": properties}),
        "x-arguments": _arguments(queue),
    }


def _arguments(queue: topology.Queue) -> Json:
    return {"x-queue-type": "quorum", **queue.arguments}


def _receive(service: str) -> Json:
    queue = topology.main_queue(service)
    return _operation(service, "receive", queue, [event.type() for event in received(service)]) | {
        "bindings": _amqp({"ack": True})
    }


def _send(service: str, event: type[Event]) -> Json:
    return _operation(service, "send", event.name, [event.type()]) | {
        "bindings": _amqp({"deliveryMode": 2, "mandatory": True, "timestamp": True})
    }


def _park(service: str) -> Json:
    return _operation(service, "send", topology.parked_queue(service), ["parked"]) | {
        "bindings": _amqp({"deliveryMode": 2, "mandatory": True})
    }


def _operation(service: str, action: str, channel: str, messages: list[str]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
        "tags": [{"name": service}],
    }


def _messages(events: list[type[Event]]) -> Json:
    types = [event.type() for event in events]
    return {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in types}


def _message(event: type[Event]) -> Json:
    owner = next(name for name in topology.SERVICES if event in sent(name))
    return {
        "name": event.type(),
        "title": event.__name__,
        "summary": event.__doc__,
        "contentType": "application/json",
        "correlationId": {
            "description": _SUBJECTS[_area(event)]["description"],
            "location": "$message.header#/cloudEvents_subject",
        },
        "headers": _headers(event, owner),
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": _amqp({"messageType": event.type()}),
    }


def _headers(event: type[Event], owner: str) -> Json:
    """As `shared/messaging/publisher.py` writes them."""
    properties: Json = {
        "cloudEvents_specversion": {"type": "string", "const": "1.0"},
        "cloudEvents_id": {
            "type": "string",
            "format": "uuid",
            "description": "Equal to `id` and to AMQP's message-id: a repeated delivery repeats it",
        },
        "cloudEvents_source": {"type": "string", "const": f"klikdesa/{owner}"},
        "cloudEvents_type": {"type": "string", "const": event.type()},
        "cloudEvents_subject": _SUBJECTS[_area(event)],
        "cloudEvents_time": {"type": "string", "format": "date-time"},
        "traceparent": {
            "type": "string",
            "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
            "description": "W3C Trace Context",
        },
        signing.SIGNATURES: {
            "type": "string",
            "pattern": f"^{signing.SIGNATURE_LIST}$",
            "description": (
                "Of its publisher, for each service that is sent it: `routing=<key id>:<HMAC>`. "
                "HMAC-SHA256 in base64, over type, NUL, content type, NUL and the SHA-256 of the "
                "body, with a key of publisher and consumer. The services park what has none as "
                "`forged`; others, who have no keys, leave it"
            ),
        },
    }
    return {"type": "object", "required": sorted(properties), "properties": properties}


_SUBJECTS: Json = {
    "kecamatan": {
        "type": "string",
        "format": "uuid",
        "description": "The consultation: equal to `consultation`",
    },
    "area": {
        "type": "string",
        "pattern": "^(week|month)/[0-9.]+/[0-9-]{10}$",
        "description": "What is summed up: `every`, `area` and `first` of the summary",
    },
}


def _parked_message() -> Json:
    """As it came; headers of ours beside its own (`shared/messaging/reliability.py`)."""
    properties: Json = {
        reliability.REASON: {"type": "string", "description": "Why, as a code"},
        reliability.ERROR: {"type": "string", "description": "What went wrong, without values"},
        reliability.ATTEMPT: {"type": "integer", "minimum": 1},
        reliability.FIRST_FAILED: {"type": "string", "format": "date-time"},
        reliability.LAST_FAILED: {"type": "string", "format": "date-time"},
        reliability.QUEUE: {"type": "string", "description": "Where it was to be handled"},
    }
    return {
        "name": "parked",
        "title": "A message put aside",
        "summary": "The message as it came. Headers are missing where RabbitMQ itself parked it.",
        "headers": {"type": "object", "properties": properties},
        "payload": {},
    }


def _payloads() -> Json:
    schemas: Json = {}
    for event in EVENTS:
        schema = event.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[event.__name__] = schema
    return schemas


def _amqp(binding: Json) -> Json:
    return {"amqp": {**binding, "bindingVersion": "0.3.0"}}
