"""Events told again to one service, out of reporting's log: where its queue or a binding was lost.

They go straight to that service's queue, under the ids that they had. What it knows already changes
nothing, as with every repeated delivery.
"""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from klik.history.derived import console, with_log
from klik.pace import Pace
from services.reporting.events.log import EventLog
from shared.errors import KlikError
from shared.events import Event
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import CONFIRM_SECONDS, Publisher
from shared.messaging.signing import EventKeys, Signing
from shared.settings import Connections
from shared.times import milliseconds


class _Connections(Connections):
    event_keys: SecretStr
    """Those of the services whose events are told again: the log does not keep signatures."""


def resend(to: str, since: datetime, until: datetime, rate: float) -> int:
    """The command's exit code. `since`, `until`: when reporting took the events in."""

    async def act(log: EventLog, _generations: Any) -> int:
        connections = _Connections.load_beside()
        signing = Signing.fixed(EventKeys.parse(connections.event_keys.get_secret_value()))
        publisher = Publisher(connections.amqp_dsn, "klik", signing)
        await publisher.start()
        sent = 0
        try:
            pace = Pace(rate)
            async for event in told(log, to, since, until):
                await pace.wait()
                envelope = Envelope.of(event, traceparent())
                message = envelope.message(owner(event))
                signing.sign_for(to, message)
                await publisher.connected_within(CONFIRM_SECONDS)
                await publisher.send(message, "", topology.main_queue(to))
                sent += 1
        except KlikError as error:
            console.print(f"broken off: {error}")
            return 1
        finally:
            await publisher.close()
            console.print(f"sent to {to}: {sent}")
        return 0

    return with_log(act)


async def told(
    log: EventLog, to: str, since: datetime, until: datetime
) -> AsyncGenerator[Event, None]:
    """Those that `to` listens to, each once, in the order in which they were taken in."""
    first, last = milliseconds(since), milliseconds(until)
    known = set()
    async for segments in log.segments(since):
        for segment in sorted(segments, key=lambda one: one.id):
            if not first <= segment.recorded <= last:
                continue
            for event in segment.events:
                if event.name in topology.BINDINGS[to] and event.id not in known:
                    known.add(event.id)
                    yield event


def owner(event: Event) -> str:
    """The service that publishes such events."""
    return next(service for service, names in topology.PUBLISHES.items() if event.name in names)
