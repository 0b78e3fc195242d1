"""The command line: `python -m klik --help`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from klik import keys, reporting, signing, templates
from klik.audit import commands as audit
from klik.interrupts import heed_signals
from klik.parked import commands as parked
from klik.privacy import commands as privacy
from shared.messaging import topology
from shared.messaging.retry import DELAYS, delay_name
from shared.settings import Beside, Connections

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Runs and tends Klik Desa.")
app.add_typer(parked.app, name="parked")
app.add_typer(keys.app, name="keys")
app.add_typer(signing.app, name="signing")
app.add_typer(templates.app, name="templates")
app.add_typer(privacy.app, name="privacy")
app.add_typer(audit.app, name="audit")
app.add_typer(reporting.app, name="reporting")
app.command("seed")(reporting.seed)

console = Console()
DATA = Path(".data")
GATEWAY = "http://127.0.0.1:8080"


@app.command()
def run(
    once: Annotated[bool, typer.Option(help="End after the demo's report.")] = False,
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = DATA,
) -> None:
    """Start everything here, without Docker, and show it working."""
    from klik.local.run import run as run_here

    sys.exit(run_here(data.resolve(), once=once, console=console))


@app.command()
def demo(
    gateway: Annotated[
        str | None,
        typer.Option(
            help=f"One origin for all APIs; else what runs here, else {GATEWAY}.",
            show_default=False,
        ),
    ] = None,
    intake: Annotated[str | None, typer.Option(help="intake, where there is no gateway.")] = None,
    reporting: Annotated[str | None, typer.Option(help="reporting, likewise.")] = None,
    notify: Annotated[str | None, typer.Option(help="notify, likewise.")] = None,
    secrets: Annotated[Path, typer.Option(help="Folder with keys.json.")] = DATA,
) -> None:
    """Submit the sample consultations and follow them into the report."""
    from klik.local.demo import Addresses, Refused
    from klik.local.demo import demo as show
    from klik.local.secrets import read_keys

    here = Beside() if gateway is None else None
    addresses = Addresses(
        intake or gateway or (here and here.intake_url) or GATEWAY,
        reporting or gateway or (here and here.reporting_url) or GATEWAY,
        notify or gateway or (here and here.notify_url) or GATEWAY,
    )
    try:
        done = asyncio.run(show(addresses, read_keys(secrets), console))
    except (Refused, OSError, httpx.HTTPError) as error:
        console.print(f"[red]{type(error).__name__}:[/] {error}", highlight=False)
        done = False
    sys.exit(0 if done else 1)


@app.command()
def secrets(
    folder: Path,
    passwords: Annotated[bool, typer.Option(help="Also for RabbitMQ and MongoDB.")] = False,
) -> None:
    """Make API keys, master key and passwords in FOLDER, and the services' shares of them; what
    exists is kept."""
    from klik.local.secrets import make_secrets
    from klik.secret_files.files import NoSuchChange
    from klik.secret_files.shares import unshared

    try:
        made = make_secrets(folder, passwords=passwords)
    except NoSuchChange as error:
        console.print(str(error), markup=False, highlight=False)
        sys.exit(1)
    console.print(f"made: {', '.join(made) or 'nothing, all there'}")
    if left := unshared(folder):
        console.print(f"given to no service, say it in the environment: {', '.join(left)}")


@app.command("provision")
def provision(
    secrets: Annotated[
        Path, typer.Option(envvar="KLIK_SECRETS_DIR", help="Folder with the passwords.")
    ] = keys.HERE,
) -> None:
    """Make users for each service in the store and in RabbitMQ, for its own there alone, and
    declare RabbitMQ's exchanges and queues; safe to repeat while the services run."""
    from klik.local import broker_users, store_users
    from klik.secret_files.files import NoSuchChange
    from klik.secret_files.shares import OF_MONGO, OF_RABBITMQ, passwords_in

    found = Connections.load_beside()
    try:
        of_store = passwords_in(secrets, OF_MONGO)
        of_rabbitmq = passwords_in(secrets, OF_RABBITMQ)
        made = store_users.provision(found.mongo_dsn, of_store, found.mongo_prefix)
        console.print(f"store: {', '.join(made) or 'nothing to do, all there'}", highlight=False)
        asyncio.run(broker_users.declare_topology(found.amqp_dsn))
        kept = broker_users.provision(found.amqp_dsn, found.rabbitmq_api_url, of_rabbitmq)
        console.print(f"RabbitMQ: queues, exchanges, {', '.join(kept)}", highlight=False)
    except NoSuchChange as error:
        console.print(str(error), markup=False, highlight=False)
        sys.exit(1)


@app.command("topology")
def show_topology() -> None:
    """Print the exchange, each service's queues and what they are bound to."""
    table = Table("queue", "takes", "tries again after", "parks in")
    table.title = f"exchanges {topology.PUBLISH_EXCHANGE} → {topology.EXCHANGE} (topics)"
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
    deploy: Annotated[Path, typer.Option(help="And the gateway's routes.")] = Path("deploy"),
) -> None:
    """Write anew from the code: event schemas, OpenAPI and AsyncAPI documents, nginx's routes."""
    from klik.contracts.docs import write
    from klik.gateway import routes

    for path in [*write(folder), *routes.write(deploy)]:
        console.print(f"changed: {path}", highlight=False)


@app.command()
def clients(
    folder: Annotated[Path, typer.Option(help="Where they go.")] = Path("clients"),
    openapi: Annotated[Path, typer.Option(help="What they are made of.")] = Path("docs/openapi"),
) -> None:
    """Make the typed clients for Python and TypeScript anew from the OpenAPI documents."""
    from klik.contracts.clients import NotMade, generate

    try:
        generate(folder, openapi)
    except NotMade as error:
        console.print(str(error), markup=False, highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    heed_signals()
    app()
