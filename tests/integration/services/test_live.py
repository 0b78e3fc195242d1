"""The live stream on a real store: what one replica changes, the clients of another hear of."""

import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from services.reporting.domain.feed import Position
from services.reporting.domain.figures import figures
from services.reporting.domain.query import ReportQuery
from services.reporting.live.hub import Client, Hub
from services.reporting.live.reports import LiveReports
from services.reporting.projection.rebuild import rebuild
from shared.events import ConsultationAnswered, ConsultationEvent
from shared.storage.mongo import Database
from tests.support.builders import NOON, assigned, moved, submitted
from tests.support.fakes import Clock
from tests.support.services.reporting import Replica

pytestmark = pytest.mark.integration

DAY, KECAMATAN = "2026-11-24", "64.02.06"


@pytest.fixture
async def replicas(database: Database) -> AsyncGenerator[list[tuple[Replica, Hub]], None]:
    """Two, on one database."""
    found = []
    for _ in range(2):
        replica = await Replica.on(database, Clock(NOON))
        hub = Hub(LiveReports(replica.generations, replica.engine), Clock(NOON))
        found.append((replica, hub))
    yield found
    for _, hub in found:
        await hub.stop()


async def heard(client: Client) -> list[tuple[str, Position, Any]]:
    """What is waiting for a client."""
    found = []
    while chunk := await client.next(0):
        fields = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if line)
        position = Position.read(fields["id"])
        assert position is not None
        found.append((fields["event"], position, json.loads(fields["data"])))
    return found


def answered(first: ConsultationEvent) -> list[ConsultationEvent]:
    """What follows a submission."""
    later = NOON + timedelta(hours=3)
    return [
        assigned(first.consultation, sequence=2),
        moved(ConsultationAnswered, first.consultation, 3, later),
    ]


async def test_a_change_by_one_replica_is_told_by_the_other_with_the_new_figures(
    replicas: list[tuple[Replica, Hub]],
) -> None:
    (writer, _), (_, hub) = replicas
    one, other = submitted(), submitted()
    await writer.take([one])
    client = await hub.join(await hub.position())
    assert [name for name, _, _ in await heard(client)] == ["ready"]

    await writer.take([other, *answered(one)])
    await hub.look()

    ((name, position, data),) = await heard(client)
    assert name == "changed"
    assert position == await hub.position()
    (row,) = data["rows"]
    assert (row["day"], row["kecamatan"]) == (DAY, KECAMATAN)
    assert row["kecamatan_name"] == "Tenggarong"
    assert (row["submitted"], row["assigned"], row["answered"]) == (2, 1, 1)
    assert row["first_answer"]["p50_s"] == pytest.approx(3 * 3600, rel=0.01)


async def test_what_is_delivered_again_is_not_told_again(
    replicas: list[tuple[Replica, Hub]],
) -> None:
    (writer, _), (_, hub) = replicas
    one = submitted()
    events = [one, *answered(one)]
    await writer.take(events)
    client = await hub.join(None)
    await heard(client)
    for _ in range(3):
        await writer.take(events)
        await hub.look()
    assert await heard(client) == []


async def test_a_client_goes_on_at_another_replica(replicas: list[tuple[Replica, Hub]]) -> None:
    (writer, first), (_, second) = replicas
    await writer.take([submitted()])
    for hub in (first, second):
        await hub.join(None)
    client = await first.join(None)
    await writer.take([submitted()])
    for hub in (first, second):
        await hub.look()
    (*_, (_, position, _)) = await heard(client)
    client.end()
    await writer.take([submitted()])
    await second.look()

    told = await heard(await second.join(position))

    assert [name for name, _, _ in told][-2:] == ["changed", "ready"]
    assert told[-2][2]["rows"][0]["submitted"] == 3


async def test_before_the_first_event_and_after_a_rebuild_clients_start_afresh(
    replicas: list[tuple[Replica, Hub]],
) -> None:
    (writer, _), (_, hub) = replicas
    client = await hub.join(None)
    assert [str(position) for _, position, _ in await heard(client)] == ["0-0"]
    await writer.take([submitted()])
    await hub.look()
    assert [(name, position.generation) for name, position, _ in await heard(client)] == [
        ("reset", 1)
    ]
    await rebuild(writer.log, writer.generations, lambda *_: None, announce_seconds=0.0)
    await hub.look()
    assert [(name, position.generation) for name, position, _ in await heard(client)] == [
        ("reset", 2)
    ]


async def test_told_figures_are_those_of_the_report(replicas: list[tuple[Replica, Hub]]) -> None:
    (writer, _), (reader, hub) = replicas
    await writer.take([submitted()])
    client = await hub.join(None)
    far = NOON - timedelta(days=40)
    await writer.take(
        [submitted(), submitted(submitted_at=far, received_at=far), submitted(kind="pengaduan")]
    )
    await hub.look()
    *_, (_, _, data) = await heard(client)
    query = ReportQuery(("day", "kecamatan"))
    answer = await reader.engine.answer(await reader.engine.scope(query))
    expected = {
        group: row["submitted"] for group, row in figures(answer.cube, query.group_by).items()
    }
    told = {(row["day"], row["kecamatan"]): row["submitted"] for row in data["rows"]}
    assert told == expected == {(DAY, KECAMATAN): 3, ("2026-10-15", KECAMATAN): 1}
