"""The whole way of a consultation, from the post to the report, beside the same durable steps by
others: how many a second, and at what cost?

Everything in one run on the same private RabbitMQ and store, each contender with four processes,
which are started for its round, warmed up and stopped after it; rounds are interleaved.
"""

import asyncio
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from bench.compared import record
from bench.compared.client import post_all, post_paced
from bench.compared.contenders import HERE, Contender, Nodes, Peer, Program, sketch, web
from bench.compared.costs import Costs
from bench.compared.environment import peers_python, pinned
from bench.compared.ours import Ours
from bench.compared.record import percentile
from bench.compared.rounds import Round, interleaved
from bench.compared.rounds import nodes as shared_nodes
from bench.compared.verdict import (
    CELERY,
    DRAMATIQ,
    FASTSTREAM,
    PROJECT,
    RAW,
    TASKIQ,
    unfair,
)
from shared.messaging.topology import SERVICES

OURS = "ours"
#: The durable steps alone, which is what the others do: no e-mail is made or sent.
WITHOUT_MAILS = "ours, no e-mails"
#: The same by the other driver of MongoDB that a setting has us take.
BY_PYMONGO = "ours, no e-mails, PyMongo"
#: Consultations of each start that are not measured.
WARM = 100
#: Processes beside the one that takes posts.
WORKERS = 3
#: Of each worker whose framework works by threads: Dramatiq's own number. Celery's own pool, of
#: one task in each process, does less here.
THREADS = 8
#: Module of `bench/peers`, and the commands of its workers, as their guides type them.
PEERS: Mapping[str, Sequence[str]] = {
    CELERY: (
        "celery_pipeline",
        *(
            "celery -A bench.peers.celery_pipeline worker --loglevel warning --pool threads"
            f" --concurrency {THREADS} --hostname worker{number}@bench"
            for number in range(WORKERS)
        ),
    ),
    DRAMATIQ: (
        "dramatiq_pipeline",
        f"dramatiq bench.peers.dramatiq_pipeline --processes {WORKERS} --threads {THREADS}",
    ),
    TASKIQ: (
        "taskiq_pipeline",
        f"taskiq worker bench.peers.taskiq_pipeline:broker --workers {WORKERS} --log-level WARNING",
    ),
    FASTSTREAM: (
        "faststream_pipeline",
        f"faststream run bench.peers.faststream_pipeline:app --workers {WORKERS}",
    ),
}
#: Seconds without another one counted after which the rest is lost.
STUCK = 20.0
#: Seconds between two looks at what is counted: they cost, so there are few while much is left.
POLL, LONGEST_POLL = 0.05, 2.0
NODES = ("store", "rabbitmq")
#: What a screen has room for.
SCREEN = (
    "",
    "a second",
    "ours is",
    "without mails",
    "processes ms",
    "store ms",
    "RabbitMQ ms",
    "lost, doubled",
)


def pipeline(
    posts: int,
    clients: int,
    rounds: int,
    only: Sequence[str],
    out: Path | None,
    console: Console,
    *,
    keep: bool,
) -> int:
    """0, or 1 where the run is invalid. `only`: words in the names of the contenders, all where
    it is empty; `keep`: write the figures down, to the page only those of all contenders."""
    found, around = asyncio.run(_measured(posts, clients, rounds, only, console))
    said = f"{rounds} rounds of {posts} consultations, {clients} clients"
    rows, services = _rows(found), _by_service(found)
    console.print(record.table(record.columns(rows, SCREEN), said))
    if services:
        console.print(record.table(services, "ours, for one consultation"))
    middle = {name: record.medians(its) for name, its in found.items()}
    wrong = unfair(
        {name: one["a second"] for name, one in middle.items()},
        {name: one["processes ms"] for name, one in middle.items()},
    )
    for sentence in wrong:
        console.print(f"[bold red]invalid:[/] {sentence}")
    if keep and (out is not None or not (wrong or only)):
        lines = [f"{said}, each after {WARM} that warm up.", "", *record.markdown(rows), ""]
        if services:
            lines += ["Ours, for one consultation:", "", *record.markdown(services), ""]
        record.write("pipeline", lines, found, {**around, "invalid": wrong}, out, console)
    return 1 if wrong else 0


async def _measured(
    posts: int, clients: int, rounds: int, only: Sequence[str], console: Console
) -> tuple[dict[str, list[Round]], Mapping[str, object]]:
    async with shared_nodes() as nodes:

        async def measure(contender: Contender) -> Round:
            return await _round(contender, nodes, posts, clients)

        chosen = _contenders(nodes, only, console)
        found = await interleaved(chosen, rounds, measure, _line, console)
        around = record.surroundings(nodes.store.kind, nodes.rabbit.ctl("version").strip())
        return found, {**around, "packages": {**around["packages"], **pinned()}}


def _contenders(nodes: Nodes, only: Sequence[str], console: Console) -> list[Contender]:
    def peer(name: str) -> Peer:
        module, *commands = PEERS[name]
        python = HERE if name == FASTSTREAM else peers_python(console)
        workers = {
            f"worker {number}": Program(("-m", *command.split()), python)
            for number, command in enumerate(commands, 1)
        }
        return Peer(name, {**workers, "web": web(module, python)}, nodes)

    makers: dict[str, Callable[[str], Contender]] = {
        OURS: lambda _: Ours(nodes),
        WITHOUT_MAILS: lambda name: Ours(nodes, name=name, mails=False),
        BY_PYMONGO: lambda name: Ours(nodes, name=name, mails=False, driver="pymongo"),
        **dict.fromkeys(PEERS, peer),
        RAW: lambda name: sketch(name, "raw", nodes),
        PROJECT: lambda name: sketch(name, "project", nodes),
    }
    wanted = [one.lower() for one in only]
    return [
        make(name)
        for name, make in makers.items()
        if not wanted or any(one in name.lower() for one in wanted)
    ]


