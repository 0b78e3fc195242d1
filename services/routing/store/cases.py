"""Cases in MongoDB: one document each, its outbox inside."""

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

from services.routing.domain.case import Case, Decision, Destination
from services.routing.domain.clocks import Fact
from shared.errors import Conflict, Duplicate
from shared.events import AssignmentReason, Event
from shared.messaging.outbox import Outbox
from shared.storage.batching import BACKGROUND_SECONDS, GroupCommit, Loader
from shared.storage.documents import difference, fields_of, merged
from shared.storage.mongo import Collection, Document, guarded, until


class CaseStore:
    """`_id` is the consultation's id."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox
        self._inserts: GroupCommit[Document, None] = GroupCommit(
            collection.insert_each, window=BACKGROUND_SECONDS
        )
        self._known: Loader[str, bool] = Loader(self._exist, window=BACKGROUND_SECONDS)

    async def prepare(self) -> None:
        await self._collection.index(("next_timer", 1))
        await self._collection.index(("satgas", 1), ("state", 1))
        await self._collection.index(("state", 1), ("calendar_version", 1))

    async def exists(self, id_: UUID) -> bool:
        return bool(await self._known.load(str(id_)))

    async def _exist(self, ids: list[str]) -> dict[str, bool]:
        found = await self._collection.find({"_id": {"$in": ids}}, only=["_id"])
        return {document["_id"]: True for document in found}

    async def get(self, id_: UUID) -> Case | None:
        found = await self._collection.get(str(id_))
        return None if found is None else _case(found)

    async def add(self, case: Case, events: Sequence[Event]) -> bool:
        """Keep a new case with its events; False where another delivery was first."""
        outbox = self._outbox.fields(events)
        id_ = str(case.id)
        try:
            await self._inserts.submit({**_state(case), "_id": id_, **outbox})
        except Duplicate:
            return False
        self._outbox.offer(id_, outbox.get("outbox", []))
        return True

    async def save(self, before: Case, changed: Case, events: Sequence[Event]) -> None:
        """Write what changed, with the events; raises `Conflict` where the version before is
        gone."""
        id_ = str(changed.id)
        update = merged(_update_of(before, changed), self._outbox.changes(events))
        if not await self._collection.update_guarded(id_, changed.version - 1, update):
            raise Conflict(f"case {changed.id} is past version {changed.version - 1}")
        if events:
            await self._outbox.offer_stored(id_)

    async def save_timers(self, changes: Sequence[tuple[Case, Sequence[Event]]]) -> None:
        """What became of the timers of many cases; one that somebody else changed first is left
        as it is. The guard says that nothing else of a case is another than it was read."""
        if not changes:
            return
        operations = []
        for case, events in changes:
            outbox = self._outbox.changes(events)
            few = {name: getattr(case, name) for name in _OF_TIMERS} | outbox.get("$set", {})
            guard = {"_id": str(case.id), "version": case.version - 1}
            operations.append(guarded(guard, {**outbox, "$set": few}))
        for refused in filter(None, await self._collection.write_each(operations)):
            raise refused
        told = [str(case.id) for case, events in changes if events]
        for found in await self._collection.find({"_id": {"$in": told}}, only=["outbox"]):
            self._outbox.offer(found["_id"], found.get("outbox", []))

    async def due(self, now: datetime, limit: int) -> list[Case]:
        """Cases with a timer that is due, the longest due first."""
        found = await self._collection.find(
            {"next_timer": until(now)}, sort=[("next_timer", 1)], limit=limit
        )
        return [_case(document) for document in found]

    async def held(self, limit: int) -> list[Case]:
        """Those that wait for an officer, the longest first."""
        found = await self._collection.find({"state": "held"}, sort=[("opened_at", 1)], limit=limit)
        return [_case(document) for document in found]

    async def by_another_calendar(self, version: str, limit: int) -> list[Case]:
        """Open cases that were reckoned by another calendar."""
        found = list[Document]()
        # equality, then a range: each of these reads only what it finds, in the index
        for state, side in product(("held", "assigned"), ("$lt", "$gt")):
            other = {"state": state, "calendar_version": {side: version}}
            found += await self._collection.find(other, limit=limit)
        return [_case(document) for document in found[:limit]]

    async def open_by_officer(self, satgas: str) -> dict[str, int]:
        rows = await self._collection.aggregate(
            [
                {"$match": {"satgas": satgas, "state": "assigned"}},
                {"$group": {"_id": "$officer", "number": {"$sum": 1}}},
            ]
        )
        return {row["_id"]: row["number"] for row in rows}

    async def recorded(self, keys: Sequence[str]) -> set[str]:
        """Which of the roster's reservations are written down in their cases."""
        ids = {key.partition(".")[0] for key in keys}
        found = await self._collection.find({"_id": {"$in": list(ids)}}, only=["decisions.key"])
        known = {one["key"] for case in found for one in case.get("decisions", ())}
        return known & set(keys)


_OF_TIMERS = (
    "version", "attention", "fired", "next_timer", "policy_version", "calendar_version",
)  # fmt: skip

_FIELDS = tuple(name for name in Case.__dataclass_fields__ if name != "id")


def _state(case: Case) -> Document:
    return _named({field: _kept(getattr(case, field)) for field in _FIELDS})


def _update_of(before: Case, changed: Case) -> dict[str, Document]:
    update = difference(before, changed, _FIELDS, _kept)
    return {operator: _named(fields) for operator, fields in update.items()}


def _named(fields: Document) -> Document:
    """As they are called in the document: the facts of a case are its `told`."""
    return {"told" if field == "facts" else field: value for field, value in fields.items()}


def _kept(value: Any) -> Any:
    """As BSON has it."""
    if isinstance(value, tuple):
        return [_kept(one) for one in value]
    if isinstance(value, AssignmentReason):
        return value.model_dump(mode="json")
    if isinstance(value, Destination | Decision | Fact):
        return {name: _kept(its) for name, its in fields_of(value).items()}
    return value


def _case(document: Document) -> Case:
    state: dict[str, Any] = {field: document[field] for field in _FIELDS if field in document}
    state["wanted"] = Destination(**state["wanted"])
    state["facts"] = tuple(Fact(**one) for one in document["told"])
    state["fired"] = tuple(state["fired"])
    state["decisions"] = tuple(
        Decision(**{**one, "reason": one["reason"] and AssignmentReason(**one["reason"])})
        for one in state["decisions"]
    )
    return Case(id=UUID(document["_id"]), **state)
