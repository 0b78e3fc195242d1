"""Looks after the queues of one service: that they are there, and how full they are.

RabbitMQ keeps the topology, and somebody can delete parts of it while the services run. Every few
seconds the monitor asks for the exchanges and for this service's queues, binds the queue again,
and sets the gauges. What is gone is declared anew, at once where a publish or the consumer ran into
it: publishes wait in their outboxes meanwhile, and the consumer begins again. What all share a
service's user may not declare: the monitor calls for `klik provision`. It has a connection of its
own, so that nothing it asks can stop or delay publishing and consuming.
"""

import asyncio
import contextlib
import logging
import time

from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed

from shared import metrics
from shared.errors import describe
from shared.messaging import topology
from shared.messaging.connection import LINK_ERRORS, REFUSALS, close_link, open_link
from shared.messaging.consumer import Consumer
from shared.messaging.in_flight import InFlight
from shared.messaging.publisher import Publisher, asked_to_stop
from shared.periodic import PeriodicTask

log = logging.getLogger(__name__)

#: Seconds between looks, and the least of them where something is missing.
TOPOLOGY_CHECK_SECONDS = 5.0
SHORTEST_CHECK_SECONDS = 0.5
#: Seconds without a confirmation after which the link is given up, where it is not blocked.
STUCK_LINK_SECONDS = 30.0
#: Seconds for a whole look or repair.
TOPOLOGY_TIMEOUT_SECONDS = 10.0


