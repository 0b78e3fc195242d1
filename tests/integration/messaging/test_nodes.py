"""The private nodes keep what they confirmed, also over a crash, and leave nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import pymongo
import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue
from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError

from klik.nodes import (
    NodeDidNotStart,
    NodeUnavailable,
    Rabbit,
    Store,
    ensure_rabbitmq_installed,
    free_port,
)
from klik.nodes.store import installed

pytestmark = pytest.mark.integration

CONFIRM_SECONDS = 20.0
LINGER_SECONDS = 5.0
# RabbitMQ 3.10 writes a new quorum queue into its register of names (names.dets) half a second
# after it has confirmed the declaration, or later. A crash before that leaves the queue without
# a leader for good; compare https://github.com/rabbitmq/ra/pull/443
REGISTER_SECONDS = 2.0
PROJECT = Path(__file__).parents[3]


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[Rabbit]:
    try:
        with Rabbit(tmp_path / "rabbit") as node:
            yield node
    except NodeUnavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=installed())
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Each store that is installed; the one that pip installs always is."""
    with Store(tmp_path / "store", kind=request.param) as node:
        yield node


async def quorum_queue(channel: AbstractChannel) -> AbstractQueue:
    return await channel.declare_queue(
        "kept", durable=True, arguments={"x-queue-type": "quorum"}, timeout=CONFIRM_SECONDS
    )


async def publish(channel: AbstractChannel, body: bytes, timeout: float = CONFIRM_SECONDS) -> None:
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key="kept", timeout=timeout)


def processes_of(data: Path) -> list[str]:
    """The living processes that were started for this folder, wherever they hang by now."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            traces = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            if str(data).encode() in traces:
                found.append(f"{entry.name} {(entry / 'comm').read_text().strip()}")
        except OSError:  # it has just ended, or is not ours to look at
            continue
    return found


def assert_nothing_lingers(data: Path) -> None:
    deadline = time.monotonic() + LINGER_SECONDS
    while (left := processes_of(data)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == [], f"still there after {LINGER_SECONDS} s"


async def test_a_confirmed_message_survives_a_crash(rabbit: Rabbit) -> None:
    async with await aio_pika.connect(rabbit.url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await quorum_queue(channel)
        await asyncio.sleep(REGISTER_SECONDS)
        await publish(channel, b"before the crash")
        url = rabbit.url
        rabbit.kill()
    assert not rabbit.running
    rabbit.start()
    assert rabbit.url == url
    async with await aio_pika.connect(rabbit.url) as connection:
        queue = await quorum_queue(await connection.channel())
        message = await queue.get(timeout=CONFIRM_SECONDS)
        assert message is not None
        assert message.body == b"before the crash"
        await message.ack()


async def test_guest_gets_in_by_the_nodes_own_password_alone(tmp_path: Path) -> None:
    """Also where the node's files are from before it had one."""
    with Rabbit(tmp_path / "rabbit") as node:
        url = node.url
        node.ctl("change_password", "guest", stdin="guest")
        (node.data / "password").unlink()
    with Rabbit(tmp_path / "rabbit", node.port) as again:
        assert again.url != url
        async with await aio_pika.connect(again.url):
            pass
        # not by a link: aiormq leaves its end to the collector where it is not let in
        with pytest.raises(subprocess.CalledProcessError):
            again.ctl("authenticate_user", "guest", stdin="guest")
        own = str(urlsplit(again.url).password)
        assert "Success" in again.ctl("authenticate_user", "guest", stdin=own)
        kept = [again.data / name for name in ("password", "definitions.json")]
        assert {one.stat().st_mode & 0o777 for one in kept} == {0o600}
        assert str(kept[0].read_text()) in again.url


def test_a_journaled_write_survives_a_crash(store: Store) -> None:
    with MongoClient[dict[str, str]](store.url) as client:
        kept = client.test.get_collection("kept", write_concern=WriteConcern(w=1, j=True))
        kept.insert_one({"_id": "before the crash"})
        store.kill()
        assert not store.running
        store.start()
        assert kept.find_one() == {"_id": "before the crash"}


def test_a_stopped_rabbit_leaves_no_process_and_no_epmd(rabbit: Rabbit) -> None:
    names = " ".join(processes_of(rabbit.data))
    assert "beam.smp" in names
    assert "epmd" in names
    rabbit.stop()
    assert not rabbit.running
    assert_nothing_lingers(rabbit.data)
    rabbit.stop()  # once more does no harm


def test_a_stopped_store_leaves_no_process(store: Store) -> None:
    assert processes_of(store.data)
    store.stop()
    assert_nothing_lingers(store.data)


def test_a_killed_rabbit_leaves_no_process(rabbit: Rabbit) -> None:
    rabbit.kill()
    assert_nothing_lingers(rabbit.data)


