"""Consuming: one queue a service, one table of handlers, one middleware that never drops a message.

    Subscriptions({ConsultationSubmitted: handlers.on_consultation_submitted})

A handler returns: the message is acknowledged. It raises: `shared/retry.py` decides whether the
message is held, tried again later or parked, and `Reliability` below does it. Delivery is at least
once and in any order; handlers are cancelled in mid-await when the link breaks, so each of them has
one effect, which is idempotent.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from faststream import AckPolicy, BaseMiddleware
from faststream.exceptions import NackMessage
from faststream.message import StreamMessage
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitMessage, RabbitQueue
from pydantic import ValidationError

from shared import metrics, retry, topology
from shared.errors import InvalidEvent, PublishFailed, UnknownEvent, describe
from shared.events import EVENTS, Event
from shared.logs import trace
from shared.publisher import HEARTBEAT, RECONNECT_INTERVAL, Publisher

log = logging.getLogger(__name__)

Subscriptions = Mapping[type[Any], Callable[[Any], Awaitable[None]]]
"""Event class → handler: everything a service listens to, in one glance."""

KNOWN_TYPES = frozenset(event.type() for event in EVENTS)

#: Headers of ours on retried and parked messages.
ATTEMPT = "x-klik-attempt"
FIRST_FAILED = "x-klik-first-failed-at"
LAST_FAILED = "x-klik-last-failed-at"
REASON = "x-klik-reason"
ERROR = "x-klik-error"
QUEUE = "x-klik-queue"
OURS = (ATTEMPT, FIRST_FAILED, LAST_FAILED, REASON, ERROR, QUEUE)

#: Seconds between looks at a database that is away, and before a message goes back that could
#: neither be handled nor handed on.
PAUSE = 1.0


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
            middlewares=(_reliability(service, publisher, self._stopping),),
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


def event_type(headers: Mapping[str, Any]) -> str | None:
    """The CloudEvents type; the binding allows `:` as separator too."""
    value = headers.get("cloudEvents_type") or headers.get("cloudEvents:type")
    return value if isinstance(value, str) else None


def _reliability(
    service: str, publisher: Publisher, stopping: asyncio.Event
) -> Callable[..., "Reliability"]:
    def make(msg: Any, /, *, context: Any) -> Reliability:
        return Reliability(
            msg, context=context, service=service, publisher=publisher, stopping=stopping
        )

    return make


class Reliability(BaseMiddleware):
    """Around every handler: one log line and one count a message, and the retry policy applied."""

    def __init__(
        self,
        msg: Any,
        /,
        *,
        context: Any,
        service: str,
        publisher: Publisher,
        stopping: asyncio.Event,
    ) -> None:
        super().__init__(msg, context=context)
        self._service = service
        self._publisher = publisher
        self._stopping = stopping

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        kind = event_type(msg.headers)
        label = kind if kind in KNOWN_TYPES else "unknown"
        started = time.monotonic()
        with trace(_text(msg.headers.get("traceparent"))):
            outcome, error = await self._handle(call_next, msg)
            elapsed = time.monotonic() - started
            metrics.MESSAGES.labels(label, outcome).inc()
            metrics.MESSAGE_SECONDS.labels(label).observe(elapsed)
            log.log(
                logging.INFO if error is None else logging.WARNING,
                "message handled",
                extra={
                    "event": label,
                    "event_id": _text(msg.message_id),
                    "consultation": _text(msg.headers.get("cloudEvents_subject")),
                    "outcome": outcome,
                    "attempt": attempt_of(msg.headers),
                    "ms": round(elapsed * 1000),
                    **({"error": describe(error)} if error else {}),
                },
            )
        if outcome == "requeue":
            raise NackMessage(requeue=True)

    async def _handle(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> tuple[str, Exception | None]:
        held_since = time.monotonic()
        attempt = attempt_of(msg.headers)
        while True:
            try:
                await call_next(msg)
            except NackMessage:
                raise
            except Exception as caught:
                error = _as_ours(caught)
            else:
                return "done", None

            step = retry.next_step(error, attempt)
            if isinstance(step, retry.Hold):
                if self._stopping.is_set():
                    return "requeue", error
                if time.monotonic() - held_since < retry.HOLD_AT_MOST.total_seconds():
                    await self._pause()
                    continue
                # too long for the consumer timeout: go round by the first retry queue, uncounted
                step, attempt = retry.Retry(retry.DELAYS[0]), attempt - 1
            try:
                return await self._hand_on(msg, step, attempt, error), error
            except PublishFailed as failed:
                log.warning("could not hand on a message", extra={"error": describe(failed)})
                await self._pause()
                return "requeue", error

    async def _hand_on(
        self,
        msg: StreamMessage[Any],
        step: retry.Retry | retry.Park,
        attempt: int,
        error: Exception,
    ) -> str:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        headers = dict(msg.headers) | {
            ATTEMPT: attempt + 1,
            FIRST_FAILED: msg.headers.get(FIRST_FAILED, now),
            LAST_FAILED: now,
            ERROR: describe(error)[:500],
            QUEUE: topology.main_queue(self._service),
        }
        if isinstance(step, retry.Retry):
            queue = topology.retry_queue(self._service, step.delay)
        else:
            queue = topology.parked_queue(self._service)
            headers |= {REASON: step.reason, ATTEMPT: attempt}
        await self._publisher.hand_over(queue, msg.body, headers, like=msg.raw_message)
        return "retry" if isinstance(step, retry.Retry) else "park"

    async def _pause(self) -> None:
        """Wait a little, but not for a service that is stopping."""
        try:
            async with asyncio.timeout(PAUSE):
                await self._stopping.wait()
        except TimeoutError:
            pass


def attempt_of(headers: Mapping[str, Any]) -> int:
    """Which attempt this delivery is, from 1; redeliveries after a crash are not counted."""
    value = headers.get(ATTEMPT, 1)
    return value if isinstance(value, int) and value > 0 else 1


def _as_ours(error: Exception) -> Exception:
    """A body that does not decode or fit is permanent; its values are kept out of the text."""
    if isinstance(error, ValidationError):
        fields = sorted({_path(problem) for problem in error.errors(include_input=False)})
        return InvalidEvent(", ".join(fields)[:300])
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return InvalidEvent("the body is not JSON in UTF-8")
    return error


def _path(problem: Mapping[str, Any]) -> str:
    # the last part of a location may be a key of the sender's making: known names only
    known = [str(part) for part in problem["loc"] if isinstance(part, int) or part in _FIELDS]
    return f"{'.'.join(known) or 'body'}: {problem['type']}"


_FIELDS = {name for event in EVENTS for name in event.model_fields} | {"kecamatan", "desa"}


def _text(value: Any) -> str | None:
    """A header for the log: short, and only if it looks like an id, since anyone can write one."""
    text = str(value) if value is not None else ""
    return text if text and len(text) <= 64 and text.replace("-", "").isalnum() else None
