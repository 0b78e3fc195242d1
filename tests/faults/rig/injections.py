"""Faults, each from its beginning to its end: `async with broker_killed(town): …`.

Their ends tell the town that it is healed. Those that take no choice of their own are mixed by the
randomised run as well.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import zip_longest

from klik.local.processes import ServiceProcess
from klik.nodes.node import Node
from shared.messaging import topology
from tests.faults.rig.town import Town


def killed(town: Town, node: Node) -> AbstractAsyncContextManager[None]:
    """`kill -9` of RabbitMQ or the store, and a new start on the same files."""
    return _node_away(town, node, node.kill)


def stopped(town: Town, node: Node) -> AbstractAsyncContextManager[None]:
    return _node_away(town, node, node.stop)


@asynccontextmanager
async def _node_away(town: Town, node: Node, end: Callable[[], None]) -> AsyncGenerator[None, None]:
    await asyncio.to_thread(end)
    try:
        yield
    finally:
        await asyncio.to_thread(node.start)
        town.healed()


@asynccontextmanager
async def frozen(town: Town, *ones: Node | ServiceProcess) -> AsyncGenerator[None, None]:
    """SIGSTOP: connections stay open, and nothing answers."""
    for one in ones:
        await asyncio.to_thread(one.freeze)
    try:
        yield
    finally:
        for one in ones:
            one.thaw()
        town.healed()


def dead(town: Town, *processes: ServiceProcess) -> AbstractAsyncContextManager[None]:
    """`kill -9` of services, started again afterwards."""
    return _services_away(town, processes, ServiceProcess.kill)


def away(town: Town, *services: str) -> AbstractAsyncContextManager[None]:
    """All replicas of these are stopped, so that what is for them stays in their queues."""
    processes = [process for service in services for process in town.replicas(service)]
    return _services_away(town, processes, ServiceProcess.stop)


@asynccontextmanager
async def _services_away(
    town: Town, processes: Sequence[ServiceProcess], end: Callable[[ServiceProcess], object]
) -> AsyncGenerator[None, None]:
    for process in processes:
        await asyncio.to_thread(end, process)
    try:
        yield
    finally:
        for process in processes:
            town.start(process)
        await town.ready(*processes)
        town.healed()


@asynccontextmanager
async def cut_off(town: Town, *processes: ServiceProcess) -> AsyncGenerator[None, None]:
    """Neither RabbitMQ nor the store can be reached: connections are reset, and refused."""
    proxies = [proxy for process in processes for proxy in town.links[process].both()]
    for proxy in proxies:
        await proxy.refuse()
    try:
        yield
    finally:
        for proxy in proxies:
            await proxy.start()
        town.healed()


@asynccontextmanager
async def half_open(town: Town, *processes: ServiceProcess) -> AsyncGenerator[None, None]:
    """Packets vanish in both directions, and no end hears of it."""
    proxies = [proxy for process in processes for proxy in town.links[process].both()]
    for proxy in proxies:
        proxy.hold()
    try:
        yield
    finally:
        for proxy in proxies:
            proxy.release()
        town.healed()


@asynccontextmanager
async def slow(town: Town, delay: float, share: float = 0.0) -> AsyncGenerator[None, None]:
    """Every packet takes `delay` seconds, and a `share` of them is lost and sent again."""
    proxies = [proxy for links in town.links.values() for proxy in links.both()]
    for proxy in proxies:
        proxy.delay, proxy.share = delay, share
    try:
        yield
    finally:
        for proxy in proxies:
            proxy.heal()
        town.healed()


@asynccontextmanager
async def alarm(town: Town, *limit: str) -> AsyncGenerator[None, None]:
    """RabbitMQ blocks who publishes: `limit` is a command of rabbitmqctl that raises an alarm."""
    await asyncio.to_thread(town.system.rabbit.ctl, *limit)
    try:
        yield
    finally:
        await asyncio.to_thread(town.system.rabbit.ctl, "set_vm_memory_high_watermark", "0.4")
        await asyncio.to_thread(town.system.rabbit.ctl, "set_disk_free_limit", "50MB")
        town.healed()


@asynccontextmanager
async def failing_mail(town: Town, share: float = 1.0) -> AsyncGenerator[None, None]:
    town.mail.fail("error", "busy", "close", share=share)
    try:
        yield
    finally:
        town.mail.heal()
        town.healed()


async def close_all_connections(town: Town) -> None:
    """As an operator may do it, with rabbitmqctl."""
    await asyncio.to_thread(town.system.rabbit.ctl, "close_all_connections", "fault")
    town.healed()


async def rolling_restart(town: Town, services: Sequence[str] = topology.SERVICES) -> list[int]:
    """SIGTERM and a new start, one replica of each service after the other; the exit codes."""
    codes: list[int] = []
    for wave in zip_longest(*(town.replicas(service) for service in services)):
        processes = [process for process in wave if process is not None]
        codes += await asyncio.gather(*(town.restart(process) for process in processes))
        await town.ready(*processes)
    town.healed()
    return codes
