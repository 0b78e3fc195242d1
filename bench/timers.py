"""How late deadlines are told when many cases are open and many of them end at one moment.

Deadlines end when the offices close, so those of one day end together, at 16:00 sharp.
"""

import asyncio
import json
import time
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from statistics import quantiles
from typing import Any

import aio_pika
from rich.console import Console
from rich.progress import Progress

from bench.nodes import Bench, bench, running
from bench.routing import submitted
from services.routing.data.calendar import load_calendar, load_policy
from services.routing.domain.assignment import Wanted, assign
from services.routing.domain.case import Case, assigned, opened
from services.routing.domain.clocks import Fact
from services.routing.domain.policy import Policy
from services.routing.domain.roster import Choice, Officer, Satgas
from services.routing.domain.timers import ring
from services.routing.domain.timers import timers as timers_of
from services.routing.store.cases import CaseStore
from shared.calendar import Calendar
from shared.messaging import topology
from shared.messaging.envelope import events_in
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.times import WITA, new_id, utc_now

#: The working days over which the cases were opened; all are still open.
OPENED_ON = 14
CLOSING = datetime(2026, 11, 25, 16, 0, tzinfo=WITA)
#: Seconds before the offices close at which the replicas are started, and more for each case: they
#: recount all of them after a start.
HEAD_START = 45
HEAD_START_A_CASE = 0.001
#: Seconds after the last event at which the measurement ends.
QUIET = 10.0
BATCH = 500


async def timers(cases: int, ending: int, replicas: int, console: Console) -> int:
    async with bench("routing") as here:
        expected = await seed(here, cases, ending, console)
        queue = await here.channel.declare_queue(exclusive=True, durable=False)
        await queue.bind(topology.EXCHANGE, "case.deadline_missed.#")
        late: dict[str, dict[str, float]] = {}

        async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            now = utc_now() + timedelta(seconds=float(settings["KLIK_CLOCK_SHIFT"]))
            for one in events_in(message):
                body: dict[str, Any] = json.loads(one.body)
                arrived = (now - datetime.fromisoformat(body["due"])).total_seconds()
                deadline = f"{body['consultation']}.{body['clock']}"
                # RabbitMQ may be handed an event twice; its id tells
                late.setdefault(deadline, {}).setdefault(body["id"], arrived)

        await queue.consume(note, no_ack=True)
        head_start = HEAD_START + cases * HEAD_START_A_CASE
        ahead = CLOSING - timedelta(seconds=head_start) - utc_now()
        settings = {"KLIK_CLOCK_SHIFT": str(ahead.total_seconds())}
        async with running(here.processes(replicas, **settings)):
            await until_quiet(late, expected, head_start, console)
        return judge(late, expected, cases, replicas, console)


async def until_quiet(
    late: dict[str, dict[str, float]], expected: int, head_start: float, console: Console
) -> None:
    seen, moved_at = -1, time.monotonic()
    with Progress(console=console) as progress:
        task = progress.add_task("deadlines told", total=expected)
        while time.monotonic() - moved_at < QUIET + (head_start if seen <= 0 else 0):
            if len(late) != seen:
                seen, moved_at = len(late), time.monotonic()
                progress.update(task, completed=seen)
            await asyncio.sleep(0.2)


def judge(
    late: dict[str, dict[str, float]], expected: int, cases: int, replicas: int, console: Console
) -> int:
    told = [seconds for times in late.values() for seconds in times.values()]
    doubled = sum(len(times) - 1 for times in late.values())
    cut = quantiles(told, n=100) if len(told) > 1 else [float("nan")] * 99
    console.print(
        f"{cases} open cases, {replicas} replicas: {len(late)} of {expected} deadlines at one "
        f"moment told, {doubled} twice; until they reached a consumer: p50 {cut[49]:.2f} s, "
        f"p95 {cut[94]:.2f} s, p99 {cut[98]:.2f} s, last {max(told):.2f} s"
    )
    return 0 if len(late) == expected and not doubled and cut[98] <= 5 else 1


async def seed(here: Bench, cases: int, ending: int, console: Console) -> int:
    """Keep `cases` open cases, `ending` of which nobody has seen yet; how many of their deadlines
    end at CLOSING."""
    policy, (calendar, _) = load_policy(), load_calendar()
    collection = here.database.collection("cases")
    publisher = Publisher(here.env["KLIK_AMQP_URL"], "bench", here.signing)  # never started
    outbox = Outbox(here.database, collection, "cases", publisher)
    store = CaseStore(collection, outbox)
    for step in (outbox.prepare, store.prepare):
        await step()
    kinds = [open_case(policy, calendar, number) for number in range(OPENED_ON)]
    ends = [any(one.at == CLOSING for one in timers_of(case, policy, calendar)) for case in kinds]

    def of(number: int) -> int:
        """0 for those that nobody has seen, then day by day back."""
        return 0 if number < ending else 1 + number % (OPENED_ON - 1)

    with Progress(console=console) as progress:
        task = progress.add_task("opening", total=cases)
        for first in range(0, cases, BATCH):
            numbers = range(first, min(first + BATCH, cases))
            copies = [replace(kinds[of(number)], id=new_id()) for number in numbers]
            await asyncio.gather(*(store.add(case, []) for case in copies))
            progress.advance(task, len(copies))
    return sum(ends[of(number)] for number in range(cases))


def open_case(policy: Policy, calendar: Calendar, number: int) -> Case:
    """One that was opened `number` + 1 working days before; of the last day, nobody has seen it.

    The others were answered, and the requester has written again: their resolution is awaited.
    """
    days = (CLOSING - timedelta(days=back) for back in range(1, 60))
    day = [one for one in days if calendar.is_working_day(one.date())][number]
    start = day.replace(hour=9)
    case = given_to_somebody(opened(submitted(Random(number)), start, start.date()), start)  # noqa: S311
    if number:
        told = (("acknowledged", 1), ("answered", 2), ("reply_received", 3))
        facts = [
            Fact(sequence, what, start + timedelta(hours=hours))
            for sequence, (what, hours) in enumerate(told, start=2)
        ]
        case = replace(case, facts=tuple(facts))
    # what was due until now has been told
    return ring(case, policy, calendar, CLOSING - timedelta(minutes=2))[0]


def given_to_somebody(case: Case, now: datetime) -> Case:
    satgas = Satgas(case.wanted.satgas, "Satgas", (Officer("petugas"),))
    wanted = Wanted(case.assignment_key(), case.topic, "round_robin")
    _, choice = assign(satgas, wanted, now.date())
    assert isinstance(choice, Choice)  # noqa: S101 - somebody is there
    return assigned(case, case.wanted, choice, now)
