"""The command line of the measurements."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Measures Klik Desa here.")
console = Console()

Cases = Annotated[int, typer.Option(help="How many.")]
Replicas = Annotated[int, typer.Option(help="Processes of routing.")]


@app.command()
def assign(cases: Cases = 100_000, replicas: Replicas = 4) -> None:
    """Queue CASES consultations, then let routing deal them: none twice, none left."""
    from bench.routing import assign as measure

    raise typer.Exit(asyncio.run(measure(cases, replicas, console)))


@app.command()
def timers(
    cases: Cases = 100_000,
    ending: Annotated[int, typer.Option(help="Of these, with a deadline at one moment.")] = 1_000,
    replicas: Replicas = 4,
) -> None:
    """CASES open cases over three weeks; how late are the deadlines of one evening told?"""
    from bench.timers import timers as measure

    raise typer.Exit(asyncio.run(measure(cases, ending, replicas, console)))


@app.command()
def reports(
    consultations: Annotated[
        list[int] | None, typer.Option(help="How many; may be given several times.")
    ] = None,
) -> None:
    """Reports of a year over 10,000, 100,000 and 1,000,000 consultations: what does each take?"""
    from bench.reports import reports as measure

    sizes = consultations or [10_000, 100_000, 1_000_000]
    raise typer.Exit(asyncio.run(measure(sizes, console)))


@app.command()
def freshness() -> None:
    """Fifty events a second: after how long is each in the report?"""
    from bench.reports import freshness as measure

    raise typer.Exit(asyncio.run(measure(console)))


if __name__ == "__main__":
    app()
