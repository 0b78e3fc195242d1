"""API keys: hashed, each with its role, until it expires or is revoked.

A keyring is a JSON list of rows (`KeyRow`). Two rows may have one id: a key and its successor, so
that what was done with either has the same actor. `klik keys` edits the file, and the services
read it again when it has changed.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from shared.events import Code, KecamatanCode
from shared.keys.followed_file import FollowedFile
from shared.times import utc_now
from shared.web.permissions import OF_A_KEY, OF_ONE_KECAMATAN, Caller, Role

log = logging.getLogger(__name__)

State = Literal["valid", "expired", "revoked"]


class KeyRow(BaseModel):
    """One key. A misspelt field is an error: an expiry that is not read would never come."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Code
    role: Role
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    territory: KecamatanCode | None = None
    created_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _role_is_a_keys(self) -> Self:
        if self.role not in OF_A_KEY:
            raise ValueError(f"the role '{self.role}' is for tokens")
        return self

    @model_validator(mode="after")
    def _territory_is_an_officers(self) -> Self:
        if self.territory and self.role not in OF_ONE_KECAMATAN:
            raise ValueError(f"the role '{self.role}' has no territory")
        return self

    def state(self, now: datetime) -> State:
        if self.revoked_at and self.revoked_at <= now:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "valid"


_ROWS = TypeAdapter(list[KeyRow])


def parse_rows(text: str) -> list[KeyRow]:
    """Read a keyring. Raises ValueError, which says what is wrong and quotes nothing of it."""
    try:
        return _ROWS.validate_json(text)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        where = "".join(f", {part}" for part in wrong["loc"])
        raise ValueError(f"KLIK_KEYRING is not a keyring{where}: {wrong['msg']}") from None


def rows_text(rows: Sequence[KeyRow]) -> str:
    return _ROWS.dump_json(list(rows), exclude_none=True, indent=1).decode() + "\n"


def digest(key: str) -> str:
    """SHA-256 in hex. It needs neither salt nor stretching: keys are long and random."""
    return hashlib.sha256(key.encode()).hexdigest()


class Keys(Protocol):
    """What tells whose a key is."""

    def identify(self, key: str) -> Caller | None: ...
    def by_hash(self, sha256: str) -> Caller | None: ...
    def owner(self, key_id: str) -> Caller | State | None: ...


class Keyring:
    """The API keys known to this deployment."""

    def __init__(self, rows: Sequence[KeyRow], clock: Callable[[], datetime] = utc_now) -> None:
        self._rows = tuple(rows)
        self._clock = clock

    @classmethod
    def parse(cls, text: str, clock: Callable[[], datetime] = utc_now) -> "Keyring":
        """Read a list of `KeyRow`s in JSON, else ValueError."""
        return cls(parse_rows(text), clock)

    def identify(self, key: str) -> Caller | None:
        """None where the key is unknown, expired or revoked; the log says which of the two last."""
        return self.by_hash(digest(key))

    def by_hash(self, sha256: str) -> Caller | None:
        """The same of a key that was given before: `sha256` is its `digest`."""
        for row in self._rows:
            if hmac.compare_digest(row.sha256, sha256):
                return self._admit(row)
        return None

    def owner(self, key_id: str) -> Caller | State | None:
        """Whom the newest key of this id would let in, or why none is; None where there is none."""
        now = self._clock()
        rows = [row for row in self._rows if row.id == key_id]
        if valid := [row for row in rows if row.state(now) == "valid"]:
            return _caller(valid[-1])
        return max((row.state(now) for row in rows), default=None)

    def _admit(self, row: KeyRow) -> Caller | None:
        if (state := row.state(self._clock())) != "valid":
            log.info("key refused", extra={"key": row.id, "reason": state})
            return None
        return _caller(row)


def _caller(row: KeyRow) -> Caller:
    return Caller(row.id, row.role, row.territory)


class KeyringFile:
    """The keyring in a file, as the file is now, or a second ago."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ValueError or OSError where there is no keyring to begin with."""
        self._file = FollowedFile(
            path, lambda text: Keyring.parse(text, clock), "keyring", monotonic
        )

    def identify(self, key: str) -> Caller | None:
        """As `Keyring.identify`. A file that cannot be read leaves the keys as they were."""
        return self._file.now().identify(key)

    def by_hash(self, sha256: str) -> Caller | None:
        """As `Keyring.by_hash`."""
        return self._file.now().by_hash(sha256)

    def owner(self, key_id: str) -> Caller | State | None:
        """As `Keyring.owner`."""
        return self._file.now().owner(key_id)
