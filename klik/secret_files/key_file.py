"""Changes of a keyring, and the file they are made in.

The file is replaced whole, so that a service that reads it meanwhile sees the old or the new one.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from klik.secret_files.files import NoSuchChange, alone_with, replace_file
from klik.secret_files.shares import write_shares
from shared import reference
from shared.web.api_keys import KeyRow, digest, parse_rows, rows_text
from shared.web.permissions import OF_A_KEY, OF_ONE_KECAMATAN, Role

KEYRING = "klik_keyring"


@dataclass(frozen=True, slots=True)
class Made:
    """The keyring with a new key; `plain` is the only copy of it."""

    rows: list[KeyRow]
    row: KeyRow
    plain: str


def new_key(role: str) -> str:
    return f"klik_{role}_{secrets.token_urlsafe(24)}"


def create(
    rows: Sequence[KeyRow],
    *,
    role: Role,
    territory: str | None,
    id_: str | None,
    lifetime: timedelta | None,
    now: datetime,
) -> Made:
    """Add a key; without `id_`, one is made from role and territory. Raises `NoSuchChange`."""
    id_ = id_ or "-".join(filter(None, (role, territory, secrets.token_hex(3))))
    if any(row.id == id_ for row in rows):
        raise NoSuchChange(f"The id {id_} is taken: choose another, or `klik keys rotate {id_}`.")
    return _add(rows, id_, role, territory, lifetime, now)


def let_in(folder: Path, keys: Mapping[Role, str], now: datetime) -> None:
    """Put those of `keys` (role → key) that are not there into the keyring in `folder`; the shares
    are left to who writes them. Raises `NoSuchChange`."""
    with editing(folder) as keyring:
        known = {row.sha256 for row in keyring.rows}
        new = [
            KeyRow(id=f"local-{role}", role=role, sha256=digest(key), created_at=now)
            for role, key in keys.items()
            if digest(key) not in known
        ]
        replace_file(keyring.path, rows_text([*keyring.rows, *new]))


def revoke(rows: Sequence[KeyRow], id_: str, now: datetime) -> list[KeyRow]:
    """Every key of that id stops working. Raises `NoSuchChange`."""
    _of(rows, id_)
    return [
        row.model_copy(update={"revoked_at": row.revoked_at or now}) if row.id == id_ else row
        for row in rows
    ]


def rotate(
    rows: Sequence[KeyRow],
    id_: str,
    *,
    overlap: timedelta,
    lifetime: timedelta | None,
    now: datetime,
) -> Made:
    """A second key under the same id; what came before works until `overlap` is over.

    Without `lifetime` the new key lives as long as the old one was to. Raises `NoSuchChange`.
    """
    usable = [row for row in _of(rows, id_) if row.state(now) != "revoked"]
    if not usable:
        raise NoSuchChange(f"The key {id_} is revoked: make one with another id.")
    last = usable[-1]
    end = now + overlap
    ending = [
        row.model_copy(update={"expires_at": min(row.expires_at or end, end)})
        if row in usable
        else row
        for row in rows
    ]
    return _add(ending, id_, last.role, last.territory, lifetime or _lifetime(last), now)


def _add(
    rows: Sequence[KeyRow],
    id_: str,
    role: Role,
    territory: str | None,
    lifetime: timedelta | None,
    now: datetime,
) -> Made:
    _check_territory(role, territory)
    plain = new_key(role)
    row = KeyRow(
        id=id_,
        role=role,
        sha256=digest(plain),
        territory=territory,
        created_at=now,
        expires_at=now + lifetime if lifetime else None,
    )
    return Made([*rows, row], row, plain)


def _lifetime(row: KeyRow) -> timedelta | None:
    return row.expires_at - row.created_at if row.expires_at and row.created_at else None


def _of(rows: Sequence[KeyRow], id_: str) -> list[KeyRow]:
    found = [row for row in rows if row.id == id_]
    if not found:
        raise NoSuchChange(f"There is no key {id_}: `klik keys list` shows those that there are.")
    return found


def _check_territory(role: Role, territory: str | None) -> None:
    if role not in OF_A_KEY:
        raise NoSuchChange(f"The role {role} has no keys: requesters have tokens of intake.")
    if role not in OF_ONE_KECAMATAN:
        if territory is not None:
            raise NoSuchChange(f"The role {role} has no territory: leave --territory out.")
    elif territory is None:
        raise NoSuchChange(
            f"The role {role} is for one kecamatan: "
            f"`klik keys create --role {role} --territory 64.02.06`."
        )
    elif not reference.is_kecamatan(territory):
        raise NoSuchChange(f"{territory} is no kecamatan: /v1/reference/regions lists them.")


@dataclass(frozen=True, slots=True)
class Editing:
    """A keyring that nobody else changes meanwhile."""

    path: Path
    rows: list[KeyRow]

    def save(self, rows: Sequence[KeyRow]) -> None:
        """Replace it by `rows`, and what services are given of it. Raises `NoSuchChange`."""
        replace_file(self.path, rows_text(rows))
        write_shares(self.path.parent)


@contextmanager
def editing(folder: Path) -> Iterator[Editing]:
    """The keyring in `folder`. Raises `NoSuchChange` where it is not there or not one."""
    path = folder / KEYRING
    if not path.is_file():
        raise NoSuchChange(
            f"No keyring in {folder}: name its folder with --secrets, or make one with "
            f"`klik secrets {folder}`."
        )
    with alone_with(folder):
        yield Editing(path, _read(path))


def _read(path: Path) -> list[KeyRow]:
    try:
        return parse_rows(path.read_text())
    except (OSError, ValueError) as error:
        raise NoSuchChange(f"{path} cannot be read: {error}") from None
