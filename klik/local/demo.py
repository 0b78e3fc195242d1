"""Submits the sample consultations as a front-end would and follows them into the report."""

import asyncio
import json
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from klik.local.alert_outcomes import Telling, Told
from shared.times import local

SAMPLES = Path(__file__).parent.parent / "data" / "sample_consultations.jsonl"

#: Seconds until everything must be routed, alerted and counted.
DEADLINE = 60.0
POLL = 0.2
#: Requests under way at once.
CONCURRENCY = 10


class Refused(Exception):
    """intake did not take a sample; the message says what it answered."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the APIs are; behind the gateway both are the same."""

    intake: str
    reporting: str
    notify: str | None = None
    """Where it is not known, what waits for its time is waited for."""


@dataclass(frozen=True, slots=True)
class Totals:
    submitted: int
    assigned: int
    told: int
    """By a channel that reaches somebody."""
    log_only: int
    """There is no channel but the log."""
    counted: int

    @property
    def alerted(self) -> int:
        return self.told + self.log_only

    def complete(self, expected: int) -> bool:
        """All that was submitted has gone the whole way, and nothing else was counted."""
        return self.counts_all(expected) and self.alerted == self.submitted

    def counts_all(self, expected: int) -> bool:
        """The same, whoever has been told so far."""
        return self.submitted == self.assigned == self.counted >= expected


def samples() -> list[dict[str, Any]]:
    """The sample consultations as bodies of `POST /v1/consultations`."""
    return [_body(json.loads(line)) for line in SAMPLES.read_text().splitlines() if line.strip()]


def _body(sample: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in sample.items() if key != "requester_role"}
    return {**plain, "requester": {"role": sample["requester_role"]}}


async def demo(addresses: Addresses, keys: dict[str, str], console: Console) -> bool:
    """Submit, wait, print the report; False where not everything arrived in time."""
    bodies = samples()
    async with AsyncExitStack() as stack:
        intake = await stack.enter_async_context(_client(addresses.intake, keys["frontend"]))
        reporting = await stack.enter_async_context(_client(addresses.reporting, keys["analyst"]))
        notify: httpx.AsyncClient | None = None
        if addresses.notify is not None:
            notify = await stack.enter_async_context(_client(addresses.notify, keys["dpmd"]))
        with _progress(console) as progress:
            bars = {
                stage: progress.add_task(stage, total=len(bodies))
                for stage in ("submitted", "assigned", "alerted", "counted")
            }
            ids = await _submit(intake, bodies)
            telling = Telling(notify, ids) if notify else None
            totals = await _follow(reporting, telling, len(bodies), progress, bars)
        report = await _get(reporting, "/v1/reports/consultations", group_by="kecamatan")
    waits, untold = _apart(telling, totals)
    console.print(_table(report, totals, waits, untold))
    if not _is_over(totals, telling, len(bodies)):
        console.print(
            f"[red]Not everything arrived within {DEADLINE:.0f} s.[/] See the services' logs, and "
            "`python -m klik parked list` for messages put aside."
        )
        return False
    return True


async def _submit(intake: httpx.AsyncClient, bodies: list[dict[str, Any]]) -> list[str]:
    """The consultations' ids."""
    ids = list[str]()
    slots = asyncio.Semaphore(CONCURRENCY)

    async def post(number: int, body: dict[str, Any]) -> None:
        async with slots:
            # the key makes a second demo on the same data repeat the first, not add to it
            reply = await intake.post(
                "/v1/consultations", json=body, headers={"Idempotency-Key": f"sample-{number:03}"}
            )
            if reply.status_code != httpx.codes.ACCEPTED:
                raise Refused(f"sample {number}: {reply.status_code} {reply.text}")
            ids.append(reply.json()["id"])

    async with asyncio.TaskGroup() as posts:
        for number, body in enumerate(bodies, start=1):
            posts.create_task(post(number, body))
    return ids


