"""Messages that come twice, in the wrong order, broken, or that nobody can handle."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from klik.parked import ParkingLot
from shared import topology
from shared.events import (
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEvent,
    ConsultationSubmitted,
)
from shared.reliability import ATTEMPT
from shared.retry import DELAYS
from tests.builders import moved
from tests.faults.telling import a_submission, channel_of, message_of, tell, told
from tests.faults.town import Town
from tests.garbage import garbage, reasons
from tests.system import until

pytestmark = pytest.mark.integration

GOLDEN = Path(__file__).parents[1] / "data" / "events"


@pytest.mark.short
@pytest.mark.fault(15, "every event is delivered 2 to 20 times more, at once and out of order")
async def test_duplicates(town: Town) -> None:
    async with channel_of(town) as channel:
        spy = await town.system.spy(channel)
        load = town.load(20, rate=20)
        await town.settle(load)
        heard: list[AbstractIncomingMessage] = []
        while (one := await spy.get(fail=False, no_ack=True)) is not None:
            heard.append(one)
        exchange = await channel.get_exchange(topology.EXCHANGE)
        again = [one for number, one in enumerate(heard) for _ in range(2 + number % 19)]
        await asyncio.gather(
            *(
                exchange.publish(
                    aio_pika.Message(
                        one.body,
                        content_type=one.content_type,
                        message_id=one.message_id,
                        headers=one.headers,
                    ),
                    str(one.routing_key),
                )
                for one in reversed(again)
            )
        )
    town.healed()
    await town.settle()
    assert len(again) > 10 * len(heard)


@pytest.mark.fault(16, "a consultation's events come in reverse order, and one never")
async def test_out_of_order(town: Town) -> None:
    """As the report and routing see it in the end, it is as if they had come in order."""
    start = town.now()

    def life(*, gap: bool) -> list[ConsultationEvent]:
        first = a_submission(town)
        steps = (ConsultationAcknowledged, ConsultationAnswered, ConsultationClosed)
        rest = [
            moved(step, first.consultation, sequence, start + timedelta(minutes=sequence))
            for sequence, step in enumerate(steps, start=2)
            if not (gap and step is ConsultationAnswered)
        ]
        return [first, *rest]

    before = await figures(town)
    in_order, shuffled = life(gap=False), life(gap=False)
    in_order_gap, shuffled_gap = life(gap=True), life(gap=True)
    async with channel_of(town) as channel:
        await tell(channel, *in_order, *in_order_gap)
        await tell(channel, *reversed(shuffled), *reversed(shuffled_gap))
    await town.settle()
    for one, other in ((in_order, shuffled), (in_order_gap, shuffled_gap)):
        assert await case(town, one[0]) == await case(town, other[0])
    after = await figures(town)
    assert {name: after[name] - before[name] for name in after} == {
        "submitted": 4,
        "acknowledged": 4,
        "answered": 2,
        "closed": 4,
    }


async def figures(town: Town) -> dict[str, int]:
    report = await town.system.get(
        "reporting", "/v1/reports/consultations", "dpmd", group_by="kecamatan"
    )
    names = ("submitted", "acknowledged", "answered", "closed")
    return {name: sum(row[name] for row in report["rows"]) for name in names}


async def case(town: Town, event: ConsultationEvent) -> dict[str, object]:
    """What routing makes of a consultation, but for who has it."""
    found = await town.system.get("routing", f"/v1/cases/{event.consultation}", "dpmd")
    return {name: found[name] for name in ("state", "clocks")}


@pytest.mark.short
@pytest.mark.fault(17, "poison: not JSON, wrong fields, no type, unknown type, 1 MB, other content")
async def test_poison(town: Town) -> None:
    load = town.load(40, rate=20)
    sent: dict[tuple[str, str], str] = {}
    async with channel_of(town) as channel:
        for service in topology.SERVICES:
            messages = garbage() | {"a megabyte": huge()}
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


def huge() -> aio_pika.Message:
    body = json.dumps({"id": "x" * 2**20}).encode()
    return aio_pika.Message(
        body,
        content_type="application/json",
        headers={"cloudEvents_type": ConsultationSubmitted.type()},
        message_id=uuid4().hex,
    )


@pytest.mark.fault(18, "a handler fails for one id every time: retried, parked, replayed")
async def test_failing_for_one_id(town: Town) -> None:
    """An answer to a case that routing has never heard of. It waits 5 s, then 30 s; the last
    attempt is told here, since before it are another 35 minutes."""
    now = town.now()
    first = a_submission(town)
    answer = moved(ConsultationAnswered, first.consultation, 2, now)
    closing = moved(ConsultationClosed, first.consultation, 3, now)
    load = town.load(40, rate=20)
    async with channel_of(town) as channel:
        main = topology.main_queue("routing")
        last = message_of(closing, **{ATTEMPT: len(DELAYS) + 1})
        await channel.default_exchange.publish(message_of(answer), main)
        await channel.default_exchange.publish(last, main)
        for delay in DELAYS[:2]:

            async def waits(name: str = topology.retry_queue("routing", delay)) -> bool:
                queue = await channel.declare_queue(name, passive=True)
                return queue.declaration_result.message_count == 1

            await until(waits, 15.0, f"it to wait {delay.total_seconds():.0f} s")
        lot = ParkingLot(channel)
        (parked,) = await lot.look(lambda one: one.id == str(closing.id))
        assert (parked.reason, parked.attempts) == ("attempts_exhausted", len(DELAYS) + 1)
        await tell(channel, first)  # what was missing
        (replayed,) = await lot.replay(lambda one: one.id == str(closing.id))
        assert replayed.id == str(closing.id)
    town.healed()
    outcome = await town.settle(load)
    assert outcome.parked == 0
    found = await town.system.get("routing", f"/v1/cases/{first.consultation}", "dpmd")
    assert found["state"] == "over"


@pytest.mark.fault(19, "RabbitMQ goes at the moment that a message is to be parked")
async def test_parking_fails(town: Town) -> None:
    message = garbage()["not JSON"]
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


@pytest.mark.fault(33, "events of a newer version come to this one")
async def test_version_skew(town: Town) -> None:
    """Fields that this version does not know, in each event that it does; older payloads, with
    none but the required fields, likewise. What one version wrote, the other reads."""
    load = town.load(20, rate=20)
    async with channel_of(town) as channel:
        exchange = await channel.get_exchange(topology.EXCHANGE)
        for name in ("future", "minimal"):
            body = json.loads((GOLDEN / ConsultationSubmitted.type() / f"{name}.json").read_text())
            fresh = {"id": str(uuid4()), "consultation": str(uuid4())}
            event = ConsultationSubmitted.model_validate(body | fresh)
            message = message_of(event)
            message.body = json.dumps(body | fresh).encode()
            await exchange.publish(message, event.routing_key, mandatory=True)
            told(town, event)
    outcome = await town.settle(load)
    assert outcome.parked == 0