def test_a_frozen_rabbit_stops_cleanly(rabbit: Rabbit) -> None:
    rabbit.freeze()
    started = time.monotonic()
    rabbit.stop()
    assert time.monotonic() - started < 15
    assert_nothing_lingers(rabbit.data)


async def test_a_frozen_rabbit_confirms_nothing_until_it_thaws(rabbit: Rabbit) -> None:
    async with await aio_pika.connect(rabbit.url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await quorum_queue(channel)
        rabbit.freeze()
        try:
            with pytest.raises(TimeoutError):
                await publish(channel, b"into the ice", timeout=1)
        finally:
            rabbit.thaw()
        await publish(channel, b"after the thaw")


def test_a_frozen_store_answers_nothing_until_it_thaws(store: Store) -> None:
    with MongoClient[dict[str, str]](store.url) as client:
        client.admin.command("ping")
        store.freeze()
        try:
            with pymongo.timeout(1), pytest.raises(PyMongoError) as frozen:
                client.admin.command("ping")
            assert frozen.value.timeout
        finally:
            store.thaw()
        client.admin.command("ping")


async def test_two_rabbits_run_side_by_side(rabbit: Rabbit, tmp_path: Path) -> None:
    with Rabbit(tmp_path / "other") as other:
        for node in (rabbit, other):
            async with await aio_pika.connect(node.url) as connection:
                channel = await connection.channel(publisher_confirms=True)
                queue = await quorum_queue(channel)
                assert queue.declaration_result.message_count == 0
                await publish(channel, node.url.encode())
    assert rabbit.running


NODES_OF_A_CHILD = """
import sys, time
from pathlib import Path
from urllib.parse import urlsplit
from klik.nodes import Rabbit, Store

data = Path(sys.argv[1])
with Store(data / "store"), Rabbit(data / "rabbit") as rabbit:
    rabbit.freeze()
    print("up", flush=True)
    time.sleep(60)
"""


def test_nodes_die_with_the_process_that_started_them(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", NODES_OF_A_CHILD, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=PROJECT,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        assert len(processes_of(tmp_path)) > 3
        parent.send_signal(signal.SIGKILL)
        parent.wait(LINGER_SECONDS)
    assert_nothing_lingers(tmp_path)


def test_a_node_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    node = Store(tmp_path / "store")
    thread = threading.Thread(target=node.start)
    thread.start()
    thread.join(60)
    try:
        time.sleep(0.2)
        assert node.running
    finally:
        node.stop()


def test_two_nodes_do_not_share_a_folder(store: Store) -> None:
    with pytest.raises(NodeDidNotStart, match="another node is running on"):
        Store(store.data, kind=store.kind, release_seconds=0.2).start()
    assert store.running


def test_a_taken_port_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NodeDidNotStart, match=f"port {store.port} is in use"):
        Store(tmp_path / "other", store.port, release_seconds=0.2).start()


def test_a_failed_start_shows_the_log_and_leaves_no_process(rabbit: Rabbit) -> None:
    rabbit.stop()
    (rabbit.data / "mnesia").rename(rabbit.data / "elsewhere")
    (rabbit.data / "mnesia").write_text("where a folder should be")
    with pytest.raises(
        NodeDidNotStart, match=r"RabbitMQ ended before it answered; .* ends:\n(?s:.*)rror"
    ):
        rabbit.start()
    assert not rabbit.running
    assert_nothing_lingers(rabbit.data)


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(NodeUnavailable, match="apt-get install rabbitmq-server"):
        Rabbit(tmp_path)
    with pytest.raises(NodeUnavailable, match="apt-get install rabbitmq-server"):
        ensure_rabbitmq_installed()  # nor is there an apt-get
    with pytest.raises(NodeUnavailable, match="pip install SecantusDB"):
        Store(tmp_path)
    with pytest.raises(NodeUnavailable, match="no store 'secantusd-rs' on this host"):
        Store(tmp_path, kind="secantusd-rs")


def test_the_store_of_pip_is_taken_when_no_better_one_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Store(tmp_path).kind == "secantusd-py"


def test_the_best_store_is_taken_when_several_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for kind in ("secantusd-rs", "mongod"):
        (tmp_path / kind).write_text("#!/bin/sh")
        (tmp_path / kind).chmod(0o755)
        assert Store(tmp_path).kind == kind


def test_the_named_store_is_taken_when_the_environment_names_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIK_NODE_STORE", "secantusd-py")
    assert Store(tmp_path).kind == "secantusd-py"
    monkeypatch.setenv("KLIK_NODE_STORE", "cassandra")
    with pytest.raises(NodeUnavailable, match="cassandra"):
        Store(tmp_path)


def test_free_ports_are_never_given_twice() -> None:
    ports = [free_port() for _ in range(300)]
    assert len(set(ports)) == len(ports)
