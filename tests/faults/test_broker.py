"""RabbitMQ restarts, is away, freezes, blocks, refuses, and loses what was declared."""

import asyncio
import os
import sys
from datetime import timedelta

import pytest

from klik.local.broker_users import declare_topology
from shared.messaging import topology
from shared.messaging.retry import DELAYS
from shared.times import WITA
from tests.faults.rig.injections import alarm, close_all_connections, dead, frozen, killed, stopped
from tests.faults.rig.telling import channel_of
from tests.faults.rig.town import Town
from tests.support.system import until

pytestmark = pytest.mark.integration


@pytest.mark.short
@pytest.mark.fault(1, "RabbitMQ is killed under load and starts 3 s later")
async def test_broker_restart_under_load(town: Town) -> None:
    load = town.load(120, rate=30)
    await load.half()
    async with killed(town, town.system.rabbit):
        await asyncio.sleep(3)  # an outage has a length
    await town.settle(load)
    assert not load.refused, "intake needs no RabbitMQ to accept"


@pytest.mark.fault(2, "RabbitMQ is away while consultations come in")
async def test_broker_down_during_intake(town: Town) -> None:
    """A shorter outage than some, since nothing depends on its length but the backlog."""
    async with stopped(town, town.system.rabbit):
        load = town.load(300, rate=30)
        await load.done()
        statuses = [await asyncio.to_thread(one.status) for one in town.replicas("intake")]
    assert statuses == ["degraded", "degraded"], "not unready: a gateway must send it posts"
    await town.settle(load)
    assert not load.refused


@pytest.mark.fault(4, "RabbitMQ freezes (SIGSTOP) for 20 s under load")
async def test_broker_frozen(town: Town) -> None:
    load = town.load(200, rate=20)
    await asyncio.sleep(1)  # into the load
    async with frozen(town, town.system.rabbit):
        await asyncio.sleep(20)  # longer than a publish waits for its confirmation
    await town.settle(load)
    assert not load.refused


@pytest.mark.fault(3, "services start before RabbitMQ, and one is stopped while it waits")
async def test_services_start_before_the_broker(town: Town) -> None:
    processes = town.system.processes()
    for process in processes:
        await asyncio.to_thread(process.stop)
    async with stopped(town, town.system.rabbit):
        for process in processes:
            town.start(process)
        load = town.load(50, rate=50)
        await load.done()
        (waiting, *_) = town.replicas("routing")

        async def answers() -> bool:
            # its answer needs our proxies, which this thread serves
            return await asyncio.to_thread(waiting.status) != "down"

        await until(answers, 30.0, "routing to answer its probes")
        assert await town.restart(waiting) == 0
    await town.ready()
    await town.settle(load)


@pytest.mark.short
@pytest.mark.fault(5, "memory alarm: RabbitMQ blocks who publishes, for 15 s")
async def test_memory_alarm(town: Town) -> None:
    """Consumers go on: they have a connection of their own, which publishes nothing."""
    load = town.load(150, rate=15)
    await load.half()
    async with alarm(town, "set_vm_memory_high_watermark", "0.00001"):
        await drained(town, "consumers to drain the queues during the alarm")
        await asyncio.sleep(10)
    await town.settle(load)
    assert not load.refused


@pytest.mark.fault(23, "RabbitMQ's disk is full: it blocks who publishes, for 10 s")
async def test_disk_alarm(town: Town) -> None:
    load = town.load(100, rate=20)
    await load.half()
    async with alarm(town, "set_disk_free_limit", "100000GB"):
        await drained(town, "consumers to drain the queues during the alarm")
        await asyncio.sleep(10)
    await town.settle(load)
    assert not load.refused


async def drained(town: Town, what: str) -> None:
    async def empty() -> bool:
        return all(
            line.endswith("\t0") for line in listed(town, "messages_ready") if "parked" not in line
        )

    await until(empty, 30.0, what)


def listed(town: Town, *columns: str) -> list[str]:
    return town.system.rabbit.ctl(
        "list_queues", "--no-table-headers", "name", *columns
    ).splitlines()


@pytest.mark.fault(6, "routing's queue is full: RabbitMQ refuses")
async def test_queue_full(town: Town) -> None:
    queue = topology.main_queue("routing")
    policy = '{"max-length": 10}'
    ctl = town.system.rabbit.ctl
    await asyncio.to_thread(ctl, "set_policy", "full", f"^{queue}$", policy, "--apply-to", "queues")
    try:
        async with dead(town, *town.replicas("routing")):
            load = town.load(100, rate=50)
            await load.done()

            async def refused() -> bool:
                metrics = await town.system.http.get(town.system.url("intake") + "/metrics")
                return value(metrics.text, 'klik_published_total{outcome="failed"}') > 0

            await until(refused, 30.0, "intake to count a publish that failed")
    finally:
        await asyncio.to_thread(ctl, "clear_policy", "full")
    await town.settle(load)


def value(metrics: str, name: str) -> float:
    """A sample of a metrics page; 0 where it has none."""
    found = [line.rpartition(" ")[2] for line in metrics.splitlines() if line.startswith(name)]
    return float(found[0]) if found else 0.0


@pytest.mark.fault(7, "a binding is deleted: events reach no queue")
async def test_unroutable(town: Town) -> None:
    """The one between the two exchanges; nothing is marked as sent. No service may make it again:
    its log says who does."""
    before = asked_for(town)
    async with channel_of(town) as channel:
        exchange = await channel.get_exchange(topology.EXCHANGE)
        await exchange.unbind(topology.PUBLISH_EXCHANGE, "#")
        load = town.load(50, rate=50)
        await load.done()
    await provisioned(town, before)
    town.healed()
    await town.settle(load)


