"""Lines and tables on the operator's terminal; nothing that a message holds can control it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from klik.parked.view import UNKNOWN, printable
from shared.times import local

console = Console()


def when(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M:%S}" if at else UNKNOWN


def print_line(line: str) -> None:
    typer.echo(printable(line))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
