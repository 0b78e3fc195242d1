"""Personal data from outside: marks in every field that people fill in, by every channel, looked
for everywhere: events, databases and their files, RabbitMQ's, logs, metrics, messages, webhooks,
exports and what is parked, before and after erasure."""

import asyncio
import io
import json
import secrets
import zipfile
from pathlib import Path
from typing import Any

import aio_pika
import pyarrow.parquet as pq
import pymongo
import pytest
from aio_pika.abc import AbstractMessage
from bson import encode

from klik.nodes import NodeUnavailable
from services.reporting.domain.query import GROUPS
from shared.messaging.envelope import events_in
from shared.messaging.topology import SERVICES, main_queue
from shared.times import new_id, utc_now
from tests.peers.sink import Sink
from tests.peers.smtp import SmtpPeer
from tests.peers.webhook import WebhookPeer
from tests.support.backends import unavailable
from tests.support.builders import NOON, a_post
from tests.support.system import System, files_holding, running_system, until

pytestmark = pytest.mark.integration

SOON = 60.0
#: No other text of the system looks like these, nor is a part of another.
FIELDS = ("title", "body", "name", "contact", "question", "reply", "note", "answer", "comment")
MARKS = {name: f"zq{name}{new_id().hex}" for name in FIELDS}
#: Of who is reached otherwise, as a channel's provider is given it.
NUMBER, CHAT = (f"81{secrets.randbelow(10**9):09}", f"9{secrets.randbelow(10**9):09}")
MARKS |= {"number": NUMBER, "chat": CHAT}
POST = a_post(
    title=f"Judul {MARKS['title']}",
    body=f"Isi {MARKS['body']}",
    requester={
        "role": "kepala_desa",
        "name": f"Bapak {MARKS['name']}",
        "contact": {"channel": "email", "address": f"{MARKS['contact']}@contoh.example"},
    },
)
OTHERS = [
    POST | {"requester": {"role": "bpd", "contact": {"channel": channel, "address": address}}}
    for channel, address in (
        ("whatsapp", f"+62{NUMBER}"),
        ("telegram", CHAT),
        ("phone", f"0{NUMBER}"),
    )
]
#: Each figure that goes out as a file.
EXPORTS = (
    "/v1/reports/consultations.csv",
    "/v1/reports/consultations.xlsx",
    "/v1/reports/consultations.parquet",
    "/v1/reports/members.csv?of=submitted",
    "/v1/reports/members.xlsx?of=submitted",
)


async def test_nothing_people_wrote_is_found_when_everything_is_dumped(tmp_path: Path) -> None:
    try:
        async with Sink() as sink, WebhookPeer() as subscriber:
            channels = sink.settings()
            del channels["KLIK_INTAKE_URL"]  # the real one knows who asked
            env = channels | {
                "KLIK_CLOCK_SHIFT": str(round((NOON - utc_now()).total_seconds())),
                "KLIK_RECEIPT_WAIT": "1",
                "KLIK_RETRY_SCALE": "0.1",
                "KLIK_WEBHOOK_ALLOW": "127.0.0.0/8",
            }
            async with running_system(tmp_path, env) as system:
                await _write_and_erase(system, tmp_path, sink, subscriber)
    except NodeUnavailable as missing:
        unavailable(str(missing))
    # all has ended, and what there was to write is in its files
    assert [name for name, mark in MARKS.items() if files_holding(tmp_path, mark.encode())] == []


