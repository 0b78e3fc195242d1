"""`klik reporting resend`: what a lost queue took with it is told again, out of the log."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import aio_pika
import pytest
from typer.testing import CliRunner, Result

from klik.__main__ import app
from services.reporting.events.log import EventLog, open_log
from shared.events import Event
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Database
from shared.times import WITA
from tests.support.backends import Backends
from tests.support.builders import assigned, submitted
from tests.support.fakes import Clock
from tests.support.messaging import ids_in

pytestmark = pytest.mark.integration

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=WITA)


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    return env | {"KLIK_KEYRING": "[]", "KLIK_INTAKE_KEY": "-", "KLIK_STREAM_KEY": "-" * 24}


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
async def log(
    backends: Backends, env: dict[str, str], clock: Clock
) -> AsyncGenerator[EventLog, None]:
    database = Database(backends.mongo_url, f"{env['KLIK_MONGO_PREFIX']}_reporting")
    log = open_log(database, clock)
    await log.prepare()
    yield log
    await database.drop()
    await database.close()


async def resend(env: dict[str, str], *options: str) -> Result:
    arguments = ["reporting", "resend", *options]
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=env)


async def test_a_service_is_told_once_more_what_it_listens_to(
    log: EventLog,
    clock: Clock,
    env: dict[str, str],
    publisher: Publisher,
    channel: aio_pika.abc.AbstractChannel,
) -> None:
    within, twice, other = submitted(), submitted(), assigned()
    moments: dict[int, list[Event]] = {
        0: [submitted()],
        60: [within, twice, other],
        90: [twice],
        180: [submitted()],
    }
    for minutes, events in moments.items():
        clock.now = NOON + timedelta(minutes=minutes)
        await asyncio.gather(*(log.append(event) for event in events))
    window = ["--since", "2026-11-24T12:30", "--until", "2026-11-24T14:00"]
    result = await resend(env, "--to", "routing", *window)
    assert (result.exit_code, result.output.strip()) == (0, "sent to routing: 2")

    main = await channel.get_queue(topology.main_queue("routing"))
    first = await main.get(timeout=5)
    assert json.loads(first.body)["id"] == first.message_id
    assert first.headers["cloudEvents_source"] == "klikdesa/intake"
    assert first.headers["cloudEvents_type"] == submitted().type()
    rest = await ids_in(channel, topology.main_queue("routing"))
    assert {str(first.message_id), *rest} == {str(within.id), str(twice.id)}
    assert len(rest) == 1
    for service in ("intake", "notify", "reporting"):
        assert await ids_in(channel, topology.main_queue(service)) == [], "the others heard it"

    await resend(env, "--to", "intake", "--since", "2026-11-24")
    assert await ids_in(channel, topology.main_queue("intake")) == [str(other.id)]


async def test_without_rabbitmq_it_says_how_far_it_came(log: EventLog, env: dict[str, str]) -> None:
    await log.append(submitted())
    env["KLIK_AMQP_URL"] = "amqp://127.0.0.1:1/"
    result = await resend(env, "--to", "routing", "--since", "2026-11-24")
    assert result.exit_code == 1
    assert "broken off" in result.output
    assert "sent to routing: 0" in result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--to", "reporting", "--since", "2026-11-24"], "intake, routing, notify"),
        (["--to", "gateway", "--since", "2026-11-24"], "intake, routing, notify"),
        (["--to", "routing"], "--since"),
        (["--to", "routing", "--since", "yesterday"], "--since"),
        (["--to", "routing", "--since", "2026-11-24", "--until", "2026-11-23"], "--since"),
        (["--to", "routing", "--since", "2026-11-24", "--rate", "0"], "--rate"),
    ],
)
async def test_what_cannot_be_is_refused(
    env: dict[str, str], options: list[str], said: str
) -> None:
    result = await resend(env, *options)
    assert result.exit_code == 2
    assert said in result.output
