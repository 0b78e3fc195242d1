"""The directory in MongoDB: one document a recipient. Every replica keeps a copy for a moment."""

import time
from dataclasses import asdict, replace

from services.notify.domain.recipients import Address, Directory, Recipient, seeds
from shared.errors import Conflict, Duplicate
from shared.storage.batching import Loader
from shared.storage.mongo import Collection, Document

#: Seconds for which a replica goes by the copy that it has.
DIRECTORY_CACHE_SECONDS = 1.0


class Recipients:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._copy = Directory(())
        self._rows: list[Document] = []
        self._good_until = 0.0
        self._puts = 0
        # who finds it too old at the same moment shares one look
        self._asking: Loader[str, Directory] = Loader(self._read, window=0)

    async def prepare(self) -> None:
        """Seed who is missing, and bring documents of an older version into today's shape."""
        known = {row["_id"]: row for row in await self._collection.find({})}
        missing = [_document(one) for one in seeds() if one.id not in known]
        if missing:
            # another replica may be first: its seeds are the same
            await self._collection.insert_each(missing)
        for seed in seeds():
            older = known.get(seed.id)
            if older is not None and "channels" not in older:
                await self._collection.update(
                    {"_id": seed.id, "channels": {"$exists": False}},
                    {"$set": _document(_with_address(seed, older)), "$unset": {"addresses": ""}},
                )

    async def directory(self) -> Directory:
        """As it was at most `DIRECTORY_CACHE_SECONDS` ago."""
        if time.monotonic() >= self._good_until:
            await self._asking.load("all")
        return self._copy

    async def _read(self, names: list[str]) -> dict[str, Directory]:
        now, puts = time.monotonic(), self._puts
        if now >= self._good_until:
            found = await self._collection.find({"channels": {"$exists": True}}, sort=[("_id", 1)])
            if found != self._rows:
                self._copy, self._rows = Directory(map(_recipient, found)), found
            # what was put meanwhile may be missing in it
            self._good_until = now + DIRECTORY_CACHE_SECONDS if puts == self._puts else 0.0
        return dict.fromkeys(names, self._copy)

    async def get(self, id_: str) -> Recipient | None:
        found = await self._collection.get(id_)
        return None if found is None else _recipient(found)

    async def put(self, recipient: Recipient, *, after: int) -> Recipient:
        """Keep it in the place of version `after`, 0 for none; raises `Conflict` otherwise."""
        changed = replace(recipient, version=after + 1)
        document = _document(changed)
        try:
            if after == 0:
                await self._collection.insert(document)
            elif not await self._collection.update(
                {"_id": recipient.id, "version": after}, {"$set": document}
            ):
                raise Conflict(f"recipient {recipient.id} is past version {after}")
        except Duplicate:
            raise Conflict(f"recipient {recipient.id} is there already") from None
        self._puts += 1
        self._good_until = 0.0
        return changed


def _with_address(seed: Recipient, older: Document) -> Recipient:
    address = older.get("addresses", {}).get("smtp")
    return replace(seed, channels=(Address("email", address),) if address else ())


def _document(recipient: Recipient) -> Document:
    document = asdict(recipient)
    channels = [{"channel": one.channel, "address": one.value} for one in recipient.channels]
    return {"_id": document.pop("id"), **document, "channels": channels}


def _recipient(document: Document) -> Recipient:
    return Recipient(
        id=document["_id"],
        role=document["role"],
        satgas=document["satgas"],
        channels=tuple(
            Address.meant(one["channel"], one["address"]) for one in document["channels"]
        ),
        language=document["language"],
        quiet_hours=document["quiet_hours"],
        digest=document["digest"],
        version=document["version"],
    )
