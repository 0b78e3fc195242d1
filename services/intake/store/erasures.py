"""What is taken out of consultations in MongoDB, and the list of those that were erased.

The list, `{_id: consultation, at, actor, by, open}`, holds no personal data. `open` is there until
all is done; what is not was interrupted. It is also what to erase again in a database that was
restored from before.
"""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Who
from services.intake.domain.erasure import Part
from services.intake.store.data_keys import DataKeys
from services.intake.store.documents import (
    FEW,
    MESSAGES_WITHOUT_BODY,
    WORDS,
    consultation_of,
    requester_of,
)
from shared.errors import Conflict, Duplicate
from shared.events import Event
from shared.messaging.outbox import Outbox
from shared.storage.documents import difference, fields_of, merged
from shared.storage.mongo import Collection, Document, Query

#: Consultations that are looked at together.
PAGE = 500
#: Interrupted erasures that are finished in one round.
MOST_UNFINISHED = 100


class ErasuresStore:
    def __init__(
        self, consultations: Collection, erasures: Collection, keys: DataKeys, outbox: Outbox
    ) -> None:
        self._consultations = consultations
        self._erasures = erasures
        self._keys = keys
        self._outbox = outbox

    async def prepare(self) -> None:
        await self._erasures.index(("open", 1))

    async def for_erasure(self, id_: UUID) -> Consultation | None:
        """Without words. One of which only the key is gone is not erased yet."""
        found = await self._consultations.find({"_id": str(id_)}, limit=1, only=[*FEW, "timeline"])
        return consultation_of(found[0]) if found else None

    async def intend(self, id_: UUID, who: Who, now: datetime) -> None:
        """Write down that it is to be erased; once it is done, nothing happens."""
        line = {"_id": str(id_), "at": now, "actor": who.actor, "by": who.id, "open": 1}
        try:
            await self._erasures.insert(line)
        except Duplicate:
            # also what was restored from a backup after it had been erased
            await self._erasures.update({"_id": str(id_)}, {"$set": {"open": 1}})

    async def unfinished(self) -> list[tuple[UUID, Who]]:
        found = await self._erasures.find({"open": 1}, limit=MOST_UNFINISHED)
        return [(UUID(one["_id"]), Who(one["actor"], one["by"])) for one in found]

    async def erase(self, before: Consultation, changed: Consultation, event: Event) -> None:
        """Take out the words, sealed as they are, with the event. Raises `Conflict` where the
        version before is gone."""
        id_, told = str(changed.id), self._outbox.changes([event])
        guard = {"_id": id_, "version": before.version}
        rows = await self._consultations.find(guard, limit=1, only=MESSAGES_WITHOUT_BODY)
        gone = {
            "sealed": {},
            "messages": rows[0].get("messages", []) if rows else [],
            # they were made of the words
            "fingerprint": "",
            "moves_done": {},
        }
        fields = ("version", "erased", "timeline")
        state = difference(before, changed, fields, _kept)
        update = merged(merged(state, {"$set": gone}), told)
        old = {"$unset": dict.fromkeys((*WORDS, "private"), "")}
        if not await self._consultations.update(guard, {**update, **old}):
            raise Conflict(f"consultation {id_} is past version {before.version}")
        await self._outbox.offer_stored(id_)

    async def destroy_key(self, id_: UUID) -> None:
        """From here on not even a copy of the consultation can be read with the master keys."""
        await self._keys.destroy(str(id_))
        await self._erasures.update({"_id": str(id_)}, {"$unset": {"open": ""}})

    async def take_out_requester(self, before: Consultation) -> bool:
        """Name and contact; False where the version before is gone."""
        return await self._consultations.update(
            {"_id": str(before.id), "version": before.version},
            {"$set": {"version": before.version + 1}, "$unset": {"sealed.requester": ""}},
        )

    async def ended(self, before_day: str) -> AsyncGenerator[list[tuple[Consultation, set[Part]]]]:
        """Consultations received on that day or before and not erased, page by page, each with the
        parts that it has; those that are open among them."""
        query = {"received_day": {"$lte": before_day}, "erased": {"$ne": True}}
        few = [*FEW, "timeline", "sealed.requester", "private.key"]
        async for page in self._pages(query, few):
            yield [(consultation_of(row), _parts(row)) for row in page]

    async def count(self, before_day: str) -> int:
        return await self._consultations.count(
            {"received_day": {"$lte": before_day}, "erased": {"$ne": True}}
        )

    async def left_contact(
        self,
    ) -> AsyncGenerator[list[tuple[Consultation, dict[str, str] | None]]]:
        """Consultations that are not erased, page by page, each with the contact that was left.

        Raises `DecryptionFailed`.
        """
        query = {"erased": {"$ne": True}}
        async for page in self._pages(query, [*FEW, "sealed.requester", "private"]):
            wrapped = await self._keys.wrapped(row["_id"] for row in page)
            found = []
            for row in page:
                kept = wrapped.get(row["_id"]) or row.get("private")
                key = self._keys.unwrap({"_id": row["_id"], **kept}) if kept else None
                has_one = key and (row.get("sealed") or row.get("private"))
                contact = requester_of(row, key)[1] if key and has_one else None
                found.append((consultation_of(row), contact))
            yield found

    async def by_ticket(self, ticket: str) -> Consultation | None:
        found = await self._consultations.find({"ticket": ticket}, limit=1, only=FEW)
        return consultation_of(found[0]) if found else None

    async def size(self) -> int:
        return await self._consultations.size()

    async def _pages(self, query: Query, only: list[str]) -> AsyncGenerator[list[Document]]:
        after = ""
        while page := await self._consultations.find(
            {**query, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=PAGE, only=only
        ):
            yield page
            after = page[-1]["_id"]


def _kept(value: Any) -> Any:
    return [fields_of(one) for one in value] if isinstance(value, tuple) else value


def _parts(row: Document) -> set[Part]:
    # of before 2026-11: only opened it tells whether it has one
    has_requester = row.get("sealed", {}).get("requester") is not None or "private" in row
    return {"requester", "words"} if has_requester else {"words"}
