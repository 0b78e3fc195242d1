"""docker-compose.yml as an operator runs it: build, scale, use through the gateway, stop.

The tests share one stack and run in the order of this file: the last one takes it down.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from rich.console import Console

from klik.local.demo import Addresses, demo, samples
from klik.nodes import free_port
from klik.secret_files.shares import GIVEN
from shared.messaging.topology import SERVICES
from tests.e2e.compose import BUILD_TIMEOUT, ComposeFailed, Stack, all_of, compose_command
from tests.support.backends import MONGO_IMAGE, RABBITMQ_IMAGE, docker_has, unavailable
from tests.support.builders import a_post
from tests.support.system import until
from tests.support.typed import DOCKER, arguments, commands

pytestmark = [pytest.mark.compose, pytest.mark.integration]

IMAGES = ("python:3.13-slim", RABBITMQ_IMAGE, MONGO_IMAGE, "nginx:stable")

SCALES = {"intake": 2, "routing": 3, "notify": 2, "reporting": 2}
ONE_EACH = dict.fromkeys(SERVICES, 1)

#: Seconds for all replicas to be healthy, and for what was submitted to be counted.
HEALTHY = 90.0
COUNTED = 60.0
#: Seconds for all replicas to follow a changed keyring.
FOLLOWED = 10.0
#: Seconds that one post may be repeated.
ACCEPTED = 30.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    command = compose_command()
    if command is None or not docker_has(*IMAGES):
        unavailable(
            "needs a Docker engine, docker compose or docker-compose, and the images "
            + ", ".join(IMAGES)
        )
    stack = Stack(command, free_port())
    try:
        try:
            stack.up(SCALES, "--build", within=BUILD_TIMEOUT)
        except ComposeFailed as failed:
            failed.add_note(stack.all_logs())
            raise
        yield stack
    finally:
        stack.down()


@pytest.fixture(autouse=True)
def logs_of_a_failure(stack: Stack, request: pytest.FixtureRequest) -> Iterator[None]:
    failed_before = request.session.testsfailed
    yield
    if request.session.testsfailed > failed_before:
        print(stack.all_logs())  # noqa: T201 - what a failure is understood from


async def test_the_demo_runs_through_the_gateway(stack: Stack) -> None:
    await stack.wait_healthy(SCALES | {"gateway": 1, "rabbitmq": 1, "mongo": 1}, HEALTHY)
    assert await demo(Addresses(stack.url, stack.url, stack.url), stack.keys, Console())
    assert len(samples()) == 30
    assert await stack.totals() == all_of(30)


async def test_containers_hold_their_own_secrets_alone(stack: Stack) -> None:
    """Names, contacts, PINs and everybody's keys could be opened from each of them."""

    def held(service: str) -> set[str]:
        names = stack.compose("exec", "-T", service, "ls", "/run/klik")
        return set(names.split())

    for service, files in GIVEN.items():
        assert held(service) <= set(files), service
    for service in SERVICES:
        assert {"klik_keyring", "klik_event_keys"} <= held(service)
    kept = stack.compose("run", "--rm", "-T", "secrets", "ls", "/run/klik").split()
    assert {"keys.json", "klik_master_keys", "klik_webhook_keys"} <= set(kept)


#: In a service's container, by its own settings: what the database says to it about `klik_<name>`.
ASK = """
import sys
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from shared.settings import Connections
client = MongoClient(Connections.load().mongo_dsn)
for name in sys.argv[1:]:
    try:
        client["klik_" + name]["audit"].find_one()
        print(name)
    except OperationFailure as refused:
        assert refused.code == 13, refused
"""


async def test_containers_open_their_own_database_alone(stack: Stack) -> None:
    everyones = (*SERVICES, "operators")
    for service in SERVICES:
        opened = stack.compose("exec", "-T", service, "python", "-c", ASK, *everyones)
        assert opened.split() == [service]


#: What RabbitMQ lets it do with each queue, by its own settings.
ASK_RABBITMQ = """
import asyncio, sys
from aiormq.exceptions import ChannelAccessRefused
from shared.messaging.connection import close_link, open_link
from shared.settings import Connections
async def ask():
    link = await open_link(Connections.load().amqp_dsn, "a test")
    for name in sys.argv[1:]:
        channel = await link.channel()
        try:
            queue = await channel.get_queue("klik." + name + ".parked", ensure=False)
            await queue.get(fail=False)
            print(name)
        except ChannelAccessRefused:
            pass
    await close_link(link, within=5)
asyncio.run(ask())
"""


