"""intake, as far as notify asks it: how a requester is reached."""

import json
from typing import Any
from uuid import UUID

from tests.peers.http import Answer, HttpPeer, Request


class IntakePeer(HttpPeer):
    """`contacts`: consultation → what `POST /v1/contacts` answers of it."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.contacts: dict[UUID, dict[str, Any]] = {}

    async def answer(self, request: Request) -> Answer:
        assert (request.method, request.path) == ("POST", "/v1/contacts")
        found = [
            {"consultation": id_, **self.contacts[UUID(id_)]}
            for id_ in json.loads(request.body)["consultations"]
            if UUID(id_) in self.contacts
        ]
        return Answer(200, {"contacts": found})
