"""Publishing with certainty: confirmed by RabbitMQ within a deadline, or `PublishFailed`.

Publishing has a connection of its own. When RabbitMQ runs short of memory or disk it blocks
connections that publish, acknowledgements included; a consumer sharing the link would starve.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import aio_pika
from aio_pika import RobustConnection
from aio_pika.abc import AbstractRobustConnection
from aio_pika.connection import make_url
from aiormq.exceptions import AMQPError, ChannelNotFoundEntity, PublishError

from shared import metrics
from shared.errors import PublishFailed
from shared.messaging.confirms import Confirms
from shared.messaging.connection import HEARTBEAT_SECONDS, close_link
from shared.messaging.envelope import Envelope, copy_of, message_of
from shared.messaging.signing import Signing
from shared.messaging.topology import PUBLISH_EXCHANGE, exchange_to

#: Seconds until an unanswered publish counts as failed; aio-pika's own timeout covers the write.
CONFIRM_SECONDS = 5.0
RECONNECT_SECONDS = 1.0
#: Seconds that an event waits for company; and how many of them are one message at most: 20 KB, so
#: that what a consumer has in hand stays small.
GATHER_SECONDS = 0.002
EVENTS_IN_MESSAGE = 32
#: A connection that RabbitMQ reads from is ready at once.
BLOCKED_AFTER_SECONDS = 0.05

_Waiting = tuple[Envelope, asyncio.Future[None]]


class Publisher:
    """The publishing side of one service. `start` returns at once and connects by itself."""

    def __init__(
        self,
        url: str,
        service: str,
        signing: Signing,
        *,
        confirm_seconds: float = CONFIRM_SECONDS,
        heartbeat_seconds: int = HEARTBEAT_SECONDS,
    ) -> None:
        self._url = url
        self._service = service
        self._signing = signing
        self._confirm_seconds = confirm_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._attempt: RobustConnection | None = None
        self._connection: AbstractRobustConnection | None = None
        """The same, once there is a link."""
        self._channel: aio_pika.abc.AbstractChannel | None = None
        self._connecting: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        """Set while there is a link; the relay waits for it."""
        self.unroutable = asyncio.Event()
        """Set when RabbitMQ had no place for a message: something of the topology is missing."""
        self.was_event_unroutable = False
        """Whether the message was an event, and not a copy for one of the service's queues."""
        self.confirms = Confirms()
        self._opening = asyncio.Lock()
        self._gathered: list[_Waiting] = []
        self._publishing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        # not by `connect_robust`: aio-pika goes on with an attempt that is cancelled, and ends it
        # for `close` only, which needs the connection before there is a link
        self._attempt = connection = RobustConnection(
            make_url(
                self._url,
                heartbeat=self._heartbeat_seconds,
                reconnect_interval=RECONNECT_SECONDS,
                fail_fast=False,
            ),
            client_properties={"connection_name": f"{self._service} publishes"},
        )
        await connection.connect()
        connection.close_callbacks.add(lambda *_: self._follow(connection, connected=False))
        connection.reconnect_callbacks.add(lambda *_: self._follow(connection, connected=True))
        self._connection = connection
        self.connected.set()

    async def _open_channel(self) -> aio_pika.abc.AbstractChannel:
        """The channel for publishing, anew where it was closed: an exchange that is not there
        closes it, and aio-pika does not come back where that happens while it reopens."""
        async with self._opening:
            if self._connection is None or not self.connected.is_set():
                raise PublishFailed("not connected to RabbitMQ")
            if self._channel is None or self._channel.is_closed:
                closed, self._channel = self._channel, None
                if closed is not None:
                    with contextlib.suppress(Exception):
                        await closed.close()
                self._channel = await self._connection.channel(
                    publisher_confirms=True, on_return_raises=True
                )
            return self._channel

    def _follow(self, connection: AbstractRobustConnection, *, connected: bool) -> None:
        if connection is self._connection:  # and not one that was given up
            (self.connected.set if connected else self.connected.clear)()

    async def connected_within(self, seconds: float) -> None:
        """Raises `PublishFailed` where there is no link by then."""
        try:
            async with asyncio.timeout(seconds):
                await self.connected.wait()
        except TimeoutError:
            raise PublishFailed("not connected to RabbitMQ") from None

    async def channel(self) -> aio_pika.abc.AbstractChannel:
        """A channel of its own, for declaring things; waits for the link. The caller closes it."""
        await self.connected.wait()
        if self._connection is None:
            raise PublishFailed("not connected")
        return await self._connection.channel()

    async def depth(self, queue: str) -> int:
        """Messages in `queue` that no consumer has taken yet. Raises `PublishFailed`."""
        try:
            async with asyncio.timeout(self._confirm_seconds), await self.channel() as channel:
                declared = await channel.declare_queue(queue, passive=True)
        except (AMQPError, OSError, TimeoutError) as error:
            raise PublishFailed(f"no answer about a queue ({type(error).__name__})") from None
        return declared.declaration_result.message_count or 0

    async def blocked(self) -> bool:
        """Whether RabbitMQ has stopped reading what we publish: it is short of memory or disk."""
        transport = self._connection.transport if self._connection is not None else None
        if transport is None or transport.connection.is_closed:
            return False
        try:
            async with asyncio.timeout(BLOCKED_AFTER_SECONDS):
                await transport.connection.ready()
        except TimeoutError:
            return True
        return False

    async def renew(self) -> None:
        """Begin with a new connection: aio-pika can lose a channel for good where RabbitMQ restarts
        while it blocks the connection."""
        await self.close()
        self.confirms = Confirms()
        await self.start()

    async def close(self) -> None:
        self.connected.clear()
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._connecting
        if self._attempt is not None:
            await close_link(self._attempt, within=self._confirm_seconds)
            self._attempt = self._connection = self._channel = None

    async def publish(self, envelope: Envelope) -> None:
        """Publish an event. Raises `PublishFailed` unless RabbitMQ has it, on disk, in a queue.

        Events of one type that are published in the same moment share a message: a delivery costs
        RabbitMQ and each consumer more than what is in it.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._gathered.append((envelope, done))
        if len(self._gathered) == 1:
            loop.call_later(GATHER_SECONDS, self._publish_gathered)
        await done

    def _publish_gathered(self) -> None:
        of_type: dict[str, list[_Waiting]] = {}
        for waiting in self._gathered:
            of_type.setdefault(waiting[0].type, []).append(waiting)
        self._gathered = []
        for gathered in of_type.values():
            for begin in range(0, len(gathered), EVENTS_IN_MESSAGE):
                together = gathered[begin : begin + EVENTS_IN_MESSAGE]
                task = asyncio.create_task(self._publish_together(together))
                self._publishing.add(task)
                task.add_done_callback(self._publishing.discard)

    async def _publish_together(self, together: Sequence[_Waiting]) -> None:
        envelopes = [envelope for envelope, _ in together]
        first = envelopes[0]
        message = (
            first.message(self._service)
            if len(envelopes) == 1
            else message_of(envelopes, self._service)
        )
        error: Exception | None = None
        try:
            self._signing.sign(message)
            await self.send(message, PUBLISH_EXCHANGE, envelopes[0].routing_key)
        except PublishFailed as failed:
            error = failed
        for _, done in together:
            if not done.done():
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)

    async def hand_over(
        self,
        queue: str,
        message: aio_pika.abc.AbstractMessage,
        headers: Mapping[str, Any],
    ) -> None:
        """Put a copy of a message, with `headers`, into one queue (retry and parking)."""
        await self.send(copy_of(message, headers), exchange_to(queue), queue)

    async def send(self, message: aio_pika.Message, exchange: str, routing_key: str) -> None:
        with self.confirms.under_way():
            await self._confirmed(message, exchange, routing_key)

    async def _confirmed(self, message: aio_pika.Message, exchange: str, routing_key: str) -> None:
        try:
            async with asyncio.timeout(self._confirm_seconds):
                await self._send(message, exchange, routing_key)
        except asyncio.CancelledError:
            if asked_to_stop():
                raise
            metrics.PUBLISHED.labels("failed").inc()
            raise PublishFailed("the link to RabbitMQ was lost") from None
        except PublishFailed:
            metrics.PUBLISHED.labels("failed").inc()
            raise
        except Exception as error:
            metrics.PUBLISHED.labels("failed").inc()
            if isinstance(error, PublishError | ChannelNotFoundEntity):
                self.unroutable.set()
                self.was_event_unroutable |= exchange == PUBLISH_EXCHANGE
            raise PublishFailed(f"not confirmed ({type(error).__name__})") from None
        metrics.PUBLISHED.labels("confirmed").inc()

    async def _send(self, message: aio_pika.Message, exchange: str, routing_key: str) -> None:
        channel = await self._open_channel()
        target = (
            channel.default_exchange
            if exchange == ""
            else await channel.get_exchange(exchange, ensure=False)
        )
        await target.publish(message, routing_key, mandatory=True)


def asked_to_stop() -> bool:
    """Whether a `CancelledError` is meant: aiormq ends what waits on a stuck link with one too."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
