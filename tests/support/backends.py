"""Where tests get RabbitMQ and a store: what the environment names, else Docker, else processes.

`KLIK_TEST_AMQP_URL` with `KLIK_TEST_MONGO_URL`: those; `KLIK_NODE_STORE`: processes, with that
store.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from klik.nodes import NodeUnavailable, Rabbit, Store
from klik.nodes.store import CHOICE, installed

RABBITMQ_IMAGE = "rabbitmq:4-management"
MONGO_IMAGE = "mongo:8"


@dataclass(frozen=True, slots=True)
class Backends:
    amqp_url: str
    mongo_url: str
    rung: str
    """Which of the three it is; printed with the test run."""


def from_environment() -> Backends | None:
    """What `KLIK_TEST_AMQP_URL` and `KLIK_TEST_MONGO_URL` name; None unless both are set."""
    amqp_url = os.environ.get("KLIK_TEST_AMQP_URL")
    mongo_url = os.environ.get("KLIK_TEST_MONGO_URL")
    if not (amqp_url and mongo_url):
        return None
    return Backends(amqp_url, mongo_url, "addresses from the environment")


def outlook() -> str:
    """Which they will be, for the head of a run."""
    own = next(iter(installed()), "none") if not os.environ.get(CHOICE) else os.environ[CHOICE]
    if from_environment():
        rung = "addresses from the environment"
    elif CHOICE not in os.environ and docker_has(RABBITMQ_IMAGE, MONGO_IMAGE):
        rung = f"testcontainers ({RABBITMQ_IMAGE}, {MONGO_IMAGE})"
    else:
        rung = f"processes (RabbitMQ, {own})"
    return f"backends: {rung}; the store of whole systems: {own}"


@contextmanager
def open_backends(folder: Path) -> Iterator[Backends]:
    """RabbitMQ and a store for the whole run. Raises `NodeUnavailable` where there is neither."""
    if named := from_environment():
        yield named
    elif CHOICE not in os.environ and docker_has(RABBITMQ_IMAGE, MONGO_IMAGE):
        with _containers() as backends:
            yield backends
    else:
        with ExitStack() as stack:
            rabbit = stack.enter_context(Rabbit(folder / "rabbitmq"))
            store = stack.enter_context(Store(folder / "store"))
            yield Backends(rabbit.url, store.url, f"processes: RabbitMQ, {store.kind}")


@contextmanager
def _containers() -> Iterator[Backends]:
    from testcontainers.community.mongodb import MongoDbContainer
    from testcontainers.community.rabbitmq import RabbitMqContainer
    from testcontainers.core.config import testcontainers_config

    if not docker_has(testcontainers_config.ryuk_image):
        # its helper, which clears up after a killed test run, cannot be pulled everywhere
        testcontainers_config.ryuk_disabled = True
    if "DOCKER_HOST" not in os.environ:
        testcontainers_config.tc_host_override = "127.0.0.1"
    with RabbitMqContainer(RABBITMQ_IMAGE) as rabbit, MongoDbContainer(MONGO_IMAGE) as mongo:
        host, port = rabbit.get_container_host_ip(), rabbit.get_exposed_port(5672)
        yield Backends(
            f"amqp://guest:guest@{host}:{port}/",
            f"{mongo.get_connection_url()}/?directConnection=true",
            "testcontainers",
        )


def docker_has(*images: str) -> bool:
    """Whether a Docker engine answers and holds the images: tests pull nothing."""
    try:
        return all(
            subprocess.run(
                ["docker", "image", "inspect", image], capture_output=True, timeout=20
            ).returncode
            == 0
            for image in images
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def unavailable(reason: str) -> NoReturn:
    """Skip, with the reason; fail instead where `KLIK_TEST_REQUIRE=all` forbids skipping."""
    if os.environ.get("KLIK_TEST_REQUIRE") == "all":
        pytest.fail(f"KLIK_TEST_REQUIRE=all, but: {reason}")
    pytest.skip(reason)


__all__ = [
    "Backends",
    "NodeUnavailable",
    "docker_has",
    "from_environment",
    "open_backends",
    "outlook",
    "unavailable",
]
