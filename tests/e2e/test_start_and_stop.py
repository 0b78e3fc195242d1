"""One service alone: started before what it needs, against strange queues, and stopped."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import aio_pika
import httpx
import pytest

from klik.local.processes import ServiceProcess
from klik.local.secrets import make_secrets, read_keys
from klik.nodes import NodeUnavailable, Rabbit, Store, free_port
from klik.secret_files.shares import share_of
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from tests.support.backends import unavailable
from tests.support.builders import a_post, submitted
from tests.support.keys import signed, signing_in
from tests.support.system import until

pytestmark = pytest.mark.integration


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Rabbit, Store]]:
    """A RabbitMQ and a store that have not been started."""
    try:
        rabbit, store = Rabbit(tmp_path / "rabbitmq"), Store(tmp_path / "store")
    except NodeUnavailable as missing:
        unavailable(str(missing))
    yield rabbit, store
    rabbit.stop()
    store.stop()


Make = Callable[[str], ServiceProcess]


@pytest.fixture
def service(tmp_path: Path, nodes: tuple[Rabbit, Store]) -> Iterator[Make]:
    """Makes services that reckon with those nodes; what a test leaves running is killed."""
    make_secrets(tmp_path / "secrets", passwords=False)
    rabbit, store = nodes
    env = {
        "KLIK_AMQP_URL": rabbit.url,
        "KLIK_MONGO_URL": store.url,
    }
    made: list[ServiceProcess] = []

    def make(name: str) -> ServiceProcess:
        own = {"KLIK_SECRETS_DIR": str(share_of(tmp_path / "secrets", name))}
        made.append(ServiceProcess(name, env | own, tmp_path / f"{name}.log"))
        return made[-1]

    yield make
    for process in made:
        process.kill()


async def alive(process: ServiceProcess) -> bool:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{process.url}/livez")).status_code == 200


async def test_a_service_waits_for_what_it_needs_in_any_order(
    tmp_path: Path, nodes: tuple[Rabbit, Store], service: Make
) -> None:
    rabbit, store = nodes
    intake = service("intake")
    keys = read_keys(tmp_path / "secrets")
    intake.start()

    async def post() -> int:
        async with httpx.AsyncClient() as client:
            reply = await client.post(
                f"{intake.url}/v1/consultations",
                json=a_post(),
                headers={"Authorization": f"Bearer {keys['frontend']}"},
            )
        return reply.status_code

    await until(lambda: alive(intake), 30.0, "intake to answer its probe")
    assert await post() == 503
    assert intake.status() == "unready"

    await asyncio.to_thread(store.start)

    async def accepts() -> bool:
        return await post() == 202

    await until(accepts, 30.0, "intake to accept with the store alone")
    assert intake.status() == "degraded"

    await asyncio.to_thread(rabbit.start)

    async def ready() -> bool:
        return intake.status() == "ready"

    await until(ready, 30.0, "intake to be ready")
    assert await asyncio.to_thread(intake.stop) == 0


async def test_a_service_that_still_waits_stops_at_once_with_code_0(
    tmp_path: Path, nodes: tuple[Rabbit, Store], service: Make
) -> None:
    routing = service("routing")
    routing.start()

    async def waits() -> bool:
        return "waiting for the database" in routing.log.read_text()

    await until(waits, 30.0, "routing to wait for the database")
    assert await alive(routing)
    assert await asyncio.to_thread(routing.stop) == 0


async def test_queues_of_another_version_end_the_start_with_a_clear_message(
    tmp_path: Path, nodes: tuple[Rabbit, Store], service: Make
) -> None:
    rabbit, store = nodes
    await asyncio.to_thread(rabbit.start)
    await asyncio.to_thread(store.start)
    connection = await aio_pika.connect(rabbit.url)
    async with connection:
        channel = await connection.channel()
        await channel.declare_queue(topology.parked_queue("routing"), durable=True)
    routing = service("routing")
    routing.start()

    async def ended() -> bool:
        return routing.exit_code() is not None

    await until(ended, 30.0, "routing to end")
    assert routing.exit_code() == 1
    assert "the queues in RabbitMQ differ from this version's" in routing.log.read_text()
    assert "klik.routing.parked" in routing.log.read_text()


async def test_a_service_whose_queue_is_deleted_is_at_work_again_by_itself(
    tmp_path: Path, nodes: tuple[Rabbit, Store], service: Make
) -> None:
    rabbit, store = nodes
    await asyncio.to_thread(rabbit.start)
    await asyncio.to_thread(store.start)
    routing = service("routing")
    routing.start()
    await asyncio.to_thread(routing.wait_ready)
    event = submitted()
    connection = await aio_pika.connect(rabbit.url)
    async with connection, httpx.AsyncClient(base_url=routing.url) as http:
        channel = await connection.channel()
        await channel.queue_delete("klik.routing")

        async def mended() -> bool:
            page = (await http.get("/metrics")).text
            return 'klik_topology_repairs_total{missing="klik.routing"} 1.0' in page

        await until(mended, 20.0, "the queue to be declared again")

        async def ready() -> bool:
            return routing.status() == "ready"

        await until(ready, 20.0, "routing to get messages again")
        message = Envelope.of(event, traceparent()).message("intake")
        signed(message, "routing", signing_in(tmp_path / "secrets"))
        await channel.default_exchange.publish(message, "klik.routing")

        async def handled() -> bool:
            return str(event.id) in routing.log.read_text()

        await until(handled, 20.0, "an event to be handled")
        checks = (await http.get("/readyz")).json()["checks"]
    assert checks == {"store": "up", "broker": "up", "consumer": "up"}


async def test_a_wrong_password_ends_the_start_and_is_not_shown(
    tmp_path: Path, nodes: tuple[Rabbit, Store], service: Make
) -> None:
    rabbit, store = nodes
    await asyncio.to_thread(rabbit.start)
    await asyncio.to_thread(store.start)
    routing = service("routing")
    (share_of(tmp_path / "secrets", "routing") / "klik_amqp_password").write_text("KATASANDI")
    routing.start()

    async def ended() -> bool:
        return routing.exit_code() is not None

    await until(ended, 30.0, "routing to end")
    assert routing.exit_code() == 1
    assert "RabbitMQ refuses this user" in routing.log.read_text()
    assert "ACCESS_REFUSED" in routing.log.read_text()
    assert "KATASANDI" not in routing.log.read_text()


async def test_a_port_that_is_taken_is_said(service: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        routing = service("routing")
        routing.port = taken.getsockname()[1]
        routing.start()

        async def ended() -> bool:
            return routing.exit_code() not in (None, 0)

        await until(ended, 30.0, "routing to end with an error")
    said = routing.log.read_text()
    assert "Address already in use" in said
    assert f"cannot listen on 127.0.0.1 port {routing.port}" in said
