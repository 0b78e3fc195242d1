"""Personal data from outside: marks in every field that people fill in, looked for everywhere."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aio_pika
import pymongo
import pytest
from bson import encode

from klik.nodes import NodeUnavailable
from services.reporting.domain.query import GROUPS
from shared.messaging.envelope import events_in
from shared.times import new_id, utc_now
from tests.peers.smtp import SmtpPeer
from tests.support.backends import unavailable
from tests.support.builders import NOON, a_post
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

SOON = 60.0
#: No other text of the system looks like these, nor is a part of another.
FIELDS = ("title", "body", "name", "contact", "question", "reply", "note", "answer", "comment")
MARKS = {name: f"zq{name}{new_id().hex}" for name in FIELDS}
POST = a_post(
    title=f"Judul {MARKS['title']}",
    body=f"Isi {MARKS['body']}",
    requester={
        "role": "kepala_desa",
        "name": f"Bapak {MARKS['name']}",
        "contact": {"channel": "email", "address": f"{MARKS['contact']}@contoh.example"},
    },
)


async def test_nothing_people_wrote_is_found_when_everything_is_dumped(tmp_path: Path) -> None:
    try:
        async with SmtpPeer() as mailbox:
            env = {
                "KLIK_CLOCK_SHIFT": str(round((NOON - utc_now()).total_seconds())),
                "KLIK_SMTP_HOST": "127.0.0.1",
                "KLIK_SMTP_PORT": str(mailbox.port),
                "KLIK_SMTP_RATE": "1000",
                "KLIK_RECEIPT_WAIT": "1",
            }
            async with running_system(tmp_path, env) as system:
                await _write_and_erase(system, tmp_path, mailbox)
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def _write_and_erase(system: System, folder: Path, mailbox: SmtpPeer) -> None:
    told: list[str] = []
    connection = await aio_pika.connect(system.rabbit.url)
    async with connection, await connection.channel() as channel:

        async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            told.append(repr((message.headers, message.body)))
            told.extend(repr((one.headers, one.body)) for one in events_in(message))

        spy = await system.spy(channel)
        await spy.consume(note, no_ack=True)
        posted = await system.post(POST, key="k")
        assert posted.status_code == 202, posted.text
        accepted = posted.json()
        at = f"{system.url('intake')}/v1/consultations/{accepted['id']}"
        await system.wait_for_totals(1, SOON)
        desk = system.bearer("dpmd")
        requester = {"Authorization": f"Bearer {accepted['token']}"}
        for who, path, body in (
            (desk, "messages", {"kind": "note", "body": MARKS["note"]}),
            (desk, "messages", {"kind": "question", "body": MARKS["question"]}),
            (requester, "messages", {"kind": "reply", "body": MARKS["reply"]}),
            (desk, "messages", {"kind": "answer", "body": MARKS["answer"]}),
            (requester, "rating", {"rating": 5, "comment": MARKS["comment"]}),
            (requester, "close", None),
        ):
            done = await system.http.post(f"{at}/{path}", json=body, headers=who)
            assert done.status_code == 200, done.text
        whole = (await system.http.get(at, headers=system.bearer("dpmd"))).text
        assert [name for name, mark in MARKS.items() if mark not in whole] == []

        await until(lambda: _are_told(mailbox), SOON, "what the requester is told by mail")
        mailed = b"".join(one.content for one in mailbox.taken)
        seen = [name for name, mark in MARKS.items() if mark.encode() in mailed]
        assert seen == ["contact"], "of what was written a mail says nothing"

        reports = await _until_settled(system)
        _assert_nowhere(system, folder, told, accepted["ticket"])

        for _ in range(2):
            erased = await system.http.delete(f"{at}/personal-data", headers=system.bearer("dpmd"))
            assert erased.status_code == 204, erased.text

        async def is_told() -> bool:
            return "consultation.erased" in "".join(told)

        await until(is_told, SOON, "the event of it")
        await _assert_unreadable(system, accepted, at)
        assert await _until_settled(system) == reports, "published totals have changed"
        _assert_nowhere(system, folder, told, accepted["ticket"])


async def _are_told(mailbox: SmtpPeer) -> bool:
    """Of receipt or assignment, question, answer and closing."""
    address = POST["requester"]["contact"]["address"]
    return len([one for one in mailbox.taken if one.rcpt_tos == [address]]) >= 4


async def _until_settled(system: System) -> dict[str, Any]:
    """Every report, once nothing changes any more."""
    last: dict[str, Any] = {}

    async def same() -> bool:
        nonlocal last
        before, last = last, await _reports(system)
        await asyncio.sleep(0.5)
        closed = sum(row["closed"] for row in last["kecamatan"])
        return before == last and closed == 1

    await until(same, SOON, "reports that stay as they are")
    return last


async def _reports(system: System) -> dict[str, Any]:
    return {
        key: (await system.get("reporting", "/v1/reports/consultations", group_by=key))["rows"]
        for key in GROUPS
    }


def _assert_nowhere(system: System, folder: Path, told: list[str], ticket: str) -> None:
    """Not in a collection of any service, not in an event, not in a log."""
    with pymongo.MongoClient[dict[str, Any]](system.store.url) as client:
        dumped = {
            f"{database}.{name}": b"".join(encode(one) for one in client[database][name].find())
            for database in client.list_database_names()
            if database.startswith("klik_")
            for name in client[database].list_collection_names()
        }
    assert {"klik_intake.consultations", "klik_notify.alerts", "klik_routing.cases"} <= {*dumped}
    assert ticket.encode() in dumped["klik_intake.consultations"], "what is no secret is found"
    dumped |= {f"log {path.name}": path.read_bytes() for path in folder.glob("logs/*.log")}
    dumped["events"] = "".join(told).encode()
    assert len(told) > 5
    found = [
        (name, where)
        for name, mark in MARKS.items()
        for where, text in dumped.items()
        if mark.encode() in text
    ]
    assert found == []


async def _assert_unreadable(system: System, accepted: dict[str, Any], at: str) -> None:
    """By any role, on any route that showed it."""
    desk, frontend, admin = (system.bearer(role) for role in ("dpmd", "frontend", "admin"))
    intake, id_ = system.url("intake"), accepted["id"]
    pin = {"X-Pin": accepted["pin"]}
    again = {**frontend, "Idempotency-Key": "k"}
    requester = {"Authorization": f"Bearer {accepted['token']}"}
    http, answers = system.http, []
    for wanted, call in (
        (200, http.get(at, headers=desk)),
        (200, http.get(at, headers=requester)),
        (200, http.get(f"{at}/status", headers=frontend)),
        (200, http.get(f"{intake}/v1/consultations", headers=admin)),
        (404, http.get(f"{intake}/v1/track/{accepted['ticket']}", headers=pin)),
        (410, http.post(f"{intake}/v1/consultations", json=POST, headers=again)),
        (410, http.post(f"{at}/reopen", headers=desk)),
        (410, http.post(f"{at}/messages", json={"kind": "note", "body": "x"}, headers=desk)),
        (200, http.get(f"{system.url('routing')}/v1/cases/{id_}", headers=admin)),
        (200, http.get(f"{system.url('notify')}/v1/alerts", headers=admin)),
    ):
        reply = await call
        assert reply.status_code == wanted, reply.text
        answers.append(reply.text)
    shown = json.dumps(answers)
    assert [name for name, mark in MARKS.items() if mark in shown] == []
