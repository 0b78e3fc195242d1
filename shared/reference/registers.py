"""Codes that come and go: regions and topics, since when each holds, and what became of old ones.

Regions are told apart by code alone, because eight village names repeat inside the kabupaten.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from shared.reference.tables import HERE, load
from shared.text.wording import Text, Unfit

RegionType = Literal["kabupaten", "kecamatan", "desa", "kelurahan"]
UnknownReason = Literal["unknown", "not_a_desa", "retired"]

_CODE = re.compile(r"[0-9]{2}\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?")
_WHAT_IS_WRONG: Mapping[UnknownReason, Text] = {
    "unknown": Text("bukan wilayah yang dikenal", "is not a known region"),
    "not_a_desa": Text("bukan desa atau kelurahan", "is neither a desa nor a kelurahan"),
    "retired": Text("tidak berlaku lagi", "is no longer valid"),
}


@dataclass(frozen=True, slots=True)
class Region:
    """A row of the region list. No `valid_from` means since before our records."""

    code: str
    name: str
    type: RegionType
    parent: str
    valid_from: date | None
    valid_to: date | None

    def active(self, on: date) -> bool:
        """Whether the code holds on that day."""
        return holds(self.valid_from, self.valid_to, on)


class UnknownRegion(ValueError):
    """A code that no consultation can be filed under. `reason` is stable, for clients to read."""

    def __init__(self, code: str, reason: UnknownReason) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return self.text.en

    @property
    def text(self) -> Text:
        # Whatever a client put in the field may be a name or a phone number, and this gets logged.
        known, wrong = _CODE.fullmatch(self.code), _WHAT_IS_WRONG[self.reason]
        return Text(
            f"{self.code if known else 'Kode ini'} {wrong.id}; "
            "kode yang berlaku ada di /v1/reference/regions",
            f"{self.code if known else 'the given code'} {wrong.en}; "
            "see /v1/reference/regions for valid codes",
        )


def load_regions(path: Path) -> Mapping[str, Region]:
    """Read the region list. A parent stands above its children; only a kabupaten has none here."""
    columns = ("code", "name", "type", "parent_code", "valid_from", "valid_to")
    types: dict[str, RegionType] = {}

    def build(row: dict[str, str]) -> Region:
        code, parent = row["code"], row["parent_code"]
        types[code] = kind = _type_of(code)
        if row["type"] != kind:
            raise ValueError(f"{code} is by its code a {kind}, not a {row['type']}")
        if parent != code.rpartition(".")[0]:
            raise ValueError(f"{code} does not lie in {parent}")
        if kind != "kabupaten" and parent not in types:
            raise ValueError(f"the parent {parent} of {code} is not listed above it")
        start, end = bounds(row)
        return Region(code, row["name"], kind, parent, start, end)

    return load(path, columns, build, may_be_empty=("valid_from", "valid_to"))


def load_aliases(path: Path, known: Mapping[str, Region]) -> Mapping[str, str]:
    """Read old code -> its successor, which may itself have been succeeded."""
    moved: dict[str, str] = {}

    def build(row: dict[str, str]) -> str:
        old, code = row["old_code"], row["code"]
        _type_of(old)
        if (shadowed := known.get(old)) and shadowed.valid_to is None:
            raise ValueError(f"{old} is still valid and may not be an alias")
        if code not in known:
            raise ValueError(f"{code} is not in the region list")
        moved[old] = successor = code
        while successor in moved:
            successor = moved[successor]
            if successor == code:
                raise ValueError(f"{old} leads back to itself")
        return code

    return load(path, ("old_code", "code", "note"), build, may_be_empty=("note",))


def _type_of(code: str) -> RegionType:
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code} is not a region code")
    segments = code.split(".")
    if len(segments) < 4:
        return "kecamatan" if len(segments) == 3 else "kabupaten"
    if segments[3][0] not in "12":
        raise ValueError(f"{code} is neither a kelurahan (1xxx) nor a desa (2xxx)")
    return "kelurahan" if segments[3][0] == "1" else "desa"


@cache
def regions() -> Mapping[str, Region]:
    return load_regions(HERE / "regions.csv")


@cache
def region_aliases() -> Mapping[str, str]:
    """Codes of earlier editions that still arrive from old sheets, each with its successor."""
    return load_aliases(HERE / "region_aliases.csv", regions())


def region(code: str) -> Region | None:
    """The row with exactly this code, retired or not. Aliases are not followed."""
    return regions().get(code)


def is_kecamatan(code: str) -> bool:
    """Whether `code` is a kecamatan's, of today or before."""
    found = region(code)
    return found is not None and found.type == "kecamatan"


