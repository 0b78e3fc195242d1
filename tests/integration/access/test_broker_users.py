"""Each service's user of RabbitMQ does its service's work, and is refused everything else."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika import ExchangeType, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractQueue
from aiormq.exceptions import ChannelAccessRefused, ProbableAuthenticationError
from typer.testing import CliRunner

from klik.__main__ import app
from klik.local.broker_users import declare_topology, provision, user_of
from klik.local.processes import ServiceProcess
from klik.local.secrets import make_secrets
from klik.nodes import NodeUnavailable, Rabbit, Store, free_port
from klik.nodes.child import wait_until
from klik.nodes.rabbitmq import CONFIG
from klik.parked.lot import ParkingLot
from klik.secret_files.shares import OF_RABBITMQ, passwords_in, share_of
from shared.errors import PublishFailed
from shared.events import ConsultationSubmitted
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.connection import close_link, open_link
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.monitor import TOPOLOGY_TIMEOUT_SECONDS, TopologyMonitor
from shared.messaging.publisher import Publisher
from shared.messaging.signing import Signing
from shared.messaging.topology import PUBLISHES, SERVICES
from tests.support.backends import unavailable
from tests.support.builders import TENGGARONG, a_post, submitted
from tests.support.keys import signing_in
from tests.support.messaging import ids_in, spy_on
from tests.support.system import running_system, until

pytestmark = pytest.mark.integration

#: Seconds for a service to start, or to end.
STARTED = 60.0
API = "management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n"

Attempt = Callable[[AbstractChannel], Awaitable[object]]


@dataclass
class Broker:
    """A RabbitMQ whose users were made by the command, in the way of Compose."""

    rabbit: Rabbit
    store: Store
    folder: Path
    api_port: int

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def env(self) -> dict[str, str]:
        """Of an operator's commands."""
        return {
            "KLIK_AMQP_URL": self.rabbit.url,
            "KLIK_RABBITMQ_API_URL": self.api_url,
            "KLIK_MONGO_URL": self.store.url,
        }

    def url(self, service: str) -> str:
        password = (share_of(self.folder, service) / "klik_amqp_password").read_text()
        return self.rabbit.url_of(user_of(service), password)

    def provision(self) -> None:
        provision(self.rabbit.url, self.api_url, passwords_in(self.folder, OF_RABBITMQ))

    def process(self, service: str, log: Path) -> ServiceProcess:
        env = {
            "KLIK_SECRETS_DIR": str(share_of(self.folder, service)),
            "KLIK_AMQP_URL": f"amqp://{user_of(service)}@127.0.0.1:{self.rabbit.port}/",
            "KLIK_MONGO_URL": f"mongodb://klik_{service}@127.0.0.1:{self.store.port}/"
            "?authSource=admin&directConnection=true",
        }
        return ServiceProcess(service, env, log)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder, api_port = tmp_path_factory.mktemp("secrets"), free_port()
    make_secrets(folder, passwords=True)
    try:
        rabbit = Rabbit(
            tmp_path_factory.mktemp("rabbitmq"),
            config=CONFIG + API.format(port=api_port),
            plugins=("rabbitmq_management",),
        )
        store = Store(tmp_path_factory.mktemp("store"), password="of/the@admin")
    except NodeUnavailable as missing:
        unavailable(str(missing))
    with rabbit, store, pytest.MonkeyPatch.context() as patch:
        found = Broker(rabbit, store, folder, api_port)
        for name, value in found.env.items():
            patch.setenv(name, value)
        done = CliRunner().invoke(app, ["provision", "--secrets", str(folder)])
        assert done.exit_code == 0, done.output
        yield found


@asynccontextmanager
async def link_of(broker: Broker, service: str) -> AsyncGenerator[AbstractConnection, None]:
    link = await open_link(broker.url(service), "a test")
    try:
        yield link
    finally:
        await close_link(link, within=5)


@asynccontextmanager
async def channel_of(url: str) -> AsyncGenerator[AbstractChannel, None]:
    async with await aio_pika.connect(url) as connection:
        yield await connection.channel(on_return_raises=True)


async def publish(channel: AbstractChannel, exchange: str, key: str) -> None:
    there = channel.default_exchange
    if exchange:
        there = await channel.get_exchange(exchange, ensure=False)
    await there.publish(Message(b"{}"), key, mandatory=True)


async def refused(link: AbstractConnection, attempt: Attempt) -> bool:
    channel = await link.channel()
    try:
        await attempt(channel)
    except ChannelAccessRefused:
        return True
    await channel.close()
    return False


