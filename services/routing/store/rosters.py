"""The rosters in MongoDB: one document a satgas, with its reservations.

Every write is guarded by `rev`, which each of them raises: of two replicas that know the same
satgas, one writes, and the other reads again. So no turn is given twice and no capacity exceeded.
A process goes on from what it wrote last, and reads only where another one wrote after it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial, reduce
from itertools import groupby

from services.routing.domain.assignment import Nobody, Wanted, assign
from services.routing.domain.roster import (
    Choice,
    Leave,
    Officer,
    Roster,
    Satgas,
    confirmed,
    left_behind,
    recounted,
    released,
    revised,
)
from shared.errors import Conflict
from shared.events import PassedOver
from shared.reference import DPMD, seed_officers
from shared.storage.batching import BACKGROUND_SECONDS, GroupCommit
from shared.storage.documents import fields_of
from shared.storage.mongo import Collection, Document

Change = Callable[[Satgas], Satgas]

#: Races in a row that a write may lose to other replicas: with the stepping back below about ten
#: seconds, after which the message is tried again by the retry ladder.
MAX_LOST_RACES = 50
#: Seconds to step back after a lost race, doubled with each up to sixteen times: about a round
#: trip. Meanwhile those who wait gather, and one write serves them all.
BACKOFF_SECONDS = 0.02
#: Seconds for a case that was just closed to be released too, before a recount may lower a load.
RELEASE_GRACE_SECONDS = 2.0


class Rosters:
    """What is asked of one satgas at the same time shares one read and one write."""

    def __init__(self, collection: Collection, *, grace: float = RELEASE_GRACE_SECONDS) -> None:
        self._collection = collection
        self._grace = grace
        self._gathering: dict[str, GroupCommit[Change, None]] = {}
        self._settled: dict[str, set[str]] = {}
        self._written: dict[str, Satgas] = {}
        """As this process wrote it last: perhaps not the latest, which the guard tells."""

    async def prepare(self) -> None:
        """Seed what is missing; a roster that was edited is left alone."""
        known = {row["_id"] for row in await self._collection.find({}, only=["_id"])}
        missing = [one for one in _seeds() if one.code not in known]
        if missing:
            # another replica may be first: its _seeds are the same
            await self._collection.insert_each(
                [{"_id": one.code, "rev": 1, **_to_document(one)} for one in missing]
            )

    async def get(self, satgas: str) -> Satgas | None:
        found = await self._collection.get(satgas)
        return None if found is None else _to_satgas(found)

    async def all(self) -> list[Satgas]:
        return [_to_satgas(found) for found in await self._collection.find({}, sort=[("_id", 1)])]

    async def assign(self, satgas: str, wanted: Wanted, on: date) -> Choice | Nobody:
        """Who gets it, written down before this returns; for the same key again the same choice.

        The reservation stays until it is confirmed: a process that dies before it saves the case
        asks again and gets the same officer. Raises `Conflict` after too many races lost to other
        replicas.
        """
        asked = _Assignment(wanted, on)
        await self._gather(satgas, asked)
        return asked.answer

    async def release(self, satgas: str, officer: str) -> None:
        """`officer` has one open case less. To be called after the case is written."""
        await self._gather(satgas, partial(released, officer=officer))

    def confirm(self, satgas: str, key: str) -> None:
        """The case that `key` stands for is saved: its reservation can go.

        Costs nothing: the next write of this process for this satgas does it along the way. What a
        crash forgets is found by the next recount.
        """
        self._settled.setdefault(satgas, set()).add(key)

    async def put(self, satgas: str, roster: Roster, expected_edition: int) -> Satgas:
        """The satgas under its new roster, the next edition; turns, loads and keys go on.

        Raises `Conflict`, and writes nothing, where the edition is another one, or where who is
        dropped has open cases.
        """

        def change(now: Satgas) -> Satgas:
            if now.edition != expected_edition:
                raise Conflict(f"{satgas} is at edition {now.edition}, not {expected_edition}")
            if left_behind(now, roster):
                raise Conflict(f"{satgas}: who is dropped has open cases")
            return revised(now, roster)

        changed = await self._change(satgas, change)
        if changed is None:
            raise Conflict(f"{satgas} is not there")
        return changed

    async def recount(
        self,
        satgas: str,
        recorded: Callable[[Sequence[str]], Awaitable[set[str]]],
        open_by_officer: Callable[[str], Awaitable[dict[str, int]]],
    ) -> bool:
        """Heal what crashes left: keys and loads by what the cases say.

        `recorded` tells which of some keys are in cases, `open_by_officer` counts a satgas's open
        cases. False where the satgas changed meanwhile: nothing is written, the next one will do.
        """
        before = await self.get(satgas)
        if before is None:
            return False
        # In this order: a case that is written between the two questions is counted twice, as one
        # under way and as open. Asked the other way round it would be in neither, and its officer
        # would be given one case more than he can take.
        in_cases = await recorded(list(before.reservations))
        after = recounted(before, in_cases, await open_by_officer(satgas))
        if after is before:
            return True
        if any(after.load_of(code) < load for code, load in before.load.items()):
            # A case may be closed and its release under way, which would then be taken off twice:
            # give it the time to come, and to change `rev`.
            await asyncio.sleep(self._grace)
        return await self._save(before, after) is not None

    async def _gather(self, satgas: str, change: Change) -> None:
        if satgas not in self._gathering:
            self._gathering[satgas] = GroupCommit(
                partial(self._change_all, satgas), window=BACKGROUND_SECONDS
            )
        await self._gathering[satgas].submit(change)

    async def _change_all(self, satgas: str, changes: Sequence[Change]) -> list[None]:
        def change(now: Satgas) -> Satgas:
            return reduce(lambda so_far, one: one(so_far), changes, now)

        if not await self._change_written(satgas, change):
            await self._change(satgas, change)
        return [None] * len(changes)

    async def _change_written(self, satgas: str, change: Change) -> bool:
        """Go on from what was written last. False where that is not the latest, or where it is
        not worth a write: an answer that nothing guards must not be out of date."""
        if (before := self._written.pop(satgas, None)) is None:
            return False
        after = change(before)
        if after is before:
            return False
        return await self._save(before, after) is not None

    async def _change(self, satgas: str, change: Change) -> Satgas | None:
        """The satgas after `change`, which may be tried more than once; None if unknown."""
        for lost in range(MAX_LOST_RACES):
            before = await self.get(satgas)
            if before is None:
                return None
            after = change(before)
            if after is before:
                return before
            if saved := await self._save(before, after):
                return saved
            # who lost before steps back a little, not in step with who won
            await asyncio.sleep(random.random() * BACKOFF_SECONDS * 2 ** min(lost, 4))  # noqa: S311
        raise Conflict(f"{satgas}: lost {MAX_LOST_RACES} races")

    async def _save(self, before: Satgas, after: Satgas) -> Satgas | None:
        """What is now kept; None where another write was first."""
        keys = frozenset(self._settled.get(before.code, ()))
        after = replace(confirmed(after, keys), rev=before.rev + 1)
        # a document of the older shape has no `rev`, which None fits
        guard = {"_id": before.code, "rev": before.rev or None}
        if not await self._collection.update(
            guard, {"$set": {**_to_document(after), "rev": after.rev}}
        ):
            return None
        if keys:
            self._settled[before.code] -= keys
        self._written[before.code] = after
        return after


@dataclass(eq=False, slots=True)
class _Assignment:
    """One question among those that share a write, and its answer after that."""

    wanted: Wanted
    on: date
    answer: Choice | Nobody = "no_officer"

    def __call__(self, satgas: Satgas) -> Satgas:
        after, self.answer = assign(satgas, self.wanted, self.on)
        return after


def _seeds() -> Iterator[Satgas]:
    """The rosters of a first start. The first of each is its Kasi PMD: the coordinator."""
    for code, posts in groupby(seed_officers(), key=lambda post: post.satgas):
        known = list(posts)
        officers = tuple(Officer(post.officer) for post in known)
        yield _first_edition(code, known[0].satgas_name, officers)


def _first_edition(code: str, name: str, officers: tuple[Officer, ...]) -> Satgas:
    return Satgas(
        code=code,
        name=name,
        officers=officers,
        coordinator=officers[0].code if officers else None,
        camat=None if code == DPMD else f"camat-{code}",
    )


def _to_document(satgas: Satgas) -> Document:
    """Without `_id` and `rev`, which are the store's to write.

    The load is with the officer, and the reservations (`dealt`) are a list: codes and keys have
    dots in them, which the names of fields should not.
    """
    return {
        "name": satgas.name,
        "officers": [_officer_document(satgas, one) for one in satgas.officers],
        "coordinator": satgas.coordinator,
        "camat": satgas.camat,
        "edition": satgas.edition,
        "turn": satgas.turn,
        "last": satgas.last,
        "last_tied": satgas.last_tied,
        "dealt": [
            {"key": key, **_choice_document(one)} for key, one in satgas.reservations.items()
        ],
    }


def _to_satgas(document: Document) -> Satgas:
    """Whatever shape the document has; the older one has no `rev` and lists codes of officers."""
    if "rev" not in document:
        return _from_older(document)
    return Satgas(
        code=document["_id"],
        name=document["name"],
        officers=tuple(_officer(one) for one in document["officers"]),
        coordinator=document["coordinator"],
        camat=document["camat"],
        edition=document["edition"],
        turn=document["turn"],
        last=document["last"],
        last_tied=document["last_tied"],
        load={one["code"]: one["load"] for one in document["officers"]},
        reservations={one["key"]: _choice(one) for one in document["dealt"]},
        rev=document["rev"],
    )


def _from_older(document: Document) -> Satgas:
    """Its turn goes on; its loads are unknown until the first recount."""
    officers = tuple(Officer(code) for code in document["officers"])
    turn = document["turn"]
    last = officers[(turn - 1) % len(officers)].code if officers and turn else None
    return replace(
        _first_edition(document["_id"], document["name"], officers), turn=turn, last=last
    )


def _officer_document(satgas: Satgas, officer: Officer) -> Document:
    return {
        "code": officer.code,
        "topics": list(officer.topics),
        "capacity": officer.capacity,
        "available": officer.available,
        "leave": [
            {"first": one.first.isoformat(), "last": one.last.isoformat()} for one in officer.leave
        ],
        "load": satgas.load_of(officer.code),
    }


def _officer(document: Document) -> Officer:
    return Officer(
        code=document["code"],
        topics=tuple(document["topics"]),
        capacity=document["capacity"],
        available=document["available"],
        leave=tuple(
            Leave(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]))
            for one in document["leave"]
        ),
    )


def _choice_document(choice: Choice) -> Document:
    passed_over = [one.model_dump() for one in choice.passed_over]
    return {**fields_of(choice), "passed_over": passed_over}


def _choice(document: Document) -> Choice:
    return Choice(
        officer=document["officer"],
        strategy=document["strategy"],
        candidates=tuple(document["candidates"]),
        loads=tuple(document["loads"]),
        passed_over=tuple(PassedOver(**one) for one in document["passed_over"]),
        fallback=document["fallback"],
        turn=document["turn"],
    )
