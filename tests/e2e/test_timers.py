"""Deadlines across crashes, on real processes whose clocks are shifted."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from klik.nodes import NodeUnavailable
from shared.messaging.envelope import events_in
from shared.times import WITA, utc_now
from tests.support.backends import unavailable
from tests.support.builders import a_post
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=WITA)
#: Until an officer has seen it: one working day.
DUE = datetime(2026, 11, 24, 16, 0, tzinfo=WITA)


async def start_routing_at(system: System, moment: datetime) -> None:
    """Start routing with a clock that shows `moment` now."""
    (process,) = system.services["routing"]
    process.env["KLIK_CLOCK_SHIFT"] = str((moment - utc_now()).total_seconds())
    process.start()
    await asyncio.to_thread(process.wait_ready)


def clock_of_routing(system: System) -> datetime:
    (process,) = system.services["routing"]
    return utc_now() + timedelta(seconds=float(process.env["KLIK_CLOCK_SHIFT"]))


async def test_a_deadline_during_a_crash_is_told_once_and_how_late(tmp_path: Path) -> None:
    try:
        await _tell_of_a_deadline_during_a_crash(tmp_path)
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def _tell_of_a_deadline_during_a_crash(folder: Path) -> None:
    async with running_system(folder) as system:
        (routing,) = system.services["routing"]
        told: list[dict[str, Any]] = []

        async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            for one in events_in(message):
                name = str(one.headers["cloudEvents_type"])
                if name in ("klikdesa.case.deadline_missed.v1", "klikdesa.case.escalated.v1"):
                    told.append({"name": name, **json.loads(one.body)})

        connection = await aio_pika.connect(system.rabbit.url)
        async with connection, await connection.channel() as channel:
            await (await system.spy(channel)).consume(note, no_ack=True)

            routing.stop()
            await start_routing_at(system, MONDAY)
            receipt = (await system.post(a_post())).json()

            async def assigned() -> bool:
                url = system.url("routing") + f"/v1/cases/{receipt['id']}"
                reply = await system.http.get(url, headers=system.bearer("dpmd"))
                return reply.status_code == 200 and reply.json()["state"] == "assigned"

            await until(assigned, 20, "the case is assigned")
            routing.stop()

            # one second before the deadline: a crash
            await start_routing_at(system, DUE - timedelta(seconds=20))
            assert clock_of_routing(system) < DUE - timedelta(seconds=1), "the start took too long"
            left = DUE - timedelta(seconds=1) - clock_of_routing(system)
            await asyncio.sleep(left.total_seconds())
            routing.kill()
            assert told == []

            # a minute after it: the restart
            await start_routing_at(system, DUE + timedelta(seconds=60))

            async def both() -> bool:
                return len(told) >= 2

            await until(both, 30, "the missed deadline and its escalation")
            routing.stop()
            await start_routing_at(system, DUE + timedelta(minutes=10))

            async def looked_twice() -> bool:
                return clock_of_routing(system) > DUE + timedelta(minutes=10, seconds=3)

            await until(looked_twice, 30, "routing has looked at its timers again")

    missed, escalated = told
    assert missed["name"] == "klikdesa.case.deadline_missed.v1"
    assert missed["consultation"] == escalated["consultation"] == receipt["id"]
    assert (missed["clock"], datetime.fromisoformat(missed["due"])) == ("acknowledge", DUE)
    # a minute, and what a start takes
    assert 60 <= missed["late_seconds"] < 90
    assert escalated["late_seconds"] == missed["late_seconds"]
