"""A queue that filled up while nobody consumed."""

import uuid

import pytest

from tests.faults.rig.injections import away
from tests.faults.rig.telling import LISTENERS
from tests.faults.rig.town import SETTLE, Town
from tests.support.builders import a_post

pytestmark = pytest.mark.integration

#: Consultations in a post, and the slowest drain that is waited for, in consultations a second.
BATCH = 100
SLOWEST = 5


@pytest.mark.fault(28, "a backlog was queued while the services were away")
async def test_backlog_flood(town: Town, request: pytest.FixtureRequest) -> None:
    """`--backlog N`: how many. No process passes its bound of memory, which the town holds."""
    number = request.config.option.backlog
    async with away(town, *LISTENERS):
        for first in range(0, number, BATCH):
            items = [
                a_post(title=f"Antrean {first + one}", idempotency_key=uuid.uuid4().hex)
                for one in range(min(BATCH, number - first))
            ]
            reply = await town.system.http.post(
                town.system.url("intake") + "/v1/consultations:batch",
                json={"items": items},
                headers=town.system.bearer("frontend"),
            )
            assert reply.status_code in (202, 207), reply.text
            town.accepted |= {result["id"] for result in reply.json()["results"]}
    outcome = await town.settle(within=SETTLE + number / SLOWEST)
    assert outcome.parked == 0