async def test_containers_read_their_own_queues_alone(stack: Stack) -> None:
    for service in SERVICES:
        read = stack.compose("exec", "-T", service, "python", "-c", ASK_RABBITMQ, *SERVICES)
        assert read.split() == [service]


async def test_every_replica_does_its_part(stack: Stack) -> None:
    for service, work in (("intake", '"request"'), ("routing", '"message handled"')):
        idle = [c["Name"] for c in stack.containers(service) if work not in stack.logs(c)]
        assert not idle


async def test_the_gateway_guards_and_explains(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.url, timeout=10.0) as stranger:
        reply = await stranger.post("/v1/consultations", json=a_post())
        assert reply.status_code == 401
        assert reply.json()["type"] == "urn:klikdesa:problem:unauthorized"

        around = "/v1/consultations/..%2faccepted"
        for path in ("/nothing", "/metrics", "/readyz", "/v1/accepted", around):
            reply = await stranger.get(path, headers={"Accept-Language": "en"})
            assert reply.headers["content-type"] == "application/problem+json", path
            assert reply.json() == {
                "type": "urn:klikdesa:problem:not_found",
                "title": "Not found",
                "status": 404,
            }

    async with stack.client("frontend") as frontend:
        too_large = await frontend.post("/v1/consultations", json=a_post(body="x" * 200_000))
        said = too_large.json()["detail"]
        assert (too_large.status_code, said) == (413, "Paling banyak 65536 byte.")
        larger = await frontend.post("/v1/consultations", json=a_post(body="x" * 3_000_000))
        assert (larger.status_code, larger.json()["title"]) == (413, "Permintaan terlalu besar")


async def test_every_api_has_its_page_behind_the_gateway(stack: Stack) -> None:
    async with httpx.AsyncClient(
        base_url=stack.url, timeout=10.0, follow_redirects=True
    ) as stranger:
        first = await stranger.get("/docs")
        assert (first.status_code, first.url.path) == (200, "/docs/intake/")
        for service in SERVICES:
            assert (await stranger.get(f"/docs/{service}")).url.path == f"/docs/{service}/"
            for file in ("swagger-ui.css", "swagger-ui-bundle.js"):
                assert (await stranger.get(f"/docs/{service}/{file}")).status_code == 200
            document = (await stranger.get(f"/docs/{service}/openapi.json")).json()
            assert document["info"]["title"] == f"Klik Desa {service}"


async def test_links_in_alerts_open_pages_through_the_gateway(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.url, timeout=10.0) as reader:
        reader.follow_redirects = True
        for path in (
            "/kirim?desa=64.02.06.2012",
            "/kirim/antrean",
            "/lacak?tiket=KD-7F3K-9QXM",
            "/lacak/KD-7F3K-9QXM",
            "/konsultasi/019aa000-0000-7000-8000-000000000001",
            "/konsultasi",
            "/masuk",
            "/webhook",
            "/",
        ):
            reply = await reader.get(path)
            assert reply.status_code == 200, path
            assert reply.headers["content-type"].startswith("text/html")
    async with stack.client("frontend") as client:
        sent = (await client.post("/v1/consultations", json=a_post())).json()
        form = {"tiket": sent["ticket"], "pin": sent["pin"]}
        reply = await client.post("/lacak", data=form, follow_redirects=True)
    assert (reply.status_code, sent["ticket"] in reply.text) == (200, True)


async def test_commands_of_the_pages_work_as_they_stand_there(stack: Stack) -> None:
    start = "docker compose run --rm "
    typed = commands(start, DOCKER)
    assert len(typed) > 5
    for line in typed:
        await asyncio.to_thread(stack.compose, "run", "--rm", "-T", *arguments(line, start))


async def test_the_dashboard_is_live_through_the_gateway(stack: Stack) -> None:
    """Whichever replica counts, and whichever one the gateway gave the stream to."""
    async with stack.client("analyst") as analyst:
        page = await analyst.get("/")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await analyst.get("/dashboard/main.js")).status_code == 200
        assert (await analyst.get("/v1/open/overview")).status_code == 200
        overview = (await analyst.get("/v1/reports/overview")).json()
        headers = {"Last-Event-ID": overview["position"]}
        async with (
            asyncio.timeout(COUNTED),
            analyst.stream("GET", "/v1/reports/stream", headers=headers) as stream,
            stack.client("frontend") as frontend,
        ):
            await _post(frontend, f"{stack.project}-live")
            async for line in stream.aiter_lines():
                if line == "event: changed":
                    break
            else:
                raise AssertionError("the stream ended")


