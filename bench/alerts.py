"""Whether alerts arrive, each once, while providers fail and notify is killed; and how soon.

Every event is a case given to an officer, who gets an e-mail, and whose requester gets a message on
one of three messengers: two alerts each. The providers are those of tests/peers.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import aio_pika

from bench.nodes import Bench, bench, running
from bench.waiting import until_still
from klik.local.processes import ServiceProcess
from services.notify.domain.alert import alert_id, receipt_id
from shared import reference
from shared.events import CaseAssigned
from shared.messaging import topology
from shared.messaging.envelope import Envelope, events_in
from shared.times import utc_now
from tests.peers.sink import MESSENGERS, Sink
from tests.support.builders import NOON, assigned

#: Seconds between two kills.
KILL_EVERY = 1.0
#: Our waiting times between attempts, against those in production: the first is 0.1 s, the last
#: nine minutes.
RETRY_SCALE = 0.01
CHANNELS = ("smtp", *MESSENGERS)
OFFICERS = [one for one in reference.seed_officers() if one.satgas != "dpmd"]

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """`over`: seconds in which the events come, evenly. `share` of the calls fail. `kills`: of
    `kill -9`, one a second. `slow`: a channel whose provider takes 30 s for each message."""

    alerts: int
    over: float
    replicas: int = 3
    share: float = 0.0
    kills: int = 0
    slow: str | None = None


@dataclass
class Findings:
    """What was expected and what came. Times are those of `time.time`."""

    expected: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Alert → its channel, and when its event was published."""
    arrived: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    taken_over: set[str] = field(default_factory=set)
    """Alerts that a killed process had in hand."""
    outcomes: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Cause and recipient → ids of the events that told how it ended."""
    states: Counter[str] = field(default_factory=Counter)
    parked: int = 0
    kills: int = 0
    seconds: float = 0.0

    def of(self, channel: str) -> list[str]:
        return [id_ for id_, (name, _) in self.expected.items() if name == channel]

    def lost(self, channel: str) -> int:
        return sum(not self.arrived[id_] for id_ in self.of(channel))

    def doubled(self, channel: str, *, by_crash: bool) -> int:
        """Messages too many; `by_crash`: of alerts that a killed process had in hand, or of others,
        of which there may be none."""
        return sum(
            len(self.arrived[id_]) - 1
            for id_ in self.of(channel)
            if len(self.arrived[id_]) > 1 and (id_ in self.taken_over) == by_crash
        )

    def delays(self, channel: str) -> list[float]:
        """Seconds from the event to the provider's taking it, sorted."""
        ids = self.of(channel)
        return sorted(
            self.arrived[id_][0] - self.expected[id_][1] for id_ in ids if self.arrived[id_]
        )

    @property
    def told_otherwise_than_once(self) -> int:
        odd = [ids for ids in self.outcomes.values() if len(ids) != 1]
        return len(odd) + abs(len(self.expected) - len(self.outcomes))


async def run(trial: Trial, progress: Progress = lambda arrived: None) -> Findings:
    findings = Findings()
    async with bench("notify") as here, Sink() as sink:
        if trial.share:
            sink.fail(trial.share)
        if trial.slow:
            getattr(sink, trial.slow).fail("slow")
        settings = at_work(sink) | {"KLIK_RETRY_SCALE": str(RETRY_SCALE)}
        processes = here.processes(trial.replicas, **settings)
        async with _outcomes_heard(here, findings), running(processes):
            started = time.monotonic()
            await asyncio.gather(
                _publish(here, sink, trial, findings), _kill(processes, trial, findings)
            )
            await _settled(here, sink, trial, findings, progress)
            findings.seconds = time.monotonic() - started
            await _look(here, findings)
        for messages in sink.arrived().values():
            for id_, at in messages:
                findings.arrived[id_].append(at)
    return findings


def at_work(sink: Sink) -> dict[str, str]:
    """Settings of a notify that sends to `sink` while the offices are open."""
    ahead = NOON - timedelta(hours=2) - utc_now()
    return sink.settings() | {"KLIK_CLOCK_SHIFT": str(ahead.total_seconds())}


async def _publish(here: Bench, sink: Sink, trial: Trial, findings: Findings) -> None:
    exchange = await here.channel.get_exchange(topology.EXCHANGE)
    events, started = trial.alerts // 2, time.monotonic()
    for number in range(events):
        await asyncio.sleep(started + trial.over * number / events - time.monotonic())
        event = given_to_an_officer(number)
        to_officer, to_requester = _alerts(event)
        channel = sink.expect(number, event.consultation, to_requester)
        now = time.time()
        findings.expected |= {to_officer: ("smtp", now), to_requester: (channel, now)}
        envelope = Envelope.of(event, "")
        message = envelope.message("bench")
        here.signing.sign(message)
        await exchange.publish(message, envelope.routing_key, mandatory=True)


def given_to_an_officer(number: int) -> CaseAssigned:
    post = OFFICERS[number % len(OFFICERS)]
    return assigned(satgas=post.satgas, officer=post.officer)


def _alerts(event: CaseAssigned) -> tuple[str, str]:
    return alert_id(event.id, event.officer), receipt_id(event.consultation)


async def _kill(processes: list[ServiceProcess], trial: Trial, findings: Findings) -> None:
    """One process after the other, each started again at once."""
    started = time.monotonic()
    for number in range(trial.kills):
        await asyncio.sleep(started + KILL_EVERY * (number + 1) - time.monotonic())
        process = processes[number % len(processes)]
        await asyncio.to_thread(process.kill)
        await asyncio.to_thread(process.start)
        findings.kills += 1


async def _settled(
    here: Bench, sink: Sink, trial: Trial, findings: Findings, progress: Progress
) -> None:
    """Until every alert is over and RabbitMQ has heard of it, or nothing has moved for long.

    With a slow provider: until the others have taken theirs.
    """
    alerts = here.database.collection("alerts")
    others = sum(channel != trial.slow for channel, _ in findings.expected.values())

    async def look() -> tuple[int, ...]:
        arrived = sink.taken
        progress(arrived)
        kept, left = await alerts.size(), await alerts.count({"next_at": {"$ne": None}})
        return arrived, kept, left, len(findings.outcomes)

    def over(seen: tuple[int, ...]) -> bool:
        arrived, kept, left, told = seen
        if trial.slow and arrived - sink.taken_by(trial.slow) >= others:
            return True
        return kept == len(findings.expected) == told and not left

    await until_still(look, over)


async def _look(here: Bench, findings: Findings) -> None:
    documents = await here.database.collection("alerts").find({}, only=["state", "log"])
    findings.states.update(one["state"] for one in documents)
    findings.taken_over.update(
        one["_id"] for one in documents if any(e["what"] == "taken_over" for e in one["log"])
    )
    findings.parked = await here.depth(topology.parked_queue("notify"))


@contextlib.asynccontextmanager
async def _outcomes_heard(here: Bench, findings: Findings) -> AsyncGenerator[None]:
    queue = await here.channel.declare_queue(exclusive=True, durable=False)
    await queue.bind(topology.EXCHANGE, "alert.#")

    async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        for one in events_in(message):
            body: dict[str, Any] = json.loads(one.body)
            key = str(UUID(body["cause"])), body["recipient"]
            findings.outcomes[key].add(body["id"])

    tag = await queue.consume(note, no_ack=True)
    yield
    await queue.cancel(tag)
