"""`klik parked` as an operator runs it, on real queues and a real store."""

import asyncio
import os
import re
import signal
import sys
import uuid
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import aio_pika
import pytest
from typer.testing import CliRunner, Result

from klik.__main__ import app
from klik.local.broker_users import declare_topology
from klik.local.processes import ROOT
from shared.errors import PublishFailed
from shared.events import Event
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import Publisher
from shared.messaging.reliability import ATTEMPT, ERROR, FIRST_FAILED, LAST_FAILED, QUEUE, REASON
from shared.storage.mongo import Database
from tests.support.backends import Backends
from tests.support.builders import assigned, submitted
from tests.support.messaging import ids_in
from tests.support.system import until

pytestmark = pytest.mark.integration

PARKED = topology.parked_queue("routing")
MAIN = topology.main_queue("routing")
SECRET = "NAMARAHASIA"

Klik = Callable[..., Awaitable[Result]]


@pytest.fixture
async def operators(backends: Backends, env: dict[str, str]) -> AsyncGenerator[Database, None]:
    """The database that the commands write to."""
    database = Database(backends.mongo_url, f"{env['KLIK_MONGO_PREFIX']}_operators")
    yield database
    await database.drop()
    await database.close()


@pytest.fixture
def klik(env: dict[str, str], operators: Database, publisher: Publisher) -> Klik:
    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(
            CliRunner().invoke, app, ["parked", *arguments], env=env, catch_exceptions=False
        )

    return run


