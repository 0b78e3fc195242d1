"""One process that consumes a queue which is full, and says what a message costs it.

    python -m bench.peers.consuming ours|faststream|raw QUEUE NUMBER WARM

Of NUMBER messages the first WARM are not measured. Prints JSON: seconds and processor seconds of
the others. A handler that does nothing is called with each event, checked by pydantic.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aio_pika
import uvloop
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from bench.peers.post import AMQP, SECRETS
from shared.events import EVENTS, ConsultationSubmitted
from shared.messaging.consumer import Consumer
from shared.messaging.publisher import Publisher
from shared.messaging.signing import EventKeys, Signing

#: Messages in hand.
IN_HAND = 100

Handle = Callable[[Any], Awaitable[None]]


async def ours(queue: str, handle: Handle) -> object:
    """The consumer of a service, with as long a table as reporting's."""
    service = queue.rpartition(".")[2]
    keys = EventKeys.parse((Path(SECRETS) / "klik_event_keys").read_text())
    signing = Signing.fixed(keys)
    publisher = Publisher(AMQP, service, signing)
    await publisher.start()
    table = dict.fromkeys(EVENTS, handle)
    consumer = Consumer(AMQP, service, publisher, table, signing, prefetch=IN_HAND, stop_timeout=5)
    await consumer.start()
    return consumer


async def faststream(queue: str, handle: Handle) -> object:
    broker = RabbitBroker(AMQP, default_channel=Channel(prefetch_count=IN_HAND), logger=None)

    @broker.subscriber(
        RabbitQueue(queue, queue_type=QueueType.QUORUM, durable=True, declare=False), no_reply=True
    )
    async def on_message(event: ConsultationSubmitted) -> None:
        await handle(event)

    await broker.start()
    return broker


async def raw(queue: str, handle: Handle) -> object:
    connection = await aio_pika.connect_robust(AMQP)
    channel = await connection.channel()
    await channel.set_qos(IN_HAND)
    declared = await channel.declare_queue(queue, passive=True)

    async def on_message(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        await handle(ConsultationSubmitted.model_validate_json(message.body))
        await message.ack()

    await declared.consume(on_message)
    return connection


class Meter:
    """The handler: does nothing but count."""

    def __init__(self, number: int, warm: int) -> None:
        self._left, self._measured = number, number - warm
        self._begun = (0.0, 0.0)
        self.done: asyncio.Future[tuple[float, float]] = asyncio.get_running_loop().create_future()

    async def __call__(self, _: object) -> None:
        self._left -= 1
        if self._left == self._measured:
            self._begun = (time.perf_counter(), time.process_time())
        elif self._left == 0:
            began, spent = self._begun
            self.done.set_result((time.perf_counter() - began, time.process_time() - spent))


async def main(how: str, queue: str, number: str, warm: str) -> None:
    meter = Meter(int(number), int(warm))
    open_ = await {"ours": ours, "faststream": faststream, "raw": raw}[how](queue, meter)
    seconds, processor = await meter.done
    await asyncio.sleep(0.5)  # the last is acknowledged
    sys.stdout.write(json.dumps({"seconds": seconds, "processor": processor}) + "\n")
    sys.stdout.flush()
    del open_


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
