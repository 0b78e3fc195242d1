"""A queue that filled up while nobody consumed."""

import asyncio

import pytest

from tests.faults.telling import a_submission, channel_of, tell
from tests.faults.town import MEMORY, SETTLE, Town, memory

pytestmark = pytest.mark.integration

#: Events published at once, and the slowest drain that is waited for, in events a second.
BATCH = 200
SLOWEST = 20


@pytest.mark.fault(28, "a backlog was queued while the services were away (--backlog N)")
async def test_backlog_flood(town: Town, request: pytest.FixtureRequest) -> None:
    number = request.config.option.backlog
    consumers = [one for one in town.system.processes() if one.name != "intake"]
    for process in consumers:
        await asyncio.to_thread(process.stop)
    async with channel_of(town) as channel:
        for first in range(0, number, BATCH):
            events = [a_submission(town) for _ in range(first, min(first + BATCH, number))]
            await asyncio.gather(*(tell(channel, event) for event in events))
    for process in consumers:
        town.start(process)
    await town.ready(*consumers)
    town.healed()
    outcome = await town.settle(within=SETTLE + number / SLOWEST)
    assert outcome.parked == 0
    assert max(memory(process) for process in consumers) < MEMORY
