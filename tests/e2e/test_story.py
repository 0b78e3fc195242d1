"""The life of a consultation as one story, with a clock that the test moves.

intake and routing run here, in one process, on a private RabbitMQ and store: everything is real but
the time.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
from pydantic import SecretStr

from klik.local.secrets import make_secrets, read_keys
from klik.nodes import NodeUnavailable, Rabbit, Store
from services.intake import main as intake
from services.intake.settings import IntakeSettings
from services.routing import main as routing
from services.routing.settings import RoutingSettings
from shared.messaging import topology
from shared.messaging.envelope import events_in
from shared.service import Service
from shared.times import WITA
from tests.support.backends import unavailable
from tests.support.fakes import Clock
from tests.support.system import until

pytestmark = pytest.mark.integration

#: Seconds for a message to be handled everywhere; a timer rings within half a second.
SOON = 20.0


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=WITA)


@dataclass
class Story:
    """What the characters do, and what can be seen of it."""

    clock: Clock
    keys: dict[str, str]
    intake: httpx.AsyncClient
    routing: httpx.AsyncClient
    events: list[dict[str, Any]] = field(default_factory=list)
    id: str = ""

    async def do(self, who: str, move: str, body: Any = None) -> dict[str, Any]:
        reply = await self.intake.post(
            f"/v1/consultations/{self.id}/{move}", json=body, headers=self.as_role(who)
        )
        assert reply.status_code == 200, reply.text
        # events of one moment have no order; people need a second between two moves as well
        self.clock.now += timedelta(seconds=1)
        return dict(reply.json())

    async def say(self, who: str, kind: str) -> dict[str, Any]:
        return await self.do(who, "messages", {"kind": kind, "body": "…"})

    async def consultation(self, who: str = "officer") -> dict[str, Any]:
        reply = await self.intake.get(f"/v1/consultations/{self.id}", headers=self.as_role(who))
        return dict(reply.json())

    async def case(self) -> dict[str, Any]:
        reply = await self.routing.get(f"/v1/cases/{self.id}", headers=self.as_role("officer"))
        return dict(reply.json()) if reply.status_code == 200 else {}

    async def clocks(self) -> dict[str, tuple[str, str | None]]:
        case = await self.case()
        return {one["name"]: (one["state"], one["due"]) for one in case["clocks"]}

    def told(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["name"] == name]

    async def see(self, name: str, times: int = 1) -> dict[str, Any]:
        """The latest event of that name, once there are `times` of them."""

        async def there() -> bool:
            return len(self.told(name)) >= times

        await until(there, SOON, f"{times} {name} among {[one['name'] for one in self.events]}")
        return self.told(name)[-1]

    async def timeline(self, *last: str) -> None:
        """The timeline ends with `last`, in that order."""
        seen: list[str] = []

        async def so() -> bool:
            seen[:] = [entry["what"] for entry in (await self.consultation())["timeline"]]
            return tuple(seen[-len(last) :]) == last

        try:
            await until(so, SOON, f"a timeline that ends with {last}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {seen}") from None

    async def heard(self, what: str, value: Any) -> None:
        """routing's case says so: what intake told has arrived."""

        async def so() -> bool:
            return bool((await self.case()).get(what) == value)

        await until(so, SOON, f"a case whose {what} is {value}")

    def as_role(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


@pytest.fixture(params=["motor", "pymongo"])
async def story(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Story]:
    make_secrets(tmp_path / "secrets", passwords=False)
    try:
        rabbit, store = Rabbit(tmp_path / "rabbitmq"), Store(tmp_path / "store")
    except NodeUnavailable as missing:
        unavailable(str(missing))
    clock = Clock(at("2026-11-24", "09:00"))
    secrets = {
        name: SecretStr((tmp_path / "secrets" / f"klik_{name}").read_text())
        for name in ("keyring", "master_keys", "event_keys", "roster_key")
    }
    async with AsyncExitStack() as stack:
        stack.enter_context(rabbit)
        stack.enter_context(store)
        common: dict[str, Any] = {
            "amqp_url": SecretStr(rabbit.url), "mongo_url": SecretStr(store.url),
            "mongo_driver": request.param, **secrets,
        }  # fmt: skip
        taking_in = intake.create_service(IntakeSettings(**common), clock)
        giving_out = routing.create_service(RoutingSettings(**common), clock)
        told = Story(
            clock,
            read_keys(tmp_path / "secrets"),
            await stack.enter_async_context(running(taking_in)),
            await stack.enter_async_context(running(giving_out)),
        )
        connection = await stack.enter_async_context(await aio_pika.connect(rabbit.url))
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True, durable=False)
        await queue.bind(topology.EXCHANGE, "#")

        async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            for one in events_in(message):
                name = str(one.headers["cloudEvents_type"]).removeprefix("klikdesa.")
                told.events.append({"name": name.removesuffix(".v1"), **json.loads(one.body)})

        await queue.consume(note, no_ack=True)
        yield told