@pytest.mark.parametrize(
    ("user", "password"), [("klik_intake", "wrong"), ("klik_stranger", "wrong"), ("guest", "guest")]
)
async def test_whoever_has_no_user_or_another_password_is_refused(
    broker: Broker, user: str, password: str
) -> None:
    with pytest.raises(ProbableAuthenticationError):
        await open_link(broker.rabbit.url_of(user, password), "a stranger")


@pytest.mark.parametrize("service", SERVICES)
async def test_user_publishes_consumes_and_parks_what_is_its_services(
    broker: Broker, service: str
) -> None:
    async with link_of(broker, service) as link, channel_of(broker.rabbit.url) as admin:
        await topology.begin(link, service)
        spy = await spy_on(admin)
        channel = await link.channel(on_return_raises=True)
        for name in PUBLISHES[service]:
            await publish(channel, topology.PUBLISH_EXCHANGE, f"{name}.{TENGGARONG.kecamatan}")
            message = await spy.get(no_ack=True, timeout=10)
            assert message is not None
            assert message.routing_key == f"{name}.{TENGGARONG.kecamatan}"
        parked, main, *retries = (queue.name for queue in topology.queues(service))
        for name in (parked, main, *retries):
            await publish(channel, topology.exchange_to(name), name)
        for name in (main, parked):
            queue = await channel.get_queue(name)
            taken = await queue.get(timeout=10)
            assert taken is not None
            await taken.ack()
            await queue.purge()


@pytest.mark.parametrize("service", SERVICES)
async def test_user_repairs_each_part_that_is_its_services(broker: Broker, service: str) -> None:
    async with link_of(broker, service) as link, channel_of(broker.rabbit.url) as admin:
        for queue in topology.queues(service):
            await admin.queue_delete(queue.name)
        await admin.exchange_delete(topology.dead_letter_exchange(service))
        await topology.declare_own(link, service)
        channel = await link.channel(on_return_raises=True)
        for queue in topology.queues(service):
            await publish(channel, topology.exchange_to(queue.name), queue.name)
        main = await channel.get_queue(topology.main_queue(service))
        # by RabbitMQ itself, to where the way was made anew
        taken = await main.get(timeout=10)
        assert taken is not None
        await taken.reject(requeue=False)

        async def is_parked() -> bool:
            return len(await ids_in(channel, topology.parked_queue(service))) > 0

        await until(is_parked, 10.0, "what was rejected")
        await main.purge()


async def queue_of(channel: AbstractChannel, name: str) -> AbstractQueue:
    """Without asking for it."""
    return await channel.get_queue(name, ensure=False)


async def take_no_notice(_message: object) -> None:
    """Of what is consumed."""


def at(attempt: Callable[[AbstractChannel, str], Awaitable[object]], name: str) -> Attempt:
    return lambda channel: attempt(channel, name)


def attempts_on(other: str, own: str) -> Mapping[str, Attempt]:
    """What a user might do to another service."""
    key = f"{PUBLISHES[other][0]}.{TENGGARONG.kecamatan}"
    main = topology.queues(other)[1]

    async def publish_its_event(channel: AbstractChannel) -> None:
        await publish(channel, topology.PUBLISH_EXCHANGE, key)

    async def publish_past_the_check(channel: AbstractChannel) -> None:
        await publish(channel, topology.EXCHANGE, key)

    async def unbind(channel: AbstractChannel) -> None:
        await (await queue_of(channel, main.name)).unbind(topology.EXCHANGE, main.bindings[0])

    async def bind_to_own(channel: AbstractChannel) -> None:
        await (await queue_of(channel, main.name)).bind(topology.dead_letter_exchange(own), "x")

    async def consume(channel: AbstractChannel) -> None:
        await (await queue_of(channel, main.name)).consume(take_no_notice)

    async def declare_as_it_is(channel: AbstractChannel) -> None:
        arguments: dict[str, Any] = {"x-queue-type": "quorum", **main.arguments}
        await channel.declare_queue(main.name, durable=True, arguments=arguments)

    async def get(channel: AbstractChannel, name: str) -> None:
        await (await queue_of(channel, name)).get(fail=False)

    async def purge(channel: AbstractChannel, name: str) -> None:
        await (await queue_of(channel, name)).purge()

    async def delete(channel: AbstractChannel, name: str) -> None:
        await channel.queue_delete(name)

    async def put(channel: AbstractChannel, name: str) -> None:
        await publish(channel, topology.DEFAULT_EXCHANGE, name)

    async def put_by_its_own_way(channel: AbstractChannel, name: str) -> None:
        await publish(channel, topology.exchange_to(name), name)

    to_it = (
        publish_its_event,
        publish_past_the_check,
        unbind,
        bind_to_own,
        consume,
        declare_as_it_is,
    )
    to_each = (get, purge, delete, put, put_by_its_own_way)
    return {f"{attempt.__name__}: {other}": attempt for attempt in to_it} | {
        f"{attempt.__name__}: {queue.name}": at(attempt, queue.name)
        for attempt in to_each
        for queue in topology.queues(other)
    }


