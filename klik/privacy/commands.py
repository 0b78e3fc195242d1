"""`klik privacy`: what the law on personal data asks of an operator."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Personal data: erased, and its keys rotated.")

Apply = Annotated[bool, typer.Option("--apply/--dry-run", help="Do it; else only count.")]


@app.callback()
def _expect_intake() -> None:
    # an image holds one service only
    if find_spec("services.intake") is None:
        where = "docker compose run --rm klik privacy …"
        typer.echo(f"intake is not here: {where}", err=True)
        raise typer.Exit(1)


@app.command()
def erase(
    ticket: Annotated[
        list[str] | None, typer.Option(help="KD-…; several times if need be.")
    ] = None,
    contact: Annotated[
        str | None, typer.Option(help="A number, address or chat: all that was left with it.")
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A file with the id of a consultation on each line."
        ),
    ] = None,
    apply: Apply = False,
) -> None:
    """Destroy the keys of consultations: who asked, and all that was said, for ever.

    Without --apply it says which they are. Reports do not change.
    """
    if sum(given is not None for given in (ticket, contact, ids)) != 1:
        raise typer.BadParameter("one of --ticket, --contact and --ids")
    from klik.privacy import work

    try:
        wanted = None if contact is None else work.addresses(contact)
        listed = None if ids is None else work.listed(ids)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(work.erase(ticket or [], wanted, listed, apply=apply))


@app.command("contacts")
def show_contacts(
    ids: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="A file with the id of a consultation on each line."
        ),
    ],
) -> None:
    """How the requesters of these consultations are told that something got out.

    Lines of ticket, channel and address, with tabs between them, for a file of one's own. Who left
    no contact is counted. That it was asked for is in the audit.
    """
    from klik.privacy import work

    try:
        listed = work.listed(ids)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(work.show_contacts(listed))


@app.command()
def retention(apply: Apply = False) -> None:
    """Take out what has been kept for long enough: contacts first, words later; saved replies.

    How long is in the settings, KLIK_RETENTION_CONTACT_DAYS, KLIK_RETENTION_WORDS_DAYS and
    KLIK_RETENTION_REPLIES_DAYS. Broken off, it is started again.
    """
    from klik.privacy import work

    raise typer.Exit(work.retention(apply=apply))


@app.command()
def rotate() -> None:
    """Wrap all data keys by the newest master key, while intake runs.

    Then the older master keys are needed no more. Broken off, it is started again.
    """
    from klik.privacy import work

    raise typer.Exit(work.rotate())
