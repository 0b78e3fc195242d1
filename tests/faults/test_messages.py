"""Messages that come twice, in the wrong order, broken, or that nobody can handle."""

import asyncio
import json
from pathlib import Path
from uuid import UUID, uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractMessage

from klik.parked.lot import ParkingLot
from shared.events import ConsultationAnswered, ConsultationClosed, ConsultationSubmitted
from shared.messaging import topology
from shared.messaging.envelope import event_type, events_in
from shared.messaging.reliability import ATTEMPT
from shared.messaging.retry import DELAYS
from shared.times import utc_now
from tests.faults.rig.injections import away
from tests.faults.rig.telling import LISTENERS, again, channel_of, message_of, put, take
from tests.faults.rig.town import Town
from tests.support.builders import TENGGARONG, a_post, moved
from tests.support.garbage import garbage, reasons
from tests.support.keys import signed
from tests.support.system import until

pytestmark = pytest.mark.integration

ANSWER = {"kind": "answer", "body": "Ya, dengan Perdes perubahan."}
GOLDEN = Path(__file__).parents[1] / "data" / "events"


@pytest.mark.short
@pytest.mark.fault(15, "every event is delivered 2 to 20 times more, at once and out of order")
async def test_duplicates(town: Town) -> None:
    async with channel_of(town) as channel:
        spy = await town.system.spy(channel)
        load = town.load(20, rate=20)
        await town.settle(load)
        heard: list[AbstractMessage] = []
        while (one := await spy.get(fail=False, no_ack=True)) is not None:
            heard.extend(events_in(one))
        exchange = await channel.get_exchange(topology.EXCHANGE)
        repeated = [one for number, one in enumerate(heard) for _ in range(2 + number % 19)]
        copies = [(again(one), name_of(one)) for one in reversed(repeated)]
        for copy, _ in copies:
            town.system.signing.sign(copy)
        await asyncio.gather(*(exchange.publish(copy, name) for copy, name in copies))
    town.healed()
    await town.settle()
    assert len(repeated) > 10 * len(heard)


@pytest.mark.fault(16, "a consultation's events come in reverse order, and one never")
async def test_out_of_order(town: Town) -> None:
    """In the end it is to routing and the report as if they had come in order."""
    in_order, reverse, gap = [await a_consultation(town) for _ in range(3)]
    await town.settle()
    before = await figures(town)
    await live_on(town, in_order)
    await town.settle()
    async with away(town, *LISTENERS), channel_of(town) as channel:
        for id_ in (reverse, gap):
            await live_on(town, id_)
        await published(town)
        for service in LISTENERS:
            heard = [one for one in await take(channel, service) if not is_answer_to(gap, one)]
            await put(town, channel, service, (again(one) for one in reversed(heard)))
    await town.settle()
    assert await case(town, reverse) == await case(town, in_order)
    after = await figures(town)
    assert {name: after[name] - before[name] for name in after} == {
        "submitted": 0,
        "acknowledged": 3,
        "answered": 2,
        "closed": 3,
    }


async def a_consultation(town: Town) -> str:
    """One that intake knows, of the officer's own kecamatan; its id."""
    reply = await town.system.post(a_post(desa_code=TENGGARONG.desa), key=uuid4().hex)
    id_ = str(reply.json()["id"])
    town.accepted.add(id_)
    return id_


async def live_on(town: Town, id_: str) -> None:
    """Its officer acknowledges, answers and closes it."""
    url = f"{town.system.url('intake')}/v1/consultations/{id_}"
    for step, body in (("acknowledge", None), ("messages", ANSWER), ("close", None)):
        reply = await town.system.http.post(
            f"{url}/{step}", json=body, headers=town.system.bearer("officer")
        )
        assert reply.status_code == 200, reply.text


async def published(town: Town) -> None:
    """Until RabbitMQ has all events of intake."""

    async def none_pending() -> bool:
        return (await town.registrar.pending()) == 0

    await until(none_pending, 30.0, "intake's events to be published")


def name_of(message: AbstractMessage) -> str:
    """By which queues are bound for its event."""
    return str(event_type(message.headers)).removeprefix("klikdesa.").rpartition(".")[0]


def is_answer_to(id_: str, message: AbstractMessage) -> bool:
    subject = str(message.headers.get("cloudEvents_subject"))
    return event_type(message.headers) == ConsultationAnswered.type() and subject == id_


async def figures(town: Town) -> dict[str, int]:
    report = await town.system.get(
        "reporting", "/v1/reports/consultations", "dpmd", group_by="kecamatan"
    )
    names = ("submitted", "acknowledged", "answered", "closed")
    return {name: sum(row[name] for row in report["rows"]) for name in names}


async def case(town: Town, id_: str) -> dict[str, object]:
    """What has become of it, by routing; not when."""
    found = await town.system.get("routing", f"/v1/cases/{id_}", "dpmd")
    return {"state": found["state"], "clocks": [(c["name"], c["state"]) for c in found["clocks"]]}


