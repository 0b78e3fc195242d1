"""Consuming: one queue a service, one table of handlers, and no message that is ever dropped.

A table is `{ConsultationSubmitted: handlers.on_consultation_submitted, …}`. A handler returns: the
message is acknowledged. It raises: `retry.py` decides whether the message is held, tried
again later or parked, and `reliability.py` does it. Delivery is at least once and in any
order; handlers are cancelled in mid-await when the link breaks, so each of them has one effect,
which is idempotent.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, cast

import aiormq
from aio_pika import RobustChannel
from aio_pika.abc import AbstractIncomingMessage, AbstractMessage
from aiormq.exceptions import AMQPError
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage
from faststream.rabbit.subscriber import RabbitSubscriber

from shared.errors import InvalidEvent, UnknownEvent, describe
from shared.events import Event
from shared.messaging import topology
from shared.messaging.connection import HEARTBEAT_SECONDS
from shared.messaging.envelope import BATCH, event_type
from shared.messaging.publisher import RECONNECT_SECONDS, Publisher
from shared.messaging.reliability import (
    KNOWN_TYPES,
    RECOVERY_PAUSE_SECONDS,
    Reliability,
)
from shared.messaging.retry import HOLD_AT_MOST
from shared.messaging.signing import Signing

log = logging.getLogger(__name__)

Subscriptions = Mapping[type[Any], Callable[[Any], Awaitable[None]]]
"""Event class → handler: everything a service listens to, in one glance."""

JSON = "application/json"

#: Seconds to wait for the consumer's channel: it is there, or the link is down.
CHANNEL_SECONDS = 0.5


class Consumer:
    """The consuming side of one service, on a connection of its own."""

    def __init__(
        self,
        url: str,
        service: str,
        publisher: Publisher,
        subscriptions: Subscriptions,
        signing: Signing,
        *,
        prefetch: int,
        stop_timeout: float,
        heartbeat_seconds: int = HEARTBEAT_SECONDS,
        pause_seconds: float = RECOVERY_PAUSE_SECONDS,
        hold_at_most: timedelta = HOLD_AT_MOST,
    ) -> None:
        self._publisher = publisher
        self._reliability = Reliability(
            service,
            handling(subscriptions),
            publisher,
            signing,
            at_once=prefetch,
            pause_seconds=pause_seconds,
            hold_at_most=hold_at_most,
        )
        self.in_flight = self._reliability.in_flight
        self.cancelled = False
        """RabbitMQ has ended the consumer since it last began: its queue was deleted."""
        self._broker = RabbitBroker(
            f"{url}{'&' if '?' in url else '?'}heartbeat={heartbeat_seconds}",
            fail_fast=False,
            reconnect_interval=RECONNECT_SECONDS,
            client_properties={"connection_name": f"{service} consumes"},  # type: ignore[arg-type]
            default_channel=Channel(prefetch_count=prefetch),
            graceful_timeout=stop_timeout,
            # the safety net under reliability: a rejected message is parked by the queue itself
            ack_policy=AckPolicy.REJECT_ON_ERROR,
            logger=None,
            # an event is decoded by its type and handed to one function: nothing is left to inject
            apply_types=False,
        )
        self._subscriber = _subscribe(self._broker, service, self._reliability)

    async def start(self) -> None:
        """Consume; waits for RabbitMQ. The topology must have been declared."""
        await self._broker.start()
        # aio-pika consumes again as soon as the queue is back; that it went has to be heard
        if (queue := self._subscriber._queue_obj) is not None:
            robust = cast(RobustChannel, queue.channel)
            robust.reopen_callbacks.add(self._notice_cancellation)
        await self._notice_cancellation()

    async def stop(self) -> None:
        """Finish the messages in hand, give back the others."""
        self._reliability.stopping.set()
        await self._end()

    async def renew(self) -> None:
        """Finish what is in hand, and begin again over a new link: on the old one RabbitMQ 3.10
        can send nothing to a consumer whose queue was deleted and is there again."""
        await self._end()
        await self.start()
        self.cancelled = False

    async def _end(self) -> None:
        try:
            await self._broker.stop()
        except Exception as error:
            # without a link RabbitMQ takes back what is in hand, and there is nothing left to ask
            log.warning("consuming was broken off", extra={"error": describe(error)})
            with contextlib.suppress(Exception):
                if self._broker._connection is not None:
                    await self._broker._connection.close()
                await self._broker.stop()

    async def connected(self) -> bool:
        return await self._broker.ping(timeout=1.0)

    async def consuming(self) -> bool:
        """Whether RabbitMQ sends messages here: not while the link is down or the queue is gone."""
        channel = await self.channel()
        return channel is not None and self._subscriber._consumer_tag in channel.consumers

    async def _notice_cancellation(self, *_: Any) -> None:
        """Hear RabbitMQ's word that it ends the consumer: the queue was deleted."""
        if (channel := await self.channel()) is not None:
            channel.on_consumer_cancel_callbacks.add(self._hear_cancellation)

    def _hear_cancellation(self, _frame: Any) -> None:
        self.cancelled = True
        self._publisher.unroutable.set()

    async def channel(self) -> aiormq.Channel | None:
        """The channel of the consumer; None while there is none."""
        # FastStream has no public word for its consumer
        if (queue := self._subscriber._queue_obj) is None:
            return None
        try:
            async with asyncio.timeout(CHANNEL_SECONDS):
                return cast(aiormq.Channel, await queue.channel.get_underlay_channel())
        except (AMQPError, ConnectionError, RuntimeError, TimeoutError):
            return None


def _subscribe(broker: RabbitBroker, service: str, reliability: Reliability) -> RabbitSubscriber:
    async def as_it_came(message: RabbitMessage) -> AbstractIncomingMessage:
        return message.raw_message

    subscriber = broker.subscriber(
        RabbitQueue(
            topology.main_queue(service), queue_type=QueueType.QUORUM, durable=True, declare=False
        ),
        no_reply=True,
        decoder=as_it_came,
        title=topology.main_queue(service),
    )
    subscriber(reliability.consume)
    return subscriber


def handling(subscriptions: Subscriptions) -> Callable[[AbstractMessage], Awaitable[None]]:
    """What decodes an event by its type and calls its handler; whatever is not in the table is an
    unknown event."""
    events = {event.type(): event for event in subscriptions}

    async def handle(message: AbstractMessage) -> None:
        event = _event(events, message)
        await subscriptions[type(event)](event)

    return handle


def _event(events: Mapping[str, type[Event]], message: AbstractMessage) -> Event:
    """Raises `UnknownEvent`, `InvalidEvent` and, for what is in it, pydantic's error."""
    kind = event_type(message.headers)
    if message.content_type == BATCH:
        raise InvalidEvent("a batch of events that is none")
    if kind is None:
        raise InvalidEvent("no CloudEvents type in the headers")
    if event := events.get(kind):
        if not (message.content_type or JSON).startswith(JSON):
            raise InvalidEvent("the body is not JSON")
        return event.model_validate_json(message.body)
    if kind in KNOWN_TYPES:
        raise UnknownEvent("an event that this service does not handle")
    raise UnknownEvent("a type or version that is not in shared/events.py")
