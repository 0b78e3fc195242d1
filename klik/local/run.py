"""The whole system on this host, without Docker: `make run`."""

import asyncio
import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console

from klik.gateway.node import PORT, Gateway, installed_nginx
from klik.local.broker_users import declare_topology, node_with_users
from klik.local.demo import Addresses, Refused, demo
from klik.local.processes import PortTaken, ServiceFailed, ServiceProcess, stop_all
from klik.local.residence import InUse, alone_in, tell
from klik.local.secrets import KEYS, make_secrets, read_keys
from klik.local.store_users import store_with_users, users_of
from klik.nodes import (
    NodeDidNotStart,
    NodeUnavailable,
    ensure_rabbitmq_installed,
    free_port,
)
from klik.nodes.ports import port_is_free
from klik.secret_files.files import NoSuchChange
from klik.secret_files.shares import share_of
from shared.messaging.topology import SERVICES

#: Where the services listen behind the gateway (docs: README).
PORTS = {"intake": 8001, "routing": 8002, "notify": 8003, "reporting": 8004}
#: Seconds between looks at the services while the system stays up.
WATCH = 1.0

#: The exit code of what SIGINT or SIGTERM ended before the report.
INTERRUPTED = 130

_SAID = (
    InUse,
    NoSuchChange,
    NodeDidNotStart,
    NodeUnavailable,
    ServiceFailed,
    Refused,
    httpx.HTTPError,
)