class TopologyMonitor:
    def __init__(
        self,
        url: str,
        service: str,
        publisher: Publisher,
        consumer: Consumer | None,
        *,
        check_seconds: float = TOPOLOGY_CHECK_SECONDS,
    ) -> None:
        self._url = url
        self._service = service
        self._publisher = publisher
        self._consumer = consumer
        self._check_seconds = check_seconds
        self._connection: AbstractConnection | None = None
        self._consumers: int | None = None
        """As RabbitMQ counts those of the service's queue; None while it cannot be asked."""
        self._waiting = 0
        """Messages in that queue that no consumer was given; 0 while it cannot be asked."""
        self._unknown_before = False
        self._idle: tuple[float, int] | None = None
        """While messages wait and the consumer has none: since when, after how many."""
        self._queue_was_gone = False
        self._publisher_lost = False
        self._asked_for: str | None = None
        """What is missing that this user may not declare, while it is."""
        self._looking = PeriodicTask("topology monitor", self.tick, self._until_needed)

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()
        await self._disconnect()

    async def _until_needed(self) -> None:
        await asyncio.sleep(SHORTEST_CHECK_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._check_seconds - SHORTEST_CHECK_SECONDS):
                await self._publisher.unroutable.wait()

    async def tick(self) -> None:
        """Once: mend what is gone, measure the rest. What fails is left to the next look."""
        oldest, blocked = self._publisher.confirms.oldest(), await self._publisher.blocked()
        metrics.CONFIRM_OLDEST.set(oldest)
        metrics.BLOCKED.set(blocked)
        try:
            async with asyncio.timeout(TOPOLOGY_TIMEOUT_SECONDS):
                await self._look()
            await self._mind_publisher(stuck=oldest > STUCK_LINK_SECONDS and not blocked)
            await self._mind_consumer()
        except ChannelPreconditionFailed as error:
            log.error("the queues in RabbitMQ differ from this version's: %s", error)
        except REFUSALS as error:
            log.error("RabbitMQ refuses this user; `klik provision` gives its rights: %s", error)
            await self._lose_sight()
        except LINK_ERRORS as error:
            log.debug("RabbitMQ does not answer", extra={"error": describe(error)})
            await self._lose_sight()
        except asyncio.CancelledError:
            if asked_to_stop():
                raise
            await self._lose_sight()

    async def _mind_publisher(self, *, stuck: bool) -> None:
        """Have publishing begin anew where it does not find its way to a RabbitMQ that is there."""
        lost = not self._publisher.connected.is_set()
        if stuck or (lost and self._publisher_lost):
            log.warning("publishing begins anew", extra={"lost": lost})
            await self._publisher.renew()
        self._publisher_lost = lost

    async def _mind_consumer(self) -> None:
        """Have the consumer begin anew where its queue was deleted, and where it believes to be one
        and RabbitMQ knows of none, or gives it nothing."""
        consumer = self._consumer
        if consumer is None:
            return
        unknown = await consumer.consuming() and self._consumers == 0
        # RabbitMQ 3.10 tells nobody of a deletion just as the consumer began
        gone = consumer.cancelled or self._queue_was_gone
        forgotten = self._is_forgotten(consumer.in_flight)
        if gone or forgotten or (unknown and self._unknown_before):
            reasons = {"queue_was_deleted": gone, "given_nothing": forgotten}
            log.warning("consuming begins anew", extra=reasons)
            await consumer.renew()
            unknown, self._idle = False, None
        self._queue_was_gone, self._unknown_before = False, unknown
        metrics.CONSUMING.set(await consumer.consuming() and not unknown)

    def _is_forgotten(self, in_flight: InFlight) -> bool:
        """Whether messages have been waiting from one look to the next while the consumer had none
        in hand and was given none. Others may work, so that RabbitMQ's count of consumers does not
        tell."""
        if not self._waiting or in_flight.now:
            self._idle = None
        elif self._idle is None or self._idle[1] != in_flight.given:
            self._idle = time.monotonic(), in_flight.given
        return self._idle is not None and time.monotonic() - self._idle[0] >= self._check_seconds

    async def _look(self) -> None:
        connection = await self._connected()
        async with await connection.channel() as channel:
            missing = await self._measure(channel)
        if missing is None and self._publisher.unroutable.is_set():
            missing = "binding"  # another service's, for instance
        if missing is None:
            self._asked_for = None
            return
        is_shared = missing == "binding" and self._publisher.was_event_unroutable
        # cleared first: what runs into a gap from here on asks for another look
        self._publisher.was_event_unroutable = False
        self._publisher.unroutable.clear()
        if missing == self._asked_for:
            return
        try:
            is_all = await topology.mend(connection, self._service)
        except BaseException:
            self._publisher.unroutable.set()
            raise
        self._consumers, self._waiting = None, 0
        if not is_all and (missing in topology.SHARED_EXCHANGES or is_shared):
            self._asked_for = missing
            said = "gone from RabbitMQ, and declared by `klik provision`"
            log.error(said, extra={"missing": missing})
            return
        metrics.REPAIRS.labels(missing).inc()
        self._queue_was_gone |= missing == topology.main_queue(self._service)
        log.warning("declared what was gone from RabbitMQ", extra={"missing": missing})

    async def _measure(self, channel: AbstractChannel) -> str | None:
        """The first thing that is missing, whose asking closes the channel."""
        name = topology.PUBLISH_EXCHANGE
        try:
            own = topology.dead_letter_exchange(self._service)
            for name in (*topology.SHARED_EXCHANGES, own):
                await channel.declare_exchange(name, passive=True)
            for queue in topology.queues(self._service):
                name = queue.name
                declared = await channel.declare_queue(name, passive=True)
                counts = declared.declaration_result
                metrics.QUEUE_MESSAGES.labels(name).set(counts.message_count or 0)
                if name == topology.main_queue(self._service):
                    self._waiting = counts.message_count or 0
                    self._consumers = counts.consumer_count or 0
                    metrics.QUEUE_CONSUMERS.labels(name).set(self._consumers)
                # nobody can ask whether a binding is there
                await topology.bind(declared, queue)
        except ChannelNotFoundEntity:
            return name
        return None

    async def _connected(self) -> AbstractConnection:
        if self._connection is None or self._connection.is_closed:
            name = f"{self._service} looks after its queues"
            self._connection = await open_link(self._url, name)
        return self._connection

    async def _lose_sight(self) -> None:
        """What was measured is no longer known to be so."""
        metrics.CONSUMING.set(0)
        self._consumers, self._waiting, self._idle = None, 0, None
        metrics.QUEUE_MESSAGES.clear()
        metrics.QUEUE_CONSUMERS.clear()
        await self._disconnect()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await close_link(connection, within=SHORTEST_CHECK_SECONDS)