class running:
    """A service in this process, and a client for it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> httpx.AsyncClient:
        app = self._service.app
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app)
        client = await self._stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://here")
        )

        async def ready() -> bool:
            return bool((await client.get("/readyz")).json()["status"] == "ready")

        await until(ready, 60.0, f"{self._service.name} is ready")
        return client

    async def __aexit__(self, *error: Any) -> None:
        await self._stack.aclose()


async def test_from_an_offline_post_to_a_rating(story: Story) -> None:
    clock = story.clock

    # Tuesday, 9:00: a post written without signal, an hour ago, in Tenggarong.
    post = await story.intake.post(
        "/v1/consultations",
        json={
            "title": "Perubahan APBDes", "body": "…", "topic": "KEU-APBDES",
            "desa_code": "64.02.06.2012", "requester": {"role": "kepala_desa"},
            "submitted_at": "2026-11-24T08:00:00+08:00",
        },
        headers=story.as_role("frontend"),
    )  # fmt: skip
    assert post.status_code == 202
    story.id = post.json()["id"]
    story.keys = {**story.keys, "requester": post.json()["token"]}
    submitted = await story.see("consultation.submitted")
    assert submitted["submitted_at"] == "2026-11-24T08:00:00+08:00"
    assigned = await story.see("case.assigned")
    await story.timeline("consultation.submitted", "case.assigned")
    assert (await story.consultation())["status"] == "assigned"
    assert (await story.case())["decisions"][0]["reason"]["rule"] == "territory"
    assert datetime.fromisoformat(assigned["answer_due"]) == at("2026-12-01", "16:00")

    # The officer has seen it.
    clock.now = at("2026-11-24", "10:00")
    await story.do("officer", "acknowledge")
    await story.see("consultation.acknowledged")

    # Friday, 10:00: a question. The clock stands still over the weekend.
    clock.now = at("2026-11-27", "10:00")
    await story.say("officer", "question")
    await story.heard("turn", "requester")
    assert (await story.consultation())["status"] == "waiting_requester"
    assert (await story.clocks())["acknowledge"] == ("done", "2026-11-25T16:00:00+08:00")
    assert (await story.clocks())["answer"] == ("paused", None)

    # Monday, 9:00: the reply. Six and a half hours of office time stood still: five on Friday.
    clock.now = at("2026-11-30", "09:00")
    await story.say("requester", "reply")
    await story.heard("turn", "satgas")
    assert (await story.consultation())["status"] == "acknowledged"
    state, due = (await story.clocks())["answer"]
    assert state == "running"
    assert due is not None
    assert abs(datetime.fromisoformat(due) - at("2026-12-02", "15:00")) < timedelta(seconds=2)

    # Tuesday: three quarters of the time are over, which is 43 hours and a half in the office.
    clock.now = at("2026-12-01", "10:37") + timedelta(seconds=32)
    reminder = await story.see("case.reminder_due")
    assert (reminder["clock"], reminder["officer"]) == ("answer", assigned["officer"])

    # Wednesday, 15:00: the deadline passes; the coordinator is told.
    clock.now = at("2026-12-02", "15:00") + timedelta(seconds=2)
    missed = await story.see("case.deadline_missed")
    escalated = await story.see("case.escalated")
    assert (missed["clock"], missed["late_seconds"] < 5) == ("answer", True)
    assert (escalated["from_level"], escalated["to_level"]) == ("officer", "coordinator")
    assert escalated["reason"] == "overdue"
    assert (await story.clocks())["answer"][0] == "overdue"
    clock.now += timedelta(seconds=60)

    # An hour later: the answer, late.
    clock.now = at("2026-12-02", "16:00")
    await story.say("officer", "answer")
    await story.heard("turn", "requester")
    assert (await story.consultation())["status"] == "answered"
    assert (await story.clocks())["answer"][0] == "done_late"

    # Thursday: closed. Friday: reopened, to the same officer, with new clocks.
    clock.now = at("2026-12-03", "09:00")
    await story.do("requester", "close")
    await story.heard("state", "over")
    clock.now = at("2026-12-04", "09:00")
    await story.do("requester", "reopen")
    await story.heard("reopened", 1)
    case = await story.case()
    assert (case["state"], case["officer"]) == ("assigned", assigned["officer"])
    assert case["attention"] == "officer"
    assert (await story.clocks())["answer"] == ("running", "2026-12-11T16:30:00+08:00")
    assert (await story.consultation())["status"] == "assigned"

    # An answer, and ten working days of silence: it closes by itself.
    clock.now = at("2026-12-04", "11:00")
    await story.say("officer", "answer")
    await story.heard("turn", "requester")
    clock.now = at("2026-12-18", "16:29")
    await asyncio.sleep(2 * 0.5)  # two looks of the scheduler, in which nothing may happen
    assert story.told("case.silence_elapsed") == []
    clock.now = at("2026-12-18", "16:30")
    await story.see("case.silence_elapsed")
    closed = await story.see("consultation.closed", times=2)
    assert closed["actor_role"] == "system"
    assert (await story.consultation())["status"] == "closed"

    # Rated.
    clock.now = at("2026-12-19", "08:00")
    await story.do("requester", "rating", {"rating": 4})
    await story.see("consultation.rated")
    whole = await story.consultation()
    assert (whole["rating"], whole["possible"]) == (4, ["note", "reopen"])

    await story.timeline(
        "consultation.submitted",
        "case.assigned",
        "consultation.acknowledged",
        "consultation.question_asked",
        "consultation.reply_received",
        "case.reminder_due",
        "case.deadline_missed",
        "case.escalated",
        "consultation.answered",
        "consultation.closed",
        "consultation.reopened",
        "case.assigned",
        "consultation.answered",
        "case.silence_elapsed",
        "consultation.closed",
        "consultation.rated",
    )
    for name in ("case.reminder_due", "case.deadline_missed", "case.escalated"):
        assert len(story.told(name)) == 1, name
    requester = await story.consultation("requester")
    shown = {entry["what"] for entry in requester["timeline"]}
    assert not shown & {"case.reminder_due", "case.deadline_missed"}
    assert assigned["officer"] not in json.dumps(requester)