def kecamatan_of(code: str) -> str | None:
    """The kecamatan a code lies in, read off its first three segments; None when unknown.

    A desa newer than the list still has its kecamatan. A recoded one has the kecamatan it was
    moved to, since its old code names the one it left.
    """
    while code not in regions() and code in region_aliases():
        code = region_aliases()[code]
    if not _CODE.fullmatch(code):
        return None
    kecamatan = region(".".join(code.split(".")[:3]))
    return kecamatan.code if kecamatan and kecamatan.type == "kecamatan" else None


def resolve_desa(code: str, on: date) -> Region:
    """The desa or kelurahan that `code` stands for on that day, old codes included.

    Raises UnknownRegion. A code that starts later than `on` is as yet unknown.
    """
    current, found = code, region(code)
    while not (found and found.active(on)) and current in region_aliases():
        current = region_aliases()[current]
        found = region(current)
    if found is None:
        raise UnknownRegion(code, "unknown")
    if found.type not in ("desa", "kelurahan"):
        raise UnknownRegion(code, "not_a_desa")
    if not found.active(on):
        raise UnknownRegion(code, "unknown" if is_before(found.valid_from, on) else "retired")
    return found


@dataclass(frozen=True, slots=True)
class Topic:
    """What a consultation is about. `scope` says in Indonesian what belongs here."""

    code: str
    group: str
    name_id: str
    name_en: str
    scope: str
    valid_from: date | None = None
    valid_to: date | None = None

    def active(self, on: date) -> bool:
        """Whether the code holds on that day."""
        return holds(self.valid_from, self.valid_to, on)


class RetiredTopic(Unfit):
    """A topic that no consultation can be filed under any more, or not yet."""

    def __init__(self, code: str) -> None:
        said = Text(
            f"{code} tidak berlaku sekarang; lihat /v1/reference/topics",
            f"{code} is not valid now; see /v1/reference/topics",
        )
        super().__init__(said, code="retired")


def load_topics(path: Path) -> Mapping[str, Topic]:
    columns = ("code", "group", "name_id", "name_en", "scope", "valid_from", "valid_to")
    return load(path, columns, _topic, may_be_empty=("valid_from", "valid_to"))


def load_topic_aliases(path: Path, known: Mapping[str, Topic]) -> Mapping[str, str]:
    """Read old code -> today's. An alias is no code of the list and leads to one of it."""

    def build(row: dict[str, str]) -> str:
        if row["old_code"] in known:
            raise ValueError(f"{row['old_code']} is in the list and may not be an alias")
        if row["code"] not in known:
            raise ValueError(f"{row['code']} is not in the list of topics")
        return row["code"]

    return load(path, ("old_code", "code", "note"), build, may_be_empty=("note",))


def _topic(row: dict[str, str]) -> Topic:
    if row["group"] != row["code"].partition("-")[0]:
        raise ValueError(f"{row['code']} is not of group {row['group']}")
    start, end = bounds(row)
    return Topic(
        row["code"], row["group"], row["name_id"], row["name_en"], row["scope"], start, end
    )


@cache
def topics() -> Mapping[str, Topic]:
    """All topics, retired ones included: reports name what was asked in their time."""
    return load_topics(HERE / "topics.csv")


@cache
def topic_aliases() -> Mapping[str, str]:
    """Codes of earlier editions that still arrive, each with today's."""
    return load_topic_aliases(HERE / "topic_aliases.csv", topics())


def resolve_topic(code: str, on: date) -> Topic:
    """The topic that `code`, of the list or an alias, stands for on that day.

    Raises KeyError for an unknown code and RetiredTopic for one that does not hold.
    """
    topic = topics()[topic_aliases().get(code, code)]
    if not topic.active(on):
        raise RetiredTopic(code)
    return topic


# --- since when and until when a code holds


def holds(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Whether a code with these bounds holds on that day in Kutai Kartanegara.

    No `valid_from` means since before our records; `valid_to` is the first day it no longer holds,
    so that a successor starts without a gap.
    """
    if isinstance(on, datetime):
        # It would compare only until the first dated row, and it hides which zone's day.
        raise TypeError("give a date in Asia/Makassar, not a datetime")
    return not is_before(valid_from, on) and (valid_to is None or on < valid_to)


def is_before(valid_from: date | None, on: date) -> bool:
    """Whether the code starts later than that day."""
    return valid_from is not None and on < valid_from


def bounds(row: dict[str, str]) -> tuple[date | None, date | None]:
    """`valid_from` and `valid_to` of a table's row; ValueError where they are in no order."""
    start, end = (
        date.fromisoformat(row[cell]) if row[cell] else None for cell in ("valid_from", "valid_to")
    )
    if start and end and end <= start:
        raise ValueError(f"{row['code']} ends before it starts")
    return start, end
