"""The promises of the whole system, on real processes that are stopped and killed."""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
import httpx
import pytest

from klik.local.demo import samples
from klik.local.processes import HIGH_LIMITS
from klik.nodes import NodeUnavailable
from klik.parked.lot import ParkingLot
from klik.secret_files import key_file
from shared.events import ConsultationSubmitted
from shared.messaging import topology
from shared.messaging.envelope import events_in
from shared.messaging.reliability import ERROR, REASON
from shared.times import utc_now
from shared.web.permissions import Role
from tests.support.backends import unavailable
from tests.support.builders import TENGGARONG, a_post, submitted
from tests.support.garbage import garbage, reasons
from tests.support.keys import signed
from tests.support.system import TOTALS_POLL, System, running_system, until

pytestmark = pytest.mark.integration

#: Seconds for everything accepted to be routed, alerted and counted when nothing is broken.
SETTLE = 30.0
#: Connections of one front-end, and seconds for which intake stalls: longer than uvicorn keeps a
#: connection where nobody says otherwise.
CONNECTIONS = 200
STALL = 7.0


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[System, None]:
    try:
        async with running_system(tmp_path_factory.mktemp("system"), HIGH_LIMITS) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def accepted(system: System) -> int:
    return (await system.totals())["accepted"]


async def post_many(system: System, number: int) -> list[httpx.Response]:
    slots = asyncio.Semaphore(50)

    async def one(n: int) -> httpx.Response:
        async with slots:
            return await system.post(a_post(title=f"Pertanyaan {n}"), key=uuid.uuid4().hex)

    return list(await asyncio.gather(*(one(n) for n in range(number))))


async def test_every_sample_is_assigned_alerted_and_counted(system: System) -> None:
    before = await accepted(system)
    replies = await asyncio.gather(*(system.post(body) for body in samples()))
    assert {reply.status_code for reply in replies} == {202}
    await system.wait_for_totals(before + len(samples()), SETTLE)


async def test_the_requester_follows_it_by_ticket_and_pin(system: System) -> None:
    receipt = (await system.post(a_post())).json()

    async def is_assigned() -> bool:
        reply = await system.http.get(
            system.url("intake") + receipt["links"]["track"], headers={"X-Pin": receipt["pin"]}
        )
        return bool(reply.json()["status"] == "assigned")

    await until(is_assigned, SETTLE, "the tracked consultation to be assigned")
    wrong = f"{(int(receipt['pin']) + 1) % 10**6:06d}"
    track = system.url("intake") + receipt["links"]["track"]
    guesses = [await system.http.get(track, headers={"X-Pin": wrong}) for _ in range(6)]
    right = await system.http.get(track, headers={"X-Pin": receipt["pin"]})
    unknown = system.url("intake") + "/v1/track/KD-0000-0000"
    guesses += [right, await system.http.get(unknown, headers={"X-Pin": wrong})]
    assert {reply.status_code for reply in guesses} == {404}
    assert len({reply.json()["detail"] for reply in guesses}) == 1

    case = await system.get("routing", f"/v1/cases/{receipt['id']}", "dpmd")
    assert case["satgas"] == TENGGARONG.kecamatan
    assert case["reason"]["rule"] == "territory"
    assert case["officer"] in case["reason"]["candidates"]