async def _round(contender: Contender, nodes: Nodes, posts: int, clients: int) -> Round:
    await contender.start()
    try:
        known = await contender.counted()
        await post_all(contender.port, contender.request, range(WARM), clients)
        await _until_counted(contender, known + WARM)
        await contender.settle()
        return await _figures(contender, nodes, posts, clients)
    finally:
        await contender.stop()


async def _figures(contender: Contender, nodes: Nodes, posts: int, clients: int) -> Round:
    counted = await contender.counted()
    before, own, mails = await _costs(contender, nodes), os.times(), nodes.mail.taken
    begun = time.monotonic()
    took = await post_all(contender.port, contender.request, range(posts), clients)
    accepted = time.monotonic() - begun
    last = await _until_counted(contender, counted + posts)
    rate = posts / (last - begun)
    await contender.settle()
    spent = os.times()
    costs = (await _costs(contender, nodes)).since(before, posts)
    found, mailed = await contender.counted(), nodes.mail.taken - mails
    paced = await post_paced(
        contender.port, contender.request, range(math.ceil(posts / 4)), clients, rate / 2
    )
    await _until_counted(contender, found + len(paced))
    return {
        "a second": rate,
        "accepted a second": posts / accepted,
        "lost or doubled": found - counted - posts,
        "post p50 ms": percentile(took, 0.5) * 1000,
        "post p99 ms": percentile(took, 0.99) * 1000,
        "half load post p50 ms": percentile(paced, 0.5) * 1000,
        "half load post p99 ms": percentile(paced, 0.99) * 1000,
        "processes ms": sum(costs[f"{name} ms"] for name in contender.sessions()),
        "client ms": (spent.user + spent.system - own.user - own.system) * 1000 / posts,
        "mails": mailed / posts,
        **costs,
    }


async def _costs(contender: Contender, nodes: Nodes) -> Costs:
    return await asyncio.to_thread(Costs.so_far, contender.sessions(), nodes.rabbit, nodes.store)


async def _until_counted(contender: Contender, wanted: int) -> float:
    """When the last one was seen in the report: all, or as many as come."""
    first = now = await contender.counted()
    begun = moved = time.monotonic()
    while now < wanted and time.monotonic() - moved < STUCK:
        passed = time.monotonic() - begun
        left = (wanted - now) * passed / (now - first) if now > first else passed
        await asyncio.sleep(max(min(left / 2, passed / 8, LONGEST_POLL), POLL))
        seen = await contender.counted()
        if seen != now:
            now, moved = seen, time.monotonic()
    return moved


def _line(one: Round) -> str:
    return (
        f"{one['a second']:.1f} a second; processor {one['processes ms']:.1f} ms, store "
        f"{one['store ms']:.1f}, RabbitMQ {one['rabbitmq ms']:.1f}; {one['commands']:.1f} commands"
        + (f"; {one['lost or doubled']:+.0f} counted" if one["lost or doubled"] else "")
    )


def _rows(found: record.Figures) -> list[dict[str, str]]:
    ours, without = (
        record.medians(found[name])["a second"] if name in found else math.nan
        for name in (OURS, WITHOUT_MAILS)
    )
    rows = []
    for name, rounds in found.items():
        middle = record.medians(rounds)
        wrong = [one["lost or doubled"] for one in rounds]
        lost, doubled = -sum(min(one, 0) for one in wrong), sum(max(one, 0) for one in wrong)
        rows.append({
            "": name,
            "a second": record.spread(rounds, "a second"),
            "ours is": f"{ours / middle['a second']:.2f} x",
            "without mails": f"{without / middle['a second']:.2f} x",
            "processes ms": record.spread(rounds, "processes ms", 1),
            "store ms": f"{middle['store ms']:.1f}",
            "RabbitMQ ms": f"{middle['rabbitmq ms']:.1f}",
            "store commands": f"{middle['commands']:.1f}",
            "documents": f"{middle['documents']:.1f}" if "documents" in middle else "not told",
            "messages": f"{middle['published']:.1f}",
            "KB": f"{middle['octets'] / 1024:.1f}",
            "post p50, p99 ms": _pair(middle, "post"),
            "at half load": _pair(middle, "half load post"),
            "lost, doubled": f"{lost:.0f}, {doubled:.0f}",
        })  # fmt: skip
    return rows


def _pair(middle: Mapping[str, float], what: str) -> str:
    return f"{middle[f'{what} p50 ms']:.0f}, {middle[f'{what} p99 ms']:.0f}"


def _by_service(found: record.Figures) -> list[dict[str, str]]:
    if OURS not in found:
        return []
    names = (*SERVICES, *NODES, "client")
    said = {f"{name} ms": record.spread(found[OURS], f"{name} ms", 1) for name in names}
    return [{**said, "mails": f"{record.medians(found[OURS])['mails']:.2f}"}]
