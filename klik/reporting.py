"""`klik reporting` and `klik seed`: what is derived from reporting's event log."""

from importlib.util import find_spec
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Reports: rebuilt from the event log, and verified.")


@app.callback()
def _expect_reporting() -> None:
    # an image holds one service only
    if find_spec("services.reporting") is None:
        where = "docker compose run --rm reporting python -m klik …"
        typer.echo(f"reporting is not here: {where}", err=True)
        raise typer.Exit(1)


@app.command()
def rebuild() -> None:
    """Derive everything anew from the event log, by today's calendar; readers notice nothing."""
    from klik import derived

    raise typer.Exit(derived.rebuild())


@app.command()
def verify() -> None:
    """Prove that what is read is what follows from the event log: two hashes, and every cube."""
    from klik import derived

    raise typer.Exit(derived.verify())


def seed(
    consultations: Annotated[int, typer.Option(min=1, help="How many.")] = 10_000,
    number: Annotated[int, typer.Option("--seed", help="The same ones for the same.")] = 1,
    year: Annotated[int, typer.Option(min=2020, max=2035, help="Of submission.")] = 2026,
) -> None:
    """Fill reporting's event log with invented consultations of a year. For measurements."""
    _expect_reporting()
    from klik import derived

    raise typer.Exit(derived.seed(consultations, number, year))
