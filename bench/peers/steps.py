"""The durable steps by PyMongo: nine writes, one at a time, each journaled.

One when it is accepted; three when it is assigned: the turn, the case, the status; four when it is
alerted: two alerts, each claimed and sent; one when it is counted. Each may be done again.
"""

from contextlib import suppress

from pymongo import MongoClient, ReturnDocument, WriteConcern
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
    """Threads may share it; processes may not: open it after a fork."""

    def __init__(self) -> None:
        client: MongoClient[Document] = MongoClient(MONGO)
        self._db = client.get_database(DATABASE, write_concern=WriteConcern(w=1, j=True))

    def accept(self, post: Post) -> Event:
        event = post.event()
        self._db.consultations.insert_one(post.document(event))
        return event

    def assign(self, event: Event) -> Event:
        roster = self._db.satgas.find_one_and_update(
            {"_id": event["kecamatan"]},
            {"$inc": {"turn": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        officer = whose_turn(roster)
        with suppress(DuplicateKeyError):
            self._db.cases.insert_one(case(event, officer))
        self._db.consultations.update_one(
            {"_id": event["id"]}, {"$set": {"status": "assigned", "officer": officer}}
        )
        return {**event, "officer": officer}

    def alert(self, event: Event) -> Event:
        for id_, to in recipients(event).items():
            with suppress(DuplicateKeyError):
                self._db.alerts.insert_one(claimed(id_, to))
            self._db.alerts.update_one({"_id": id_}, sent())
        return event

    def count(self, event: Event) -> None:
        self._db.report.update_one(cell(event), COUNT, upsert=True)
