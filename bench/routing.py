"""Dealing many cases by several replicas: how fast, and whether each exactly once."""

import time
from collections import Counter
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from rich.console import Console
from rich.progress import Progress

from bench.nodes import Bench, bench, running
from bench.waiting import until_still
from shared import reference
from shared.events import ConsultationSubmitted, Region
from shared.times import new_id


async def assign(cases: int, replicas: int, console: Console) -> int:
    async with bench("routing") as here:
        chance = Random(7)  # noqa: S311 - the same places in every run
        events = [submitted(chance) for _ in range(cases)]
        await here.queue(events, console)
        async with running(here.processes(replicas)):
            before, started = await here.database.collection("cases").size(), time.monotonic()
            await drained(here, cases, console)
            rate = (cases - before) / (time.monotonic() - started)
            console.print(f"{replicas} replicas: {rate:.0f} cases a second once all were ready")
            return await judge(here, {event.consultation for event in events}, console)


def submitted(chance: Random) -> ConsultationSubmitted:
    now = datetime.now(UTC)
    desa = chance.choice(DESA)
    return ConsultationSubmitted(
        id=new_id(),
        consultation=new_id(),
        sequence=1,
        region=Region(kecamatan=desa.parent, desa=desa.code),
        time=now,
        topic="KEU-DD",
        kind="konsultasi",
        role="kepala_desa",
        channel="web",
        submitted_at=now,
        received_at=now,
    )


DESA = [one for one in reference.regions().values() if one.type in ("desa", "kelurahan")]


async def drained(here: Bench, cases: int, console: Console) -> None:
    """Until there are `cases` cases, or nothing has moved for long."""
    with Progress(console=console) as progress:
        task = progress.add_task("dealing", total=cases)

        async def dealt() -> int:
            number = await here.database.collection("cases").size()
            progress.update(task, completed=number)
            return number

        await until_still(dealt, lambda number: number >= cases)


async def judge(here: Bench, ids: set[UUID], console: Console) -> int:
    """0 where every case has one officer, and those of a satgas have equally many."""
    satgas = await here.database.collection("satgas").find({})
    only = ["satgas", "officer", "state", "decisions"]
    # a satgas at a time: all at once would take longer than an operation may
    documents = [
        case
        for one in satgas
        for case in await here.database.collection("cases").find({"satgas": one["_id"]}, only=only)
    ]
    found = {UUID(one["_id"]) for one in documents}
    unassigned = sum(one["state"] != "assigned" for one in documents) + len(ids - found)
    double = sum(len(one["decisions"]) != 1 for one in documents) + len(found - ids)
    dealt = Counter((one["satgas"], one["officer"]) for one in documents)
    spread = max(
        max(counts) - min(counts)
        for code in {code for code, _ in dealt}
        if (counts := [number for (one, _), number in dealt.items() if one == code])
    )
    turns = sum(one["turn"] for one in satgas)
    console.print(
        f"{len(found)} cases, unassigned {unassigned}, assigned twice {double}; "
        f"turns taken {turns}; fairness: max - min = {spread}"
    )
    return 0 if not unassigned and not double and spread <= 1 and turns == len(ids) else 1
