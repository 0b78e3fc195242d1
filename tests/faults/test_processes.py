"""Services are killed in the middle, stopped, restarted one by one, and scaled out and in."""

import asyncio
from collections.abc import Callable

import pytest

from shared.messaging import topology
from tests.faults.rig.injections import dead, frozen, rolling_restart
from tests.faults.rig.town import Links, Town
from tests.support.system import until

pytestmark = pytest.mark.integration


#: Where a handler of routing is caught, by what its links do not let through: the store's question
#: (before the write), its answer (after it), RabbitMQ's confirmation (after the publish), and the
#: acknowledgement.
CAUGHT: dict[str, Callable[[Links], None]] = {
    "before the write": lambda links: links.store.hold(up=True, down=False),
    "after the write": lambda links: links.store.hold(up=False, down=True),
    "after the publish": lambda links: links.broker.hold(up=False, down=True),
    "before the acknowledgement": lambda links: links.broker.hold(up=True, down=False),
}


@pytest.mark.parametrize("point", CAUGHT)
@pytest.mark.fault(9, "routing is killed in the middle of handling: {point}")
async def test_killed_in_mid_message(town: Town, point: str) -> None:
    """Both replicas, so that all of it is caught there; redelivered, its effect is one."""
    replicas = town.replicas("routing")
    load = town.load(60, rate=30)
    await load.half()
    for process in replicas:
        CAUGHT[point](town.links[process])
    await asyncio.sleep(1)  # until what is under way has come to that point
    async with dead(town, *replicas):
        for process in replicas:
            for proxy in town.links[process].both():
                proxy.cut()
                proxy.heal()
    await town.settle(load)


@pytest.mark.fault(11, "ten rolling restarts of every service under load")
async def test_rolling_restarts(town: Town) -> None:
    """All exit with 0 within their grace, and nothing is parked for having been delivered often."""
    load = town.load(400, rate=8)
    for _ in range(10):
        assert set(await rolling_restart(town)) == {0}
    outcome = await town.settle(load)
    assert outcome.parked == 0


@pytest.mark.fault(12, "a stop exceeds its grace: SIGKILL in mid-handling")
async def test_stop_exceeds_grace(town: Town) -> None:
    (process, _) = town.replicas("routing")
    load = town.load(60, rate=30)
    await load.half()
    town.links[process].store.hold()  # its handlers wait for the store, and do not end
    process.ask_to_stop()
    await asyncio.sleep(1)  # the grace
    assert process.exit_code() is None
    async with dead(town, process):
        town.links[process].store.cut()
        town.links[process].store.heal()
    await town.settle(load)


@pytest.mark.short
@pytest.mark.fault(13, "intake is killed between RabbitMQ's yes and its own record of it")
async def test_relay_killed_between_confirmation_and_record(town: Town) -> None:
    """The sweep publishes the same event again: same id, one effect."""
    replicas = town.replicas("intake")
    for process in replicas:
        town.links[process].broker.hold(up=True, down=False)  # nothing is published yet
    load = town.load(30, rate=30)
    await load.done()
    for process in replicas:
        town.links[process].store.hold()  # and no record of it is made
        town.links[process].broker.release()

    async def published() -> bool:
        return load.accepted <= (await town.registrar.take()).routed

    await until(published, 30.0, "what was accepted to be routed")
    async with dead(town, *replicas):
        for process in replicas:
            town.links[process].store.cut()
            town.links[process].store.heal()
    await town.settle(load)


@pytest.mark.fault(14, "a relay is paused for longer than its lease, and goes on")
async def test_paused_beyond_the_lease(town: Town) -> None:
    paused, other = town.replicas("intake")
    for process in (paused, other):
        town.links[process].broker.hold(up=True, down=False)
    load = town.load(40, rate=40)
    await load.done()
    async with frozen(town, paused):
        town.links[other].broker.release()
        await asyncio.sleep(20)  # longer than a lease: the other publishes all of it
        town.links[paused].broker.release()
    await town.settle(load)


@pytest.mark.fault(24, "one replica's clock is an hour ahead, another's an hour behind")
async def test_clock_skew(town: Town) -> None:
    shift = float(town.replicas("routing")[0].env["KLIK_CLOCK_SHIFT"])
    skewed = {
        town.replicas("intake")[0]: 3600.0,
        town.replicas("routing")[0]: 3600.0,
        town.replicas("routing")[1]: -3600.0,
    }
    for process, seconds in skewed.items():
        process.env["KLIK_CLOCK_SHIFT"] = str(shift + seconds)
        await town.restart(process)
    await town.ready()
    load = town.load(100, rate=25)
    await load.done()
    for process in skewed:
        process.env["KLIK_CLOCK_SHIFT"] = str(shift)
        await town.restart(process)
    await town.ready()
    town.healed()
    await town.settle(load)


@pytest.mark.fault(31, "routing is scaled 1 to 4 to 1 under load")
async def test_scale_out_and_in(town: Town) -> None:
    first, second = town.replicas("routing")
    load = town.load(400, rate=20)
    assert await asyncio.to_thread(second.stop) == 0
    more = [await town.another("routing") for _ in range(3)]
    await town.ready(*more)
    await load.half()
    for process in more:
        assert await town.without(process) == 0
    town.start(second)
    await town.ready(first, second)
    town.healed()
    await town.settle(load)


@pytest.mark.parametrize("service", topology.SERVICES)
@pytest.mark.fault(9, "{service} is killed twice under load")
async def test_killed_under_load(town: Town, service: str) -> None:
    load = town.load(100, rate=20)
    for _ in range(2):
        await asyncio.sleep(1)  # in the middle of the load
        async with dead(town, *town.replicas(service)):
            pass
    await town.settle(load)
