"""What operators did with parked messages: written down before it is done."""

import getpass
from datetime import datetime
from typing import Literal

from klik.parked.view import Parked
from shared.settings import Connections
from shared.storage.mongo import Collection, Database, Document
from shared.times import Clock, new_id, utc_now

Action = Literal["replay", "discard", "show_raw"]


class Audit:
    """The collection `parked_audit`. Raises `StoreUnavailable`: then nothing must be done."""

    def __init__(
        self, collection: Collection, by: str, because: str = "", clock: Clock = utc_now
    ) -> None:
        """`by`: who does it; `because`: why, in the operator's words."""
        self._collection = collection
        self._by = by
        self._because = because
        self._clock = clock

    async def begin(self, action: Action, parked: Parked) -> str:
        """The id of the entry. Of the body only its hash is kept."""
        entry: Document = {
            "_id": str(new_id()),
            "at": self._clock(),
            "action": action,
            "by": self._by,
            "because": self._because,
            "service": parked.service,
            "message": parked.id,
            "type": parked.type,
            "consultation": parked.consultation,
            "reason": parked.reason,
            "error": parked.error,
            "sha256": parked.sha256,
        }
        await self._collection.insert(entry)
        return str(entry["_id"])

    async def done(self, entry: str) -> None:
        """Without this an entry says that it was begun: then the message may be parked still."""
        await self._collection.update({"_id": entry}, {"$set": {"done_at": self._clock()}})

    async def newest(self, limit: int, **wanted: str) -> list[Document]:
        """The newest entries first, those with the values `wanted`."""
        return await self._collection.find(wanted, sort=[("_id", -1)], limit=limit)


def open_audit(database: Database, by: str, because: str = "") -> Audit:
    return Audit(database.collection("parked_audit"), by, because)


def open_database(connections: Connections) -> Database:
    """The operators' database: no service's own."""
    return Database(
        connections.mongo_dsn, f"{connections.mongo_prefix}_operators", connections.mongo_driver
    )


def this_user() -> str | None:
    """The operating system's name for who runs this; None where it has none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def outcome(entry: Document) -> str:
    done: datetime | None = entry.get("done_at")
    return "done" if done else "begun"