async def test_a_question_is_answered_and_every_step_is_counted(system: System) -> None:
    """From an offline post to a rating, as front-end, officer and consumer see it."""
    before = {row: await figure(system, row) for row in ("answered", "closed", "ratings")}
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
    here = TENGGARONG.desa  # the officer's own kecamatan
    receipt = (await system.post(a_post(submitted_at=an_hour_ago, desa_code=here))).json()
    url = f"{system.url('intake')}/v1/consultations/{receipt['id']}"

    token = {"Authorization": f"Bearer {receipt['token']}"}

    async def move(path: str, who: str, body: Any = None, **headers: str) -> httpx.Response:
        own = token if who == "requester" else system.bearer(who)
        return await system.http.post(f"{url}/{path}", json=body, headers=own | headers)

    async def is_assigned() -> bool:
        reply = await system.http.get(url, headers=system.bearer("officer"))
        return bool(reply.json()["status"] == "assigned")

    await until(is_assigned, SETTLE, "the consultation to be assigned")
    too_early = await move("close", "officer")
    assert (too_early.status_code, too_early.json()["type"]) == (
        409,
        "urn:klikdesa:problem:forbidden_move",
    )
    assert "acknowledge" in too_early.json()["detail"]
    for who in ("frontend", "requester"):
        assert (await move("acknowledge", who)).status_code == 403
    for who in ("frontend", "admin"):
        assert (await move("withdraw", who)).status_code == 403
    stands = await system.get("intake", f"/v1/consultations/{receipt['id']}/status", "frontend")
    assert stands["status"] == "assigned"

    seen = await move("acknowledge", "officer")
    assert seen.json()["status"] == "acknowledged"
    version = {"If-Match": seen.headers["ETag"]}
    asked = await move("messages", "officer", {"kind": "question", "body": "Tahun?"}, **version)
    assert asked.json()["status"] == "waiting_requester"
    late = await move("messages", "officer", {"kind": "answer", "body": "Buta"}, **version)
    assert late.status_code == 412

    replied = await move("messages", "requester", {"kind": "reply", "body": "2026"})
    assert replied.json()["possible"] == ["reply", "withdraw"]
    once = {"Idempotency-Key": uuid.uuid4().hex}
    for _ in range(3):
        answered = await move("messages", "officer", {"kind": "answer", "body": "Ya"}, **once)
        assert answered.status_code == 200
    assert [m["kind"] for m in answered.json()["messages"]] == ["question", "reply", "answer"]
    assert (await move("close", "requester")).json()["status"] == "closed"
    assert (await move("rating", "requester", {"rating": 5})).json()["rating"] == 5

    followed = await system.http.get(
        system.url("intake") + receipt["links"]["track"], headers={"X-Pin": receipt["pin"]}
    )
    assert [m["body"] for m in followed.json()["messages"]] == ["Tahun?", "2026", "Ya"]
    whole = await system.get("intake", f"/v1/consultations/{receipt['id']}", "officer")
    assert [entry["what"] for entry in whole["timeline"]] == [
        "consultation.submitted",
        "case.assigned",
        "consultation.acknowledged",
        "consultation.question_asked",
        "consultation.reply_received",
        "consultation.answered",
        "consultation.closed",
        "consultation.rated",
    ]
    inbox = await system.get("intake", "/v1/consultations", "officer", status="closed")
    assert receipt["id"] in [item["id"] for item in inbox["items"]]

    async def all_counted() -> bool:
        now = {row: await figure(system, row) for row in before}
        return now == {row: number + 1 for row, number in before.items()}

    await until(all_counted, SETTLE, "answered, closed and rated to be counted")


async def figure(system: System, count: str) -> int:
    report = await system.get("reporting", "/v1/reports/consultations", group_by="topic")
    return sum(row[count] for row in report["rows"])


async def test_a_thousand_identical_posts_are_one_consultation(system: System) -> None:
    before = await accepted(system)
    key = uuid.uuid4().hex
    connection = await aio_pika.connect(system.rabbit.url)
    async with connection:
        spy = await system.spy(await connection.channel())
        slots = asyncio.Semaphore(200)

        async def one() -> httpx.Response:
            async with slots:
                return await system.post(a_post(title="Sekali saja"), key=key)

        replies = await asyncio.gather(*(one() for _ in range(1000)))
        assert {reply.status_code for reply in replies} == {202}
        assert len({reply.text for reply in replies}) == 1
        await system.wait_for_totals(before + 1, SETTLE)
        types: list[Any] = []
        while (message := await spy.get(fail=False, no_ack=True)) is not None:
            types.extend(one.headers["cloudEvents_type"] for one in events_in(message))
        assert types.count(ConsultationSubmitted.type()) == 1

    other = await system.post(a_post(title="Lain"), key=key)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:klikdesa:problem:key_reused"


