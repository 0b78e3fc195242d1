"""The tables of the topology agree with the services' code and with RabbitMQ 3.10 to 4.x."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from services.intake.handlers import Handlers as IntakeHandlers
from services.notify.handlers import Handlers as NotifyHandlers
from services.notify.webhooks.handlers import with_event_log
from services.reporting.handlers import Handlers as ReportingHandlers
from services.routing.handlers import Handlers as RoutingHandlers
from shared import reference
from shared.events import EVENTS, Event
from shared.messaging import topology
from shared.messaging.consumer import Subscriptions
from shared.messaging.retry import DELAYS

SERVICES = Path(__file__).parents[2] / "services"
NOTHING: Any = Mock()

TABLES: Mapping[str, Subscriptions] = {
    "intake": IntakeHandlers(NOTHING, NOTHING).subscriptions(),
    "routing": RoutingHandlers(NOTHING, NOTHING, NOTHING, NOTHING).subscriptions(),
    "notify": with_event_log(NOTHING, NotifyHandlers(*[NOTHING] * 6).subscriptions()),
    "reporting": ReportingHandlers(NOTHING, NOTHING).subscriptions(),
}
ALL_QUEUES = [queue for service in topology.SERVICES for queue in topology.queues(service)]


def matches(pattern: str, key: str) -> bool:
    """As a topic exchange does it: `*` is one word, `#` any number of them."""

    def rest(patterns: list[str], words: list[str]) -> bool:
        if not patterns:
            return not words
        if patterns[0] == "#":
            return any(rest(patterns[1:], words[skip:]) for skip in range(len(words) + 1))
        return bool(words) and patterns[0] in ("*", words[0]) and rest(patterns[1:], words[1:])

    return rest(pattern.split("."), key.split("."))


def routing_keys(event: type[Event]) -> list[str]:
    """The event's key for every kecamatan there is."""
    known = [one.code for one in reference.regions().values() if one.type == "kecamatan"]
    assert len(known) == 20
    return [f"{event.name}.{code}" for code in known]


def reached(key: str) -> set[str]:
    """The services whose queue gets a message with this key."""
    return {
        service
        for service in topology.SERVICES
        for queue in topology.queues(service)
        if any(matches(pattern, key) for pattern in queue.bindings)
    }


@pytest.mark.parametrize("service", topology.SERVICES)
def test_a_service_is_sent_what_it_handles(service: str) -> None:
    """What is sent and not handled would be parked; what is handled and not sent never comes."""
    sent = topology.BINDINGS[service]
    handled = {event.name for event in TABLES[service]}

    assert handled == ({event.name for event in EVENTS} if sent == ("#",) else set(sent))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type())
def test_an_event_reaches_exactly_those_who_handle_it(event: type[Event]) -> None:
    for key in routing_keys(event):
        assert "reporting" in reached(key)
        assert reached(key) == {name for name, table in TABLES.items() if event in table}


def test_topic_patterns_are_understood() -> None:
    assert matches("case.held.#", "case.held.64.02.06")
    assert matches("case.held.#", "case.held")
    assert matches("#", "anything.at.all")
    assert matches("case.*.64.#", "case.held.64.02.06")
    assert not matches("case.held.#", "case.held_again.64.02.06")
    assert not matches("case.held", "case.held.64.02.06")


def test_every_event_has_one_owner() -> None:
    published = [name for names in topology.PUBLISHES.values() for name in names]

    assert topology.PUBLISHES.keys() == topology.BINDINGS.keys()
    assert sorted(published) == sorted(event.name for event in EVENTS)


