"""The parked queues: look at what is in them, send it back to work, throw it away.

A message is acknowledged last, after its copy was confirmed or its end was written down: whatever
breaks in between leaves it where it was. Ended by Ctrl-C, a command finishes the message in hand;
RabbitMQ takes back what else it was looking at.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aiormq.exceptions import AMQPError, ChannelNotFoundEntity, PublishError

from klik.pace import Pace
from klik.parked.audit import Action, Audit
from klik.parked.view import Parked
from shared.errors import KlikError
from shared.messaging import reliability, topology
from shared.messaging.envelope import copy_of

TIMEOUT = 10.0
#: Messages that are replayed, at a given rate, before what was only looked at is given back:
#: RabbitMQ waits for half an hour.
ROUND_SECONDS = 300.0
ROUND = 1000

Wanted = Callable[[Parked], bool]
Told = Callable[[Parked], None]
Take = Callable[[Parked, AbstractIncomingMessage], Coroutine[Any, Any, None]]


class LotUnavailable(KlikError):
    """RabbitMQ does not answer, or has no such queue; says what to do."""


class ParkingLot:
    """The parked queues of all services."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncGenerator["ParkingLot", None]:
        """Raises `LotUnavailable`, also where the link breaks later."""
        try:
            connection = await aio_pika.connect(url, timeout=TIMEOUT)
            async with connection:
                yield cls(await connection.channel(on_return_raises=True))
        except (AMQPError, OSError, TimeoutError) as error:
            raise LotUnavailable(
                f"RabbitMQ does not answer, or not to us ({type(error).__name__}). "
                "Is it running, and does KLIK_AMQP_URL name it?"
            ) from error

    async def look(self, wanted: Wanted) -> list[Parked]:
        found: list[Parked] = []
        for service in topology.SERVICES:
            await self._round(service, wanted, note=found.append)
        return found

    async def replay(
        self,
        wanted: Wanted,
        *,
        audit: Audit | None = None,
        rate: float | None = None,
        told: Told | None = None,
    ) -> list[Parked]:
        """Send back to the service's queue with a fresh count of attempts, at most `rate` a second.

        `told` hears of each one that is back at work. Of several with one id the first is sent:
        what fails again at once comes back here, and must not go round for ever.
        """
        sent: set[tuple[str, str]] = set()

        def still_wanted(parked: Parked) -> bool:
            return (parked.service, parked.id) not in sent and wanted(parked)

        async def replay(parked: Parked, message: AbstractIncomingMessage) -> None:
            sent.add((parked.service, parked.id))
            await self._back_to_work(parked, message)

        return await self._take_all("replay", replay, still_wanted, audit, told, rate)

    async def discard(
        self, wanted: Wanted, *, audit: Audit | None = None, told: Told | None = None
    ) -> list[Parked]:
        """Throw away, for good."""

        async def drop(_parked: Parked, _message: AbstractIncomingMessage) -> None:
            return None

        return await self._take_all("discard", drop, wanted, audit, told, None)

    async def _take_all(
        self,
        action: Action,
        act: Take,
        wanted: Wanted,
        audit: Audit | None,
        told: Told | None,
        rate: float | None,
    ) -> list[Parked]:
        taken: list[Parked] = []
        pace = Pace(rate)
        at_once = ROUND if rate is None else max(1, min(ROUND, int(rate * ROUND_SECONDS)))

        async def take(parked: Parked, message: AbstractIncomingMessage) -> None:
            entry = await audit.begin(action, parked) if audit else None
            await act(parked, message)
            await message.ack()
            if audit and entry:
                await audit.done(entry)
            taken.append(parked)
            if told:
                told(parked)

        async def each(parked: Parked, message: AbstractIncomingMessage) -> None:
            await pace.wait()
            await _to_its_end(take(parked, message))

        for service in topology.SERVICES:
            while await self._round(service, wanted, act=each, at_most=at_once):
                pass
        return taken

    async def _back_to_work(self, parked: Parked, message: AbstractIncomingMessage) -> None:
        headers = {
            key: value
            for key, value in message.headers.items()
            if key not in reliability.OURS
            and not key.startswith(("x-death", "x-first-", "x-last-", "x-delivery-"))
        }
        queue = topology.main_queue(parked.service)
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._channel.default_exchange.publish(copy_of(message, headers), queue)
        except PublishError:
            raise _no_queue(queue) from None

    async def _round(
        self,
        service: str,
        wanted: Wanted,
        *,
        note: Told | None = None,
        act: Callable[[Parked, AbstractIncomingMessage], Awaitable[None]] | None = None,
        at_most: int | None = None,
    ) -> int:
        """Look at each parked message of a service once; the number of those that were wanted.
        `at_most`: ends after so many."""
        queue = await self._queue(topology.parked_queue(service))
        number, kept = 0, None
        try:
            while at_most is None or number < at_most:
                message = await queue.get(fail=False, timeout=TIMEOUT)
                if message is None:
                    break
                parked = Parked.of(service, message.headers, message.message_id, message.body)
                fits = wanted(parked)
                number += fits
                if fits and note:
                    note(parked)
                if fits and act:
                    await act(parked, message)
                else:
                    kept = message
        finally:
            # held until the end, so that nothing comes round twice; the queue's own count is not
            # asked, since it lags behind what was just given back
            if kept is not None and not self._channel.is_closed:
                await kept.nack(multiple=True, requeue=True)
        return number

    async def _queue(self, name: str) -> AbstractQueue:
        try:
            return await self._channel.declare_queue(name, durable=True, passive=True)
        except ChannelNotFoundEntity:
            raise _no_queue(name) from None


async def _to_its_end(step: Coroutine[Any, Any, None]) -> None:
    """Ctrl-C waits for a step that has begun."""
    task = asyncio.create_task(step)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _no_queue(name: str) -> LotUnavailable:
    return LotUnavailable(
        f"There is no queue {name}. The services declare it: is one running, on this RabbitMQ?"
    )
