"""`klik keys`: API keys made, listed, revoked and changed, while the services run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from klik.audit.deeds import key_change
from klik.durations import duration
from klik.secret_files import key_file
from klik.secret_files.files import NoSuchChange
from klik.secret_files.key_file import Editing, Made
from shared.events import Code
from shared.times import local, utc_now
from shared.web.api_keys import KeyRow
from shared.web.permissions import Role

app = typer.Typer(no_args_is_help=True, help="API keys: who may call the services.")
console = Console()

HERE = Path(".data/secrets")
Secrets = Annotated[
    Path, typer.Option(envvar="KLIK_SECRETS_DIR", help="Folder with the file klik_keyring.")
]
Id = Annotated[str, typer.Argument(metavar="ID")]
Expires = Annotated[str | None, typer.Option(metavar="90d", help="For how long it is to work.")]


@app.command("create")
def create(
    role: Annotated[Role, typer.Option(help="What its owner may do.")],
    territory: Annotated[
        str | None, typer.Option(help="The kecamatan of an officer, coordinator or camat.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Its name in logs and history.")] = None,
    expires: Expires = None,
    secrets: Secrets = HERE,
) -> None:
    """Make a key and print it, this once."""
    _expect_code(id)
    lifetime = _lifetime(expires)
    with _editing(secrets) as keyring:
        made = key_file.create(
            keyring.rows, role=role, territory=territory, id_=id, lifetime=lifetime, now=utc_now()
        )
        with key_change("klik keys create", made.row.id):
            keyring.save(made.rows)
    _show(made)


@app.command("rotate")
def rotate(
    id: Id,
    overlap: Annotated[
        str, typer.Option(metavar="7d", help="For how long the old one works still.")
    ] = "7d",
    expires: Expires = None,
    secrets: Secrets = HERE,
) -> None:
    """Make a second key under the same id and print it, this once; the old one ends later."""
    still, lifetime = duration(overlap, "--overlap"), _lifetime(expires)
    with _editing(secrets) as keyring:
        made = key_file.rotate(keyring.rows, id, overlap=still, lifetime=lifetime, now=utc_now())
        with key_change("klik keys rotate", id):
            keyring.save(made.rows)
    _show(made)


@app.command("revoke")
def revoke(id: Id, secrets: Secrets = HERE) -> None:
    """Stop every key of that id, for good."""
    with _editing(secrets) as keyring:
        without = key_file.revoke(keyring.rows, id, utc_now())
        with key_change("klik keys revoke", id):
            keyring.save(without)
    console.print(f"revoked: {id}", highlight=False)


@app.command("list")
def list_keys(secrets: Secrets = HERE) -> None:
    """List the keys by id; the keys themselves are kept nowhere."""
    with _editing(secrets) as keyring:
        rows = keyring.rows
    table = Table()
    for column in ("id", "role", "territory", "made", "expires", "state"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def _cells(row: KeyRow) -> list[str]:
    made = f"{local(row.created_at):%Y-%m-%d}" if row.created_at else "-"
    expires = f"{local(row.expires_at):%Y-%m-%d %H:%M}" if row.expires_at else "-"
    return [row.id, row.role, row.territory or "-", made, expires, row.state(utc_now())]


def _show(made: Made) -> None:
    """The key alone on standard output, for programs; the rest beside it, for people."""
    typer.echo(f"{made.row.id}, shown this once and kept nowhere:", err=True)
    typer.echo(made.plain)


@contextmanager
def _editing(secrets: Path) -> Iterator[Editing]:
    try:
        with key_file.editing(secrets) as keyring:
            yield keyring
    except NoSuchChange as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _lifetime(expires: str | None) -> timedelta | None:
    if expires is None:
        return None
    if not (lifetime := duration(expires, "--expires")):
        raise typer.BadParameter("such a key would never work", param_hint="--expires")
    return lifetime


def _expect_code(id_: str | None) -> None:
    try:
        TypeAdapter(Code | None).validate_python(id_)
    except ValidationError:
        raise typer.BadParameter("up to 64 of A-Z a-z 0-9 . _ -", param_hint="--id") from None
