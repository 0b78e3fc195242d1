"""Cases and the satgas roster in MongoDB."""

import asyncio
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.routing.domain import Case, Satgas
from shared.coalesce import Coalescer
from shared.errors import Duplicate
from shared.events import AssignmentReason, Event
from shared.mongo import Collection, Document
from shared.outbox import Outbox
from shared.reference import seed_officers


class CaseStore:
    """One document a case, `_id` = consultation id, its outbox inside."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox
        self._inserts: Coalescer[Document] = Coalescer(collection.insert_each)

    async def prepare(self) -> None:
        await self._collection.index(("kecamatan", 1), ("state", 1))

    async def exists(self, id_: UUID) -> bool:
        return bool(await self._collection.find({"_id": str(id_)}, limit=1, only=["_id"]))

    async def get(self, id_: UUID) -> Case | None:
        found = await self._collection.get(str(id_))
        return None if found is None else _case(found)

    async def add(self, case: Case, event: Event) -> bool:
        """Keep a new case with its event; False where another delivery was first."""
        outbox = self._outbox.fields([event])
        id_ = str(case.id)
        try:
            await self._inserts.submit({**_state(case), "_id": id_, **outbox})
        except Duplicate:
            return False
        self._outbox.offer(id_, outbox["outbox"])
        return True


class RosterStore:
    """One document a satgas, seeded at first start."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._turns: dict[str, asyncio.Lock] = {}

    async def prepare(self) -> None:
        """Seed what is missing; a roster that was edited is left alone."""
        seeds: dict[str, Document] = {}
        for officer in seed_officers():
            satgas = seeds.setdefault(
                officer.satgas,
                {"_id": officer.satgas, "name": officer.satgas_name, "officers": [], "turn": 0},
            )
            satgas["officers"].append(officer.officer)
        known = {row["_id"] for row in await self._collection.find({}, only=["_id"])}
        missing = [seed for code, seed in seeds.items() if code not in known]
        if missing:
            await self._collection.insert_each(missing)

    async def take_turn(self, satgas: str) -> Satgas | None:
        """The satgas with a round-robin count that no other process is given; None if unknown.

        A turn whose case is then not written (a crash, a second delivery) is skipped, not repeated.
        """
        # callers of this process queue here, so that only replicas race for the same turn
        async with self._turns.setdefault(satgas, asyncio.Lock()):
            while True:
                found = await self._collection.get(satgas)
                if found is None:
                    return None
                mine = {"_id": satgas, "turn": found["turn"]}
                if await self._collection.update(mine, {"$inc": {"turn": 1}}):
                    return _satgas(found)


def _state(case: Case) -> Document:
    state = asdict(case)
    del state["id"]
    state["reason"] = case.reason.model_dump(mode="json") if case.reason else None
    return state


_CASE_FIELDS = frozenset(Case.__dataclass_fields__) - {"id", "reason"}


def _case(document: Document) -> Case:
    state: dict[str, Any] = {name: document[name] for name in _CASE_FIELDS & document.keys()}
    reason = document.get("reason")
    return Case(
        id=UUID(document["_id"]),
        reason=AssignmentReason.model_validate(reason) if reason else None,
        **state,
    )


def _satgas(document: Document) -> Satgas:
    return Satgas(
        code=document["_id"],
        name=document["name"],
        officers=tuple(document["officers"]),
        turn=document["turn"],
    )
