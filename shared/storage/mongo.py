"""The one door to MongoDB: the few operations the stores use, journaled, with our own errors.

Everything works on a standalone server, a replica set or a sharded cluster: there is no
multi-document transaction. Motor is past its end of life (docs/decisions/0004); what differs in
PyMongo's own asyncio client is in this file and nowhere else.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

import pymongo
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, InsertOne, UpdateOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    PyMongoError,
    WriteError,
    WTimeoutError,
)

from shared.errors import Duplicate, StoreUnavailable, WriteRefused
from shared.storage.batching import WINDOW_SECONDS, GroupCommit

Document = dict[str, Any]
Query = Mapping[str, Any]
Change = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Operation = InsertOne[Document] | UpdateOne
"""For `write_each`; made by `change` and `upsert` below."""

#: Before every time that is kept.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DUPLICATE_KEY = 11000
#: Milliseconds for one operation, and to find a server at all: a front-end waits for the answer.
TIMEOUT_MS = 5000
SELECTION_TIMEOUT_MS = 2000
#: Seconds to drop a collection or database, for which nobody waits.
DROP_SECONDS = 60


def until(moment: datetime) -> Document:
    """A condition: a time, and not after `moment`.

    The lower bound is for the index, where documents without the time come before all times: a
    store that walks it from its start to `moment` would read every one of them.
    """
    return {"$gte": EPOCH, "$lte": moment}


class Database:
    """The database of one service; hands out its collections."""

    def __init__(self, url: str, name: str, driver: Literal["motor", "pymongo"] = "motor") -> None:
        self.name = name
        make: Any = AsyncIOMotorClient if driver == "motor" else AsyncMongoClient
        self._client = make(
            url,
            tz_aware=True,
            tzinfo=UTC,
            timeoutMS=TIMEOUT_MS,
            serverSelectionTimeoutMS=SELECTION_TIMEOUT_MS,
        )
        # w=majority is one member on a standalone; j=True is what makes 202 mean kept
        self._database = self._client.get_database(
            name, write_concern=WriteConcern(w="majority", j=True)
        )

    def collection(self, name: str, window: float = WINDOW_SECONDS) -> "Collection":
        return Collection(self._database[name], window)

    async def ping(self) -> None:
        """Raises `StoreUnavailable` where the server does not answer."""
        with _our_errors():
            await self._database.command("ping")

    async def clock_offset(self) -> timedelta:
        """The server's clock minus ours. Leases are reckoned on the server's, which all share."""
        with _our_errors():
            before = datetime.now(UTC)
            answer = await self._database.command("hello")
            local: datetime = answer["localTime"]
        return (local if local.tzinfo else local.replace(tzinfo=UTC)) - before

    async def drop(self) -> None:
        """For tests."""
        with _our_errors(), pymongo.timeout(DROP_SECONDS):
            await self._client.drop_database(self.name)

    async def close(self) -> None:
        closing = self._client.close()  # a coroutine with PyMongo, done with Motor
        if asyncio.iscoroutine(closing):
            await closing


class Collection:
    """One collection. Every method raises `StoreUnavailable` where the server does not answer."""

    def __init__(self, collection: Any, window: float = WINDOW_SECONDS) -> None:
        """`window`: seconds that a guarded update waits for others."""
        self._collection = collection
        self._guarded: GroupCommit[_Guarded, bool] = GroupCommit(self._update_each, window=window)

    async def index(self, *keys: tuple[str, int], unique: bool = False) -> None:
        """Make sure of an index, e.g. `index(("day", 1), ("kecamatan", 1))`."""
        with _our_errors():
            await self._collection.create_index(list(keys), unique=unique)

    async def get(self, id_: Any) -> Document | None:
        return await self.find_one({"_id": id_})

    async def find_one(
        self, query: Query, *, sort: Sequence[tuple[str, int]] | None = None
    ) -> Document | None:
        with _our_errors():
            found: Document | None = await self._collection.find_one(query, sort=sort)
        return found

    async def find(
        self,
        query: Query,
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
        only: Sequence[str] | Query | None = None,
    ) -> list[Document]:
        """`only`: the names of the fields to read, or a projection of MongoDB's."""
        with _our_errors():
            cursor = self._collection.find(query, only, sort=sort, limit=limit)
            found: list[Document] = await cursor.to_list(None)
        return found

    async def insert(self, document: Document) -> None:
        """Raises `Duplicate` where the id or a unique key exists."""
        with _our_errors():
            await self._collection.insert_one(document)

    async def update(self, guard: Query, change: Change, *, upsert: bool = False) -> bool:
        """Change the document that fits `guard`; False where none does."""
        with _our_errors():
            result = await self._collection.update_one(guard, change, upsert=upsert)
        return bool(result.matched_count or result.upserted_id is not None)

    async def update_all(self, guard: Query, change: Change) -> int:
        with _our_errors():
            result = await self._collection.update_many(guard, change)
        return int(result.matched_count)

    async def delete_all(self, guard: Query) -> int:
        with _our_errors():
            result = await self._collection.delete_many(guard)
        return int(result.deleted_count)

    async def merge_each(self, fields: Mapping[Any, Document]) -> set[Any]:
        """Put into each of these documents what its expressions give, by one statement; the ids of
        those that are there.

        `fields`: by the document's id, names and expressions of MongoDB's.
        """
        branches = [
            _branch(id_, {"$mergeObjects": ["$$ROOT", values]}) for id_, values in fields.items()
        ]
        among = {"_id": {"$in": list(fields)}}
        if await self.update_all(among, _whichever(branches)) == len(fields):
            return set(fields)
        return {document["_id"] for document in await self.find(among, only=["_id"])}

    async def update_guarded(self, id_: Any, version: int, change: Mapping[str, Any]) -> bool:
        """Change the document `id_` if it has this version, in one batch with who asks at the same
        time; `change`: by `$set` and, with `$each`, `$push`.

        Each leaves a stamp, for a batch says only how many of its guards fitted. False may then
        also mean, once in a blue moon, that the change was made and somebody changed it further.
        """
        return await self._guarded.submit(_Guarded(id_, version, change))

    async def _update_each(self, asked: Sequence["_Guarded"]) -> list[bool | Exception]:
        together = [one for one in asked if one.is_flat]
        apart = [one for one in asked if not one.is_flat]
        changed = 0
        try:
            changed = await self._update_together(together)
        except (Duplicate, WriteError):
            apart = list(asked)  # one of them is refused: those that were changed have their stamps
        outcomes, matched = await self._write_batch([one.operation() for one in apart])
        if changed + matched == len(asked):
            return [True] * len(asked)
        refused = {
            one.stamp: outcome for one, outcome in zip(apart, outcomes, strict=True) if outcome
        }
        ids = [one.id for one in asked]
        found = await self.find({"_id": {"$in": ids}}, only=["stamp"])
        stamps = {document["_id"]: document.get("stamp") for document in found}
        return [refused.get(one.stamp) or stamps.get(one.id) == one.stamp for one in asked]

    async def _update_together(self, asked: Sequence["_Guarded"]) -> int:
        """By one statement, with one sync to the disk: how many were changed."""
        if not asked:
            return 0
        with _our_errors():
            result = await self._collection.update_many(
                {"_id": {"$in": [one.id for one in asked]}},
                _whichever([one.branch() for one in asked]),
            )
        return int(result.modified_count)

    async def write_each(self, operations: Sequence[Operation]) -> list[Exception | None]:
        """All operations in one unordered batch: what became of each, `None` for done."""
        outcomes, _ = await self._write_batch(operations)
        return outcomes

    async def _write_batch(
        self, operations: Sequence[Operation]
    ) -> tuple[list[Exception | None], int]:
        """What became of each, and how many fitted a document that was there."""
        outcomes: list[Exception | None] = [None] * len(operations)
        matched = 0
        if not operations:
            return outcomes, matched
        with _our_errors():
            try:
                result = await self._collection.bulk_write(list(operations), ordered=False)
                matched = result.matched_count
            except BulkWriteError as error:
                matched = error.details["nMatched"]
                for failed in error.details["writeErrors"]:
                    outcomes[failed["index"]] = (
                        Duplicate("exists already")
                        if failed["code"] == DUPLICATE_KEY
                        else WriteRefused(
                            f"the database refused the write with code {failed['code']}"
                        )
                    )
                if error.details.get("writeConcernErrors"):
                    raise StoreUnavailable("the write was not journaled in time") from None
        return outcomes, matched

    async def insert_each(self, documents: Sequence[Document]) -> list[Exception | None]:
        """As `write_each`."""
        return await self.write_each([InsertOne(document) for document in documents])

    async def aggregate(self, pipeline: Sequence[Mapping[str, Any]]) -> list[Document]:
        with _our_errors():
            cursor = self._collection.aggregate(pipeline)
            if asyncio.iscoroutine(cursor):  # PyMongo's is awaited first, Motor's is not
                cursor = await cursor
            rows: list[Document] = await cursor.to_list(None)
        return rows

    async def count(self, query: Query) -> int:
        with _our_errors():
            return int(await self._collection.count_documents(query))

    async def drop(self) -> None:
        """With its documents and indexes; nothing happens where it is not there."""
        with _our_errors(), pymongo.timeout(DROP_SECONDS):
            await self._collection.drop()

    async def size(self) -> int:
        """Number of documents, from the collection's own bookkeeping: quick at any size."""
        with _our_errors():
            return int(await self._collection.estimated_document_count())


