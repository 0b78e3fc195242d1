"""Links that are slow, lossy, half open, or cut for one replica."""

import asyncio

import pytest

from tests.faults.rig.injections import cut_off, half_open, slow
from tests.faults.rig.town import Town
from tests.support.system import until

pytestmark = pytest.mark.integration

#: Seconds for a hundred consultations to go through where every step takes some round trips more
#: than half a second long.
LATE = 180.0


@pytest.mark.short
@pytest.mark.fault(26, "one replica of routing is cut off from RabbitMQ and the store for 15 s")
async def test_partition_of_one_replica(town: Town) -> None:
    """The other does its work meanwhile; it comes back by itself."""
    load = town.load(200, rate=20)
    (isolated, _) = town.replicas("routing")
    async with cut_off(town, isolated):
        first = town.load(20, rate=20)
        await first.done()

        async def routed() -> bool:
            return first.accepted <= (await town.registrar.take()).routed

        await until(routed, 30.0, "the other replica to route what was posted")
        await asyncio.sleep(10)  # long enough for its links to be given up
    await town.ready(isolated)
    await town.settle(load, first)


@pytest.mark.fault(4, "one replica of routing is half open for 40 s: packets vanish unnoticed")
async def test_half_open_links(town: Town) -> None:
    """RabbitMQ gives the messages in its hands to the other after three missed heartbeats."""
    load = town.load(200, rate=10)
    (isolated, _) = town.replicas("routing")
    await asyncio.sleep(1)  # into the load
    async with half_open(town, isolated):
        await asyncio.sleep(40)  # longer than three heartbeats
    await town.ready(isolated)
    await town.settle(load)


@pytest.mark.fault(27, "every packet takes 200 ms, and one in twenty is lost and sent again")
async def test_latency_and_loss(town: Town) -> None:
    load = town.load(100, rate=10)
    async with slow(town, delay=0.2, share=0.05):
        await load.done()
        outcome = await town.settle(load, within=LATE)
    assert outcome.parked == 0
    assert not load.refused, "no storm of time-outs"