async def park(
    publisher: Publisher,
    event: Event,
    reason: str = "attempts_exhausted",
    more: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """Put an event where what is given up is put; its id."""
    envelope = Envelope.of(event, traceparent())
    message = aio_pika.Message(
        envelope.body.encode(),
        content_type="application/json",
        content_encoding="utf-8",
        message_id=envelope.id,
        app_id="intake",
    )
    headers = {
        **envelope.headers("klikdesa/intake"),
        ATTEMPT: 5,
        FIRST_FAILED: "2026-11-24T00:00:00+00:00",
        LAST_FAILED: datetime.now(UTC).isoformat(),
        REASON: reason,
        ERROR: "RuntimeError at routing/domain.py:1",
        QUEUE: MAIN,
        **more,
    }
    await publisher.hand_over(PARKED, message, headers)
    return envelope.id


async def test_the_list_shows_what_is_parked_by_every_filter(
    klik: Klik, publisher: Publisher
) -> None:
    assert "Nothing is parked." in (await klik("list")).output
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    old = await park(publisher, submitted(), more={LAST_FAILED: two_days_ago})
    other = await park(publisher, assigned(), "invalid_event")

    async def listed(*options: str) -> set[str]:
        said = (await klik("list", *options)).output
        return {id_ for id_ in (old, other) if id_ in said}

    assert await listed() == {old, other}
    assert await listed("--service", "routing") == {old, other}
    assert await listed("--service", "notify") == set()
    assert await listed("--reason", "invalid_event") == {other}
    assert await listed("--type", "consultation.submitted") == {old}
    assert await listed("--type", "klikdesa.case.assigned.v1") == {other}
    assert await listed("--older", "1d") == {old}
    assert await listed("--newer", "1h") == {other}
    assert await listed("--older", "1d", "--reason", "invalid_event") == set()
    first = (await klik("list", "--limit", "1")).output
    assert old in first, "the oldest first"
    assert "… and 1 more" in first
    assert re.search(r"1 routing invalid_event", first), "all are counted"


async def test_show_tells_codes_and_ids_and_no_text(klik: Klik, publisher: Publisher) -> None:
    event = submitted()
    id_ = await park(publisher, event, more={SECRET: SECRET})
    said = (await klik("show", id_)).output
    assert f"consultation {event.consultation}" in said
    assert 'topic: "KEU-DD"' in said
    assert "x-klik-error: RuntimeError at routing/domain.py:1" in said
    assert "1 other headers: (withheld)" in said

    poison = aio_pika.Message(f'{{"name": "{SECRET}"}}'.encode(), message_id=SECRET)
    await publisher.hand_over(PARKED, poison, {"cloudEvents_type": SECRET, REASON: SECRET})
    listed = (await klik("list")).output
    made = re.search(r"made-[0-9a-f]{16}", listed)
    assert made is not None
    for arguments in (["list"], ["show", id_], ["show", made[0]]):
        result = await klik(*arguments)
        assert result.exit_code == 0
        assert SECRET not in result.output

    gone = await klik("show", str(uuid.uuid4()))
    assert (gone.exit_code, gone.output.strip()) == (1, "No such message is parked.")


async def test_raw_shows_everything_once_it_is_written_down(
    klik: Klik, publisher: Publisher, operators: Database
) -> None:
    poison = aio_pika.Message(f'{{"name": "{SECRET}\x1b[2J"}}'.encode(), message_id="no id")
    await publisher.hand_over(PARKED, poison, {"x-strange": SECRET})
    (made,) = re.findall(r"made-[0-9a-f]{16}", (await klik("list")).output)
    raw = ["show", made, "--raw", "--because", "whose is it", "--by", "siti"]
    shown = await klik(*raw)
    assert shown.output.count(SECRET) == 2
    assert "\x1b" not in shown.output
    assert "RAW: may hold private data" in shown.stderr
    (entry,) = await operators.collection("parked_audit").find({})
    assert (entry["action"], entry["by"], entry["because"]) == ("show_raw", "siti", "whose is it")
    assert SECRET not in repr(entry)


async def test_replay_starts_anew_and_keeps_the_message_as_it_was(
    klik: Klik, publisher: Publisher, channel: aio_pika.abc.AbstractChannel, operators: Database
) -> None:
    event = submitted()
    id_ = await park(publisher, event, more={"x-death": [], "x-own": "Ünïcode ✓ \x00"})
    stays = await park(publisher, submitted(), "invalid_event")
    done = await klik("replay", "--reason", "attempts_exhausted", "--by", "budi")
    assert (done.exit_code, done.output.strip()) == (0, "replayed: 1")
    queue = await channel.get_queue(MAIN)
    message = await queue.get(timeout=5)
    await message.ack()
    envelope = Envelope.of(event, traceparent())
    assert message.body == envelope.body.encode()
    assert (message.message_id, message.app_id) == (id_, "intake")
    assert (message.content_type, message.content_encoding) == ("application/json", "utf-8")
    assert message.headers["cloudEvents_type"] == envelope.type
    assert message.headers["x-own"] == "Ünïcode ✓ \x00"
    assert not [name for name in message.headers if name.startswith(("x-klik", "x-death"))]
    assert await ids_in(channel, PARKED) == [stays]
    (entry,) = await operators.collection("parked_audit").find({})
    assert (entry["action"], entry["by"], entry["message"]) == ("replay", "budi", id_)
    assert entry["done_at"] >= entry["at"]


async def test_what_fails_again_at_once_does_not_go_round(
    klik: Klik, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    id_ = await park(publisher, submitted())

    async def park_again(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        await publisher.hand_over(PARKED, message, {REASON: "invalid_event"})
        await message.ack()

    queue = await channel.get_queue(MAIN)
    tag = await queue.consume(park_again)
    result = await klik("replay", "--all")
    assert "replayed: 1" in result.output

    async def is_back() -> bool:
        return id_ in (await klik("list")).output

    await until(is_back, 10.0, "the message to be parked again")
    await queue.cancel(tag)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_in_the_middle_of_a_replay_loses_nothing(
    number: signal.Signals,
    env: dict[str, str],
    klik: Klik,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
    operators: Database,
) -> None:
    sent = {await park(publisher, submitted()) for _ in range(40)}
    command = [sys.executable, "-m", "klik", "parked", "replay", "--all", "--rate", "10"]
    running = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=PIPE,
        stderr=PIPE,
        # as a shell has what it starts in the background
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_IGN),
    )
    audit = operators.collection("parked_audit")
    try:

        async def some_are_done() -> bool:
            return await audit.count({"done_at": {"$exists": True}}) >= 5

        await until(some_are_done, 30.0, "five to be replayed")
    finally:
        running.send_signal(number)
        _, stderr = await asyncio.wait_for(running.communicate(), 30)
    said = stderr.decode()
    assert running.returncode == 130, said
    assert "then it was broken off; the rest is parked" in said
    assert "Traceback" not in said
    replayed, left = await ids_in(channel, MAIN), await ids_in(channel, PARKED)
    assert 5 <= len(replayed) < 40
    assert set(replayed) | set(left) == sent
    assert len(replayed) + len(left) == 40, "nor is any of them in both"
    done = await audit.find({"done_at": {"$exists": True}})
    assert {entry["message"] for entry in done} == set(replayed)


async def test_discard_keeps_what_it_was_and_why(
    klik: Klik, publisher: Publisher, channel: aio_pika.abc.AbstractChannel, operators: Database
) -> None:
    gone, stays = await park(publisher, submitted()), await park(publisher, assigned(), "x")
    done = await klik(
        "discard", "--id", gone, "--because", "duplikat dari uji coba", "--by", "siti"
    )
    assert (done.exit_code, done.output.strip()) == (0, "discarded: 1")
    assert await ids_in(channel, PARKED) == [stays]
    (entry,) = await operators.collection("parked_audit").find({})
    assert entry | {"at": 0, "_id": 0, "done_at": 0, "consultation": 0, "sha256": 0} == {
        "_id": 0,
        "at": 0,
        "done_at": 0,
        "action": "discard",
        "by": "siti",
        "because": "duplikat dari uji coba",
        "service": "routing",
        "message": gone,
        "type": "klikdesa.consultation.submitted.v1",
        "consultation": 0,
        "reason": "attempts_exhausted",
        "error": "RuntimeError at routing/domain.py:1",
        "sha256": 0,
    }
    assert re.fullmatch("[0-9a-f]{64}", entry["sha256"])
    listed = (await klik("audit")).output
    for word in ("siti", "discard done", gone, "duplikat dari uji coba", entry["sha256"][:12]):
        assert word in listed
    assert "Nothing was done" in (await klik("audit", "--action", "replay")).output
    assert gone in (await klik("audit", "--id", gone, "--service", "routing")).output


async def test_doubles_are_discarded_together(
    klik: Klik, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    event = submitted()
    for _ in range(3):
        await park(publisher, event)
    assert "discarded: 3" in (await klik("discard", "--all", "--because", "uji")).output
    assert await ids_in(channel, PARKED) == []


@pytest.mark.parametrize("command", [["replay"], ["discard", "--because", "x"]])
async def test_without_the_audit_nothing_is_done(
    env: dict[str, str],
    klik: Klik,
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
    command: list[str],
) -> None:
    id_ = await park(publisher, submitted())
    env["KLIK_MONGO_URL"] = "mongodb://127.0.0.1:1/?directConnection=true"
    result = await klik(*command, "--all")
    assert result.exit_code == 1
    assert "KLIK_MONGO_URL" in result.output
    assert ": 0, then it was broken off" in result.output
    assert await ids_in(channel, PARKED) == [id_]
    assert await ids_in(channel, MAIN) == []


async def test_a_queue_that_is_not_there_is_named_and_nothing_is_lost(
    backends: Backends, klik: Klik, publisher: Publisher, channel: aio_pika.abc.AbstractChannel
) -> None:
    id_ = await park(publisher, submitted())
    await channel.queue_delete(MAIN)
    result = await klik("replay", "--all")
    assert result.exit_code == 1
    assert f"There is no queue {MAIN}" in result.output
    assert await ids_in(channel, PARKED) == [id_]
    with pytest.raises(PublishFailed):
        await publisher.depth(MAIN)
    await declare_topology(backends.amqp_url)
