"""Messages that wait in a queue, and a handler that does nothing: what does a message cost?"""

import asyncio
import json
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console

from bench.compared import record
from bench.compared.rounds import Round, interleaved
from bench.nodes import Bench, bench
from bench.routing import submitted
from klik.local.processes import ROOT
from shared.events import Event
from shared.messaging import topology

SERVICE = "reporting"
OURS = "ours, reporting's table"
#: Part of the messages of a round that is not measured.
WARM = 5
#: Seconds for one round.
GIVE_UP = 300.0


@dataclass(frozen=True, slots=True)
class Reader:
    """`how`: a word of `bench/peers/consuming.py`."""

    name: str
    how: str


READERS = (
    Reader(OURS, "ours"),
    Reader("FastStream, one handler", "faststream"),
    Reader("aio-pika, pydantic", "raw"),
)


async def consume(
    messages: int, rounds: int, out: Path | None, console: Console, *, keep: bool
) -> None:
    """`keep`: write the figures down."""
    chance = Random(7)  # noqa: S311 - the same places in every run
    events: list[Event] = [submitted(chance) for _ in range(messages)]
    async with bench(SERVICE) as here:

        async def measure(reader: Reader) -> Round:
            return await _round(here, reader, events, console)

        found = await interleaved(READERS, rounds, measure, _line, console)
        around = record.surroundings(here.store.kind, here.rabbit.ctl("version").strip())
    said = f"{rounds} rounds of {messages} messages, the first {messages // WARM} not counted"
    rows = _rows(found)
    console.print(record.table(rows, said))
    if keep:
        lines = [f"{said}.", "", *record.markdown(rows), ""]
        record.write("consume", lines, found, around, out, console)


async def _round(here: Bench, reader: Reader, events: Sequence[Event], console: Console) -> Round:
    queue = topology.main_queue(SERVICE)
    await here.queue(events, console)
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.peers.consuming", reader.how, queue, str(len(events))),
        str(len(events) // WARM),
        env={
            **os.environ,  # noqa: TID251 - inherited
            "BENCH_AMQP": here.env["KLIK_AMQP_URL"],
            "BENCH_SECRETS": here.env["KLIK_SECRETS_DIR"],
        },
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(GIVE_UP):
            said, _ = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
    if program.returncode:
        raise RuntimeError(f"{reader.name} ended with {program.returncode}")
    told = json.loads(said)
    measured = len(events) - len(events) // WARM
    return {
        "a second": measured / told["seconds"],
        "processor ms": told["processor"] * 1000 / measured,
        "left": await here.depth(queue),
    }


def _line(one: Round) -> str:
    return f"{one['processor ms']:.3f} ms of processor a message"


def _rows(found: record.Figures) -> list[dict[str, str]]:
    ours = record.medians(found[OURS])["processor ms"] if OURS in found else math.nan
    return [
        {
            "": name,
            "processor ms a message": record.spread(rounds, "processor ms", 3),
            "ours costs": f"{ours / record.medians(rounds)['processor ms']:.2f} x",
            "a second": record.spread(rounds, "a second"),
            "left": f"{record.medians(rounds)['left']:.0f}",
        }
        for name, rounds in found.items()
    ]