async def test_posts_on_open_connections_are_answered_when_intake_stalled_for_seconds(
    system: System,
) -> None:
    """As on a machine that has no processor left. Each on a connection that was used before."""
    before = await accepted(system)
    (intake,) = system.services["intake"]
    kept = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(timeout=60.0, limits=kept) as http:
        url, bearer = f"{intake.url}/v1/consultations", system.bearer("frontend")

        async def posts() -> set[int]:
            sent = (http.post(url, json=a_post(), headers=bearer) for _ in range(CONNECTIONS))
            return {reply.status_code for reply in await asyncio.gather(*sent)}

        assert await posts() == {202}
        intake.freeze()
        try:
            sent = asyncio.create_task(posts())
            await asyncio.sleep(STALL)
        finally:
            intake.thaw()
        assert await sent == {202}
    await system.wait_for_totals(before + 2 * CONNECTIONS, SETTLE)


async def test_a_batch_keeps_its_good_items(system: System) -> None:
    before = await accepted(system)
    reply = await system.http.post(
        system.url("intake") + "/v1/consultations:batch",
        json={
            "items": [a_post(), a_post(topic="TIDAK-ADA"), "bukan", a_post(idempotency_key="b1")]
        },
        headers=system.bearer("frontend"),
    )
    assert reply.status_code == 207
    results = reply.json()["results"]
    assert [result["status"] for result in results] == [202, 422, 422, 202]
    assert results[1]["errors"][0]["pointer"] == "/items/1/topic"
    assert results[2]["errors"][0]["pointer"] == "/items/2"
    await system.wait_for_totals(before + 2, SETTLE)


async def test_intake_accepts_while_rabbitmq_is_down_and_all_arrives_afterwards(
    system: System,
) -> None:
    before = await accepted(system)
    await asyncio.to_thread(system.rabbit.stop)
    replies = await post_many(system, 100)
    assert {reply.status_code for reply in replies} == {202}
    ready = await system.http.get(system.url("intake") + "/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")

    await asyncio.to_thread(system.rabbit.start)

    async def all_counted() -> bool:
        return (await system.totals())["counted"] == before + 100

    await until(all_counted, 10.0, "all counted", poll=TOTALS_POLL)
    await system.wait_for_totals(before + 100, SETTLE)


async def test_without_the_store_intake_says_503_and_recovers_by_itself(system: System) -> None:
    before = await accepted(system)
    pids = [process.pid for process in system.processes()]
    await asyncio.to_thread(system.store.kill)
    reply = await system.post(a_post(), key="selama-mati")
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.headers["Content-Type"] == "application/problem+json"

    await asyncio.to_thread(system.store.start)

    async def accepts() -> bool:
        return (await system.post(a_post(), key="selama-mati")).status_code == 202

    await until(accepts, 15.0, "intake to accept again")
    await system.wait_for_totals(before + 1, SETTLE)
    assert [process.pid for process in system.processes()] == pids


async def test_messages_wait_for_a_store_that_is_away(system: System) -> None:
    """What consumers hold when the store goes is not parked and not delayed by the retry ladder."""
    before = await accepted(system)
    replies = await post_many(system, 100)
    await asyncio.to_thread(system.store.kill)
    await asyncio.sleep(3)  # an outage has a length
    await asyncio.to_thread(system.store.start)
    kept = sum(reply.status_code == 202 for reply in replies)
    await system.wait_for_totals(before + kept, within=20.0)
    async with ParkingLot.open(system.rabbit.url) as lot:
        assert await lot.look(lambda _: True) == []


