"""Consultations in MongoDB: one document each, its words sealed and its outbox inside.

Their data keys are in a collection of their own, and joined when words are read.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.intake.domain.consultation import (
    Consultation,
    Latest,
    Private,
    Reachable,
)
from services.intake.domain.conversation import Erased
from services.intake.domain.lifecycle import AWAITING_ANSWER, MOVES_FIRST_ANSWER
from services.intake.domain.tickets import new_pin
from services.intake.ports import Position
from services.intake.store.data_keys import DataKeys
from services.intake.store.documents import (
    FEW,
    LATEST,
    LATEST_ENTRIES,
    WITH_TITLE,
    WITH_WORDS,
    consultation_of,
    has_new_words,
    private_of,
    requester_of,
    said_in,
    state_of,
    update_of,
    without_words,
)
from services.intake.store.encryption import DataKey, DecryptionFailed, EnvelopeEncryption
from services.intake.store.fingerprints import Fingerprints
from shared.errors import Conflict, Duplicate, describe
from shared.events import Event
from shared.messaging.outbox import Outbox
from shared.storage.batching import GroupCommit, Loader
from shared.storage.documents import merged
from shared.storage.mongo import Collection, Document, Query
from shared.times import local_day

log = logging.getLogger(__name__)

#: Consultations that are unsealed together in a search: the longest are megabytes.
HELD_AT_ONCE = 10
#: What is opened where a ticket is not known: no consultation has this id.
DECOY = "decoy"


class Consultations:
    def __init__(
        self,
        collection: Collection,
        keys: DataKeys,
        outbox: Outbox,
        encryption: EnvelopeEncryption,
    ) -> None:
        self._collection = collection
        self._outbox = outbox
        self._keys = keys
        self._fingerprints = Fingerprints([*encryption.secrets("fingerprints").values()])
        decoy, self._decoy_key = self._keys.new(DECOY)
        self._decoy_pin = decoy.seal("pin", new_pin())
        self._key_inserts: GroupCommit[Document, None] = GroupCommit(keys.keep)
        self._inserts: GroupCommit[Document, None] = GroupCommit(collection.insert_each, eager=True)
        self._unsealing = asyncio.Semaphore(1)
        self._updates: Loader[UUID, Consultation] = Loader(self._for_updates)

    async def prepare(self) -> None:
        await self._collection.index(("idempotency", 1), unique=True)
        await self._collection.index(("ticket", 1), unique=True)
        await self._collection.index(("received_day", 1), ("kecamatan", 1))
        # the satgas's inbox, newest first: ids sort by time; an officer's are found among them
        await self._collection.index(("kecamatan", 1), ("_id", -1))
        await self._collection.index(("satgas", 1), ("_id", -1))

    async def add(
        self,
        consultation: Consultation,
        private: Private,
        event: Event,
        *,
        idempotency: str,
        fingerprint: str,
    ) -> None:
        """Keep it, journaled, with its event. `Duplicate`: its idempotency or ticket exists."""
        outbox = self._outbox.fields([event])
        id_ = str(consultation.id)
        key, kept_key = self._keys.new(id_)
        document = {
            **state_of(consultation, private, key),
            "_id": id_,
            "idempotency": idempotency,
            "fingerprint": self._fingerprints.kept(fingerprint),
            "received_day": local_day(consultation.received_at).isoformat(),
            **outbox,
        }
        try:
            # its key first: without it a consultation would be lost, whatever was promised
            await self._key_inserts.submit(kept_key)
            await self._inserts.submit(document)
        except Duplicate:
            await self._drop_unused_key(id_)
            raise
        self._outbox.offer(id_, outbox["outbox"])

    async def _drop_unused_key(self, id_: str) -> None:
        """Of a repeated post; it is needed where the driver repeated the write of a first one."""
        if not await self._collection.find({"_id": id_}, limit=1, only=["_id"]):
            await self._keys.destroy(id_)

    async def by_idempotency(
        self, key: str, fingerprint: str
    ) -> tuple[Consultation, Private, bool] | None:
        """The consultation kept under `key`, its private part, and whether the post was the
        same."""
        few = [*FEW, "fingerprint", "sealed.pin", "sealed.requester", "private"]
        found = await self._collection.find({"idempotency": key}, limit=1, only=few)
        if not found:
            return None
        is_same = self._fingerprints.fits(found[0]["fingerprint"], fingerprint)
        return (*await self._both(found[0]), is_same)

    async def get(self, id_: UUID) -> Consultation | None:
        both = await self.get_with_private(id_)
        return both and both[0]

    async def for_update(self, id_: UUID) -> Consultation | None:
        """Without words, and by which keys; in one read with who asks at the same time."""
        return await self._updates.load(id_)

    async def _for_updates(self, ids: list[UUID]) -> dict[UUID, Consultation]:
        return await self._parts_of(ids, [*FEW, "timeline"])

    async def for_move(
        self, id_: UUID, key: str | None = None, fingerprint: str = ""
    ) -> Consultation | None:
        """Without words and what was done; of the keys of its moves, this one, with `fingerprint`
        where it came with that."""
        parts = await self._parts_of([id_], [*FEW, f"moves_done.{key}"] if key else FEW)
        found = parts.get(id_)
        if found is None or key not in found.moves_done:
            return found
        if not self._fingerprints.fits(found.moves_done[key], fingerprint):
            return found
        return replace(found, moves_done={key: fingerprint})

    async def _parts_of(self, ids: Sequence[UUID], only: Sequence[str]) -> dict[UUID, Consultation]:
        found = await self._collection.find(_among(ids), only=only)
        if uncounted := [row for row in found if "said" not in row]:
            # from before it was counted: the next save writes it down
            some = {"_id": {"$in": [row["_id"] for row in uncounted]}}
            rows = await self._collection.find(some, only=["messages.actor"])
            said = {row["_id"]: said_in(row) for row in rows}
            for row in uncounted:
                row["said"] = said.get(row["_id"], {})
        return {one.id: one for one in map(consultation_of, found)}

    async def latest(self, id_: UUID) -> Latest | None:
        """With the end of its messages and its timeline."""
        found = await self._collection.find({"_id": str(id_)}, limit=1, only=LATEST)
        if not found:
            return None
        whole, private = await self._both(found[0])
        messages, timeline = whole.messages, whole.timeline
        part = replace(
            whole, messages=messages[-LATEST_ENTRIES:], timeline=timeline[-LATEST_ENTRIES:]
        )
        return Latest(
            part, private, len(messages) <= LATEST_ENTRIES and len(timeline) <= LATEST_ENTRIES
        )

    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None:
        found = await self._collection.get(str(id_))
        return None if found is None else await self._both(found)

    async def contacts(self, ids: Sequence[UUID]) -> list[Reachable]:
        """Of those that exist and left a contact; nothing else of them is read.

        One that cannot be decrypted keeps none of the others: its contact is None.
        """
        contacts = list[Reachable]()
        few = ["ticket", "status", "anonymous", "sealed.requester", "private"]
        rows = await self._collection.find(_among(ids), only=few)
        rows = [row for row in rows if row.get("sealed", {}).get("requester") or row.get("private")]
        wrapped = await self._keys.wrapped(row["_id"] for row in rows)
        for row in rows:
            one = Reachable(UUID(row["_id"]), row["ticket"], row["status"], row["anonymous"], None)
            try:
                key = self._key(row, wrapped)
                _, contact = requester_of(row, key) if key else (None, None)
            except DecryptionFailed as error:
                log.error("contact not read", extra={"error": describe(error)})
                contacts.append(one)
            else:
                if contact:
                    contacts.append(replace(one, contact=contact))
        return contacts

    async def pin_of(self, ticket: str) -> tuple[UUID, str] | None:
        """Whose the ticket is, and its PIN. Where there is none, one is decrypted all the same:
        how long it takes must not tell which tickets exist."""
        few = ["sealed.pin", "private"]
        found = await self._collection.find({"ticket": ticket}, limit=1, only=few)
        row: Document = found[0] if found else {"_id": DECOY}
        key = self._key(row, await self._keys.wrapped([row["_id"]]))
        if key is None or not (row.get("sealed", {}).get("pin") or row.get("private")):
            self._keys.unwrap(self._decoy_key).open("pin", self._decoy_pin)
            return None
        return UUID(row["_id"]), private_of(row, key).pin

    async def save(
        self, before: Consultation, changed: Consultation, event: Event | None = None
    ) -> None:
        """Write what changed, with the event; raises `Conflict` where the version before is gone,
        and `Erased` where there are words and no key to seal them with.

        Both hold as much as was read: what was not is not touched.
        """
        id_, told = str(changed.id), self._outbox.changes([event] if event else [])
        key = await self._sealing_key(id_) if has_new_words(before, changed) else None
        update = merged(update_of(before, changed, key, self._fingerprints.kept), told)
        if not await self._collection.update_guarded(id_, changed.version - 1, update):
            raise Conflict(f"consultation {id_} is past version {changed.version - 1}")
        if told:
            await self._outbox.offer_stored(id_)

    async def for_ticket(self, ticket: str) -> Consultation | None:
        found = await self._collection.find({"ticket": ticket}, limit=1, only=["_id"])
        return await self.for_move(UUID(found[0]["_id"])) if found else None

    async def tell(self, id_: UUID, event: Event) -> None:
        """The version stays: whoever is at work on it has read what there is."""
        if await self._collection.update({"_id": str(id_)}, self._outbox.changes([event])):
            await self._outbox.offer_stored(str(id_))

    async def inbox(self, query: Query, *, before: UUID | None, limit: int) -> list[Consultation]:
        """Consultations that fit, newest first; `before`: the id that the last page ended with."""
        return await self._lines({**query, **_older(before)}, [("_id", -1)], limit)

    async def with_words(
        self, query: Query, *, before: UUID | None, limit: int
    ) -> AsyncGenerator[Consultation]:
        """The same, one after the other, with all that was said; nothing of what was erased. A few
        are unsealed together, and by one search at a time, so that however many search, no more
        is held."""
        newest = [("_id", -1)]
        # their ids by one question: each costs the store as much as all of them
        rows = await self._collection.find(
            {**query, **_older(before)}, sort=newest, limit=limit, only=["_id"]
        )
        ids = [row["_id"] for row in rows]
        for start in range(0, len(ids), HELD_AT_ONCE):
            some: Query = {"_id": {"$in": ids[start : start + HELD_AT_ONCE]}}
            async with self._unsealing:
                held = await self._lines(some, [("_id", 1)], HELD_AT_ONCE, WITH_WORDS)
            while held:
                yield held.pop()

    async def awaiting_answer(
        self, query: Query, *, after: Position | None, limit: int
    ) -> list[Consultation]:
        """Of those that fit, the ones that await their first answer, by when it is due; `after`:
        where the last page ended, whatever became of that since."""
        await_it: Query = {
            "status": {"$in": sorted(AWAITING_ANSWER)},
            "answer_due": {"$ne": None},
            "timeline.what": {"$nin": sorted(MOVES_FIRST_ANSWER)},
        }
        # each its own branch: `query` may say which status, and has branches of its own
        both: list[Query] = [query, await_it]
        if after:
            due, id_ = after
            beyond = {"answer_due": due, "_id": {"$gt": str(id_)}}
            both.append({"$or": [{"answer_due": {"$gt": due}}, beyond]})
        return await self._lines({"$and": both}, [("answer_due", 1), ("_id", 1)], limit)

    async def _lines(
        self,
        query: Query,
        sort: Sequence[tuple[str, int]],
        limit: int,
        only: Sequence[str] = WITH_TITLE,
    ) -> list[Consultation]:
        found = await self._collection.find(query, sort=sort, limit=limit, only=only)
        wrapped = await self._keys.wrapped(row["_id"] for row in found if row.get("sealed"))
        return [self._line(row, wrapped) for row in found]

    async def count_by_status(self, query: Query) -> dict[str, int]:
        """The branches of an `$or` are counted beside each other, each without what an earlier one
        has: to see that a document fits two of them takes longer than to read it twice."""
        some: Sequence[Query] = query.get("$or", [{}])
        rest = {name: wanted for name, wanted in query.items() if name != "$or"}
        apart = [
            {"$and": [rest, one, *({"$nor": [other]} for other in some[:number])]}
            for number, one in enumerate(some)
        ]
        counted = Counter[str]()
        for rows in await asyncio.gather(*map(self._grouped_by_status, apart)):
            counted.update({row["_id"]: row["number"] for row in rows})
        return dict(counted)

    async def _grouped_by_status(self, query: Query) -> list[Document]:
        return await self._collection.aggregate(
            [{"$match": query}, {"$group": {"_id": "$status", "number": {"$sum": 1}}}]
        )

    async def count_accepted(self, first_day: str, last_day: str) -> list[dict[str, Any]]:
        """`{day, kecamatan, accepted}` by day of receipt (Asia/Makassar), both ends included."""
        rows = await self._collection.aggregate(
            [
                {"$match": {"received_day": {"$gte": first_day, "$lte": last_day}}},
                {
                    "$group": {
                        "_id": {"day": "$received_day", "kecamatan": "$kecamatan"},
                        "accepted": {"$sum": 1},
                    }
                },
                {"$sort": {"_id.day": 1, "_id.kecamatan": 1}},
            ]
        )
        return [{**row["_id"], "accepted": row["accepted"]} for row in rows]

    async def _both(self, document: Document) -> tuple[Consultation, Private]:
        """As much as was read of it; without words where its key is gone."""
        key = self._key(document, await self._keys.wrapped([document["_id"]]))
        found = consultation_of(document, key)
        return (found if key else without_words(found)), private_of(document, key)

    def _line(self, document: Document, wrapped: Mapping[str, Document]) -> Consultation:
        """One that cannot be decrypted keeps none of the others: its title is empty."""
        try:
            key = self._key(document, wrapped)
            found = consultation_of(document, key)
        except DecryptionFailed as error:
            log.error("title not read", extra={"error": describe(error)})
            return consultation_of(document)
        return found if key or found.title else without_words(found)

    def _key(self, document: Document, wrapped: Mapping[str, Document]) -> DataKey | None:
        """Its data key; None where that is gone. Raises `DecryptionFailed`."""
        if own := wrapped.get(document["_id"]):
            return self._keys.unwrap(own)
        # until 2026-11 it was kept beside what it opens
        beside = document.get("private")
        return self._keys.unwrap({"_id": document["_id"], **beside}) if beside else None

    async def _sealing_key(self, id_: str) -> DataKey:
        if key := await self._keys.get(id_):
            return key
        found = await self._collection.find({"_id": id_}, limit=1, only=["private"])
        beside = found[0].get("private") if found else None
        if beside is None:
            raise Erased("its words can be read no more")
        return self._keys.unwrap({"_id": id_, **beside})


def _older(before: UUID | None) -> Query:
    return {"_id": {"$lt": str(before)}} if before else {}


def _among(ids: Sequence[UUID]) -> Query:
    return {"_id": {"$in": [str(id_) for id_ in ids]}}
