"""Exchange, queues and bindings of the whole system: data first, then one function to declare it.

An administrator declares everything before the first service runs (`klik provision`), so that an
event is kept for a service that has never run. A service declares what is its own, and no more: its
user may not (docs/decisions/0063). One declaration fits RabbitMQ 3.10 and 4.x: arguments are frozen
once declared, so a change here needs new queue names, or `arguments_before`.

    klik.publish (topic) ──► klik.events (topic) ──<name>.#──► klik.<service>
                                                                    │ (rejected, limit)
             klik.<service>.retry.5s|30s|5m|30m, klik.<service>.parked ◄──► klik.<service>.dlx

Events are published to `klik.publish` and listened to at `klik.events`. The way from one to the
other is opened last: while queues are being bound no event can reach some of them and miss the
others, it is refused and waits in its outbox (docs/decisions/0028). `klik.<service>.dlx` leads to
that service's queues and nowhere else: what RabbitMQ dead-letters goes by it, and what the service
puts aside.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from aio_pika import ExchangeType, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractQueue
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity, ChannelPreconditionFailed

from shared.events import EVENTS
from shared.messaging.retry import DELAYS, delay_name

PUBLISH_EXCHANGE = "klik.publish"
"""Where events are published."""
EXCHANGE = "klik.events"
"""Where queues are bound."""
SHARED_EXCHANGES = (PUBLISH_EXCHANGE, EXCHANGE)
"""What no service may declare."""
DEFAULT_EXCHANGE = ""
"""RabbitMQ's own, which leads to every queue: no service may publish to it."""

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
        "consultation.link_requested",
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

#: Seconds for RabbitMQ to say whether a service may publish.
TRIAL_SECONDS = 2.0

#: Parked messages are looked at again and again, and on RabbitMQ 4.0-4.2 every look counts as a
#: delivery; without a limit of its own 4.x would drop them after 20.
PARKED_DELIVERY_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue. `arguments` exclude the type; `bindings` are topic patterns."""

    name: str
    arguments: Mapping[str, str | int]
    bindings: tuple[str, ...] = field(default=())
    arguments_before: Mapping[str, str | int] | None = None
    """Of a version before, meaning the same: a queue that has them stays as it is."""


def subject_of(service: str) -> str:
    """What the names of its events begin with."""
    return next(subject for subject, owner in OWNERS.items() if owner == service)


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


def dead_letter_exchange(service: str) -> str:
    return f"klik.{service}.dlx"


def exchange_to(queue: str) -> str:
    """The exchange that leads to one of a service's queues, by the queue's name."""
    return dead_letter_exchange(queue.split(".")[1])


def queues(service: str) -> list[Queue]:
    """The queues of one service, those that dead-lettered messages go to before those they come
    from."""
    own = dead_letter_exchange(service)
    parked = Queue(parked_queue(service), {"x-delivery-limit": PARKED_DELIVERY_LIMIT})
    limit = {"x-delivery-limit": DELIVERY_LIMIT}
    main = Queue(
        main_queue(service),
        {**limit, **_dead_letters_to(parked.name, own)},
        tuple(name if name == "#" else f"{name}.#" for name in BINDINGS[service]),
        {**limit, **_dead_letters_to(parked.name, DEFAULT_EXCHANGE)},
    )
    retries = []
    for delay in DELAYS:
        ttl = {"x-message-ttl": int(delay.total_seconds() * 1000)}
        retries.append(
            Queue(
                retry_queue(service, delay),
                {**ttl, **_dead_letters_to(main.name, own)},
                arguments_before={**ttl, **_dead_letters_to(main.name, DEFAULT_EXCHANGE)},
            )
        )
    return [parked, main, *retries]


def _dead_letters_to(queue: str, exchange: str) -> dict[str, str | int]:
    """At least once: that strategy needs `reject-publish`."""
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def declare(connection: AbstractConnection) -> None:
    """Declare everything; safe to repeat.

    Raises `aiormq.exceptions.ChannelPreconditionFailed` where something of the same name exists
    with other arguments, `ChannelAccessRefused` where the user is not an administrator.
    """
    async with await connection.channel() as channel:
        events = await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)
        for service in SERVICES:
            await _declare_own(connection, service)
        await events.bind(await declare_publish_exchange(channel), "#")


async def declare_publish_exchange(channel: AbstractChannel) -> AbstractExchange:
    # a topic exchange, since of others RabbitMQ checks no routing keys
    return await channel.declare_exchange(PUBLISH_EXCHANGE, ExchangeType.TOPIC, durable=True)


async def declare_own(connection: AbstractConnection, service: str) -> None:
    """Declare what is this service's. Raises besides `ChannelNotFoundEntity` where the exchanges
    that all share are not there."""
    await _declare_own(connection, service)
    async with await connection.channel() as channel:
        await channel.declare_exchange(PUBLISH_EXCHANGE, passive=True)


async def mend(connection: AbstractConnection, service: str) -> bool:
    """Declare what the user may: everything, or what is this service's; whether it was all."""
    try:
        await declare(connection)
    except (ChannelAccessRefused, ChannelPreconditionFailed):
        # of its own as much as can be bound; where that is what differs, it is said here
        with suppress(ChannelNotFoundEntity):
            await _declare_own(connection, service)
        return False
    return True


async def begin(connection: AbstractConnection, service: str) -> None:
    """Have everything that a service needs, or raise as `declare_own` does; `ChannelAccessRefused`
    also where it could not publish."""
    try:
        await declare_own(connection, service)
    except ChannelNotFoundEntity:
        if not await mend(connection, service):
            raise
    # one that is short of memory or disk reads nothing from who publishes: then it is not known
    with suppress(TimeoutError):
        async with asyncio.timeout(TRIAL_SECONDS):
            await _try_to_publish(connection, service)


async def _try_to_publish(connection: AbstractConnection, service: str) -> None:
    """In a transaction that is taken back: rights are looked at, and no message is sent."""
    ways = {PUBLISH_EXCHANGE: PUBLISHES[service][0], dead_letter_exchange(service): ""}
    # closed with the link where RabbitMQ does not answer: to ask for that would wait as well
    channel = await connection.channel(publisher_confirms=False)
    trial = channel.transaction()
    await trial.select()
    for name, key in ways.items():
        exchange = await channel.get_exchange(name, ensure=False)
        await exchange.publish(Message(b""), key, mandatory=False)
    await trial.rollback()
    await channel.close()


async def _declare_own(connection: AbstractConnection, service: str) -> None:
    async with await connection.channel() as channel:
        await channel.declare_exchange(
            dead_letter_exchange(service), ExchangeType.DIRECT, durable=True
        )
    for queue in queues(service):
        try:
            await _declare_queue(connection, queue, queue.arguments)
        except ChannelPreconditionFailed as differs:
            if queue.arguments_before is None:
                raise
            try:
                await _declare_queue(connection, queue, queue.arguments_before)
            except ChannelPreconditionFailed:
                raise differs from None


async def _declare_queue(
    connection: AbstractConnection, queue: Queue, arguments: Mapping[str, str | int]
) -> None:
    async with await connection.channel() as channel:
        declared = await channel.declare_queue(
            queue.name, durable=True, arguments={"x-queue-type": "quorum", **arguments}
        )
        await bind(declared, queue)


async def bind(declared: AbstractQueue, queue: Queue) -> None:
    """Bind `queue`; nothing changes where it is bound already."""
    await declared.bind(exchange_to(queue.name), queue.name)
    for pattern in queue.bindings:
        await declared.bind(EXCHANGE, pattern)