@pytest.mark.parametrize("victim", topology.SERVICES)
async def test_killing_a_service_while_consultations_flow_loses_and_doubles_nothing(
    system: System, victim: str
) -> None:
    before = await accepted(system)
    process = system.services[victim][0]
    keys = [uuid.uuid4().hex for _ in range(500)]
    slots = asyncio.Semaphore(20)

    async def post_until_accepted(number: int) -> None:
        async with slots:

            async def is_accepted() -> bool:
                body = a_post(title=f"Pertanyaan {number}")
                return (await system.post(body, key=keys[number])).status_code == 202

            await until(is_accepted, 60.0, f"post {number} to be accepted")

    async def kill_twice() -> None:
        for _ in range(2):
            await asyncio.sleep(0.7)  # in the middle of the flow
            await asyncio.to_thread(process.kill)
            process.start()

    await asyncio.gather(kill_twice(), *(post_until_accepted(n) for n in range(500)))
    await asyncio.to_thread(process.wait_ready)
    # an alert whose sender died stays claimed until its claim runs out
    await system.wait_for_totals(before + 500, within=150.0)


@pytest.mark.parametrize("service", topology.SERVICES)
async def test_garbage_is_parked_once_with_its_reason_and_neighbours_pass(
    system: System, service: str
) -> None:
    before = await accepted(system)
    sent = garbage(service, system.signing)
    connection = await aio_pika.connect(system.rabbit.url)
    async with connection:
        channel = await connection.channel()
        for message in sent.values():
            await channel.default_exchange.publish(message, topology.main_queue(service))
    assert (await system.post(a_post())).status_code == 202
    await system.wait_for_totals(before + 1, SETTLE)

    ids = {message.message_id for message in sent.values()}
    async with ParkingLot.open(system.rabbit.url) as lot:

        async def all_parked() -> bool:
            return len(await lot.look(lambda one: one.id in ids)) >= len(sent)

        await until(all_parked, SETTLE, f"{len(sent)} messages to be parked")
        parked = {one.id: one for one in await lot.look(lambda one: one.service == service)}
        assert parked.keys() == ids, "each once, and no neighbour"
        why = {name: parked[str(message.message_id)].reason for name, message in sent.items()}
        assert why == reasons(service)
        assert len(await lot.discard(lambda one: one.service == service)) == len(sent)
        assert await lot.look(lambda _: True) == []


async def test_a_repaired_message_is_brought_back_by_replay(system: System) -> None:
    """The event is good, only its type header was lost: the operator puts it right and replays."""
    event = submitted()
    connection = await aio_pika.connect(system.rabbit.url)
    async with connection, ParkingLot.open(system.rabbit.url) as lot:
        channel = await connection.channel()
        message = aio_pika.Message(
            event.model_dump_json().encode(),
            content_type="application/json",
            message_id=str(event.id),
            headers={
                "cloudEvents_type": ConsultationSubmitted.type(),
                REASON: "attempts_exhausted",
                ERROR: "TryLater: as left by an earlier version",
                "x-klik-attempt": 5,
            },
        )
        await channel.default_exchange.publish(
            signed(message, "routing", system.signing), topology.parked_queue("routing")
        )
        replayed = await lot.replay(lambda one: one.id == str(event.id))
        assert [one.reason for one in replayed] == ["attempts_exhausted"]
        assert await lot.look(lambda _: True) == []

    async def routed() -> bool:
        url = f"{system.url('routing')}/v1/cases/{event.consultation}"
        return (await system.http.get(url, headers=system.bearer("admin"))).status_code == 200

    await until(routed, SETTLE, "the replayed consultation to become a case")


MARKERS = {
    "title": "JUDULRAHASIA",
    "body": "ISIRAHASIA 6402060101010001",
    "name": "NAMARAHASIA",
    "address": "628125559917",
}


