"""`klik templates`: what people get from notify, before they get it."""

from importlib.util import find_spec
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True, help="The texts that notify sends.")
console = Console()

Format = Literal["text", "html", "short", "whatsapp"]


@app.callback()
def _expect_notify() -> None:
    # an image holds one service only
    if find_spec("services.notify") is None:
        typer.echo("notify is not here: docker compose run --rm notify python -m klik …", err=True)
        raise typer.Exit(1)


@app.command("list")
def list_templates() -> None:
    """List the texts, named by event and reader: who gets them, and their versions."""
    from klik.preview import catalogue

    table = Table()
    for column in ("text", "to", "version"):
        table.add_column(column, overflow="fold")
    for row in catalogue():
        table.add_row(*row)
    console.print(table)


@app.command("preview")
def preview(
    event: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    to: Annotated[str | None, typer.Option(help="Only to them: officer, camat, …")] = None,
    language: Annotated[Literal["id", "en"], typer.Option()] = "id",
    format: Annotated[
        Format, typer.Option(help="whatsapp: what is to be registered, and an example.")
    ] = "text",
) -> None:
    """Print what a recipient would get, from made-up facts."""
    from klik.preview import shown, wanted

    found = wanted(event, to)
    if not found:
        raise typer.BadParameter("nobody is told of that: see klik templates list")
    for one, recipient in found:
        # beside the text, which may go into a file
        typer.echo(f"--- {one} to {recipient}", err=True)
        typer.echo(shown(one, recipient, language, format))
