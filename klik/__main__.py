"""The command line: `python -m klik --help`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from klik import keys, reporting, templates
from klik.parked import Parked, ParkingLot, Wanted
from shared import topology
from shared.retry import DELAYS, delay_name
from shared.settings import Connections

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Runs and tends Klik Desa.")
parked_app = typer.Typer(no_args_is_help=True, help="Messages put aside, with the reason.")
app.add_typer(parked_app, name="parked")
app.add_typer(keys.app, name="keys")
app.add_typer(templates.app, name="templates")
app.add_typer(reporting.app, name="reporting")
app.command("seed")(reporting.seed)

console = Console()
DATA = Path(".data")


@app.command()
def run(
    once: Annotated[bool, typer.Option(help="End after the demo's report.")] = False,
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = DATA,
) -> None:
    """Start everything here, without Docker, and show it working."""
    from klik.local import run as run_here

    sys.exit(run_here(data.resolve(), once=once, console=console))


@app.command()
def demo(
    gateway: Annotated[
        str, typer.Option(help="One origin for all APIs.")
    ] = "http://127.0.0.1:8080",
    intake: Annotated[str | None, typer.Option(help="intake, where there is no gateway.")] = None,
    reporting: Annotated[str | None, typer.Option(help="reporting, likewise.")] = None,
    secrets: Annotated[Path, typer.Option(help="Folder with keys.json.")] = DATA,
) -> None:
    """Submit the sample consultations and follow them into the report."""
    from klik.demo import Addresses
    from klik.demo import demo as show
    from klik.secrets import read_keys

    addresses = Addresses(intake or gateway, reporting or gateway)
    sys.exit(0 if asyncio.run(show(addresses, read_keys(secrets), console)) else 1)


@app.command()
def secrets(
    folder: Path,
    passwords: Annotated[bool, typer.Option(help="Also for RabbitMQ and MongoDB.")] = False,
) -> None:
    """Make API keys, master key and passwords in FOLDER; what exists is kept."""
    from klik.secrets import make_secrets

    made = make_secrets(folder, passwords=passwords)
    console.print(f"made: {', '.join(made) or 'nothing, all there'}")


@app.command("topology")
def show_topology() -> None:
    """Print the exchange, each service's queues and what they are bound to."""
    table = Table("queue", "takes", "tries again after", "parks in")
    table.title = f"exchange {topology.EXCHANGE} (topic)"
    for service in topology.SERVICES:
        table.add_row(
            topology.main_queue(service),
            "\n".join(topology.BINDINGS[service]),
            ", ".join(delay_name(delay) for delay in DELAYS),
            topology.parked_queue(service),
        )
    console.print(table)


@app.command()
def docs(
    folder: Annotated[Path, typer.Option(help="Where they go.")] = Path("docs"),
) -> None:
    """Write the contracts anew from the code: event schemas, OpenAPI and AsyncAPI documents."""
    from klik.docs import write

    for path in write(folder):
        console.print(f"changed: {path}", highlight=False)


Service = Annotated[str | None, typer.Option(help="Only this service's.")]
Id = Annotated[str | None, typer.Option("--id", help="Only the message with this id.")]
Reason = Annotated[str | None, typer.Option(help="Only those parked for this reason.")]


@parked_app.command("list")
def parked_list(service: Service = None, reason: Reason = None) -> None:
    """List parked messages."""
    found = _parked("look", _wanted(service, None, reason))
    table = Table("service", "id", "type", "reason", "error", "attempts", "last failed")
    for one in found:
        table.add_row(
            one.service,
            one.id,
            one.type,
            one.reason,
            one.error,
            str(one.attempts),
            one.last_failed_at,
        )
    console.print(table if found else "Nothing is parked.")


@parked_app.command("show")
def parked_show(id: str, service: Service = None) -> None:
    """Show one parked message whole, body included."""
    found = _parked("look", _wanted(service, id, None))
    for one in found:
        console.print(f"{one.service}  {one.type}  {one.reason}: {one.error}")
        console.print(f"consultation {one.consultation}, attempts {one.attempts}")
        console.print(one.readable_body(), markup=False)
    _expect_some(found)


@parked_app.command("replay")
def parked_replay(
    service: Service = None,
    id: Id = None,
    reason: Reason = None,
    all: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Send parked messages back to their queue, with a fresh count of attempts."""
    _expect_choice(service, id, reason, all)
    found = _parked("replay", _wanted(service, id, reason))
    _expect_some(found)
    console.print(f"replayed: {len(found)}")


@parked_app.command("discard")
def parked_discard(
    service: Service = None,
    id: Id = None,
    reason: Reason = None,
    all: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Throw parked messages away, for good."""
    _expect_choice(service, id, reason, all)
    found = _parked("discard", _wanted(service, id, reason))
    _expect_some(found)
    for one in found:
        console.print(f"discarded: {one.service} {one.id} {one.type} ({one.reason})")


def _parked(action: str, wanted: Wanted) -> list[Parked]:
    async def act() -> list[Parked]:
        async with ParkingLot.open(Connections.load().amqp_dsn) as lot:
            found: list[Parked] = await getattr(lot, action)(wanted)
            return found

    return asyncio.run(act())


def _wanted(service: str | None, id_: str | None, reason: str | None) -> Wanted:
    if service is not None and service not in topology.SERVICES:
        raise typer.BadParameter(f"one of {', '.join(topology.SERVICES)}", param_hint="--service")
    return lambda one: (
        service in (None, one.service) and id_ in (None, one.id) and reason in (None, one.reason)
    )


def _expect_choice(*choices: object) -> None:
    if not any(choices):
        raise typer.BadParameter("say which: --id, --reason, --service or --all")


def _expect_some(found: list[Parked]) -> None:
    if not found:
        console.print("No such message is parked.")
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
