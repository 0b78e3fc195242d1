"""Intake alone, with nobody behind it: what does taking a post cost?"""

import asyncio
import math
import time
from collections.abc import Mapping
from pathlib import Path

import pymongo
from rich.console import Console

from bench.compared import record
from bench.compared.client import post_all
from bench.compared.contenders import Contender, Nodes, Peer, web
from bench.compared.costs import Costs
from bench.compared.ours import Ours
from bench.compared.record import percentile
from bench.compared.rounds import Round, interleaved
from bench.compared.rounds import nodes as shared_nodes

OURS = "ours"
PLAIN = "FastAPI, insert_one"
SKETCH = "ASGI, group commit"
#: Posts of each start that are not measured.
WARM = 200
#: Seconds within which the last events are published.
SETTLE_SECONDS = 60.0
POLL = 0.2


def intake(
    posts: int, clients: int, rounds: int, out: Path | None, console: Console, *, keep: bool
) -> None:
    """`keep`: write the figures down."""
    found, around = asyncio.run(_measured(posts, clients, rounds, console))
    said = f"{rounds} rounds of {posts} posts, {clients} clients"
    rows = _rows(found)
    console.print(record.table(rows, said))
    if keep:
        lines = [f"{said}, each after {WARM} that warm up.", "", *record.markdown(rows), ""]
        record.write("intake", lines, found, around, out, console)


async def _measured(
    posts: int, clients: int, rounds: int, console: Console
) -> tuple[dict[str, list[Round]], Mapping[str, object]]:
    async with shared_nodes() as nodes:

        async def measure(contender: Contender) -> Round:
            return await _round(contender, nodes, posts, clients)

        contenders: list[Contender] = [
            Ours(nodes, ("intake",)),
            Peer(PLAIN, {"web": web("intake_plain")}, nodes),
            Peer(SKETCH, {"web": web("intake_sketch")}, nodes),
        ]
        found = await interleaved(contenders, rounds, measure, _line, console)
        return found, record.surroundings(nodes.store.kind, nodes.rabbit.ctl("version").strip())


def _line(one: Round) -> str:
    return f"{one['a second']:.0f} a second; processor {one['processes ms']:.2f} ms"


async def _round(contender: Contender, nodes: Nodes, posts: int, clients: int) -> Round:
    await contender.start()
    try:
        await post_all(contender.port, contender.request, range(WARM), clients)
        await _settled(nodes)
        before = Costs.so_far(contender.sessions(), nodes.rabbit, nodes.store)
        begun = time.monotonic()
        took = await post_all(contender.port, contender.request, range(posts), clients)
        seconds = time.monotonic() - begun
        await _settled(nodes)
        after = Costs.so_far(contender.sessions(), nodes.rabbit, nodes.store)
        costs = after.since(before, posts)
        return {
            "a second": posts / seconds,
            "p50 ms": percentile(took, 0.5) * 1000,
            "p99 ms": percentile(took, 0.99) * 1000,
            "processes ms": sum(costs[f"{name} ms"] for name in contender.sessions()),
            **costs,
        }
    finally:
        await contender.stop()


async def _settled(nodes: Nodes) -> None:
    """Until every event of ours is published: that is paid for as well."""
    deadline = time.monotonic() + SETTLE_SECONDS
    with pymongo.MongoClient[dict[str, object]](nodes.store.url) as client:
        consultations = client["klik_intake"].consultations
        while consultations.count_documents({"outbox_due": {"$exists": True}}):
            if time.monotonic() > deadline:
                raise RuntimeError(f"events are unpublished after {SETTLE_SECONDS:.0f} s")
            await asyncio.sleep(POLL)


def _rows(found: record.Figures) -> list[dict[str, str]]:
    ours = record.medians(found[OURS])["a second"] if OURS in found else math.nan
    rows = []
    for name, rounds in found.items():
        middle = record.medians(rounds)
        rows.append(
            {
                "": name,
                "a second": record.spread(rounds, "a second"),
                "ours is": f"{ours / middle['a second']:.2f} x",
                "p50, p99 ms": f"{middle['p50 ms']:.0f}, {middle['p99 ms']:.0f}",
                "processor ms a post": record.spread(rounds, "processes ms", 2),
                "store ms": f"{middle['store ms']:.2f}",
                "store commands": f"{middle['commands']:.2f}",
            }
        )
    return rows