async def test_a_key_made_by_the_tool_works_until_it_is_revoked(stack: Stack) -> None:
    def keys(*arguments: str) -> str:
        return stack.compose("run", "--rm", "-T", "klik", "keys", *arguments)

    made = await asyncio.to_thread(keys, "create", "--role", "analyst", "--id", "smoke")
    headers = {"Authorization": f"Bearer {made.strip()}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10.0) as analyst:

        async def answers(*statuses: int) -> bool:
            # more often than there are replicas, so that each is asked
            replies = [await analyst.get("/v1/reports/consultations") for _ in range(6)]
            return {reply.status_code for reply in replies} <= set(statuses)

        await until(lambda: answers(200), FOLLOWED, "every replica to know the new key")
        assert "smoke" in await asyncio.to_thread(keys, "list")
        await asyncio.to_thread(keys, "revoke", "smoke")
        await until(lambda: answers(401, 429), FOLLOWED, "every replica to refuse the revoked key")


async def test_scaling_down_and_up_loses_nothing(stack: Stack) -> None:
    before = (await stack.totals())["submitted"]
    async with _posting(stack) as accepted:
        await asyncio.to_thread(stack.up, ONE_EACH, "--no-recreate")
        await stack.wait_healthy(ONE_EACH, HEALTHY)
        await asyncio.to_thread(stack.up, SCALES, "--no-recreate")
        await stack.wait_healthy(SCALES, HEALTHY)
    assert len(accepted) == len(set(accepted)) > 0
    await stack.wait_for_totals(before + len(accepted), COUNTED)
    parked = await asyncio.to_thread(stack.compose, "run", "--rm", "-T", "klik", "parked", "list")
    assert "Nothing is parked." in parked


async def test_a_service_that_is_away_is_told(stack: Stack) -> None:
    await asyncio.to_thread(stack.compose, "stop", "notify")
    async with stack.client("admin") as admin:
        reply = await admin.get("/v1/alerts")
    # 502 once the name is gone, 504 for the seconds that the gateway still knows the address
    assert reply.status_code in (502, 504)
    assert reply.headers["retry-after"] == "2"
    assert reply.json()["type"] == "urn:klikdesa:problem:unavailable"


async def test_all_stop_cleanly_and_leave_nothing(stack: Stack) -> None:
    await asyncio.to_thread(stack.compose, "stop", "gateway", *SERVICES)
    stopped = stack.containers("gateway", *SERVICES)
    assert len(stopped) == sum(SCALES.values()) + 1
    assert {c["Name"]: c["State"]["ExitCode"] for c in stopped if c["State"]["ExitCode"]} == {}
    await asyncio.to_thread(stack.down)
    assert stack.left_behind() == []


@asynccontextmanager
async def _posting(stack: Stack) -> AsyncGenerator[list[str], None]:
    """Posts all the while; the ids of what was accepted, complete after the block."""
    accepted: list[str] = []
    stopping = asyncio.Event()

    async def front_end(number: int) -> None:
        async with stack.client("frontend") as client:
            for post in itertools.count():
                if stopping.is_set():
                    return
                accepted.append(await _post(client, f"{stack.project}-{number}-{post}"))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), 0.2)

    async with asyncio.TaskGroup() as front_ends:
        for number in range(2):
            front_ends.create_task(front_end(number))
        try:
            yield accepted
        finally:
            stopping.set()


async def _post(client: httpx.AsyncClient, key: str) -> str:
    """Post once, repeating with the same key while the gateway asks for that; the id."""
    last = "no answer"
    with suppress(TimeoutError):
        async with asyncio.timeout(ACCEPTED):
            while True:
                try:
                    reply = await client.post(
                        "/v1/consultations", json=a_post(), headers={"Idempotency-Key": key}
                    )
                except httpx.TransportError as error:
                    last = repr(error)
                else:
                    if reply.status_code == httpx.codes.ACCEPTED:
                        return str(reply.json()["id"])
                    last = f"{reply.status_code} {reply.text}"
                    assert reply.status_code in (502, 503, 504), last
                await asyncio.sleep(0.5)
    raise AssertionError(f"not accepted within {ACCEPTED:.0f} s: {last}")
