"""The audit in MongoDB: numbered segments, each written once, by however many processes.

Whoever writes takes the number after the last; the second to take it takes the next, and chains to
what the first one wrote. What comes while a segment is being written goes into the next, together:
a lone entry waits for nobody, and many share one write.
"""

import asyncio
import hmac
import logging
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from shared.audit.chain import Entry, Segment, genesis
from shared.errors import Duplicate, describe
from shared.limits.sources import source_of
from shared.storage.batching import GroupCommit
from shared.storage.mongo import Collection, Document, Query

log = logging.getLogger(__name__)

#: The collection of every chain, in the database of whose it is.
COLLECTION = "audit"
#: Seconds between looks at whether there is a new head to tell.
HEAD_SECONDS = 60
#: Seconds for which entries gather while others are read: alone, one waits for nobody.
GATHER_SECONDS = 0.005
#: Entries, and ids of consultations, in one segment: a document holds 16 MB.
SEGMENT_ENTRIES = 200
SEGMENT_IDS = 20_000
#: Segments that are read at once.
PAGE_SEGMENTS = 100
#: Characters of the hash that stands for a source: enough to tell them apart.
SOURCE_CHARACTERS = 16


def hashed_source(key: bytes, host: str | None) -> str:
    """What stands for where a request came from."""
    return hmac.digest(key, source_of(host).encode(), "sha256").hex()[:SOURCE_CHARACTERS]


class AuditLog:
    def __init__(self, collection: Collection, chain: str, source_key: str = "") -> None:
        """`chain`: whose it is; `source_key`: without one, sources are left out."""
        self._collection = collection
        self._chain = chain
        self._source_key = source_key.strip().encode()
        self._writes: GroupCommit[Entry, None] = GroupCommit(
            self._append, window=GATHER_SECONDS, limit=SEGMENT_ENTRIES, eager=True
        )
        self._number, self._head = 0, genesis(chain)
        self._has_looked = False
        self._told = 0

    async def prepare(self) -> None:
        await self._collection.index(("consultations", 1))
        await self._collection.index(("keys", 1), ("last", 1))
        await self._look()

    # writing

    async def record(self, entry: Entry) -> None:
        """Returns once it is on disk. Raises `StoreUnavailable`: it may be there all the same."""
        await self._writes.submit(entry)

    def note(self, entry: Entry) -> None:
        """As `record`, but nobody waits for it, and it may be lost."""
        self._writes.submit(entry).add_done_callback(_forget)

    def source(self, host: str | None) -> str | None:
        """A keyed hash: there are so few addresses that a plain one would hide none."""
        return hashed_source(self._source_key, host) if self._source_key else None

    async def _append(self, entries: list[Entry]) -> Sequence[None]:
        if not self._has_looked:
            await self._look()
        for some in _in_parts(entries):
            await self._append_segment(some)
        return [None] * len(entries)

    async def _append_segment(self, entries: Sequence[Entry]) -> None:
        while True:
            segment = Segment.of(self._number + 1, self._head, entries)
            try:
                await self._collection.insert(_document(segment))
            except Duplicate:
                # another process has that number, or an answer of the store was lost
                await self._look()
                continue
            self._number, self._head = segment.number, segment.head
            return

    async def _look(self) -> None:
        """See what other processes wrote."""
        found = await self._collection.find({}, sort=[("_id", -1)], limit=1, only=["_id", "head"])
        if found:
            self._number, self._head = found[0]["_id"], bytes(found[0]["head"])
        self._has_looked = True

    async def tell_head(self) -> None:
        """Into the log, where whoever can write to the database cannot change it: a chain whose end
        was cut off looks whole."""
        if self._number != self._told:
            self._told = self._number
            log.info("audit head", extra={"segment": self._number, "head": self._head.hex()})

    # reading

    async def segments(self, query: Query | None = None) -> AsyncGenerator[Segment]:
        """Those that fit, in their order."""
        after = 0
        while True:
            page = await self._collection.find(
                {**(query or {}), "_id": {"$gt": after}},
                sort=[("_id", 1)],
                limit=PAGE_SEGMENTS,
            )
            for document in page:
                yield _segment(document)
            if len(page) < PAGE_SEGMENTS:
                return
            after = page[-1]["_id"]

    async def about(self, consultation: str) -> AsyncGenerator[Entry]:
        """What was done with one consultation."""
        async for segment in self.segments({"consultations": consultation}):
            for text in segment.entries:
                if consultation in (entry := Entry.parse(text)).consultations:
                    yield entry

    async def by(self, key: str, first: datetime, last: datetime) -> AsyncGenerator[Entry]:
        """What a key did from `first` to `last`."""
        found = {"keys": key, "last": {"$gte": first}, "first": {"$lte": last}}
        async for segment in self.segments(found):
            for text in segment.entries:
                entry = Entry.parse(text)
                if entry.key == key and first <= entry.at <= last:
                    yield entry


def _forget(written: "asyncio.Future[None]") -> None:
    if not written.cancelled() and (error := written.exception()):
        log.warning("audit entry lost", extra={"error": describe(error)})


def _in_parts(entries: Sequence[Entry]) -> list[list[Entry]]:
    """In segments that fit into documents; each has one entry at least."""
    parts, ids = [list[Entry]()], 0
    for entry in entries:
        ids += len(entry.consultations)
        if parts[-1] and ids > SEGMENT_IDS:
            parts.append([])
            ids = len(entry.consultations)
        parts[-1].append(entry)
    return parts


def _document(segment: Segment) -> Document:
    return {
        "_id": segment.number,
        "first": segment.first,
        "last": segment.last,
        "previous": segment.previous,
        "head": segment.head,
        "keys": list(segment.keys),
        "consultations": list(segment.consultations),
        "entries": list(segment.entries),
        "hashes": list(segment.hashes),
    }


def _segment(document: Document) -> Segment:
    """Whatever is left of it: what somebody took out is for the verifier to find."""
    return Segment(
        number=document["_id"],
        previous=bytes(document.get("previous") or b""),
        entries=tuple(document.get("entries") or ()),
        hashes=tuple(map(bytes, document.get("hashes") or ())),
        head=bytes(document.get("head") or b""),
        keys=tuple(document.get("keys") or ()),
        consultations=tuple(document.get("consultations") or ()),
        first=document.get("first"),
        last=document.get("last"),
    )
