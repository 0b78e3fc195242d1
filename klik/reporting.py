"""`klik reporting` and `klik seed`: what is derived from reporting's event log."""

from datetime import datetime
from importlib.util import find_spec
from typing import Annotated

import typer

from shared.messaging import topology
from shared.times import WITA, utc_now

TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]

app = typer.Typer(no_args_is_help=True, help="Reports: rebuilt from the event log, and verified.")


@app.callback()
def _expect_reporting() -> None:
    # an image holds one service only
    if find_spec("services.reporting") is None:
        where = "docker compose run --rm klik reporting …"
        typer.echo(f"reporting is not here: {where}", err=True)
        raise typer.Exit(1)


@app.command()
def rebuild() -> None:
    """Derive everything anew from the event log, by today's calendar; readers notice nothing."""
    from klik.history import derived

    raise typer.Exit(derived.rebuild())


@app.command()
def verify() -> None:
    """Prove that what is read is what follows from the event log: two hashes, and every cube."""
    from klik.history import derived

    raise typer.Exit(derived.verify())


@app.command()
def resend(
    to: Annotated[str, typer.Option(help="The service: intake, routing or notify.")],
    since: Annotated[datetime, typer.Option(formats=TIMES, help="From when on (WITA).")],
    until: Annotated[datetime | None, typer.Option(formats=TIMES, help="Else now.")] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="At most so many a second.")] = 50,
) -> None:
    """Tell a service again what reporting heard, where its queue or a binding was lost.

    What it knows already changes nothing.
    """
    if to not in topology.SERVICES or to == "reporting":
        raise typer.BadParameter("one of intake, routing, notify", param_hint="--to")
    first = since.replace(tzinfo=WITA)
    last = until.replace(tzinfo=WITA) if until else utc_now()
    if first > last:
        raise typer.BadParameter("is after the end", param_hint="--since")
    from klik.history.resend import resend as tell_again

    raise typer.Exit(tell_again(to, first, last, rate))


def seed(
    consultations: Annotated[int, typer.Option(min=1, help="How many.")] = 10_000,
    number: Annotated[int, typer.Option("--seed", help="The same ones for the same.")] = 1,
    year: Annotated[int, typer.Option(min=2020, max=2035, help="Of submission.")] = 2026,
) -> None:
    """Fill reporting's event log with invented consultations of a year. For measurements."""
    _expect_reporting()
    from klik.history import derived

    raise typer.Exit(derived.seed(consultations, number, year))
