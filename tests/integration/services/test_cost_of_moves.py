"""What a move costs, in bytes between intake and its store, however much was said before it."""

from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from bson import encode
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from services.intake.erasure import Erasure
from services.intake.handlers import Handlers
from shared.storage import mongo
from shared.storage.mongo import Database
from shared.times import utc_now
from shared.web.app import create_http
from shared.web.auth import Keyring, Role
from tests.support.backends import Backends
from tests.support.builders import a_post, assigned
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.repositories import erasures_store, intake_store
from tests.support.services.intake import as_requester, with_intake

pytestmark = pytest.mark.integration

TEXT = "Apakah perlu Perdes perubahan? " * 20
#: How much more the last move may cost than the first: numbers get longer.
A_LITTLE = 1.1


class Counted(CommandListener):
    """Bytes of what is sent to the store, and of what it answers, without what drivers add."""

    def __init__(self) -> None:
        self.sent = self.answered = 0

    def started(self, event: CommandStartedEvent) -> None:
        of_drivers = ("lsid", "txnNumber", "$clusterTime", "$db")
        command = {name: value for name, value in event.command.items() if name not in of_drivers}
        self.sent += len(encode(command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self.answered += len(encode(event.reply))

    def failed(self, event: CommandFailedEvent) -> None:
        raise AssertionError(event.failure)


class Scene:
    """A consultation in the store, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, counted: Counted, id_: UUID) -> None:
        self._client = client
        self._counted = counted
        self.id = id_

    async def say(self, who: Mapping[str, str], kind: str) -> tuple[int, int, int]:
        """Bytes sent to the store, answered by it, and answered to the caller."""
        before = (self._counted.sent, self._counted.answered)
        reply = await self._client.post(
            f"/v1/consultations/{self.id}/messages",
            json={"kind": kind, "body": TEXT},
            headers={**who, "Idempotency-Key": str(uuid4())},
        )
        assert reply.status_code == 200, reply.text
        sent, answered = (
            after - earlier
            for after, earlier in zip(
                (self._counted.sent, self._counted.answered), before, strict=True
            )
        )
        return sent, answered, len(reply.content)


@pytest.fixture
async def scene(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Scene]:
    counted = Counted()
    made: Any = partial(AsyncIOMotorClient, event_listeners=[counted])
    monkeypatch.setattr(mongo, "AsyncIOMotorClient", made)
    database = Database(backends.mongo_url, f"test_{uuid4().hex[:12]}")
    store = intake_store(database)
    await store.prepare()
    app = create_http("intake", "", Keyring.parse(keyring_text()), lambda: True, None)
    with_intake(app, store, utc_now, erasure=Erasure(erasures_store(database), utc_now))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        kept = await client.post(
            "/v1/consultations", json=a_post(), headers=bearer(KEYS[Role.FRONTEND])
        )
        id_ = UUID(kept.json()["id"])
        await Handlers(store, utc_now).on_case_assigned(assigned(id_))
        yield Scene(client, counted, id_)
    await database.drop()
    await database.close()


async def test_move_costs_the_same_when_much_was_said_before(scene: Scene) -> None:
    """To the store from the first move on; with its answers, from where the end alone is shown."""
    both = ((as_requester(scene.id, utc_now), "reply"), (bearer(KEYS[Role.DPMD]), "answer"))
    costs = [await scene.say(*said) for _ in range(65) for said in both]

    first, half, last = (
        [sum(sizes) for sizes in zip(*costs[number : number + 2], strict=True)]
        for number in (0, 64, 128)
    )
    assert last[0] < A_LITTLE * first[0], "what is sent to the store grows"
    assert last[1] < A_LITTLE * half[1], "what is read from the store grows"
    assert last[2] < A_LITTLE * half[2], "what is answered grows"