async def _write_and_erase(
    system: System, folder: Path, sink: Sink, subscriber: WebhookPeer
) -> None:
    told, heard = list[str](), list[AbstractMessage]()
    mailbox = sink.mail
    mailbox.fail("busy", share=0.5)
    sink.whatsapp.numbers.add(f"+62{NUMBER}")
    sink.telegram.chats[CHAT] = "open"
    hook = {"url": subscriber.at("127.0.0.1")}
    url = f"{system.url('notify')}/v1/webhooks"
    made = await system.http.post(url, json=hook, headers=system.bearer("frontend"))
    assert made.status_code == 201, made.text
    connection = await aio_pika.connect(system.rabbit.url)
    async with connection, await connection.channel() as channel:

        async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            told.append(repr((message.headers, message.body)))
            heard.extend(events_in(message))
            told.extend(repr((one.headers, one.body)) for one in events_in(message))

        spy = await system.spy(channel)
        await spy.consume(note, no_ack=True)
        posted = await system.post(POST, key="k")
        assert posted.status_code == 202, posted.text
        accepted = posted.json()
        at = f"{system.url('intake')}/v1/consultations/{accepted['id']}"
        others = [await system.post(one) for one in OTHERS]
        ids = [accepted["id"], *(one.json()["id"] for one in others)]
        await system.wait_for_totals(len(ids), SOON)
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
        assert [name for name in FIELDS if MARKS[name] not in whole] == []

        await until(lambda: _are_told(mailbox), SOON, "what the requester is told by mail")

        async def are_told_too() -> bool:
            return bool(sink.whatsapp.taken and sink.telegram.taken)

        await until(are_told_too, SOON, "what the others are told by their messengers")
        await _park(heard[0], channel)
        mailed = b"".join(one.content for one in mailbox.taken)
        seen = [name for name, mark in MARKS.items() if mark.encode() in mailed]
        assert seen == ["contact"], "of what was written a mail says nothing"

        reports = await _until_settled(system)
        shown = await _shown(system, sink, subscriber)
        _assert_nowhere(system, folder, told, accepted["ticket"], shown)

        for id_ in (*ids, accepted["id"]):
            gone = f"{system.url('intake')}/v1/consultations/{id_}/personal-data"
            erased = await system.http.delete(gone, headers=system.bearer("dpmd"))
            assert erased.status_code == 204, erased.text

        async def is_told() -> bool:
            return "".join(told).count("klikdesa.consultation.erased.v1") >= len(ids)

        await until(is_told, SOON, "the event of it")
        await _assert_unreadable(system, accepted, at)
        assert await _until_settled(system) == reports, "published totals have changed"
        shown = await _shown(system, sink, subscriber)
        _assert_nowhere(system, folder, told, accepted["ticket"], shown)


async def _park(event: AbstractMessage, channel: aio_pika.abc.AbstractChannel) -> None:
    """An event of ours comes to every service without its signature: it is parked as forged."""
    signs = {name: value for name, value in event.headers.items() if name.startswith("cloudEvents")}
    for service in SERVICES:
        again = aio_pika.Message(event.body, headers=signs, content_type="application/json")
        await channel.default_exchange.publish(again, main_queue(service))


async def _shown(system: System, sink: Sink, subscriber: WebhookPeer) -> dict[str, str]:
    """What leaves the system otherwise, by where: without the address that a message goes to."""
    shown = {}
    for service in SERVICES:
        shown[f"metrics of {service}"] = (
            await system.http.get(f"{system.url(service)}/metrics")
        ).text
    for path in EXPORTS:
        url, desk = system.url("reporting") + path, system.bearer("admin")
        reply = await system.http.get(url, headers=desk)
        assert reply.status_code == 200, reply.text
        shown[path] = _text_of(path.partition("?")[0], reply.content)

    async def is_parked() -> bool:
        _, shown["parked"] = await system.klik("parked", "list")
        return shown["parked"].count("forged") >= len(SERVICES)

    await until(is_parked, SOON, "what was forged to be parked")
    for command in ("audit verify", "audit what --key local-dpmd --from 2020-01-01 --json"):
        code, shown[command] = await system.klik(*command.split())
        assert code == 0, shown[command]
    assert len(subscriber.taken) > len(OTHERS)
    shown["webhooks"] = json.dumps(subscriber.taken)
    shown["whatsapp"] = repr(sink.whatsapp.taken).replace(NUMBER, "")
    shown["telegram"] = repr(sink.telegram.taken).replace(CHAT, "")
    return shown


def _text_of(path: str, content: bytes) -> str:
    """Of a file that is packed, what is in it."""
    if path.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "".join(packed.read(name).decode() for name in packed.namelist())
    if path.endswith(".parquet"):
        return repr(pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode()


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


def _assert_nowhere(
    system: System, folder: Path, told: list[str], ticket: str, shown: dict[str, str]
) -> None:
    """Not in a collection of any service, not in an event, not in a file of anything that runs."""
    with pymongo.MongoClient[dict[str, Any]](system.store.url) as client:
        dumped = {
            f"{database}.{name}": b"".join(encode(one) for one in client[database][name].find())
            for database in client.list_database_names()
            if database.startswith("klik_")
            for name in client[database].list_collection_names()
        }
    assert {"klik_intake.consultations", "klik_notify.alerts", "klik_routing.cases"} <= {*dumped}
    assert ticket.encode() in dumped["klik_intake.consultations"], "what is no secret is found"
    dumped |= {name: text.encode() for name, text in shown.items()}
    assert files_holding(folder / "store", ticket.encode()), "what is no secret is in its files"
    dumped["events"] = "".join(told).encode()
    assert len(told) > 5
    found = [
        (name, where)
        for name, mark in MARKS.items()
        for where, text in dumped.items()
        if mark.encode() in text
    ]
    assert found == []
    assert [name for name, mark in MARKS.items() if files_holding(folder, mark.encode())] == []


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
