"""The whole system on this host, without Docker: `make run`."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from klik.demo import Addresses, demo
from klik.nodes import Rabbit, Store, ensure_rabbitmq_installed, free_port
from klik.processes import ServiceProcess, stop_all
from klik.secrets import KEYS, make_secrets, read_keys
from shared.topology import SERVICES

#: Where the services listen (docs: README).
PORTS = {"intake": 8001, "routing": 8002, "notify": 8003, "reporting": 8004}
#: Seconds between looks at the services while the system stays up.
WATCH = 1.0


@dataclass(frozen=True, slots=True)
class Backends:
    amqp_url: str
    mongo_url: str


def run(data: Path, *, once: bool, console: Console) -> int:
    """Start everything, submit the samples, print the report, stay until Ctrl-C; the exit code."""
    made = make_secrets(data / "secrets", passwords=False, keys_in=data)
    keys = read_keys(data)
    if KEYS in made:
        console.print(f"API keys, made now and kept in {data / KEYS}:")
        for role, key in keys.items():
            console.print(f"  {role:<11} {key}", highlight=False)
    # a SIGTERM is to stop everything that was started here, as Ctrl-C does
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as stack:
        backends = stack.enter_context(_backends(data, console))
        services = stack.enter_context(_services(data, backends, console))
        urls = {service.name: service.url for service in services}
        done = asyncio.run(demo(Addresses(urls["intake"], urls["reporting"]), keys, console))
        _print_addresses(urls, keys, data, console)
        if once or not done:
            return 0 if done else 1
        console.print("Running until Ctrl-C.")
        return _watch(services, console)


@contextmanager
def _backends(data: Path, console: Console) -> Iterator[Backends]:
    """RabbitMQ and the store: the addresses in the environment, else private ones, in `data`."""
    with contextlib.ExitStack() as stack:
        amqp_url = os.environ.get("KLIK_AMQP_URL")
        mongo_url = os.environ.get("KLIK_MONGO_URL")
        if amqp_url is None:
            ensure_rabbitmq_installed()
            with console.status("Starting a private RabbitMQ node"):
                amqp_url = stack.enter_context(Rabbit(data / "rabbitmq")).url
            console.print("RabbitMQ: a private node of its own")
        else:
            console.print("RabbitMQ: as KLIK_AMQP_URL says")
        if mongo_url is None:
            with console.status("Starting a private store"):
                store = stack.enter_context(Store(data / "store"))
            mongo_url = store.url
            console.print(f"Store: a private {store.kind}")
        else:
            console.print("Store: as KLIK_MONGO_URL says")
        # for `python -m klik parked …` in another terminal
        (data / "klik.env").write_text(f"KLIK_AMQP_URL={amqp_url}\nKLIK_MONGO_URL={mongo_url}\n")
        yield Backends(amqp_url, mongo_url)


@contextmanager
def _services(data: Path, backends: Backends, console: Console) -> Iterator[list[ServiceProcess]]:
    ports = {name: _usual_port(name, console) or free_port() for name in SERVICES}
    env = {
        "KLIK_SECRETS_DIR": str(data / "secrets"),
        "KLIK_AMQP_URL": backends.amqp_url,
        "KLIK_MONGO_URL": backends.mongo_url,
        "KLIK_INTAKE_URL": f"http://127.0.0.1:{ports['intake']}",
        "KLIK_ROUTING_URL": f"http://127.0.0.1:{ports['routing']}",
        "KLIK_PUBLIC_URL": f"http://127.0.0.1:{ports['intake']}",
        # no gateway makes them one
        "KLIK_DASHBOARD_URL": f"http://127.0.0.1:{ports['reporting']}",
    }
    services = [
        ServiceProcess(name, env, data / "logs" / f"{name}.log", ports[name]) for name in SERVICES
    ]
    try:
        with console.status("Starting the services"):
            for service in services:
                service.start()
            for service in services:
                service.wait_ready()
        console.print(f"Services: {', '.join(SERVICES)} are ready")
        yield services
    finally:
        stop_all(services)


def _usual_port(name: str, console: Console) -> int | None:
    """The service's usual port; None, for a free one, where somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORTS[name]))
        except OSError:
            console.print(f"[yellow]Port {PORTS[name]} is taken: {name} gets another one.[/]")
            return None
    return PORTS[name]


def _print_addresses(
    urls: dict[str, str], keys: dict[str, str], data: Path, console: Console
) -> None:
    for name, url in urls.items():
        console.print(f"  {name:<10} {url}/docs")
    address = f"{urls['reporting']}/#key={keys['analyst']}"
    console.print(f"  dashboard  {address}", soft_wrap=True, highlight=False)
    console.print(f"  API keys   {data / KEYS} (role → key)")
    console.print(f"  logs       {data / 'logs'}")


def _watch(services: list[ServiceProcess], console: Console) -> int:
    async def until_one_ends() -> int:
        while True:
            for service in services:
                if service.exit_code() is not None:
                    console.print(f"[red]{service.name} ended:[/]\n{service.tail()}")
                    return 1
            await asyncio.sleep(WATCH)

    try:
        return asyncio.run(until_one_ends())
    except KeyboardInterrupt:
        console.print("Stopping.")
        return 0
