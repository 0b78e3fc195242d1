"""A queue that filled up while its service was away: memory, and what times out, as it drains."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, count, islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from rich.console import Console
from rich.progress import Progress

from bench.alerts import at_work, given_to_an_officer
from bench.nodes import Bench, bench, running
from bench.routing import submitted
from bench.waiting import until_still
from klik.history.invented import lives
from klik.local.processes import MOST_MEMORY, ServiceProcess
from klik.local.secrets import read_keys
from shared.events import CaseDeadlineMissed, CaseReminderDue, CaseTimer, ClockName, Event
from shared.messaging import topology
from shared.times import utc_now
from tests.peers.sink import Sink
from tests.support.builders import NOON, TENGGARONG, a_post, assigned

#: Consultations in one post: the most that intake takes.
BATCH = 100


def _lived() -> Iterator[Event]:
    """What happens to consultations of the last half year."""
    now = utc_now()
    return chain.from_iterable(lives(7, 10**6, now - timedelta(days=183), now))


def _submitted() -> Iterator[Event]:
    chance = Random(7)  # noqa: S311 - the same places in every run
    return (submitted(chance) for _ in count())


#: What each of them has to do most with.
EVENTS: dict[str, Callable[[], Iterator[Event]]] = {
    "reporting": _lived,
    "routing": _submitted,
    "notify": lambda: map(given_to_an_officer, count()),
}


def _clock_told(clock: ClockName, sequence: int) -> list[Callable[[UUID], Event]]:
    """What is told of one clock of a consultation: a reminder, then that it ran out."""

    def event(cls: type[CaseTimer], consultation: UUID, number: int, **more: Any) -> CaseTimer:
        told = {"id": uuid4(), "consultation": consultation, "sequence": number, "clock": clock}
        when = {"time": NOON, "due": NOON, "late_seconds": 0}
        return cls(**told, **when, region=TENGGARONG, **more)

    return [
        lambda one: event(CaseReminderDue, one, sequence, deadline=NOON),
        lambda one: event(CaseDeadlineMissed, one, sequence + 1),
    ]


#: What intake hears of a consultation, one after the other.
STEPS = [assigned, *_clock_told("acknowledge", 2), *_clock_told("answer", 4)]


async def backlog(service: str, messages: int, console: Console) -> int:
    async with bench(service) as here, Sink() as sink:
        await here.queue(await _events(here, messages, console), console)
        # which reporting and notify ask for the office hours
        routing = ServiceProcess("routing", here.env, here.logs / "routing-beside.log")
        settings = at_work(sink) if service == "notify" else {}
        (process,) = here.processes(1, **settings, KLIK_ROUTING_URL=routing.url)
        async with running([routing, process] if service in ("reporting", "notify") else [process]):
            started = time.monotonic()
            outcomes = await _drained(here, process, messages, console)
            took, memory = time.monotonic() - started, process.most_memory()
        slow = process.log.read_text().count('"level": "warning"')
    console.print(
        f"{service}: {messages:,} messages in {took:.0f} s, {messages / took:.0f} a second; "
        f"at most {memory / 2**20:.0f} MB; {outcomes}; {slow} warnings"
    )
    return 0 if memory < MOST_MEMORY and outcomes == {"done": messages} else 1


async def _events(here: Bench, number: int, console: Console) -> list[Event]:
    if here.service == "intake":  # which takes in nothing about consultations that it does not have
        ids = await _posted(here, -(-number // len(STEPS)), console)
        return [step(id_) for step in STEPS for id_ in ids][:number]
    return list(islice(EVENTS[here.service](), number))


async def _posted(here: Bench, number: int, console: Console) -> list[UUID]:
    """The ids of so many consultations, posted to an intake that is stopped when all are told."""
    (intake,) = here.processes(1)
    key = read_keys(Path(here.env["KLIK_SECRETS_DIR"]))["frontend"]
    ids: list[UUID] = []
    async with (
        running([intake]),
        httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=30) as http,
    ):
        with Progress(console=console) as progress:
            task = progress.add_task("posting", total=number)
            while len(ids) < number:
                items = [a_post()] * min(BATCH, number - len(ids))
                reply = await http.post(
                    f"{intake.url}/v1/consultations:batch", json={"items": items}
                )
                reply.raise_for_status()
                ids += (UUID(receipt["id"]) for receipt in reply.json()["results"])
                progress.update(task, completed=len(ids))

        async def unpublished() -> int:
            samples = await _samples(intake)
            return int(sum(one.value for one in samples if one.name == "klik_outbox_pending"))

        await until_still(unpublished, lambda left: not left)
    return ids


async def _drained(
    here: Bench, process: ServiceProcess, messages: int, console: Console
) -> dict[str, int]:
    """Until every message is dealt with, or nothing has moved for long: how many ended how."""
    outcomes = dict[str, int]()
    with Progress(console=console) as progress:
        task = progress.add_task("draining", total=messages)

        async def dealt_with() -> int:
            outcomes.update(await _outcomes(process))
            progress.update(task, completed=sum(outcomes.values()))
            return sum(outcomes.values())

        await until_still(dealt_with, lambda number: number >= messages)
    return outcomes | {
        queue: left
        for queue in (topology.main_queue(here.service), topology.parked_queue(here.service))
        if (left := await here.depth(queue))
    }


async def _outcomes(process: ServiceProcess) -> dict[str, int]:
    """Messages by the end of their handling, as the service counts them."""
    outcomes = dict[str, int]()
    for sample in await _samples(process):
        if sample.name == "klik_messages_total":
            outcome = sample.labels["outcome"]
            outcomes[outcome] = outcomes.get(outcome, 0) + int(sample.value)
    return outcomes


async def _samples(process: ServiceProcess) -> list[Sample]:
    """What the service counts now."""
    async with httpx.AsyncClient(timeout=30) as http:
        text = (await http.get(f"{process.url}/metrics")).text
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]
