"""Webhooks of the running system: every event at its subscriber, across a crash of notify."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from klik.nodes import NodeUnavailable
from shared.messaging.envelope import events_in
from tests.peers.webhook import WebhookPeer
from tests.support.backends import unavailable
from tests.support.builders import TENGGARONG, a_post
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

SETTLE = 60.0
BATCH = 15


async def test_front_ends_get_every_event_signed_though_notify_is_killed(tmp_path: Path) -> None:
    try:
        await _deliver_across_a_crash(tmp_path)
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def _deliver_across_a_crash(folder: Path) -> None:
    # the peers are on this host, which is not public
    here = {"KLIK_WEBHOOK_ALLOW": "127.0.0.0/8"}
    async with (
        running_system(folder, here, notify=2) as system,
        WebhookPeer() as everything,
        WebhookPeer() as officers,
        WebhookPeer() as gone,
    ):
        gone.status = 410
        first = await _subscribe(system, "frontend", everything)
        await _subscribe(system, "coordinator", officers, events=["case.assigned"])
        leaving = await _subscribe(system, "frontend", gone, contact="petugas-64.02.06-1")
        refused = await system.http.post(
            system.url("notify") + "/v1/webhooks",
            json={"url": "https://169.254.169.254/latest/meta-data/"},
            headers=system.bearer("frontend"),
        )
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/url")

        published: dict[str, Any] = {}

        async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            for one in events_in(message):
                kind = str(one.headers["cloudEvents_type"])
                if not kind.startswith("klikdesa.alert."):
                    published[str(one.message_id)] = (kind, one.body.decode())

        connection = await aio_pika.connect(system.rabbit.url)
        async with connection, await connection.channel() as channel:
            await (await system.spy(channel)).consume(note, no_ack=True)
            await _post(system, BATCH)
            system.services["notify"][0].kill()
            await _post(system, BATCH)
            system.services["notify"][0].start()
            await asyncio.to_thread(system.services["notify"][0].wait_ready)

            async def all_there() -> bool:
                return len(published) >= 4 * BATCH and set(everything.ids) == set(published)

            await until(all_there, SETTLE, "every event at its subscriber")

        bodies = {json.loads(one["body"])["id"]: one for one in everything.taken}
        assert {id_: (one["type"], one["body"]) for id_, one in bodies.items()} == published

        # the neighbours' and the complaints are none of the coordinator's
        mine = {
            id_
            for id_, (kind, body) in published.items()
            if kind == "klikdesa.case.assigned.v1"
            and json.loads(body)["region"]["kecamatan"] == TENGGARONG.kecamatan
            and json.loads(body)["kind"] != "pengaduan"
        }
        assert len(mine) == 2 * BATCH // 3

        async def officers_have_theirs() -> bool:
            return set(officers.ids) >= mine

        await until(officers_have_theirs, SETTLE, "the coordinator's events")
        assert set(officers.ids) == mine

        await _gone_is_told(system, leaving)
        fine = await system.get("notify", f"/v1/webhooks/{first}", "frontend")
        assert (fine["state"], fine["failing_since"]) == ("active", None)


async def _subscribe(system: System, role: str, peer: WebhookPeer, **more: Any) -> str:
    reply = await system.http.post(
        system.url("notify") + "/v1/webhooks",
        json={"url": peer.at("127.0.0.1"), **more},
        headers=system.bearer(role),
    )
    assert reply.status_code == 201, reply.text
    peer.secrets = [reply.json()["secret"]]
    id_: str = reply.json()["id"]
    return id_


async def _post(system: System, number: int) -> None:
    """A third each: questions and complaints from Tenggarong, questions from elsewhere."""
    kinds = [
        {"desa_code": TENGGARONG.desa},
        {"desa_code": TENGGARONG.desa, "kind": "pengaduan"},
        {"desa_code": "64.02.19.2001"},
    ]
    posts = [a_post(title=f"Pertanyaan {n}", **kinds[n % 3]) for n in range(number)]
    replies = await asyncio.gather(*(system.post(post) for post in posts))
    assert {reply.status_code for reply in replies} == {202}


async def _gone_is_told(system: System, id_: str) -> None:
    found = await system.get("notify", f"/v1/webhooks/{id_}", "frontend")
    assert (found["state"], found["reason"]) == ("paused", "gone")
    log = await system.get("notify", f"/v1/webhooks/{id_}/deliveries", "frontend")
    assert {one["result"] for one in log["deliveries"]} == {"refused"}
    alerts = await system.get("notify", "/v1/alerts", recipient="petugas-64.02.06-1")
    assert [one["rule"] for one in alerts["alerts"]].count("owns_the_webhook") == 1
