"""A user of RabbitMQ for each service, for that service's queues and the events that it owns.

RabbitMQ checks names by patterns, and of what goes through a topic exchange the routing keys, with
which a queue is bound too. Nothing here is for the default exchange, which leads to every queue
(docs/decisions/0063).
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from aio_pika.abc import AbstractConnection
from aio_pika.connection import make_url
from aiormq.exceptions import ChannelPreconditionFailed

from klik.nodes import Rabbit
from klik.secret_files.files import NoSuchChange
from shared.messaging import topology
from shared.messaging.connection import LINK_ERRORS, close_link, open_link

#: Where RabbitMQ's management plugin listens, unless a setting says otherwise.
API_PORT = 15672
API_SECONDS = 30.0
CLOSE_SECONDS = 5.0
#: How often services of a version before may declare their exchange while it is replaced.
ATTEMPTS = 20

NOTHING = "^$"

Definitions = Mapping[str, list[dict[str, Any]]]


def user_of(service: str) -> str:
    return f"klik_{service}"


def definitions(passwords: Mapping[str, str], vhost: str = "/") -> Definitions:
    """Users and their rights, in RabbitMQ's own format. `passwords`: service → password."""
    found: dict[str, list[dict[str, Any]]] = {
        "users": [],
        "permissions": [],
        "topic_permissions": [],
    }
    for service, password in passwords.items():
        user = user_of(service)
        of_user = {"user": user, "vhost": vhost}
        own = [
            topology.dead_letter_exchange(service),
            *(queue.name for queue in topology.queues(service)),
        ]
        told = re.escape(f"{topology.subject_of(service)}.")
        heard = [pattern for queue in topology.queues(service) for pattern in queue.bindings]
        found["users"].append({"name": user, "password": password, "tags": ""})
        found["permissions"].append(
            of_user
            | {
                "configure": _one_of(own),
                "write": _one_of([*own, topology.PUBLISH_EXCHANGE]),
                "read": _one_of([*own, topology.EXCHANGE]),
            }
        )
        found["topic_permissions"] += [
            of_user | {"exchange": topology.PUBLISH_EXCHANGE, "write": f"^{told}", "read": NOTHING},
            of_user | {"exchange": topology.EXCHANGE, "write": NOTHING, "read": _one_of(heard)},
        ]
    return found


def _one_of(names: Iterable[str]) -> str:
    return f"^({'|'.join(re.escape(name) for name in names)})$"


def node_with_users(data: Path) -> tuple[Rabbit, dict[str, str]]:
    """A private node that has not been started, and service → its address there. The passwords are
    new at each start. Raises `NodeUnavailable`."""
    passwords = {service: secrets.token_urlsafe(24) for service in topology.SERVICES}
    rabbit = Rabbit(data, definitions=definitions(passwords))
    return rabbit, {
        service: rabbit.url_of(user_of(service), password)
        for service, password in passwords.items()
    }


def provision(dsn: str, api_url: str, passwords: Mapping[str, str]) -> list[str]:
    """Make the users as they are to be, by the management API; their names.

    `dsn`: RabbitMQ's address, of an administrator. `api_url`: of the API, or empty where it listens
    beside. Safe to repeat while the services run. Raises `NoSuchChange` where RabbitMQ refuses.
    """
    url = urlsplit(dsn)
    base = api_url or f"http://{url.hostname}:{API_PORT}"
    login = make_url(dsn)
    wanted = definitions(passwords, vhost_of(dsn))
    try:
        reply = httpx.post(
            f"{base.rstrip('/')}/api/definitions",
            json=wanted,
            auth=(login.user or "", login.password or ""),
            timeout=API_SECONDS,
        )
    except httpx.HTTPError as error:
        raise NoSuchChange(
            f"RabbitMQ's management API does not answer at {base} ({type(error).__name__}): is its "
            "plugin rabbitmq_management on? KLIK_RABBITMQ_API_URL names another address."
        ) from None
    if reply.is_error:
        raise NoSuchChange(f"RabbitMQ's management API refuses: {reply.text.strip()[:300]}")
    return [user["name"] for user in wanted["users"]]


def vhost_of(dsn: str) -> str:
    return make_url(dsn).path.removeprefix("/") or "/"


async def declare_topology(dsn: str) -> None:
    """Declare everything, as an administrator; safe to repeat while the services run.

    In versions before, `klik.publish` was a fanout exchange. It is replaced: what is published
    meanwhile is refused, and waits in its outbox. Raises `NoSuchChange`.
    """
    try:
        link = await open_link(dsn, "klik provision")
    except LINK_ERRORS as error:
        raise NoSuchChange(f"RabbitMQ does not answer, or not to us: {error}") from None
    try:
        for attempt in range(ATTEMPTS):
            try:
                if attempt:
                    await _replace_publish_exchange(link)
                await topology.declare(link)
                return
            except ChannelPreconditionFailed as differs:
                if topology.PUBLISH_EXCHANGE not in str(differs) or attempt == ATTEMPTS - 1:
                    raise NoSuchChange(f"RabbitMQ has another version's: {differs}") from None
    except LINK_ERRORS as error:
        raise NoSuchChange(f"RabbitMQ refuses: {error}") from None
    finally:
        await close_link(link, within=CLOSE_SECONDS)


async def _replace_publish_exchange(link: AbstractConnection) -> None:
    """Without its binding, which is made last."""
    async with await link.channel() as channel:
        await channel.exchange_delete(topology.PUBLISH_EXCHANGE)
        # at once: a running service of that version declares it again as it was
        await topology.declare_publish_exchange(channel)