@dataclass(eq=False, slots=True)
class _Guarded:
    """One update among those that share a batch."""

    id: Any
    version: int
    change: Mapping[str, Any]
    stamp: str = field(default_factory=lambda: uuid4().hex)

    @property
    def is_flat(self) -> bool:
        """Whether it names whole fields only."""
        return not any("." in name for fields in self.change.values() for name in fields)

    @property
    def _set(self) -> Document:
        return {**self.change.get("$set", {}), "stamp": self.stamp}

    def operation(self) -> Operation:
        return UpdateOne(
            {"_id": self.id, "version": self.version}, {**self.change, "$set": self._set}
        )

    def branch(self) -> Document:
        grown = {
            name: {"$concatArrays": [{"$ifNull": [f"${name}", []]}, {"$literal": more["$each"]}]}
            for name, more in self.change.get("$push", {}).items()
        }
        after = {"$mergeObjects": ["$$ROOT", {"$literal": self._set}, grown]}
        return _branch(self.id, after, {"$eq": ["$version", self.version]})


def _branch(id_: Any, after: Document, *guards: Document) -> Document:
    """What becomes of the document `id_`."""
    return {"case": {"$and": [{"$eq": ["$_id", id_]}, *guards]}, "then": after}


def _whichever(branches: Sequence[Document]) -> Change:
    """The update that leaves a document which fits no branch as it is.

    A statement for each document would be a sync to the disk for each of them, on some servers.
    """
    return [{"$replaceWith": {"$switch": {"branches": branches, "default": "$$ROOT"}}}]


def upsert(id_: Any, change: Change) -> Operation:
    """An operation for `write_each` that makes the document if it is not there."""
    return UpdateOne({"_id": id_}, change, upsert=True)


def change(id_: Any, how: Change) -> Operation:
    """An operation for `write_each` on a document that exists."""
    return UpdateOne({"_id": id_}, how)


def guarded(guard: Query, how: Change, *, upsert: bool = False) -> Operation:
    """An operation for `write_each` that changes the document only where it still fits `guard`.

    `upsert`: makes it where it is not there; where it is and does not fit, that is a `Duplicate`.
    """
    return UpdateOne(guard, how, upsert=upsert)


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except DuplicateKeyError:
        raise Duplicate("exists already") from None  # its text quotes the document
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError) as error:
        raise StoreUnavailable(f"the database does not answer ({type(error).__name__})") from None
    except PyMongoError as error:
        if error.timeout or error.has_error_label("RetryableWriteError"):
            raise StoreUnavailable("the database does not answer in time") from None
        raise
