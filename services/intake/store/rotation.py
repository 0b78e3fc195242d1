"""All data keys wrapped by the current master key, page by page, while the service runs.

What was done stays done: broken off, it goes on where it was. On its way it seals what was kept in
plain until 2026-11.
"""

import json
from collections.abc import AsyncGenerator
from typing import Any

from services.intake.store.data_keys import DataKeys
from services.intake.store.documents import WORDS, part_of
from services.intake.store.encryption import DataKey, EnvelopeEncryption
from shared.storage.mongo import Collection, Document, Operation, Query, guarded

PAGE = 500


class Rotation:
    def __init__(
        self, consultations: Collection, data_keys: Collection, encryption: EnvelopeEncryption
    ) -> None:
        self._consultations = consultations
        self._keys = data_keys
        self._encryption = encryption
        self._adopting = DataKeys(data_keys, encryption)

    async def sizes(self) -> tuple[int, int]:
        """Of the consultations, and of the data keys."""
        return await self._consultations.size(), await self._keys.size()

    async def rewrap(self) -> AsyncGenerator[int]:
        """How many were wrapped anew, by page. Raises `DecryptionFailed`."""
        async for page in _pages(self._keys, {"key": {"$ne": self._encryption.current}}):
            await self._keys.write_each([self._rewrapped(one) for one in page])
            yield len(page)

    async def is_done(self) -> bool:
        """Whether no data key is wrapped by another master key, nor kept beside its words."""
        others = {"key": {"$ne": self._encryption.current}}
        beside = {"private": {"$exists": True}}
        return not (
            await self._keys.find(others, limit=1, only=["_id"])
            or await self._consultations.find(beside, limit=1, only=["_id"])
        )

    def _rewrapped(self, kept: Document) -> Operation:
        # one that was destroyed meanwhile is not made again
        guard = {"_id": kept["_id"], "key": kept["key"]}
        return guarded(guard, {"$set": self._encryption.rewrap(kept["_id"], kept)})

    async def seal(self) -> AsyncGenerator[int]:
        """How many consultations were sealed, by page."""
        async for page in _pages(self._consultations, {"private": {"$exists": True}}):
            await self._adopting.adopt([{"_id": one["_id"], **self._own(one)} for one in page])
            await self._consultations.write_each([self._sealed(one) for one in page])
            # what was erased meanwhile is to have no key again
            ids = {"$in": [one["_id"] for one in page]}
            erased = await self._consultations.find({"_id": ids, "erased": True}, only=["_id"])
            await self._keys.delete_all({"_id": {"$in": [one["_id"] for one in erased]}})
            yield len(page)

    def _own(self, kept: Document) -> dict[str, Any]:
        return self._encryption.rewrap(kept["_id"], kept["private"])

    def _sealed(self, kept: Document) -> Operation:
        """Whoever changes it meanwhile is quicker, and the next round seals it."""
        key = self._encryption.unwrap(kept["_id"], kept["private"])
        sealed = kept.get("sealed", {}) | sealed_parts(kept, key)
        messages = [
            {**one, "body": key.seal(part_of(one["id"]), one["body"])}
            if isinstance(one.get("body"), str)
            else one
            for one in kept.get("messages", ())
        ]
        return guarded(
            {"_id": kept["_id"], "version": kept["version"]},
            {
                "$set": {
                    "sealed": sealed,
                    "messages": messages,
                    "version": kept["version"] + 1,
                },
                "$unset": dict.fromkeys((*WORDS, "private"), ""),
            },
        )


def sealed_parts(kept: Document, key: DataKey) -> dict[str, bytes]:
    """The parts of a document of before 2026-11, as they are kept now."""
    private = json.loads(key.open_whole(kept["private"]["sealed"]))
    parts = {"pin": private["pin"]}
    parts |= {name: kept[name] for name in WORDS if isinstance(kept.get(name), str)}
    if private.get("name") or private.get("contact"):
        parts["requester"] = json.dumps([private.get("name"), private.get("contact")])
    return {name: key.seal(name, text) for name, text in parts.items()}


async def _pages(collection: Collection, query: Query) -> AsyncGenerator[list[Document]]:
    after = ""
    while page := await collection.find(
        {**query, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=PAGE
    ):
        yield page
        after = page[-1]["_id"]
