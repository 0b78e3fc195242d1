import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest

from shared.messaging.publisher import Publisher
from tests.support.keys import TEST_SIGNING


@pytest.fixture
async def silent() -> AsyncGenerator[str, None]:
    """The address of somebody who takes connections and never says a word."""
    accepted: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: accepted.append(writer), "127.0.0.1", 0)
    yield f"amqp://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    for writer in accepted:
        writer.close()
    server.close()


@pytest.mark.parametrize("moment", [0.0, 0.1])
async def test_closed_in_the_middle_of_connecting_it_leaves_nothing_that_goes_on(
    silent: str, moment: float
) -> None:
    """aio-pika tries again where an attempt is cancelled: whoever stopped then, waited for ever."""
    before = asyncio.all_tasks()
    publisher = Publisher(silent, "test", TEST_SIGNING)
    await publisher.start()
    await asyncio.sleep(moment)
    async with asyncio.timeout(10):
        await publisher.close()
    left = asyncio.all_tasks() - before
    for task in left:
        task.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            await asyncio.gather(*left, return_exceptions=True)
    assert [task for task in left if not task.done()] == []