def asked_for(town: Town) -> int:
    """How often intake has asked for what only an operator may declare."""
    logs = (process.log.read_text() for process in town.replicas("intake"))
    return sum(log.count("klik provision") for log in logs)


async def provisioned(town: Town, before: int) -> None:
    """As an operator does it, when intake has asked for it."""

    async def asked() -> bool:
        return asked_for(town) > before

    await until(asked, 30.0, "intake to ask for what is gone")
    await declare_topology(town.system.rabbit.url)


@pytest.mark.fault(7, "routing's bindings are deleted: other queues get what it does not")
async def test_one_queue_unbound(town: Town) -> None:
    """No publisher can tell. The bindings are made again within seconds, and an operator has
    reporting tell routing what it missed."""
    since = town.now().astimezone(WITA) - timedelta(minutes=1)
    queue = topology.main_queue("routing")
    async with channel_of(town) as channel:
        declared = await channel.get_queue(queue)
        for name in topology.BINDINGS["routing"]:
            await declared.unbind(topology.EXCHANGE, f"{name}.#")
        load = town.load(50, rate=50)
        await load.done()

    async def bound_again() -> bool:
        said = town.system.rabbit.ctl("list_bindings", "source_name", "destination_name")
        return f"{topology.EXCHANGE}\t{queue}" in said.splitlines()

    await until(bound_again, 30.0, "routing's queue to be bound again")
    as_operator = {
        "KLIK_AMQP_URL": town.system.rabbit.url,
        "KLIK_SECRETS_DIR": str(town.system.folder / "secrets"),
    }
    env = os.environ | town.replicas("reporting")[0].env | as_operator
    resend = ["--to", "routing", "--since", f"{since:%Y-%m-%dT%H:%M}", "--rate", "1000"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "klik", "reporting", "resend", *resend, env=env
    )
    assert await process.wait() == 0
    town.healed()
    await town.settle(load)


@pytest.mark.fault(8, "the exchange is deleted under load")
async def test_exchange_deleted(town: Town) -> None:
    load = town.load(100, rate=20)
    await load.half()
    before = asked_for(town)
    async with channel_of(town) as channel:
        await channel.exchange_delete(topology.EXCHANGE)
    await provisioned(town, before)
    town.healed()
    await town.settle(load)


@pytest.mark.fault(10, "all connections are closed by an operator, five times under load")
async def test_connections_closed_in_mid_handling(town: Town) -> None:
    load = town.load(150, rate=15)
    for _ in range(5):
        await asyncio.sleep(1.5)  # in the middle of the load
        await close_all_connections(town)
    await town.settle(load)


@pytest.mark.fault(32, "a queue is there with other arguments")
async def test_topology_drift(town: Town) -> None:
    """Such a service ends with a clear word, and the others go on."""
    (victim, other) = town.replicas("routing")
    name = topology.retry_queue("routing", DELAYS[-1])
    await asyncio.to_thread(victim.stop)
    async with channel_of(town) as channel:
        await channel.queue_delete(name)
        await channel.declare_queue(name, durable=True)
        victim.start()

        async def ended() -> bool:
            return victim.exit_code() is not None

        await until(ended, 30.0, "routing to end")
        assert victim.exit_code() == 1
        assert name in victim.tail()
        assert "differ from this version's" in victim.tail()
        load = town.load(20, rate=20)
        await load.done()
        await channel.queue_delete(name)
    town.start(victim)
    await town.ready(victim, other)
    town.healed()
    await town.settle(load)


@pytest.mark.fault(34, "a queue is deleted: RabbitMQ cancels its consumers")
async def test_zombie_consumer(town: Town) -> None:
    """With what was in it, which is why it is empty here."""
    async with channel_of(town) as channel:
        await channel.queue_delete(topology.main_queue("routing"))

        async def consumed_again() -> bool:
            lines = listed(town, "consumers")
            return f"{topology.main_queue('routing')}\t2" in lines

        await until(consumed_again, 60.0, "both replicas to consume again")
    town.healed()
    await town.settle(town.load(50, rate=50))


@pytest.mark.fault(35, "a handler takes longer than RabbitMQ waits for an acknowledgement")
async def test_consumer_timeout(town: Town) -> None:
    ctl = town.system.rabbit.ctl
    setting = "application:set_env(rabbit, {name}, {value})."
    tick = await asyncio.to_thread(
        ctl, "eval", "application:get_env(rabbit, channel_tick_interval, 60000)."
    )
    for name, milliseconds in (("consumer_timeout", "8000"), ("channel_tick_interval", "1000")):
        await asyncio.to_thread(ctl, "eval", setting.format(name=name, value=milliseconds))
    try:
        await close_all_connections(town)  # channels read the setting when they open
        await town.ready()
        load = town.load(60, rate=20)
        await load.half()
        async with frozen(town, town.system.store):
            await asyncio.sleep(15)  # handlers wait for the store, and keep their messages

            async def cut() -> bool:
                log = (town.system.rabbit.data / "rabbitmq.log").read_text()
                return "has timed out" in log or "delivery acknowledgement on channel" in log

            await until(cut, 10.0, "RabbitMQ to lose patience")
    finally:
        for name, was in (("consumer_timeout", "1800000"), ("channel_tick_interval", tick.strip())):
            await asyncio.to_thread(ctl, "eval", setting.format(name=name, value=was))
    await town.settle(load)
