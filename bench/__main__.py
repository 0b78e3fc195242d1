"""The command line of the measurements."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from klik.interrupts import heed_signals

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Measures Klik Desa here.")
console = Console()

Cases = Annotated[int, typer.Option(help="How many.")]
Rounds = Annotated[int, typer.Option(help="Of each contender, interleaved.")]
Out = Annotated[Path | None, typer.Option(help="JSON there; docs/benchmarks.md stays.")]
Keep = Annotated[bool, typer.Option(help="Write the figures to docs/benchmarks.md and JSON.")]
Replicas = Annotated[int, typer.Option(help="Processes of routing.")]


@app.command()
def trip(
    files: Annotated[bool, typer.Option(help="Name the files.")] = False,
) -> None:
    """Own files, functions and moves between files of one message, by service; no seconds."""
    from bench.trip import trip as measure

    asyncio.run(measure(console, files=files))


@app.command()
def pipeline(
    posts: Annotated[int, typer.Option(help="Consultations in a round.")] = 1_200,
    clients: Annotated[int, typer.Option(help="Connections of front-ends.")] = 32,
    rounds: Rounds = 5,
    only: Annotated[
        list[str] | None, typer.Option(help="ours, celery, sketch …; may be given several times.")
    ] = None,
    out: Out = None,
    keep: Keep = True,
) -> None:
    """From the post to the report, beside others: how many a second, and what does each cost?

    Makes .venv-bench for Celery, Dramatiq and Taskiq where it is not there.
    """
    from bench.compared.pipeline import pipeline as measure

    raise typer.Exit(measure(posts, clients, rounds, only or [], out, console, keep=keep))


@app.command()
def intake(
    posts: Annotated[int, typer.Option(help="In a round.")] = 3_000,
    clients: Annotated[int, typer.Option(help="Connections of front-ends.")] = 64,
    rounds: Rounds = 5,
    out: Out = None,
    keep: Keep = True,
) -> None:
    """Posts to intake alone, beside FastAPI with one insert for each, and beside group commit."""
    from bench.compared.intake import intake as measure

    measure(posts, clients, rounds, out, console, keep=keep)


@app.command()
def consume(
    messages: Annotated[int, typer.Option(help="That wait, in a round.")] = 5_000,
    rounds: Rounds = 5,
    out: Out = None,
    keep: Keep = True,
) -> None:
    """Messages to a handler that does nothing, beside FastStream with one, and beside aio-pika."""
    from bench.compared.consume import consume as measure

    asyncio.run(measure(messages, rounds, out, console, keep=keep))


@app.command()
def latency(
    seconds: Annotated[int, typer.Option(help="Of posts at RATE.")] = 60,
    rate: Annotated[float, typer.Option(help="Posts a second.")] = 20,
    clients: Annotated[int, typer.Option(help="Connections, for posts without a pause.")] = 64,
    posts: Annotated[int, typer.Option(help="Of these.")] = 3_000,
) -> None:
    """An hour in the office, and a rush: how soon is a post answered, told of and counted?"""
    from bench.compared.latency import latency as measure

    raise typer.Exit(asyncio.run(measure(seconds, rate, clients, posts, console)))


@app.command()
def prices(rounds: Rounds = 5, out: Out = None, keep: Keep = True) -> None:
    """What a promise costs that is plain Python: checks, keys, encryption, logs, texts, clocks."""
    from bench.compared.prices import prices as measure

    measure(rounds, out, console, keep=keep)


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
def alerts(
    alerts: Annotated[int, typer.Option(help="How many.")] = 2_000,
    over: Annotated[float, typer.Option(help="Seconds in which their events come.")] = 120,
    share: Annotated[float, typer.Option(help="Of the providers' calls that fail.")] = 0.3,
    kill: Annotated[
        bool, typer.Option(help="kill -9 of notify, every second of a minute.")
    ] = False,
    slow: Annotated[str | None, typer.Option(help="A messenger that takes 30 s.")] = None,
    replicas: Annotated[int, typer.Option(help="Processes of notify.")] = 3,
) -> None:
    """Tell of cases while providers fail and notify is killed: none lost, none doubled; how soon?

    A crash between a provider's yes and our record may double what was under way: these are counted
    apart.
    """
    from bench.alerts import Trial
    from bench.verdict import measure

    trial = Trial(alerts, over, replicas, share, 60 if kill else 0, slow)
    raise typer.Exit(asyncio.run(measure(trial, console)))


@app.command()
def backlog(
    service: Annotated[
        str, typer.Option(help="intake, routing, notify or reporting.")
    ] = "reporting",
    messages: Annotated[int, typer.Option(help="How many wait when it starts.")] = 100_000,
) -> None:
    """Start SERVICE before a full queue: does it stay under 200 MB, and does anything time out?"""
    from bench.backlog import backlog as measure

    raise typer.Exit(asyncio.run(measure(service, messages, console)))


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
def oversee(
    consultations: Annotated[
        list[int] | None, typer.Option(help="How many; may be given several times.")
    ] = None,
) -> None:
    """Dashboard and the list behind a figure, for DPMD and a camat: what does each take?"""
    from bench.reports import oversee as measure

    raise typer.Exit(asyncio.run(measure(consultations or [10_000, 200_000], console)))


@app.command()
def inbox(cases: Annotated[int, typer.Option(help="Of the kecamatan.")] = 10_000) -> None:
    """The inbox of an officer whose kecamatan has CASES, over HTTP and as a page: within 300 ms?"""
    from bench.inbox import inbox as measure

    raise typer.Exit(asyncio.run(measure(cases, console)))


@app.command()
def freshness() -> None:
    """Fifty events a second: after how long is each in the report?"""
    from bench.reports import freshness as measure

    raise typer.Exit(asyncio.run(measure(console)))


@app.command()
def paint(
    visits: Annotated[int, typer.Option(help="How many, at each size.")] = 20,
    requesters: Annotated[bool, typer.Option(help="/kirim and /lacak on a slow phone.")] = False,
) -> None:
    """The dashboard in a browser: how soon is something to be seen, how soon everything?

    With --requesters: the pages of who asks, at 1.6 Mbit/s, 150 ms and a quarter of the processor.
    """
    from bench import paint as measures

    measure = measures.requesters if requesters else measures.paint
    raise typer.Exit(asyncio.run(measure(visits, console)))


if __name__ == "__main__":
    heed_signals()
    app()