def run(data: Path, *, once: bool, console: Console) -> int:
    """Start everything, submit the samples, print the report, stay until Ctrl-C; the exit code."""
    try:
        with alone_in(data):
            return _run(data, once=once, console=console)
    except _SAID as error:
        console.print(f"[red]{type(error).__name__}:[/]", end=" ")
        console.print(str(error), markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return INTERRUPTED


def _run(data: Path, *, once: bool, console: Console) -> int:
    made = make_secrets(data / "secrets", passwords=False, keys_in=data)
    keys = read_keys(data)
    if KEYS in made:
        console.print(f"API keys, made now and kept in {data / KEYS}:")
        for role, key in keys.items():
            console.print(f"  {role:<11} {key}", highlight=False)
    with contextlib.ExitStack() as stack:
        backends, own = stack.enter_context(_backends(data, console))
        port = _usual_port("the gateway", PORT, console) or free_port()
        services = stack.enter_context(started_services(data, backends, own, port, console))
        gateway = stack.enter_context(_gateway(data, services, port, console))
        # as people do: by the one address
        done = asyncio.run(demo(Addresses(gateway.url, gateway.url, gateway.url), keys, console))
        _print_addresses(gateway.url, services, keys, data, console)
        if once or not done:
            return 0 if done else 1
        console.print("Running until Ctrl-C.")
        return _watch(services, gateway, console)


@contextmanager
def _backends(
    data: Path, console: Console
) -> Iterator[tuple[dict[str, str], dict[str, dict[str, str]]]]:
    """RabbitMQ and the store: the addresses in the environment, else private ones, in `data`; and
    service → its own there, in place of the administrator's."""
    with contextlib.ExitStack() as stack:
        amqp_url = os.environ.get("KLIK_AMQP_URL")
        mongo_url = os.environ.get("KLIK_MONGO_URL")
        own: dict[str, dict[str, str]] = {}
        if amqp_url is None:
            ensure_rabbitmq_installed()
            rabbit, urls = node_with_users(data / "rabbitmq")
            with console.status("Starting a private RabbitMQ node"):
                stack.enter_context(rabbit)
                asyncio.run(declare_topology(rabbit.url))
            amqp_url = rabbit.url
            own = {service: {"KLIK_AMQP_URL": url} for service, url in urls.items()}
            console.print("RabbitMQ: a private node of its own")
        else:
            console.print("RabbitMQ: as KLIK_AMQP_URL says")
        if mongo_url is None:
            with console.status("Starting a private store"):
                store = stack.enter_context(store_with_users(data / "store"))
                for service, url in users_of(store).items():
                    own.setdefault(service, {})["KLIK_MONGO_URL"] = url
            mongo_url = store.url
            console.print(f"Store: a private {store.kind}")
        else:
            console.print("Store: as KLIK_MONGO_URL says")
        yield {"KLIK_AMQP_URL": amqp_url, "KLIK_MONGO_URL": mongo_url}, own


@contextmanager
def started_services(
    data: Path,
    backends: dict[str, str],
    own: Mapping[str, dict[str, str]],
    gateway_port: int,
    console: Console,
) -> Iterator[list[ServiceProcess]]:
    """All of them, ready; where one's port was taken while it started, on another one."""
    ports = {name: _usual_port(name, PORTS[name], console) or free_port() for name in SERVICES}
    services: list[ServiceProcess] = []
    try:
        with console.status("Starting the services"):
            while True:
                env = _environment(data, backends, ports, gateway_port)
                tell(data, env)
                services = [
                    ServiceProcess(
                        name,
                        env
                        | {"KLIK_SECRETS_DIR": str(share_of(data / "secrets", name))}
                        | own.get(name, {}),
                        data / "logs" / f"{name}.log",
                        port,
                    )
                    for name, port in ports.items()
                ]
                try:
                    _start(services)
                    break
                except PortTaken as taken:
                    # all of them again: each knows where the others are
                    stop_all(services)
                    _say_taken(taken.process.name, taken.process.port, console)
                    ports[taken.process.name] = free_port()
        console.print(f"Services: {', '.join(SERVICES)} are ready")
        yield services
    finally:
        stop_all(services)


@contextmanager
def _gateway(
    data: Path, services: list[ServiceProcess], port: int, console: Console
) -> Iterator[Gateway]:
    urls = {service.name: service.url for service in services}
    with Gateway(data / "gateway", urls, port, nginx=installed_nginx()) as gateway:
        console.print(f"Gateway: {gateway.kind}")
        yield gateway


def _start(services: list[ServiceProcess]) -> None:
    for service in services:
        service.start()
    for service in services:
        service.wait_ready()


def _environment(
    data: Path, backends: dict[str, str], ports: dict[str, int], gateway_port: int
) -> dict[str, str]:
    """For tools, which have all secrets and are administrators; each service has its own."""
    urls = {f"KLIK_{name.upper()}_URL": f"http://127.0.0.1:{ports[name]}" for name in ports}
    return {
        "KLIK_SECRETS_DIR": str(data / "secrets"),
        **backends,
        **urls,
        "KLIK_PUBLIC_URL": f"http://127.0.0.1:{gateway_port}",
    }


def _usual_port(name: str, port: int, console: Console) -> int | None:
    """Its usual port; None, for a free one, where somebody has it."""
    if port_is_free(port):
        return port
    _say_taken(name, port, console)
    return None


def _say_taken(name: str, port: int, console: Console) -> None:
    console.print(f"[yellow]Port {port} is taken: {name} gets another one.[/]")


def _print_addresses(
    url: str,
    services: list[ServiceProcess],
    keys: dict[str, str],
    data: Path,
    console: Console,
) -> None:
    console.print(f"  everything {url}", highlight=False)
    console.print(f"  ask        {url}/kirim", highlight=False)
    console.print(f"  follow     {url}/lacak", highlight=False)
    console.print(f"  dashboard  {url}/#key={keys['analyst']}", soft_wrap=True, highlight=False)
    for service in services:
        page = f"{url}/docs/{service.name}/"
        console.print(f"  {service.name:<10} {page}  ({service.url})", highlight=False)
    console.print(f"  API keys   {data / KEYS} (role → key)")
    console.print(f"  logs       {data / 'logs'}")


def _watch(services: list[ServiceProcess], gateway: Gateway, console: Console) -> int:
    async def until_one_ends() -> int:
        while True:
            for service in services:
                if service.exit_code() is not None:
                    console.print(f"[red]{service.name} ended:[/]\n{service.tail()}")
                    return 1
            if not gateway.running:
                console.print(f"[red]The gateway ended:[/] see {gateway.data / 'gateway.log'}")
                return 1
            await asyncio.sleep(WATCH)

    try:
        return asyncio.run(until_one_ends())
    except KeyboardInterrupt:
        console.print("Stopping.")
        return 0
