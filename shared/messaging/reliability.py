"""Around every handler: no message is dropped, whatever happens to it.

A message is believed only with its publisher's signature, which is checked before anything of it
is decoded. One log line and one count an event; the decisions of `retry.py` carried out: hold it
while the database is away, hand a copy to a retry queue, or park it with the reason. The copy is
confirmed before the original is acknowledged: a crash in between doubles the message, which
handlers do not mind, and never loses it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aio_pika.abc import AbstractIncomingMessage, AbstractMessage
from faststream.exceptions import NackMessage
from pydantic import ValidationError

from shared import metrics
from shared.errors import ForgedEvent, InvalidEvent, PublishFailed, describe
from shared.events import EVENTS
from shared.logs import trace
from shared.messaging import retry, topology
from shared.messaging.envelope import event_type, events_in
from shared.messaging.in_flight import InFlight
from shared.messaging.publisher import Publisher
from shared.messaging.signing import SIGNATURES, Signing

log = logging.getLogger(__name__)

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
RECOVERY_PAUSE_SECONDS = 1.0
#: Deliveries in vain after which the events of a message are put back one by one: well below the
#: limit at which RabbitMQ parks it (`topology.DELIVERY_LIMIT`).
APART_AFTER = 3


class Reliability:
    """Around the handling of every message: one log line and one count an event, and the retry
    policy applied.

    The events of one message are handled side by side, each with an end of its own; the message is
    acknowledged when all have come to theirs.
    """

    def __init__(
        self,
        service: str,
        handle: Callable[[AbstractMessage], Awaitable[None]],
        publisher: Publisher,
        signing: Signing,
        *,
        at_once: int,
        pause_seconds: float,
        hold_at_most: timedelta,
    ) -> None:
        """`handle` gets each event as a message of its own; `at_once`: how many at a time."""
        self._service = service
        self._handle = handle
        self._publisher = publisher
        self._signing = signing
        self._slots = asyncio.Semaphore(at_once)
        self._pause_seconds = pause_seconds
        self._hold_at_most = hold_at_most
        self.in_flight = InFlight()
        self.stopping = asyncio.Event()

    async def consume(self, message: AbstractIncomingMessage) -> None:
        """Raises `NackMessage` where it is to come again."""
        with self.in_flight.one():
            try:
                events = self._believed(message)
            except ForgedEvent as forged:
                again = await self._one(message, forged) == "requeue"
            else:
                again = bool(await self._left_of(events, _deliveries(message.headers)))
        if again:
            raise NackMessage(requeue=True)

    def _believed(self, message: AbstractMessage) -> Sequence[AbstractMessage]:
        """The events of a message that is signed by who tells of such. Raises `ForgedEvent`."""
        self._signing.check(message, self._service)
        events = events_in(message)
        apart = [event for event in events if event is not message]
        # its signer answers for one type, and for no other that is written inside
        if any(event_type(event.headers) != message.type for event in apart):
            raise ForgedEvent("events of another type in it")
        return events

    async def _left_of(
        self, events: Sequence[AbstractMessage], deliveries: int
    ) -> Sequence[AbstractMessage]:
        """Handle the events of one message; those that are to come again with it."""
        if len(events) == 1:
            return events if await self._one(events[0]) == "requeue" else []
        if deliveries > APART_AFTER:
            # one of them may be what ends the process: it is to be parked without the others
            return await self._apart(events)
        outcomes = await asyncio.gather(*(self._in_line(event) for event in events))
        left = [one for one, it in zip(events, outcomes, strict=True) if it == "requeue"]
        return left if len(left) == len(events) else await self._apart(left)

    async def _in_line(self, event: AbstractMessage) -> str:
        async with self._slots:
            return "requeue" if self.stopping.is_set() else await self._one(event)

    async def _one(self, event: AbstractMessage, forged: ForgedEvent | None = None) -> str:
        kind = event_type(event.headers)
        label = kind if kind in KNOWN_TYPES else "unknown"
        started = time.monotonic()
        with trace(_text(event.headers.get("traceparent"))):
            outcome, error = await self._until_settled(event, forged)
            elapsed = time.monotonic() - started
            metrics.MESSAGES.labels(label, outcome).inc()
            if forged is not None:
                metrics.FORGED.labels(label).inc()
            metrics.MESSAGE_SECONDS.labels(label).observe(elapsed)
            log.log(
                logging.INFO if error is None else logging.WARNING,
                "message handled",
                extra={
                    "event": label,
                    "event_id": _text(event.message_id),
                    "consultation": _text(event.headers.get("cloudEvents_subject")),
                    "outcome": outcome,
                    "attempt": attempt_of(event.headers),
                    "ms": round(elapsed * 1000),
                    **({"error": describe(error)} if error else {}),
                },
            )
        return outcome

    async def _apart(self, events: Sequence[AbstractMessage]) -> Sequence[AbstractMessage]:
        """Put each back as a message of its own; those that RabbitMQ did not take."""
        queue = topology.main_queue(self._service)
        try:
            for event in events:
                await self._publisher.hand_over(queue, event, self._signed(event))
        except PublishFailed as failed:
            log.warning("could not hand on a message", extra={"error": describe(failed)})
            await self._pause()
            return events
        if events:
            log.info("events put back one by one", extra={"count": len(events)})
        return []

    async def _until_settled(
        self, event: AbstractMessage, forged: ForgedEvent | None
    ) -> tuple[str, Exception | None]:
        held_since = time.monotonic()
        attempt = attempt_of(event.headers)
        while True:
            try:
                if forged is not None:
                    raise forged
                await self._handle(event)
            except Exception as caught:
                error = _as_ours(caught)
            else:
                return "done", None

            step = retry.next_step(error, attempt)
            if isinstance(step, retry.Hold):
                if self.stopping.is_set():
                    return "requeue", error
                if time.monotonic() - held_since < self._hold_at_most.total_seconds():
                    await self._pause()
                    continue
                # too long for the consumer timeout: go round by the first retry queue, uncounted
                step, attempt = retry.Retry(retry.DELAYS[0]), attempt - 1
            try:
                return await self._hand_on(event, step, attempt, error), error
            except PublishFailed as failed:
                log.warning("could not hand on a message", extra={"error": describe(failed)})
                await self._pause()
                return "requeue", error

    async def _hand_on(
        self,
        event: AbstractMessage,
        step: retry.Retry | retry.Park,
        attempt: int,
        error: Exception,
    ) -> str:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        own = event.headers if isinstance(error, ForgedEvent) else self._signed(event)
        headers = dict(own) | {
            ATTEMPT: attempt + 1,
            FIRST_FAILED: event.headers.get(FIRST_FAILED, now),
            LAST_FAILED: now,
            ERROR: describe(error)[:500],
            QUEUE: topology.main_queue(self._service),
        }
        if isinstance(step, retry.Retry):
            queue = topology.retry_queue(self._service, step.delay)
        else:
            queue = topology.parked_queue(self._service)
            headers |= {REASON: step.reason, ATTEMPT: attempt}
        await self._publisher.hand_over(queue, event, headers)
        return "retry" if isinstance(step, retry.Retry) else "park"

    def _signed(self, event: AbstractMessage) -> Mapping[str, Any]:
        """Its headers, with a signature also where its publisher signed it together with others."""
        if SIGNATURES not in event.headers:
            self._signing.sign_for(self._service, event)
        return event.headers

    async def _pause(self) -> None:
        """Wait a little, but not for a service that is stopping."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause_seconds):
                await self.stopping.wait()


def attempt_of(headers: Mapping[str, Any]) -> int:
    """Which attempt this delivery is, from 1; redeliveries after a crash are not counted."""
    value = headers.get(ATTEMPT, 1)
    return value if isinstance(value, int) and value > 0 else 1


def _deliveries(headers: Mapping[str, Any]) -> int:
    """How often RabbitMQ has delivered it before, without hearing of its end."""
    value = headers.get("x-delivery-count", 0)
    return value if isinstance(value, int) else 0


def _as_ours(error: Exception) -> Exception:
    """A body that does not decode or fit is permanent; its values are kept out of the text."""
    if isinstance(error, ValidationError):
        problems = error.errors(include_input=False)
        if problems[0]["type"] == "json_invalid":
            return InvalidEvent("the body is not JSON in UTF-8")
        fields = sorted({_path(problem) for problem in problems})
        return InvalidEvent(", ".join(fields)[:300])
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
