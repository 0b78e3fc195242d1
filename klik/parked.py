"""Messages put aside: list, show, replay and discard them, on the real queues."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, DeliveryMode
from aiormq.exceptions import ChannelNotFoundEntity

from shared import reliability, topology

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked message as an operator sees it. `body` is shown only on request."""

    service: str
    id: str
    type: str
    consultation: str
    reason: str
    error: str
    attempts: int
    last_failed_at: str
    body: bytes

    @classmethod
    def of(cls, service: str, message: AbstractIncomingMessage) -> "Parked":
        headers = message.headers
        death: Any = headers.get("x-first-death-reason")
        return cls(
            service=service,
            id=message.message_id or "-",
            type=reliability.event_type(headers) or "-",
            consultation=str(headers.get("cloudEvents_subject", "-")),
            # RabbitMQ itself parks what was rejected or delivered too often
            reason=str(headers.get(reliability.REASON) or (f"rabbitmq_{death}" if death else "-")),
            error=str(headers.get(reliability.ERROR, "-")),
            attempts=reliability.attempt_of(headers),
            last_failed_at=str(headers.get(reliability.LAST_FAILED, "-")),
            body=message.body,
        )

    def readable_body(self) -> str:
        """The body as JSON where it is JSON, else its length: nobody knows what is in it."""
        try:
            return json.dumps(json.loads(self.body), indent=2, ensure_ascii=False)
        except ValueError:
            return f"{len(self.body)} bytes that are not JSON"


Wanted = Callable[[Parked], bool]


class ParkingLot:
    """The parked queues of all services."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncGenerator["ParkingLot", None]:
        connection = await aio_pika.connect(url, timeout=TIMEOUT)
        async with connection:
            yield cls(await connection.channel(on_return_raises=True))

    async def look(self, wanted: Wanted) -> list[Parked]:
        found = []

        async def note(parked: Parked, _message: AbstractIncomingMessage) -> bool:
            found.append(parked)
            return False

        for service in topology.SERVICES:
            await self._each(service, wanted, note)
        return found

    async def replay(self, wanted: Wanted) -> list[Parked]:
        """Send back to the service's queue with a fresh count of attempts."""
        return await self._take_all(wanted, self._back_to_work)

    async def discard(self, wanted: Wanted) -> list[Parked]:
        async def drop(_parked: Parked, _message: AbstractIncomingMessage) -> None:
            return None

        return await self._take_all(wanted, drop)

    async def _take_all(
        self, wanted: Wanted, take: Callable[[Parked, AbstractIncomingMessage], Awaitable[None]]
    ) -> list[Parked]:
        taken = []

        async def each(parked: Parked, message: AbstractIncomingMessage) -> bool:
            await take(parked, message)
            taken.append(parked)
            return True

        for service in topology.SERVICES:
            await self._each(service, wanted, each)
        return taken

    async def _back_to_work(self, parked: Parked, message: AbstractIncomingMessage) -> None:
        headers = {
            key: value
            for key, value in message.headers.items()
            if key not in reliability.OURS
            and not key.startswith(("x-death", "x-first-", "x-last-"))
        }
        copy = aio_pika.Message(
            message.body,
            content_type=message.content_type,
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=message.message_id,
            type=message.type,
            timestamp=message.timestamp,
            headers=headers,
        )
        await asyncio.wait_for(
            self._channel.default_exchange.publish(copy, topology.main_queue(parked.service)),
            TIMEOUT,
        )

    async def _each(
        self,
        service: str,
        wanted: Wanted,
        act: Callable[[Parked, AbstractIncomingMessage], Awaitable[bool]],
    ) -> None:
        """Look at every parked message of one service once; acknowledge where `act` says so."""
        try:
            queue = await self._channel.declare_queue(
                topology.parked_queue(service), durable=True, passive=True
            )
        except ChannelNotFoundEntity:
            raise SystemExit(
                f"There is no queue {topology.parked_queue(service)}: start the services first."
            ) from None
        # what was looked at stays ours until the end, so that nothing comes round twice; the
        # queue's own count is not asked, since it lags behind what was just given back
        kept = []
        while (message := await queue.get(fail=False, timeout=TIMEOUT)) is not None:
            parked = Parked.of(service, message)
            if wanted(parked) and await act(parked, message):
                await message.ack()
            else:
                kept.append(message)
        for message in kept:
            await message.nack(requeue=True)
