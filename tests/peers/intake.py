"""intake, as far as notify asks it: how a requester is reached."""

from typing import Any
from uuid import UUID

from tests.peers.http import Answer, HttpPeer, Request


class IntakePeer(HttpPeer):
    """`contacts`: consultation → what `GET /v1/consultations/{id}/contact` answers."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.contacts: dict[UUID, dict[str, Any]] = {}

    async def answer(self, request: Request) -> Answer:
        _, _, collection, id_, what = request.path.split("/")
        assert (request.method, collection, what) == ("GET", "consultations", "contact")
        contact = self.contacts.get(UUID(id_))
        return Answer(200, contact) if contact else Answer(404, {"status": 404})