def attempts_on_all(service: str) -> Mapping[str, Attempt]:
    """What it might do to what all share, or to hear what is not for it."""

    async def hear(channel: AbstractChannel, name: str) -> None:
        await (await queue_of(channel, topology.main_queue(service))).bind(topology.EXCHANGE, name)

    async def lead_to_all_queues(channel: AbstractChannel, name: str) -> None:
        await (await channel.get_exchange(topology.EXCHANGE, ensure=False)).bind(name, "#")

    async def declare_exchange(channel: AbstractChannel, name: str) -> None:
        await channel.declare_exchange(name, ExchangeType.TOPIC, durable=True)

    async def delete_exchange(channel: AbstractChannel, name: str) -> None:
        await channel.exchange_delete(name)

    async def declare_queue(channel: AbstractChannel, name: str) -> None:
        await channel.declare_queue(name, exclusive=True)

    shared = topology.SHARED_EXCHANGES
    own = topology.dead_letter_exchange(service)
    heard_by_all = service == "reporting"
    names: dict[Callable[[AbstractChannel, str], Awaitable[None]], tuple[str, ...]] = {
        hear: () if heard_by_all else ("#", "alert.#", "*.*.64.02.06"),
        lead_to_all_queues: (topology.PUBLISH_EXCHANGE, own),
        declare_exchange: (*shared, "klik.new"),
        delete_exchange: shared,
        declare_queue: ("klik.spy", ""),
    }
    return {
        f"{attempt.__name__}: {name}": at(attempt, name)
        for attempt, of_attempt in names.items()
        for name in of_attempt
    }


@pytest.mark.parametrize("service", SERVICES)
async def test_user_is_refused_what_is_anothers_or_everybodys(broker: Broker, service: str) -> None:
    others = [other for other in SERVICES if other != service]
    async with link_of(broker, service) as link, channel_of(broker.rabbit.url) as admin:
        counted = [queue.name for other in others for queue in topology.queues(other)]
        for name in counted:
            await publish(admin, "", name)
        spy = await spy_on(admin)
        tried = dict(attempts_on_all(service))
        for other in others:
            tried |= attempts_on(other, service)
        passed = [name for name, attempt in tried.items() if not await refused(link, attempt)]
        assert passed == []
        assert await spy.get(fail=False, no_ack=True) is None
        for name in counted:
            assert await ids_in(admin, name), f"{name} lost a message"


async def test_what_gets_past_rabbitmqs_rights_is_parked_as_forged(broker: Broker) -> None:
    """RabbitMQ 3.10 looks at the first routing key alone, and no version at what comes to
    `klik.publish` from an exchange before it, which a service can name as one of its queues."""
    event = submitted()
    handled: list[ConsultationSubmitted] = []

    async def note(heard: ConsultationSubmitted) -> None:
        handled.append(heard)

    publisher = Publisher(broker.url("routing"), "routing", _signing(broker, "routing"))
    await publisher.start()
    await publisher.connected_within(15)
    consumer = Consumer(
        broker.url("routing"),
        "routing",
        publisher,
        {ConsultationSubmitted: note},
        _signing(broker, "routing"),
        prefetch=10,
        stop_timeout=5,
    )
    await consumer.start()
    async with link_of(broker, "reporting") as link, ParkingLot.open(broker.rabbit.url) as lot:
        channel = await link.channel(on_return_raises=True)
        before = await channel.declare_exchange("klik.reporting", ExchangeType.FANOUT)
        door = await channel.get_exchange(topology.PUBLISH_EXCHANGE, ensure=False)
        await door.bind(before)
        message = Envelope.of(event, traceparent()).message("intake")
        with pytest.raises(PublishFailed):
            _signing(broker, "reporting").sign(message)
        await before.publish(message, f"{event.name}.{TENGGARONG.kecamatan}", mandatory=True)

        async def is_parked() -> bool:
            parked = await lot.look(lambda one: one.service == "routing")
            return [(one.id, one.reason) for one in parked] == [(str(event.id), "forged")]

        await until(is_parked, 20.0, "the forged event")
        await door.unbind(before)
        await channel.exchange_delete("klik.reporting")
    await consumer.stop()
    await publisher.close()
    assert handled == []


