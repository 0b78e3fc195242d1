"""The middleware around every handler: no message is dropped, whatever happens to it.

One log line and one count a message; the decisions of `retry.py` carried out: hold it while
the database is away, hand a copy to a retry queue, or park it with the reason. The copy is
confirmed before the original is acknowledged: a crash in between doubles the message, which
handlers do not mind, and never loses it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from faststream import BaseMiddleware
from faststream.exceptions import NackMessage
from faststream.message import StreamMessage
from pydantic import ValidationError

from shared import metrics
from shared.errors import InvalidEvent, PublishFailed, describe
from shared.events import EVENTS
from shared.logs import trace
from shared.messaging import retry, topology
from shared.messaging.in_flight import InFlight
from shared.messaging.publisher import Publisher

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


def event_type(headers: Mapping[str, Any]) -> str | None:
    """The CloudEvents type; the binding allows `:` as separator too."""
    value = headers.get("cloudEvents_type") or headers.get("cloudEvents:type")
    return value if isinstance(value, str) else None


def reliability(
    service: str,
    publisher: Publisher,
    in_flight: InFlight,
    stopping: asyncio.Event,
    *,
    pause_seconds: float,
    hold_at_most: timedelta,
) -> Callable[..., "Reliability"]:
    def make(msg: Any, /, *, context: Any) -> Reliability:
        return Reliability(
            msg,
            context=context,
            service=service,
            publisher=publisher,
            in_flight=in_flight,
            stopping=stopping,
            pause_seconds=pause_seconds,
            hold_at_most=hold_at_most,
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
        in_flight: InFlight,
        stopping: asyncio.Event,
        pause_seconds: float,
        hold_at_most: timedelta,
    ) -> None:
        super().__init__(msg, context=context)
        self._service = service
        self._publisher = publisher
        self._in_flight = in_flight
        self._stopping = stopping
        self._pause_seconds = pause_seconds
        self._hold_at_most = hold_at_most

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        kind = event_type(msg.headers)
        label = kind if kind in KNOWN_TYPES else "unknown"
        started = time.monotonic()
        with self._in_flight.one(), trace(_text(msg.headers.get("traceparent"))):
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
                if time.monotonic() - held_since < self._hold_at_most.total_seconds():
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
        await self._publisher.hand_over(queue, msg.raw_message, headers)
        return "retry" if isinstance(step, retry.Retry) else "park"

    async def _pause(self) -> None:
        """Wait a little, but not for a service that is stopping."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause_seconds):
                await self._stopping.wait()


def attempt_of(headers: Mapping[str, Any]) -> int:
    """Which attempt this delivery is, from 1; redeliveries after a crash are not counted."""
    value = headers.get(ATTEMPT, 1)
    return value if isinstance(value, int) and value > 0 else 1


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
