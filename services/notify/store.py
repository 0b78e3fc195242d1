"""Alerts and recipients' addresses in MongoDB."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.notify.domain import Alert
from shared.errors import Conflict, Duplicate
from shared.events import Event, Region
from shared.mongo import Collection, Document
from shared.outbox import Outbox
from shared.reference import seed_officers


class AlertStore:
    """One document an alert; whoever inserts it has claimed it."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox

    async def prepare(self) -> None:
        await self._collection.index(("consultation", 1))

    async def get(self, id_: str) -> Alert | None:
        found = await self._collection.get(id_)
        return None if found is None else _alert(found)

    async def add(self, alert: Alert) -> bool:
        """False where it is claimed or done already."""
        try:
            await self._collection.insert({"_id": alert.id, **_state(alert)})
        except Duplicate:
            return False
        return True

    async def save(self, alert: Alert, event: Event | None) -> None:
        """Write over the version before, with the event; raises `Conflict` where that is gone."""
        told = self._outbox.changes([event] if event else [])
        update: dict[str, Any] = {**told, "$set": {**_state(alert), **told.get("$set", {})}}
        before = {"_id": alert.id, "version": alert.version - 1}
        if not await self._collection.update(before, update):
            raise Conflict(f"alert {alert.id} is past version {alert.version - 1}")
        if told:
            self._outbox.offer(alert.id, told["$push"]["outbox"]["$each"])


class RecipientStore:
    """Where officers are reached; seeded at first start."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        known = {row["_id"] for row in await self._collection.find({}, only=["_id"])}
        missing: list[Document] = [
            {"_id": officer.officer, "addresses": {"smtp": officer.email}}
            for officer in seed_officers()
            if officer.officer not in known
        ]
        if missing:
            await self._collection.insert_each(missing)

    async def address(self, recipient: str, channel: str) -> str | None:
        found = await self._collection.get(recipient)
        address = (found or {}).get("addresses", {}).get(channel)
        return address if isinstance(address, str) else None


def _state(alert: Alert) -> Document:
    state = asdict(alert)
    del state["id"]
    return {
        **state,
        "cause": str(alert.cause),
        "consultation": str(alert.consultation),
        "region": alert.region.model_dump(),
    }


_PLAIN = frozenset(Alert.__dataclass_fields__) - {"id", "cause", "consultation", "region"}


def _alert(document: Document) -> Alert:
    plain: dict[str, Any] = {name: document[name] for name in _PLAIN & document.keys()}
    return Alert(
        id=document["_id"],
        cause=UUID(document["cause"]),
        consultation=UUID(document["consultation"]),
        region=Region.model_validate(document["region"]),
        **plain,
    )
