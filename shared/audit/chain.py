"""What the audit is made of: entries in numbered segments, each chained to the one before. Pure.

The hash of an entry is SHA-256 over the hash before it and the entry's canonical JSON. Before the
first entry of a chain stands the hash of its name, so that no chain can be taken for another one's
beginning.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from shared.errors import KlikError


class Unreadable(KlikError):
    """The text is not that of an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed. There is no personal data in it: codes, ids and a hash."""

    at: datetime
    """In whole milliseconds."""
    key: str
    """The API key's id, the token's subject, `requester`, or an operator's user name."""
    role: str
    what: str
    """The operation's id, as in the OpenAPI document; of a command, the command."""
    outcome: str
    """The answer's HTTP status; `begun` before a change is made; of a command `done`, `failed`."""
    consultations: tuple[str, ...] = ()
    """The ids of those that were shown or changed."""
    territory: str | None = None
    about: str | None = None
    """What else it was done to: a satgas, a recipient, a webhook, a key."""
    source: str | None = None
    """A keyed hash of where the request came from."""

    def canonical(self) -> str:
        """The one JSON text of this entry: what is kept, and hashed."""
        document = {
            "about": self.about,
            "at": self.at.isoformat(timespec="milliseconds"),
            "consultations": self.consultations,
            "key": self.key,
            "outcome": self.outcome,
            "role": self.role,
            "source": self.source,
            "territory": self.territory,
            "what": self.what,
        }
        return json.dumps(document, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> "Entry":
        """Raises `Unreadable`."""
        try:
            document: dict[str, Any] = json.loads(text)
            document["at"] = datetime.fromisoformat(document["at"])
            document["consultations"] = tuple(document["consultations"])
            return cls(**document)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Unreadable("no entry of an audit") from None


def genesis(chain: str) -> bytes:
    """What the first entry of the chain of this name is chained to."""
    return sha256(f"klik audit {chain}".encode()).digest()


def chained(before: bytes, text: str) -> bytes:
    """`before` is always 32 bytes, so that no two pairs are one text."""
    return sha256(before + text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Segment:
    """Entries that were written at once, as one document."""

    number: int
    """From 1 on, without a gap."""
    previous: bytes
    """The hash that the first entry is chained to."""
    entries: tuple[str, ...]
    """In their canonical JSON."""
    hashes: tuple[bytes, ...]
    """Of each entry, so that it can be said which one was tampered with."""
    head: bytes
    """The last of them, said once more."""
    keys: tuple[str, ...]
    consultations: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    """These four repeat what the entries say, for indexes."""

    @classmethod
    def of(cls, number: int, previous: bytes, entries: Sequence[Entry]) -> "Segment":
        texts = tuple(one.canonical() for one in entries)
        hashes = list[bytes]()
        for text in texts:
            hashes.append(chained(hashes[-1] if hashes else previous, text))
        return cls(
            number, previous, texts, tuple(hashes), hashes[-1] if hashes else previous,
            *_indexed(entries),
        )  # fmt: skip


def _indexed(
    entries: Sequence[Entry],
) -> tuple[tuple[str, ...], tuple[str, ...], datetime | None, datetime | None]:
    times = [one.at for one in entries]
    return (
        tuple(dict.fromkeys(one.key for one in entries)),
        tuple(dict.fromkeys(id_ for one in entries for id_ in one.consultations)),
        min(times, default=None),
        max(times, default=None),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain does not hold, and how."""

    segment: int
    entry: int | None
    """Counted from 1; None where it is about the whole segment."""
    what: str

    def __str__(self) -> str:
        place = f"segment {self.segment}"
        return (
            f"{place}, entry {self.entry}: {self.what}" if self.entry else f"{place}: {self.what}"
        )


class Verifier:
    """Takes the segments of a chain in the order of their numbers, and says what does not hold.

    Each entry is held against the hash that is kept before it, so that one that was tampered with
    does not make faults of all that follow.
    """

    def __init__(self, chain: str) -> None:
        self.number = 0
        self.entries = 0
        self.head = genesis(chain)

    def faults(self, segment: Segment) -> Iterator[Fault]:
        number = segment.number
        if number > self.number + 1:
            missing = (
                f"{self.number + 1} to {number - 1}" if number > self.number + 2 else number - 1
            )
            yield Fault(number, None, f"missing before it: {missing}")
        elif segment.previous != self.head:
            yield Fault(number, None, "does not follow the segment before it")
        yield from self._inside(segment)
        self.number, self.head = number, segment.head
        self.entries += len(segment.entries)

    def _inside(self, segment: Segment) -> Iterator[Fault]:
        number, before = segment.number, segment.previous
        if not segment.entries:
            yield Fault(number, None, "empty")
        if len(segment.entries) != len(segment.hashes):
            yield Fault(number, None, "an entry is missing or inserted: not as many as hashes")
        for place, (text, kept) in enumerate(
            zip(segment.entries, segment.hashes, strict=False), start=1
        ):
            if chained(before, text) != kept:
                yield Fault(number, place, "changed, or not what followed the entry before it")
            before = kept
        if segment.hashes and segment.hashes[-1] != segment.head:
            yield Fault(number, len(segment.hashes), "is not the last that the segment had")
        yield from self._beside(segment)

    def _beside(self, segment: Segment) -> Iterator[Fault]:
        """What searches go by must be what the entries say: none may be hidden from them."""
        try:
            said = _indexed([Entry.parse(text) for text in segment.entries])
        except Unreadable:
            yield Fault(segment.number, None, "an entry cannot be read")
            return
        kept = (segment.keys, segment.consultations, segment.first, segment.last)
        if said != kept:
            yield Fault(segment.number, None, "its index is not what its entries say")
