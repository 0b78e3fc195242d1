"""Consultations in MongoDB: one document each, its encrypted part and its outbox inside."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.intake.domain.consultation import (
    Consultation,
    Latest,
    Private,
    Reachable,
)
from services.intake.domain.tickets import new_pin
from services.intake.store.documents import (
    FEW,
    LATEST,
    LATEST_ENTRIES,
    WITHOUT_TALK,
    consultation_of,
    said_in,
    state_of,
    update_of,
)
from services.intake.store.encryption import DecryptionFailed, EnvelopeEncryption
from services.intake.store.fingerprints import Fingerprints
from shared.errors import Conflict, describe
from shared.events import Event
from shared.messaging.outbox import Outbox
from shared.storage.batching import GroupCommit, Loader
from shared.storage.documents import merged
from shared.storage.mongo import Collection, Document, Query
from shared.times import local_day

log = logging.getLogger(__name__)


class Consultations:
    def __init__(
        self, collection: Collection, outbox: Outbox, encryption: EnvelopeEncryption
    ) -> None:
        self._collection = collection
        self._outbox = outbox
        self._encryption = encryption
        self._fingerprints = Fingerprints(encryption.secrets("fingerprints"))
        self._decoy = encryption.encrypt("", Private(pin=new_pin()))
        self._inserts: GroupCommit[Document, None] = GroupCommit(collection.insert_each)
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
        await self._inserts.submit(
            {
                **state_of(consultation),
                "_id": id_,
                "idempotency": idempotency,
                "fingerprint": self._fingerprints.kept(fingerprint),
                "received_day": local_day(consultation.received_at).isoformat(),
                "private": self._encryption.encrypt(id_, private),
                **outbox,
            }
        )
        self._outbox.offer(id_, outbox["outbox"])

    async def by_idempotency(
        self, key: str, fingerprint: str
    ) -> tuple[Consultation, Private, bool] | None:
        """The consultation kept under `key`, its private part, and whether the post was the
        same."""
        found = await self._collection.find({"idempotency": key}, limit=1, only=WITHOUT_TALK)
        if not found:
            return None
        is_same = self._fingerprints.fits(found[0]["fingerprint"], fingerprint)
        return (*self._both(found[0]), is_same)

    async def get(self, id_: UUID) -> Consultation | None:
        found = await self._collection.get(str(id_))
        return None if found is None else consultation_of(found)

    async def for_update(self, id_: UUID) -> Consultation | None:
        """Without what was said, and by which keys; in one read with who asks at the same time."""
        return await self._updates.load(id_)

    async def _for_updates(self, ids: list[UUID]) -> dict[UUID, Consultation]:
        return await self._parts_of(ids, [*FEW, "timeline"])

    async def for_move(self, id_: UUID, key: str | None, fingerprint: str) -> Consultation | None:
        """Without what was said and done; of the keys of its moves, this one, with `fingerprint`
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
        whole, private = self._both(found[0])
        messages, timeline = whole.messages, whole.timeline
        part = replace(
            whole, messages=messages[-LATEST_ENTRIES:], timeline=timeline[-LATEST_ENTRIES:]
        )
        return Latest(
            part, private, len(messages) <= LATEST_ENTRIES and len(timeline) <= LATEST_ENTRIES
        )

    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None:
        found = await self._collection.get(str(id_))
        return None if found is None else self._both(found)

    async def contacts(self, ids: Sequence[UUID]) -> list[Reachable]:
        """Of those that exist and left a contact; nothing else of them is read.

        One that cannot be decrypted keeps none of the others: its contact is None.
        """
        contacts, few = list[Reachable](), ["ticket", "anonymous", "private"]
        for row in await self._collection.find(_among(ids), only=few):
            one = Reachable(UUID(row["_id"]), row["ticket"], row["anonymous"], None)
            try:
                contact = self._encryption.decrypt(row["_id"], row["private"]).contact
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
        found = await self._collection.find({"ticket": ticket}, limit=1, only=["private"])
        id_, private = (found[0]["_id"], found[0]["private"]) if found else ("", self._decoy)
        pin = self._encryption.decrypt(id_, private).pin
        return (UUID(id_), pin) if found else None

    async def save(
        self, before: Consultation, changed: Consultation, event: Event | None = None
    ) -> None:
        """Write what changed, with the event; raises `Conflict` where the version before is gone.

        Both hold as much as was read: what was not is not touched.
        """
        id_, told = str(changed.id), self._outbox.changes([event] if event else [])
        update = merged(update_of(before, changed, self._fingerprints.kept), told)
        if not await self._collection.update_guarded(id_, changed.version - 1, update):
            raise Conflict(f"consultation {id_} is past version {changed.version - 1}")
        if told:
            await self._outbox.offer_stored(id_)

    async def inbox(self, query: Query, *, before: UUID | None, limit: int) -> list[Consultation]:
        """Consultations that fit, newest first; `before`: the id that the last page ended with."""
        page = {"_id": {"$lt": str(before)}} if before else {}
        found = await self._collection.find(
            {**query, **page}, sort=[("_id", -1)], limit=limit, only=FEW
        )
        return [consultation_of(document) for document in found]

    async def count_by_status(self, query: Query) -> dict[str, int]:
        rows = await self._collection.aggregate(
            [{"$match": query}, {"$group": {"_id": "$status", "number": {"$sum": 1}}}]
        )
        return {row["_id"]: row["number"] for row in rows}

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

    def _both(self, document: Document) -> tuple[Consultation, Private]:
        return consultation_of(document), self._encryption.decrypt(
            document["_id"], document["private"]
        )


def _among(ids: Sequence[UUID]) -> Query:
    return {"_id": {"$in": [str(id_) for id_ in ids]}}
