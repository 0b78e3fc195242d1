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


if __name__ == "__main__":
    app()
