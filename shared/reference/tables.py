"""The code tables beside this file: how a CSV is read, topics, roles and the other fixed lists.

Every table is read once, keeps the order of its file and is read-only. A file that breaks a rule
is refused with its name and line, because a half-read list would turn away valid consultations.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

HERE = Path(__file__).parent

KABUPATEN = "64.02"
"""Kutai Kartanegara, all of it."""
DPMD = "dpmd"
"""The satgas of the regency, its desk: takes what no kecamatan's can or should."""
COMPLAINT = "pengaduan"
"""The kind that is kept from the kecamatan, which it may be about."""

NAMED = ("code", "name_id", "name_en")
Row = TypeVar("Row")


class MalformedReference(ValueError):
    """A data file breaks a rule of its table. The message starts with the file and the line."""


@dataclass(frozen=True, slots=True)
class Role:
    """In which capacity somebody asks."""

    code: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class SdgsGoal:
    """One of the 18 goals of SDGs Desa."""

    goal: int
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What the requester wants: advice, information, training, or to complain."""

    code: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Channel:
    """The way a consultation came in."""

    code: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class SeedOfficer:
    """A post on the roster of a first start. Fictional: a desk, never a person."""

    satgas: str
    satgas_name: str
    officer: str
    title: str
    email: str


def load(
    path: Path,
    columns: Sequence[str],
    build: Callable[[dict[str, str]], Row],
    *,
    key: str | None = None,
    may_be_empty: Sequence[str] = (),
) -> Mapping[str, Row]:
    """Read `path` into rows keyed by column `key` (the first one unless told otherwise).

    `build` refuses a row by raising ValueError; the file and line are added here.
    """
    reader = csv.reader(StringIO(_text(path), newline=""), strict=True)
    found: dict[str, Row] = {}
    try:
        if (header := next(reader, [])) != list(columns):
            raise ValueError(f"the columns must be {','.join(columns)}, not {','.join(header)}")
        for cells in reader:
            row = _row(columns, cells, may_be_empty)
            if (code := row[key or columns[0]]) in found:
                raise ValueError(f"{code} is listed twice")
            found[code] = build(row)
    except (ValueError, csv.Error) as error:
        # An empty file has no line yet; its fault is the missing header.
        line = max(reader.line_num, 1)
        raise MalformedReference(f"{path.name} line {line}: {error}") from error
    return MappingProxyType(found)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        # Spreadsheets save CSV with a byte order mark, which is not part of the first column.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise MalformedReference(f"{path.name} line {line}: not UTF-8") from error


def _row(columns: Sequence[str], cells: list[str], may_be_empty: Sequence[str]) -> dict[str, str]:
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} cells for {len(columns)} columns")
    for column, cell in zip(columns, cells, strict=True):
        if not cell and column not in may_be_empty:
            raise ValueError(f"{column} is empty")
        if cell != cell.strip():
            raise ValueError(f"{column} has spaces around its value")
    return dict(zip(columns, cells, strict=True))


def _goal(row: dict[str, str]) -> SdgsGoal:
    if row["goal"] not in map(str, range(1, 19)):
        raise ValueError(f"goal must be 1 to 18, not {row['goal']}")
    return SdgsGoal(int(row["goal"]), row["name_id"], row["name_en"])


@cache
def roles() -> Mapping[str, Role]:
    return load(HERE / "roles.csv", NAMED, lambda row: Role(**row))


@cache
def kinds() -> Mapping[str, Kind]:
    return load(HERE / "kinds.csv", NAMED, lambda row: Kind(**row))


@cache
def channels() -> Mapping[str, Channel]:
    return load(HERE / "channels.csv", NAMED, lambda row: Channel(**row))


@cache
def sdgs() -> Mapping[int, SdgsGoal]:
    """Keyed by number, as `sdgs_goal` arrives in a consultation."""
    goals = load(HERE / "sdgs.csv", ("goal", "name_id", "name_en"), _goal).values()
    return MappingProxyType({goal.goal: goal for goal in goals})


@cache
def seed_officers() -> tuple[SeedOfficer, ...]:
    columns = ("satgas", "satgas_name", "officer", "title", "email")
    officers = load(HERE / "satgas.csv", columns, lambda row: SeedOfficer(**row), key="officer")
    return tuple(officers.values())


def fingerprint(folder: Path) -> str:
    """Of all tables in `folder`: their names and what is in them."""
    digest = sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


REFERENCE_VERSION = fingerprint(HERE)
"""Changes when any table changes and only then: the same on every replica, fit for an ETag."""
