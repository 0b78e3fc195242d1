"""The data keys in MongoDB, apart from what they open: one document for each consultation.

`{_id: consultation, key: id of the master key, wrapped}`. A copy of the consultations opens with
none of them, and one that is deleted takes all words of its consultation along. A key is written
before its consultation: what a crash leaves in between is a key that opens nothing.
"""

from collections.abc import Iterable, Sequence

from services.intake.store.encryption import DataKey, EnvelopeEncryption
from shared.errors import Duplicate
from shared.storage.mongo import Collection, Document


class DataKeys:
    def __init__(self, collection: Collection, encryption: EnvelopeEncryption) -> None:
        self._collection = collection
        self._encryption = encryption

    def new(self, consultation: str) -> tuple[DataKey, Document]:
        """A data key, and the document to keep it in."""
        key, wrapped = self._encryption.new_key(consultation)
        return key, {"_id": consultation, **wrapped}

    async def keep(self, documents: Sequence[Document]) -> list[Exception | None]:
        """What became of each; a key that is there already is fine."""
        outcomes = await self._collection.insert_each(documents)
        return [None if isinstance(one, Duplicate) else one for one in outcomes]

    async def adopt(self, documents: Sequence[Document]) -> None:
        """Keep keys that lay beside what they open. Raises what became of one, so that nothing is
        sealed with a key that is not kept."""
        for error in await self.keep(documents):
            if error:
                raise error

    async def wrapped(self, consultations: Iterable[str]) -> dict[str, Document]:
        """The documents, by one question; who was erased has none."""
        ids = list(consultations)
        if not ids:
            return {}
        found = await self._collection.find({"_id": {"$in": ids}})
        return {one["_id"]: one for one in found}

    def unwrap(self, document: Document) -> DataKey:
        """Raises `DecryptionFailed`."""
        return self._encryption.unwrap(document["_id"], document)

    async def get(self, consultation: str) -> DataKey | None:
        """None where there is none, any more. Raises `DecryptionFailed`."""
        found = await self.wrapped([consultation])
        return self.unwrap(found[consultation]) if found else None

    async def destroy(self, consultation: str) -> None:
        await self._collection.delete_all({"_id": consultation})
