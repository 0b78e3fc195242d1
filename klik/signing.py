"""`klik signing`: the keys by which services know whose word an event is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from klik.audit.deeds import key_change
from klik.keys import HERE
from klik.secret_files.event_key_file import EventKeyFile, uses
from klik.secret_files.files import NoSuchChange

app = typer.Typer(no_args_is_help=True, help="Keys that events are signed with.")

Secrets = Annotated[
    Path, typer.Option(envvar="KLIK_SECRETS_DIR", help="Folder with the file klik_event_keys.")
]


@app.command("list")
def list_keys(secrets: Secrets = HERE) -> None:
    """List the keys by id: every pair of publisher and consumer has its own under it."""
    with _said():
        for id_, use in uses(EventKeyFile(secrets).read()).items():
            typer.echo(f"{id_}  {use}")


@app.command("rotate")
def rotate(
    drop_old: Annotated[
        bool, typer.Option(help="For keys in wrong hands: what waits signed with them is parked.")
    ] = False,
    secrets: Secrets = HERE,
) -> None:
    """Sign with a new key from now on, while the services run; older ones are taken until
    `klik signing retire`."""
    with _said(), key_change("klik signing rotate", "event keys"):
        made = EventKeyFile(secrets).rotate(drop_old=drop_old)
        typer.echo(f"signs from now on: {made}")


@app.command("retire")
def retire(id: Annotated[str, typer.Argument(metavar="ID")], secrets: Secrets = HERE) -> None:
    """Take a key no more. What waits or is parked with its signature is parked as forged then."""
    with _said(), key_change("klik signing retire", id):
        EventKeyFile(secrets).retire(id)
        typer.echo(f"taken no more: {id}")


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except NoSuchChange as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