@pytest.mark.parametrize("service", topology.SERVICES)
def test_a_service_makes_the_events_that_it_owns_and_no_others(service: str) -> None:
    """Made where it is called, or where a table says so: `events.ConsultationClosed`."""
    names = {event.__name__: event.name for event in EVENTS}
    made = set()
    for path in (SERVICES / service).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made.add(node.func.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                made |= {node.attr} if node.value.id == "events" else set()

    assert {names[name] for name in made & names.keys()} == set(topology.PUBLISHES[service])


def test_types_and_names_of_events_are_unique() -> None:
    assert len({event.type() for event in EVENTS}) == len(EVENTS)
    assert all(event.type() == f"klikdesa.{event.name}.v{event.version}" for event in EVENTS)
    assert set(EVENTS) == set(concrete(Event)), "an event is not in EVENTS"


def concrete(event: type[Event]) -> list[type[Event]]:
    """The classes below `event` that others are not made from."""
    below = [sub for sub in event.__subclasses__() if sub.__module__ == Event.__module__]
    return [leaf for sub in below for leaf in concrete(sub)] or [event]


# Queues: their arguments are frozen once declared, so what is declared must work everywhere.

#: What RabbitMQ 3.10 and 4.x both take on a quorum queue, meaning the same.
PORTABLE: Mapping[str, type] = {
    "x-delivery-limit": int,
    "x-dead-letter-exchange": str,
    "x-dead-letter-routing-key": str,
    "x-dead-letter-strategy": str,
    "x-overflow": str,
    "x-message-ttl": int,
}


@pytest.mark.parametrize("queue", ALL_QUEUES, ids=lambda queue: queue.name)
def test_arguments_are_portable(queue: topology.Queue) -> None:
    for name, value in queue.arguments.items():
        assert type(value) is PORTABLE.get(name), f"{name} differs between RabbitMQ 3.10 and 4.x"
    if "x-delivery-limit" in queue.arguments:
        # -1 is unlimited on 4.x, and on 3.10 drops the message after its first return
        assert int(queue.arguments["x-delivery-limit"]) > 0


@pytest.mark.parametrize("queue", ALL_QUEUES, ids=lambda queue: queue.name)
def test_dead_letters_are_never_lost(queue: topology.Queue) -> None:
    if "x-dead-letter-exchange" not in queue.arguments:
        assert queue.name.endswith(".parked"), "only the end of the road drops messages"
        return
    # without `reject-publish` the strategy silently becomes at-most-once
    assert queue.arguments["x-dead-letter-strategy"] == "at-least-once"
    assert queue.arguments["x-overflow"] == "reject-publish"
    # to one queue by its name, which must be there, by what leads to this service's alone
    own = topology.exchange_to(queue.name)
    assert queue.arguments["x-dead-letter-exchange"] == own
    target = str(queue.arguments["x-dead-letter-routing-key"])
    assert target in {one.name for one in ALL_QUEUES}
    assert topology.exchange_to(target) == own


@pytest.mark.parametrize("queue", ALL_QUEUES, ids=lambda queue: queue.name)
def test_queues_of_a_version_before_mean_the_same(queue: topology.Queue) -> None:
    if queue.arguments_before is not None:
        assert queue.arguments_before["x-dead-letter-exchange"] == topology.DEFAULT_EXCHANGE
        changed = {"x-dead-letter-exchange": topology.DEFAULT_EXCHANGE}
        assert queue.arguments_before == {**queue.arguments, **changed}


@pytest.mark.parametrize("service", topology.SERVICES)
def test_queues_of_a_service(service: str) -> None:
    parked, main, *retries = topology.queues(service)

    assert main.name == f"klik.{service}"
    assert main.arguments["x-dead-letter-routing-key"] == parked.name
    # on 3.10 there is no limit unless one is given, and a poisonous message would go round for ever
    assert main.arguments["x-delivery-limit"] == topology.DELIVERY_LIMIT
    assert "x-message-ttl" not in {*main.arguments, *parked.arguments}
    assert [retry.arguments["x-message-ttl"] for retry in retries] == [
        delay.total_seconds() * 1000 for delay in DELAYS
    ]
    for retry in retries:
        assert retry.arguments["x-dead-letter-routing-key"] == main.name
        assert retry.bindings == ()
    assert parked.bindings == ()


def test_queue_names_are_unique() -> None:
    names = [queue.name for queue in ALL_QUEUES]

    assert len(set(names)) == len(names)
