"""Front-ends on bad lines: answers that get lost, slow and huge requests, storms of repetition."""

import asyncio
import contextlib
import uuid

import httpx
import pytest

from tests.faults.rig.proxy import Proxy
from tests.faults.rig.town import Town
from tests.support.builders import a_post
from tests.support.system import until

pytestmark = pytest.mark.integration

SLOW_CLIENTS = 200


@pytest.mark.short
@pytest.mark.fault(22, "the 202 is lost on its way to the front-end")
async def test_response_lost_after_commit(town: Town) -> None:
    intake = town.replicas("intake")[0]
    key, body = uuid.uuid4().hex, a_post(title="Sinyal hilang")
    headers = town.system.bearer("frontend") | {"Idempotency-Key": key}
    before = (await town.registrar.take()).kept
    async with Proxy("127.0.0.1", intake.port) as line:
        line.hold(up=False, down=True)
        url = f"http://127.0.0.1:{line.port}/v1/consultations"
        lost = asyncio.create_task(town.system.http.post(url, json=body, headers=headers))

        async def kept() -> bool:
            assert not lost.done(), f"it was to be held: {lost}"
            return len((await town.registrar.take()).kept - before) == 1

        await until(kept, 30.0, "the post to be kept")
        line.cut()
        with pytest.raises(httpx.HTTPError):
            await lost
    replies = [await town.system.post(body, key=key, replica=replica) for replica in (0, 1)]
    assert {reply.status_code for reply in replies} == {202}
    assert {reply.json()["id"] for reply in replies} == (await town.registrar.take()).kept - before
    town.accepted.add(replies[0].json()["id"])
    town.healed()
    await town.settle(town.load(20, rate=20))


@pytest.mark.fault(29, "200 clients that send a byte a second, and bodies of 10 MB")
async def test_slow_clients_and_huge_bodies(town: Town) -> None:
    (intake, _) = town.replicas("intake")
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(SLOW_CLIENTS):
            _, writer = await asyncio.open_connection("127.0.0.1", intake.port)
            stack.callback(writer.close)
            writer.write(b"POST /v1/consultations HTTP/1.1\r\nHost: x\r\nX-Pelan: ")
            stack.callback(asyncio.create_task(_dribble(writer)).cancel)
        load = town.load(60, rate=20)
        huge = a_post(body="x" * 10 * 2**20)
        replies = [await town.system.post(huge) for _ in range(3)]
        assert [reply.status_code for reply in replies] == [413] * 3
        assert replies[0].json()["type"] == "urn:klikdesa:problem:too_large"
        await load.done()
        assert not load.refused
    town.healed()
    await town.settle(load)


async def _dribble(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while True:
            await asyncio.sleep(1)
            writer.write(b"x")
            await writer.drain()


@pytest.mark.fault(30, "the same post 50 times at once, at both replicas")
async def test_retry_storm(town: Town) -> None:
    load = town.load(40, rate=20)
    for number in range(5):
        key, body = uuid.uuid4().hex, a_post(title=f"Badai {number}")
        replies = await asyncio.gather(
            *(town.system.post(body, key=key, replica=one % 2) for one in range(50))
        )
        assert {reply.status_code for reply in replies} == {202}
        assert len({reply.text for reply in replies}) == 1
        town.accepted.add(replies[0].json()["id"])
    town.healed()
    await town.settle(load)
