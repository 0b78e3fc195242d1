"""The durable steps of `steps.py` by PyMongo's asyncio: the same nine writes, one at a time."""

from contextlib import suppress

from pymongo import AsyncMongoClient, ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from bench.peers.post import (
    COUNT,
    DATABASE,
    MONGO,
    Document,
    Event,
    Post,
    case,
    cell,
    claimed,
    recipients,
    sent,
    whose_turn,
)


class Steps:
    def __init__(self) -> None:
        client: AsyncMongoClient[Document] = AsyncMongoClient(MONGO)
        self._db = client.get_database(DATABASE, write_concern=WriteConcern(w=1, j=True))

    async def accept(self, post: Post) -> Event:
        event = post.event()
        await self._db.consultations.insert_one(post.document(event))
        return event

    async def assign(self, event: Event) -> Event:
        roster = await self._db.satgas.find_one_and_update(
            {"_id": event["kecamatan"]},
            {"$inc": {"turn": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        officer = whose_turn(roster)
        with suppress(DuplicateKeyError):
            await self._db.cases.insert_one(case(event, officer))
        await self._db.consultations.update_one(
            {"_id": event["id"]}, {"$set": {"status": "assigned", "officer": officer}}
        )
        return {**event, "officer": officer}

    async def alert(self, event: Event) -> Event:
        for id_, to in recipients(event).items():
            with suppress(DuplicateKeyError):
                await self._db.alerts.insert_one(claimed(id_, to))
            await self._db.alerts.update_one({"_id": id_}, sent())
        return event

    async def count(self, event: Event) -> None:
        await self._db.report.update_one(cell(event), COUNT, upsert=True)
