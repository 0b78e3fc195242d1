"""The whole way of a consultation, from the post to the report: how many a second, at what cost.

Private nodes, one process of each service, offices open, and an e-mail address in every post: two
mails for each consultation. What a consultation costs is counted, not timed: processor time of each
process, and requests to the store.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pymongo
from rich.console import Console
from rich.table import Table

from bench.mail import MailSink
from klik.nodes.node import Node
from shared.messaging.topology import SERVICES
from shared.times import utc_now
from tests.support.builders import NOON, a_post
from tests.support.system import System, running_system

#: Seconds after which a round that has not come to its end is given up.
GIVE_UP = 300.0
POLL = 0.25
TICKS = os.sysconf("SC_CLK_TCK")
DESA = ("64.02.06.2012", "64.02.19.2001", "64.02.14.1001", "64.02.08.2003")


@dataclass(frozen=True, slots=True)
class Round:
    """`cpu_ms`: of processor time for each consultation, by process; `requests`: to the store."""

    rate: float
    accept_seconds: float
    cpu_ms: Mapping[str, float]
    requests: float

    @property
    def ours_ms(self) -> float:
        return sum(self.cpu_ms[name] for name in SERVICES)


def pipeline(posts: int, clients: int, rounds: int, out: Path | None, console: Console) -> None:
    """`out`: where the medians go as JSON."""
    found, store = asyncio.run(_measured(posts, clients, rounds, console))
    console.print(_table(found, store, posts, clients))
    if out is not None:
        out.write_text(json.dumps(_medians(found) | {"store": store}, indent=2) + "\n")


async def _measured(
    posts: int, clients: int, rounds: int, console: Console
) -> tuple[list[Round], str]:
    found: list[Round] = []
    with TemporaryDirectory(prefix="klik-bench-") as folder:
        async with MailSink() as mail:
            env = {
                "KLIK_CLOCK_SHIFT": str(round((NOON - utc_now()).total_seconds())),
                "KLIK_SMTP_HOST": "127.0.0.1",
                "KLIK_SMTP_PORT": str(mail.port),
                "KLIK_SMTP_RATE": "1000",
                "KLIK_LOG_LEVEL": "WARNING",
            }
            async with running_system(Path(folder), env) as system:
                await _round(system, 100, clients)  # warms up
                for number in range(rounds):
                    found.append(await _round(system, posts, clients))
                    console.print(f"round {number + 1} of {rounds}: {found[-1].rate:.1f} a second")
                return found, system.store.kind


async def _round(system: System, posts: int, clients: int) -> Round:
    counted = await _counted(system)
    before, asked, begun = _cpu(system), _requests(system.store.url), time.monotonic()
    await _post_all(system, posts, clients)
    accepted = time.monotonic() - begun
    await _all_counted(system, counted + posts)
    seconds = time.monotonic() - begun
    after = _cpu(system)
    costs = {name: (after[name] - before[name]) * 1000 / posts for name in after}
    requests = (_requests(system.store.url) - asked) / posts
    return Round(posts / seconds, accepted, costs, requests)


async def _post_all(system: System, posts: int, clients: int) -> None:
    """By plain connections that stay open: the client's own cost is next to nothing."""
    process = system.services["intake"][0]
    bearer = system.keys["frontend"]
    left = iter(range(posts))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
        for number in left:
            body = json.dumps(_body(number)).encode()
            writer.write(
                b"POST /v1/consultations HTTP/1.1\r\nHost: bench\r\n"
                b"Content-Type: application/json\r\n"
                + f"Authorization: Bearer {bearer}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            status = await reader.readline()
            if b" 202 " not in status:
                raise RuntimeError(f"intake answered {status!r}")
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))


def _body(number: int) -> dict[str, Any]:
    contact = {"channel": "email", "address": f"warga{number}@example.org"}
    requester = {"role": "kepala_desa", "contact": contact}
    return a_post(desa_code=DESA[number % len(DESA)], requester=requester)


async def _counted(system: System) -> int:
    report = await system.get("reporting", "/v1/reports/consultations", group_by="kecamatan")
    return min(
        (sum(row[what] for row in report["rows"]) for what in ("assigned", "alerted")), default=0
    )


async def _all_counted(system: System, wanted: int) -> None:
    until = time.monotonic() + GIVE_UP
    while (now := await _counted(system)) < wanted:
        if time.monotonic() > until:
            raise RuntimeError(f"{now} of {wanted} consultations counted in {GIVE_UP:.0f} s")
        await asyncio.sleep(POLL)


def _cpu(system: System) -> dict[str, float]:
    """Seconds of processor time by process, since each began."""
    costs = {process.name: _seconds(process.pid) for process in system.processes()}
    return costs | {"store": _node(system.store), "rabbitmq": _node(system.rabbit)}


def _node(node: Node) -> float:
    return _seconds(node.pid)


def _seconds(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _requests(url: str) -> int:
    with pymongo.MongoClient[dict[str, Any]](url) as client:
        return int(client.admin.command("serverStatus")["network"]["numRequests"])


def _medians(rounds: Sequence[Round]) -> dict[str, float]:
    medians = {
        "a second": statistics.median(one.rate for one in rounds),
        "our processor ms": statistics.median(one.ours_ms for one in rounds),
        "store requests": statistics.median(one.requests for one in rounds),
        "seconds until all were accepted": statistics.median(one.accept_seconds for one in rounds),
    }
    for name in rounds[0].cpu_ms:
        medians[f"{name} ms"] = statistics.median(one.cpu_ms[name] for one in rounds)
    return medians


def _table(rounds: Sequence[Round], store: str, posts: int, clients: int) -> Table:
    title = f"{len(rounds)} rounds of {posts} consultations, {clients} clients, on {store}"
    table = Table("for one consultation", "median", "from", "to", title=title)
    spread = [_medians([one]) for one in rounds]
    for name, value in _medians(rounds).items():
        values = [one[name] for one in spread]
        table.add_row(name, *(f"{number:.1f}" for number in (value, min(values), max(values))))
    return table
