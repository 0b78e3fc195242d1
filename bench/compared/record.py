"""Where figures go: a table on the screen, in docs/benchmarks.md, and JSON beside it."""

import json
import platform
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from klik.local.processes import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
FILES = ROOT / "docs" / "benchmarks"
PACKAGES = ("faststream", "aio-pika", "motor", "pymongo", "fastapi", "pydantic", "uvicorn")

Row = Mapping[str, str]
"""Column → what stands there, in order."""
Figures = Mapping[str, Sequence[Mapping[str, float]]]
"""Contender → what was counted and timed in each of its rounds."""


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def spread(rounds: Sequence[Mapping[str, float]], name: str, digits: int = 0) -> str:
    """The median, and from the least to the most."""
    values = [one[name] for one in rounds]
    low, mid, high = min(values), statistics.median(values), max(values)
    return f"{mid:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def table(rows: Iterable[Row], title: str) -> Table:
    rows = list(rows)
    made = Table(*rows[0], title=title)
    for row in rows:
        made.add_row(*row.values())
    return made


def columns(rows: Iterable[Row], names: Sequence[str]) -> list[Row]:
    return [{name: row[name] for name in names} for row in rows]


def markdown(rows: Iterable[Row]) -> list[str]:
    rows = list(rows)
    lines = [rows[0].keys(), ["---"] * len(rows[0]), *(row.values() for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def surroundings(store: str, rabbit: str) -> dict[str, Any]:
    """`store`: its kind; `rabbit`: its version."""
    return {
        "command": " ".join(["python -m bench", *sys.argv[1:]]),
        "cores": cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "store": store,
        "rabbitmq": rabbit,
        "packages": {name: version(name) for name in PACKAGES},
    }


def told(around: Mapping[str, Any]) -> str:
    """One line of what it was measured on."""
    packages = ", ".join(f"{name} {number}" for name, number in around["packages"].items())
    return (
        f"From `{around['command']}`, on {around['cores']} cores ({around['processor']}), the "
        f"store {around['store']}, RabbitMQ {around['rabbitmq']}, Python {around['python']}, "
        f"{packages}."
    )


def replaced(page: str, name: str, lines: Sequence[str]) -> str:
    """The page with `lines` between the markers of `name`. Raises ValueError without markers."""
    begin, end = (f"<!-- bench {name}: {what} -->" for what in ("begin", "end"))
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no markers of {name}")
    return before + "\n".join([begin, *lines, end]) + after


def write(
    name: str,
    lines: Sequence[str],
    figures: Figures,
    around: Mapping[str, Any],
    out: Path | None,
    console: Console,
) -> None:
    """The part of the page between the markers of `name`, and every round as JSON; with `out`, the
    JSON alone, and there."""
    if out is None:
        PAGE.write_text(replaced(PAGE.read_text(), name, [*lines, told(around)]))
        console.print(f"written to {PAGE.relative_to(ROOT)}")
        FILES.mkdir(exist_ok=True)
        out = FILES / f"{name}.json"
    whole = {**around, "medians": {one: medians(its) for one, its in figures.items()}}
    out.write_text(json.dumps({**whole, "rounds": figures}, indent=1) + "\n")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def percentile(values: list[float], share: float) -> float:
    """Of sorted values, by the nearest rank."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def p95(values: list[float]) -> float:
    """Between two values where it lies between them."""
    return statistics.quantiles(values, n=100, method="inclusive")[94]
