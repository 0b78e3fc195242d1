"""Submits the sample consultations as a front-end would and follows them into the report."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

SAMPLES = Path(__file__).parent / "data" / "sample_consultations.jsonl"

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
        stages = {self.submitted, self.assigned, self.alerted, self.counted}
        return len(stages) == 1 and self.submitted >= expected


def samples() -> list[dict[str, Any]]:
    """The sample consultations as bodies of `POST /v1/consultations`."""
    return [_body(json.loads(line)) for line in SAMPLES.read_text().splitlines() if line.strip()]


def _body(sample: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in sample.items() if key != "requester_role"}
    return {**plain, "requester": {"role": sample["requester_role"]}}


async def demo(addresses: Addresses, keys: dict[str, str], console: Console) -> bool:
    """Submit, wait, print the report; False where not everything arrived in time."""
    bodies = samples()
    async with (
        _client(addresses.intake, keys["frontend"]) as intake,
        _client(addresses.reporting, keys["analyst"]) as reporting,
    ):
        with _progress(console) as progress:
            bars = {
                stage: progress.add_task(stage, total=len(bodies))
                for stage in ("submitted", "assigned", "alerted", "counted")
            }
            await _submit(intake, bodies)
            totals = await _follow(reporting, len(bodies), progress, bars)
        report = await _get(reporting, "/v1/reports/consultations", group_by="kecamatan")
    console.print(_table(report, totals))
    if not totals.complete(len(bodies)):
        console.print(
            f"[red]Not everything arrived within {DEADLINE:.0f} s.[/] See the services' logs, and "
            "`python -m klik parked list` for messages put aside."
        )
        return False
    return True


async def _submit(intake: httpx.AsyncClient, bodies: list[dict[str, Any]]) -> None:
    slots = asyncio.Semaphore(CONCURRENCY)

    async def post(number: int, body: dict[str, Any]) -> None:
        async with slots:
            # the key makes a second demo on the same data repeat the first, not add to it
            reply = await intake.post(
                "/v1/consultations", json=body, headers={"Idempotency-Key": f"sample-{number:03}"}
            )
            if reply.status_code != httpx.codes.ACCEPTED:
                raise Refused(f"sample {number}: {reply.status_code} {reply.text}")

    async with asyncio.TaskGroup() as posts:
        for number, body in enumerate(bodies, start=1):
            posts.create_task(post(number, body))


async def _follow(
    reporting: httpx.AsyncClient, expected: int, progress: Progress, bars: dict[str, TaskID]
) -> Totals:
    until = time.monotonic() + DEADLINE
    while True:
        totals = await _totals(reporting)
        for stage, bar in bars.items():
            progress.update(bar, completed=min(expected, getattr(totals, stage)))
        if totals.complete(expected) or time.monotonic() > until:
            return totals
        await asyncio.sleep(POLL)


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


def _table(report: dict[str, Any], totals: Totals) -> Table:
    table = Table(title=f"Consultations by kecamatan, as of {report['as_of'][:19]}")
    table.add_column("kecamatan")
    for column in ("submitted", "assigned", "told", "log only", "counted"):
        table.add_column(column, justify="right")
    for row in report["rows"]:
        shown = ("submitted", "assigned", "alerted", "log_only", "submitted")
        table.add_row(row["kecamatan_name"], *(str(row[name]) for name in shown))
    table.add_section()
    sums = (totals.submitted, totals.assigned, totals.told, totals.log_only, totals.counted)
    table.add_row("total", *(str(number) for number in sums))
    if totals.log_only:
        table.caption = "log only: nobody was told, for there is no channel but the log"
    return table
