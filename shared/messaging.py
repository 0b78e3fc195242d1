"""Consuming: one queue a service, one table of handlers, one middleware that never drops a message.

A table is `{ConsultationSubmitted: handlers.on_consultation_submitted, …}`. A handler returns: the
message is acknowledged. It raises: `shared/retry.py` decides whether the message is held, tried
again later or parked, and `shared/reliability.py` does it. Delivery is at least once and in any
order; handlers are cancelled in mid-await when the link breaks, so each of them has one effect,
which is idempotent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage

from shared import topology
from shared.errors import InvalidEvent, UnknownEvent
from shared.events import Event
from shared.publisher import HEARTBEAT, RECONNECT_INTERVAL, Publisher
from shared.reliability import KNOWN_TYPES, event_type, reliability

Subscriptions = Mapping[type[Any], Callable[[Any], Awaitable[None]]]
"""Event class → handler: everything a service listens to, in one glance."""


class Consumer:
    """The consuming side of one service, on a connection of its own."""

    def __init__(
        self,
        url: str,
        service: str,
        publisher: Publisher,
        subscriptions: Subscriptions,
        *,
        prefetch: int,
        stop_timeout: float,
    ) -> None:
        self._stopping = asyncio.Event()
        self._broker = RabbitBroker(
            f"{url}{'&' if '?' in url else '?'}heartbeat={HEARTBEAT}",
            fail_fast=False,
            reconnect_interval=RECONNECT_INTERVAL,
            client_properties={"connection_name": f"{service} consumes"},  # type: ignore[arg-type]
            default_channel=Channel(prefetch_count=prefetch),
            graceful_timeout=stop_timeout,
            # the safety net under the middleware: a rejected message is parked by the queue itself
            ack_policy=AckPolicy.REJECT_ON_ERROR,
            middlewares=(reliability(service, publisher, self._stopping),),
            logger=None,
        )
        subscribe(self._broker, service, subscriptions)

    async def start(self) -> None:
        """Consume; waits for RabbitMQ. The topology must have been declared."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the messages in hand, give back the others."""
        self._stopping.set()
        await self._broker.stop()

    async def connected(self) -> bool:
        return await self._broker.ping(timeout=1.0)


def subscribe(broker: RabbitBroker, service: str, subscriptions: Subscriptions) -> None:
    """Put the table on the service's queue; whatever is not in it is an unknown event."""
    subscriber = broker.subscriber(
        RabbitQueue(
            topology.main_queue(service), queue_type=QueueType.QUORUM, durable=True, declare=False
        ),
        no_reply=True,
        title=topology.main_queue(service),
    )
    for event, handler in subscriptions.items():
        subscriber(handler, filter=_is(event))
    subscriber(_refuse)


def _is(event: type[Event]) -> Callable[[RabbitMessage], bool]:
    return lambda message: event_type(message.headers) == event.type()


async def _refuse(message: RabbitMessage) -> None:
    kind = event_type(message.headers)
    if kind is None:
        raise InvalidEvent("no CloudEvents type in the headers")
    if kind in KNOWN_TYPES:
        raise UnknownEvent("an event that this service does not handle")
    raise UnknownEvent("a type or version that is not in shared/events.py")