async def test_what_all_share_is_left_to_the_operator_who_is_asked(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    """What is published meanwhile is refused, and nothing is asked of RabbitMQ again and again."""
    publisher = Publisher(broker.url("intake"), "intake", _signing(broker, "intake"))
    await publisher.start()
    await publisher.connected_within(15)
    envelope = Envelope.of(submitted(), traceparent())
    monitor = TopologyMonitor(broker.url("intake"), "intake", publisher, None)

    async def is_published() -> bool:
        await monitor.tick()
        try:
            await publisher.publish(envelope)
        except PublishFailed:
            return False
        return True

    try:
        for name in (*topology.SHARED_EXCHANGES, "binding"):
            caplog.clear()
            async with channel_of(broker.rabbit.url) as admin:
                if name == "binding":
                    events = await admin.get_exchange(topology.EXCHANGE)
                    await events.unbind(topology.PUBLISH_EXCHANGE, "#")
                else:
                    await admin.exchange_delete(name)
            for _ in range(3):
                assert not await is_published()
            asked = [one for one in caplog.records if "klik provision" in one.message]
            assert [vars(one)["missing"] for one in asked] == [name]
            await declare_topology(broker.rabbit.url)
            await until(is_published, 10.0, "the event to be published")
    finally:
        await monitor.stop()
        await publisher.close()


def _signing(broker: Broker, service: str) -> Signing:
    return signing_in(share_of(broker.folder, service))


def without(broker: Broker, right: str) -> None:
    """Take a right from routing's user."""
    ctl, user = broker.rabbit.ctl, user_of("routing")
    own, all_ = r"^klik\.routing(\..*)?$", ".*"
    if right == "password":
        ctl("change_password", user, stdin="another")
    elif right == "vhost":
        ctl("clear_permissions", user)
    elif right == "publish":
        ctl("set_topic_permissions", user, "klik.publish", "^$", "^$")
    else:
        given = {"configure": own, "write": all_, "read": all_} | {right: "^$"}
        ctl("set_permissions", user, *given.values())


@pytest.mark.parametrize("right", ["password", "vhost", "publish", "configure", "write", "read"])
def test_service_ends_at_start_and_says_why_where_it_lacks_a_right(
    broker: Broker, tmp_path: Path, right: str
) -> None:
    process = broker.process("routing", tmp_path / "log")
    without(broker, right)
    try:
        process.start()
        assert wait_until(lambda: process.exit_code() is not None, STARTED), process.tail()
        assert process.exit_code() == 1
        assert "klik provision" in process.tail()
        broker.provision()
        process.start()
        process.wait_ready()
    finally:
        process.kill()
        broker.provision()


async def test_service_begins_while_rabbitmq_reads_nothing_from_who_publishes(
    broker: Broker,
) -> None:
    """Short of memory it needs its consumers all the more."""
    ctl = broker.rabbit.ctl
    publisher = Publisher(
        broker.url("routing"), "routing", _signing(broker, "routing"), confirm_seconds=1.0
    )
    await publisher.start()
    await publisher.connected_within(15)
    await asyncio.to_thread(ctl, "set_vm_memory_high_watermark", "0.00001")
    try:

        async def is_blocked() -> bool:
            with suppress(PublishFailed):
                await publisher.hand_over(topology.parked_queue("routing"), Message(b"{}"), {})
            return await publisher.blocked()

        await until(is_blocked, 30.0, "RabbitMQ to notice")
        async with link_of(broker, "routing") as link, asyncio.timeout(TOPOLOGY_TIMEOUT_SECONDS):
            await topology.begin(link, "routing")
    finally:
        await asyncio.to_thread(ctl, "set_vm_memory_high_watermark", "0.4")
        await publisher.close()


def test_command_says_who_refuses(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    for changed, said in (
        ({"KLIK_RABBITMQ_API_URL": f"http://127.0.0.1:{free_port()}"}, "KLIK_RABBITMQ_API_URL"),
        ({"KLIK_AMQP_URL": broker.url("intake")}, "RabbitMQ refuses"),
        ({"KLIK_AMQP_URL": broker.rabbit.url_of("guest", "no")}, "RabbitMQ does not answer"),
    ):
        for name, value in (broker.env | changed).items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(app, ["provision", "--secrets", str(broker.folder)])
        assert (done.exit_code, said in done.output.replace("\n", " ")) == (1, True), done.output


async def test_whole_flow_runs_with_a_user_for_each_service(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        for _ in range(3):
            assert (await system.post(a_post())).status_code == 202
        await system.wait_for_totals(3, 60.0)
        said = await asyncio.to_thread(
            system.rabbit.ctl, "list_connections", "--no-table-headers", "user"
        )
        assert set(said.split()) == {user_of(service) for service in SERVICES}