@pytest.mark.short
@pytest.mark.fault(17, "poison: not JSON, wrong fields, no type, unknown type, 1 MB, other content")
async def test_poison(town: Town) -> None:
    load = town.load(40, rate=20)
    sent: dict[tuple[str, str], str] = {}
    async with channel_of(town) as channel:
        for service in topology.SERVICES:
            huge = signed(a_megabyte(), service, town.system.signing)
            messages = garbage(service, town.system.signing) | {"a megabyte": huge}
            for name, message in messages.items():
                sent[service, name] = str(message.message_id)
                await channel.default_exchange.publish(message, topology.main_queue(service))
        lot = ParkingLot(channel)

        async def all_parked() -> bool:
            return len(await lot.look(lambda _: True)) >= len(sent)

        await until(all_parked, 30.0, f"{len(sent)} messages to be parked")
        outcome = await town.settle(load)
        assert outcome.parked == len(sent), "each once, and no neighbour"
        why = {(one.service, one.id): one.reason for one in await lot.look(lambda _: True)}
        for (service, name), id_ in sent.items():
            expected = reasons(service).get(name, reasons(service)["wrong fields"])
            assert why[service, id_] == expected, (service, name)
        assert len(await lot.discard(lambda _: True)) == len(sent)


def a_megabyte() -> aio_pika.Message:
    body = json.dumps({"id": "x" * 2**20}).encode()
    return aio_pika.Message(
        body,
        content_type="application/json",
        headers={"cloudEvents_type": ConsultationSubmitted.type()},
        message_id=uuid4().hex,
    )


@pytest.mark.fault(18, "a handler fails for one id every time: retried, parked, replayed")
async def test_failing_for_one_id(town: Town) -> None:
    """News of a case that routing has not opened: its submission is held back. The news waits 5 s,
    then 30 s; the last attempt is told here, since before it are another 35 minutes."""
    main = topology.main_queue("routing")
    async with channel_of(town) as channel:
        async with away(town, "routing"):
            id_ = await a_consultation(town)
            await published(town)
            (submission,) = await take(channel, "routing")
            answer, closing = (
                moved(what, UUID(id_), number, utc_now())
                for number, what in ((2, ConsultationAnswered), (3, ConsultationClosed))
            )
            last = message_of(closing, **{ATTEMPT: len(DELAYS) + 1})
            await put(town, channel, "routing", [message_of(answer), last])
        load = town.load(40, rate=20)
        for delay in DELAYS[:2]:

            async def waits(name: str = topology.retry_queue("routing", delay)) -> bool:
                queue = await channel.declare_queue(name, passive=True)
                return queue.declaration_result.message_count == 1

            await until(waits, 15.0, f"it to wait {delay.total_seconds():.0f} s")
        lot = ParkingLot(channel)
        (parked,) = await lot.look(lambda one: one.id == str(closing.id))
        assert (parked.reason, parked.attempts) == ("attempts_exhausted", len(DELAYS) + 1)
        await put(town, channel, "routing", [again(submission)])  # what was missing
        await routed(town, id_)
        (replayed,) = await lot.replay(lambda one: one.id == str(closing.id))
        assert replayed.id == str(closing.id)
    town.healed()
    outcome = await town.settle(load)
    assert outcome.parked == 0, f"nothing is left of what failed in {main}"
    found = await town.system.get("routing", f"/v1/cases/{id_}", "dpmd")
    assert found["state"] == "over"


async def routed(town: Town, id_: str) -> None:
    async def has_a_case() -> bool:
        return id_ in await town.registrar.routed()

    await until(has_a_case, 30.0, "its case to be opened")


@pytest.mark.fault(19, "RabbitMQ goes at the moment that a message is to be parked")
async def test_parking_fails(town: Town) -> None:
    message = garbage("routing", town.system.signing)["not JSON"]
    links = [town.links[process].broker for process in town.replicas("routing")]
    async with channel_of(town) as channel:
        for link in links:
            link.hold(up=True, down=False)  # neither the copy nor an acknowledgement arrives
        await channel.default_exchange.publish(message, topology.main_queue("routing"))
        await asyncio.sleep(7)  # longer than a publish waits for its confirmation
        assert await ParkingLot(channel).look(lambda _: True) == []
        for link in links:
            link.cut()
            link.heal()
        town.healed()
        lot = ParkingLot(channel)

        async def parked() -> bool:
            return bool(await lot.look(lambda _: True))

        await until(parked, 30.0, "it to come back and be parked")
        outcome = await town.settle(town.load(20, rate=20))
        assert outcome.parked == 1
        assert [one.id for one in await lot.discard(lambda _: True)] == [message.message_id]


@pytest.mark.fault(33, "submissions come as a newer and as an older version tells them")
async def test_version_skew(town: Town) -> None:
    """With fields that this version does not know, and with none but the required ones."""
    async with away(town, *LISTENERS), channel_of(town) as channel:
        newer, older = [await a_consultation(town) for _ in range(2)]
        await published(town)
        for service in LISTENERS:
            heard = await take(channel, service)
            assert {one.headers["cloudEvents_subject"] for one in heard} == {newer, older}
            await put(
                town,
                channel,
                service,
                (again(one, rewritten(one, as_newer=newer in str(one.headers))) for one in heard),
            )
    outcome = await town.settle(town.load(20, rate=20))
    assert outcome.parked == 0


def rewritten(message: AbstractMessage, *, as_newer: bool) -> bytes:
    """The event with the shape that the golden payloads give to other versions of it."""
    ours = json.loads(message.body)
    golden = GOLDEN / ConsultationSubmitted.type() / f"{'future' if as_newer else 'minimal'}.json"
    theirs = json.loads(golden.read_text())
    return json.dumps({name: ours.get(name, value) for name, value in theirs.items()}).encode()
