"""Exchange, queues and bindings of the whole system: data first, then one function to declare it.

Every service declares everything at start, so that an event published by the first service up is
kept for a service that has never run. One declaration fits RabbitMQ 3.10 and 4.x: its arguments
are frozen once declared, so a change here needs new queue names.

    klik.publish ──► klik.events (topic) ──<name>.#──► klik.<service> ──(rejected, limit)──► …parked
                                                       ▲
                  klik.<service>.retry.5s|30s|5m|30m ──┘  (after the delay, to this queue only)

Events are published to `klik.publish` and listened to at `klik.events`. The way from one to the
other is opened last: while queues are being bound no event can reach some of them and miss the
others, it is refused and waits in its outbox (docs/decisions/0028).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractQueue

from shared.events import EVENTS
from shared.messaging.retry import DELAYS, delay_name

PUBLISH_EXCHANGE = "klik.publish"
"""Where events are published."""
EXCHANGE = "klik.events"
"""Where queues are bound."""

BINDINGS: Mapping[str, tuple[str, ...]] = {
    "intake": (
        "case.assigned",
        "case.held",
        "case.reminder_due",
        "case.deadline_missed",
        "case.escalated",
        "case.silence_elapsed",
    ),
    "routing": (
        "consultation.submitted",
        "consultation.acknowledged",
        "consultation.answered",
        "consultation.question_asked",
        "consultation.reply_received",
        "consultation.closed",
        "consultation.reopened",
        "consultation.withdrawn",
        "consultation.rejected",
        "consultation.erased",
        "consultation.transfer_requested",
        "consultation.escalation_requested",
    ),
    "notify": (
        "consultation.submitted",
        "consultation.acknowledged",
        "consultation.answered",
        "consultation.question_asked",
        "consultation.reply_received",
        "consultation.closed",
        "consultation.reopened",
        "consultation.withdrawn",
        "consultation.rejected",
        "consultation.rated",
        "consultation.erased",
        "consultation.transfer_requested",
        "consultation.escalation_requested",
        "case.assigned",
        "case.held",
        "case.reminder_due",
        "case.deadline_missed",
        "case.escalated",
        "case.silence_elapsed",
        "report.summarised",
    ),
    "reporting": ("#",),
}
"""Which events each service is sent. `tests/contract` holds this against the services' tables."""

OWNERS: Mapping[str, str] = {
    "consultation": "intake",
    "case": "routing",
    "alert": "notify",
    "report": "reporting",
}
"""What an event's name begins with, and the service that tells of it."""

PUBLISHES: Mapping[str, tuple[str, ...]] = {
    service: tuple(event.name for event in EVENTS if event.name.startswith(f"{subject}."))
    for subject, service in OWNERS.items()
}
"""Which events each service tells: every event has one owner. Held against the code likewise."""

SERVICES: tuple[str, ...] = tuple(BINDINGS)

CONSUMERS: Mapping[str, tuple[str, ...]] = {
    event.name: tuple(
        service for service, names in BINDINGS.items() if event.name in names or "#" in names
    )
    for event in EVENTS
}
"""Event name → the services that are sent it."""

PAIRS: frozenset[tuple[str, str]] = frozenset(
    (publisher, consumer)
    for publisher, names in PUBLISHES.items()
    for name in names
    for consumer in CONSUMERS[name]
)
"""Publisher and consumer of at least one event."""

#: Deliveries after which RabbitMQ itself parks a message: only crashes and deployments count here,
#: our own attempts are counted in a header. Required on 3.10, where there is no default.
DELIVERY_LIMIT = 20

#: Parked messages are looked at again and again, and on RabbitMQ 4.0-4.2 every look counts as a
#: delivery; without a limit of its own 4.x would drop them after 20.
PARKED_DELIVERY_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue. `arguments` exclude the type; `bindings` are topic patterns."""

    name: str
    arguments: Mapping[str, str | int]
    bindings: tuple[str, ...] = field(default=())


def owner_of(type_: str | None) -> str | None:
    """The service whose word events of this CloudEvents type are, also where nobody here knows the
    type itself; None where they are nobody's."""
    words = (type_ or "").split(".")
    return OWNERS.get(words[1]) if words[0] == "klikdesa" and len(words) > 2 else None


def main_queue(service: str) -> str:
    return f"klik.{service}"


def retry_queue(service: str, delay: timedelta) -> str:
    return f"klik.{service}.retry.{delay_name(delay)}"


def parked_queue(service: str) -> str:
    return f"klik.{service}.parked"


def queues(service: str) -> list[Queue]:
    """The queues of one service, those that dead-lettered messages go to before those they come
    from."""
    parked = Queue(parked_queue(service), {"x-delivery-limit": PARKED_DELIVERY_LIMIT})
    main = Queue(
        main_queue(service),
        {"x-delivery-limit": DELIVERY_LIMIT, **_dead_letters_to(parked.name)},
        tuple(name if name == "#" else f"{name}.#" for name in BINDINGS[service]),
    )
    retries = [
        Queue(
            retry_queue(service, delay),
            {
                "x-message-ttl": int(delay.total_seconds() * 1000),
                **_dead_letters_to(main.name),
            },
        )
        for delay in DELAYS
    ]
    return [parked, main, *retries]


def _dead_letters_to(queue: str) -> dict[str, str | int]:
    """Through the default exchange, at least once: that strategy needs `reject-publish`."""
    return {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def declare(channel: AbstractChannel) -> None:
    """Declare everything; safe to repeat.

    Raises `aiormq.exceptions.ChannelPreconditionFailed` where a queue of the same name exists with
    other arguments.
    """
    events = await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)
    for service in SERVICES:
        for queue in queues(service):
            declared = await channel.declare_queue(
                queue.name, durable=True, arguments={"x-queue-type": "quorum", **queue.arguments}
            )
            await bind(declared, queue)
    publish = await channel.declare_exchange(PUBLISH_EXCHANGE, ExchangeType.FANOUT, durable=True)
    await events.bind(publish)


async def bind(declared: AbstractQueue, queue: Queue) -> None:
    """Bind `queue` by its patterns; nothing changes where it is bound already."""
    for pattern in queue.bindings:
        await declared.bind(EXCHANGE, pattern)