async def test_what_is_private_leaves_intake_nowhere(system: System) -> None:
    before = await accepted(system)
    connection = await aio_pika.connect(system.rabbit.url)
    async with connection:
        spy = await system.spy(await connection.channel())
        requester = {
            "role": "bpd",
            "name": MARKERS["name"],
            "contact": {"channel": "whatsapp", "address": f"+{MARKERS['address']}"},
        }
        good = a_post(title=MARKERS["title"], body=MARKERS["body"], requester=requester)
        receipt = await system.post(good, key=MARKERS["title"])
        assert receipt.status_code == 202
        await system.post(good | {"topic": MARKERS["title"], "desa_code": MARKERS["address"]})
        await system.post(good | {MARKERS["name"]: MARKERS["body"]})
        await system.wait_for_totals(before + 1, SETTLE)
        answers = await figure(system, "answered")

        async def answered() -> bool:
            said = await system.http.post(
                f"{system.url('intake')}/v1/consultations/{receipt.json()['id']}/messages",
                json={"kind": "answer", "body": MARKERS["body"]},
                headers=system.bearer("dpmd") | {"Idempotency-Key": MARKERS["name"]},
            )
            return said.status_code == 200 and await figure(system, "answered") == answers + 1

        await until(answered, SETTLE, "the answer to be counted")
        travelled = b""
        while (message := await spy.get(fail=False, no_ack=True)) is not None:
            travelled += message.body + repr(message.headers).encode()
    assert receipt.json()["id"].encode() in travelled

    places = {"events": travelled.decode()}
    for process in system.processes():
        places[f"log of {process.name}"] = process.log.read_text()
    places |= await everything_stored_outside_intake(system)
    for place, text in places.items():
        for field, marker in MARKERS.items():
            assert marker not in text, f"{field} found in: {place}"
            assert marker.split()[-1] not in text, f"{field} found in: {place}"
        assert receipt.json()["token"] not in text, f"the requester's token found in: {place}"

    # and at rest in intake: sealed, person and words
    stored = await dump(system, "klik_intake")
    assert receipt.json()["id"] in stored
    for field, marker in MARKERS.items():
        assert marker not in stored, f"{field} found in plain at rest"
    seen = await system.get("intake", f"/v1/consultations/{receipt.json()['id']}", "dpmd")
    assert seen["requester"]["name"] == MARKERS["name"]
    path = f"/v1/consultations/{receipt.json()['id']}/status"
    unseen = await system.get("intake", path, "frontend")
    assert not MARKERS.keys() & unseen.keys()


async def everything_stored_outside_intake(system: System) -> dict[str, str]:
    names = [f"klik_{service}" for service in topology.SERVICES if service != "intake"]
    return {f"database {name}": await dump(system, name) for name in names}


async def dump(system: System, database: str) -> str:
    from pymongo import AsyncMongoClient

    async with AsyncMongoClient[dict[str, Any]](system.store.url) as client:
        collections = await client[database].list_collection_names()
        documents = [await client[database][name].find().to_list() for name in collections]
    assert documents, f"{database} holds something to search"
    return json.dumps(documents, default=str)


async def test_a_key_is_made_and_revoked_while_the_services_run(system: System) -> None:
    addresses = [
        f"{system.url('intake')}/v1/consultations",
        f"{system.url('routing')}/v1/calendar?year=2026",
        f"{system.url('reporting')}/v1/reports/consultations",
    ]
    pids = [process.pid for process in system.processes()]
    secrets = system.folder / "secrets"
    with key_file.editing(secrets) as keyring:
        made = key_file.create(
            keyring.rows, role=Role.DPMD, territory=None, id_="a", lifetime=None, now=utc_now()
        )
        keyring.save(made.rows)

    async def answers(status: int) -> bool:
        headers = {"Authorization": f"Bearer {made.plain}"}
        replies = [await system.http.get(address, headers=headers) for address in addresses]
        return {reply.status_code for reply in replies} == {status}

    await until(lambda: answers(200), 5.0, "the new key to work")
    with key_file.editing(secrets) as keyring:
        keyring.save(key_file.revoke(keyring.rows, "a", utc_now()))
    await until(lambda: answers(401), 5.0, "the revoked key to be refused")
    assert [process.pid for process in system.processes()] == pids
    logs = "".join(process.log.read_text() for process in system.processes())
    assert '"reason": "revoked"' in logs
    assert made.plain not in logs


async def test_sigterm_ends_every_service_with_code_0(system: System) -> None:
    """Last of this file: the system is gone afterwards."""
    posting = asyncio.create_task(post_many(system, 50))
    await asyncio.sleep(0.2)  # some of it under way
    codes = {p.name: await asyncio.to_thread(p.stop) for p in system.processes()}
    posting.cancel()
    assert codes == dict.fromkeys(topology.SERVICES, 0)
