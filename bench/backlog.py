"""A queue that filled up while its service was away: memory, and what times out, as it drains."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, count, islice
from random import Random

import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.progress import Progress

from bench.alerts import given_to_an_officer
from bench.nodes import Bench, bench, running
from bench.routing import submitted
from klik.processes import MOST_MEMORY, ServiceProcess
from klik.seeding import lives
from shared import topology
from shared.events import Event
from shared.times import utc_now

#: Seconds without any progress after which the measurement is given up.
STUCK = 60.0
POLL = 0.5


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


async def backlog(service: str, messages: int, console: Console) -> int:
    async with bench(service) as here:
        await here.queue(list(islice(EVENTS[service](), messages)), console)
        # reporting asks it for the office hours
        routing = ServiceProcess("routing", here.env, here.logs / "routing-beside.log")
        (process,) = here.processes(1, KLIK_ROUTING_URL=routing.url)
        async with running([process] if service == "routing" else [routing, process]):
            started = time.monotonic()
            outcomes = await _drained(here, process, messages, console)
            took, memory = time.monotonic() - started, process.most_memory()
        slow = process.log.read_text().count('"level": "warning"')
    console.print(
        f"{service}: {messages:,} messages in {took:.0f} s, {messages / took:.0f} a second; "
        f"at most {memory / 2**20:.0f} MB; {outcomes}; {slow} warnings"
    )
    return 0 if memory < MOST_MEMORY and outcomes == {"done": messages} else 1


async def _drained(
    here: Bench, process: ServiceProcess, messages: int, console: Console
) -> dict[str, int]:
    """Until every message is dealt with, or nothing has moved for long: how many ended how."""
    outcomes, moved_at = dict[str, int](), time.monotonic()
    with Progress(console=console) as progress:
        task = progress.add_task("draining", total=messages)
        while sum(outcomes.values()) < messages and time.monotonic() - moved_at < STUCK:
            if (now := await _outcomes(process)) != outcomes:
                outcomes, moved_at = now, time.monotonic()
                progress.update(task, completed=sum(outcomes.values()))
            await asyncio.sleep(POLL)
    return outcomes | {
        queue: left
        for queue in (topology.main_queue(here.service), topology.parked_queue(here.service))
        if (left := await here.depth(queue))
    }


async def _outcomes(process: ServiceProcess) -> dict[str, int]:
    """Messages by the end of their handling, as the service counts them."""
    async with httpx.AsyncClient(timeout=30) as http:
        text = (await http.get(f"{process.url}/metrics")).text
    outcomes = dict[str, int]()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "klik_messages_total":
                outcome = sample.labels["outcome"]
                outcomes[outcome] = outcomes.get(outcome, 0) + int(sample.value)
    return outcomes
