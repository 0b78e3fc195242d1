"""The store restarts and freezes."""

import asyncio

import pytest

from tests.faults.rig.injections import frozen, killed
from tests.faults.rig.town import Town
from tests.support.builders import a_post

pytestmark = pytest.mark.integration


@pytest.mark.short
@pytest.mark.fault(20, "the store is killed under load and starts 10 s later")
async def test_store_restart_under_load(town: Town) -> None:
    load = town.load(150, rate=15)
    await load.half()
    async with killed(town, town.system.store):
        await asyncio.sleep(1)  # until nobody answers from memory
        reply = await town.system.post(a_post(), key="selama-mati")
        assert reply.status_code == 503, "never a 202 without a journaled write"
        assert int(reply.headers["Retry-After"]) > 0
        await asyncio.sleep(9)  # an outage has a length
    outcome = await town.settle(load)
    assert outcome.parked == 0, "consumers hold their messages"


@pytest.mark.fault(21, "the store freezes (SIGSTOP) for 20 s under load")
async def test_store_frozen(town: Town) -> None:
    """Whoever waits is told within the time limit of an operation, and may send again."""
    load = town.load(200, rate=20)
    await load.half()
    async with frozen(town, town.system.store):
        await asyncio.sleep(20)  # longer than every time limit
    outcome = await town.settle(load)
    assert outcome.parked == 0
    assert load.slowest < 20, "a post that could not be kept was answered long before"