async def _follow(
    reporting: httpx.AsyncClient,
    telling: Telling | None,
    expected: int,
    progress: Progress,
    bars: dict[str, TaskID],
) -> Totals:
    until = time.monotonic() + DEADLINE
    while True:
        totals = await _totals(reporting)
        for stage, bar in bars.items():
            progress.update(bar, completed=min(expected, getattr(totals, stage)))
        if _is_over(totals, telling, expected) or time.monotonic() > until:
            return totals
        if telling is not None and totals.counts_all(expected):
            await telling.look()
        await asyncio.sleep(POLL)


def _is_over(totals: Totals, telling: Telling | None, expected: int) -> bool:
    """All has gone the whole way, or waits for its time, or cannot be told to anybody."""
    if totals.complete(expected):
        return True
    if telling is None or telling.of("under_way") or not totals.counts_all(expected):
        return False
    return totals.alerted >= len(telling.of("told"))


def _apart(telling: Telling | None, totals: Totals) -> tuple[list[Told], list[Told]]:
    """What waits and what is not told; of all that was told, neither."""
    if telling is None or totals.alerted == totals.submitted:
        return [], []
    return telling.of("waits"), telling.of("untold")


async def _totals(reporting: httpx.AsyncClient) -> Totals:
    report = await _get(reporting, "/v1/reports/consultations", group_by="kecamatan")
    reconciliation = await _get(reporting, "/v1/reconciliation")
    rows = report["rows"]
    return Totals(
        submitted=reconciliation["accepted"],
        assigned=sum(row["assigned"] for row in rows),
        told=sum(row["alerted"] for row in rows),
        log_only=sum(row["log_only"] for row in rows),
        counted=sum(row["submitted"] for row in rows),
    )


async def _get(client: httpx.AsyncClient, path: str, **params: str) -> Any:
    reply = await client.get(path, params=params)
    reply.raise_for_status()
    return reply.json()


def _client(url: str, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=10.0)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), console=console
    )


def _table(report: dict[str, Any], totals: Totals, waits: list[Told], untold: list[Told]) -> Table:
    """With a column for what is not told yet, or not at all, where there is such."""
    apart = {"waits": _by_kecamatan(waits), "not told": _by_kecamatan(untold)}
    shown = {name: counts for name, counts in apart.items() if counts}
    table = Table(title=f"Consultations by kecamatan, as of {report['as_of'][:19]}")
    table.add_column("kecamatan")
    for column in ("submitted", "assigned", "told", "log only", *shown, "counted"):
        table.add_column(column, justify="right")
    for row in report["rows"]:
        of_row = [counts[row["kecamatan"]] for counts in shown.values()]
        counted = row["submitted"]
        cells = (counted, row["assigned"], row["alerted"], row["log_only"], *of_row, counted)
        table.add_row(row["kecamatan_name"], *map(str, cells))
    table.add_section()
    of_all = [counts.total() for counts in shown.values()]
    told = (totals.told, totals.log_only)
    sums = (totals.submitted, totals.assigned, *told, *of_all, totals.counted)
    table.add_row("total", *map(str, sums))
    logged = ["log only: nobody was told, for there is no channel but the log"]
    why = (*(logged if totals.log_only else ()), *_why_wait(waits), *_why_untold(untold))
    table.caption = "\n".join(why) or None
    return table


def _by_kecamatan(ones: list[Told]) -> Counter[str]:
    return Counter(one.kecamatan for one in ones)


def _why_wait(waits: list[Told]) -> list[str]:
    if not waits:
        return []
    first = min((one.until for one in waits if one.until), default=None)
    when = f", the first at {local(first):%Y-%m-%d %H:%M} WITA" if first else ""
    return [f"waits: officers are told in office hours{when}"]


def _why_untold(untold: list[Told]) -> list[str]:
    codes = ", ".join(sorted({one.reason for one in untold}))
    hint = "PUT /v1/recipients/{id} makes people's addresses known"
    return [f"not told: {codes} ({hint})"] if untold else []
